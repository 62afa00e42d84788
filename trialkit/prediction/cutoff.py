"""A cutoff of one marker as a frozen rule: Youden's, with how much of its promise is optimism.

The cutoff that looks best on the people it was found on looks better than it is. In each bootstrap sample it
is found anew and judged on the sample and on everybody: what is lost is taken off (Harrell's optimism, for
which a rule with one parameter is small enough). The rule is applied as it was frozen, never found again.
Source: Leeflang et al., Clin Chem 2008;54:729-737 (optimal cutoffs flatter themselves). R:
``pROC::coords(roc, "best", best.method = "youden")``, ``boot``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from trialkit.prediction import metrics
from trialkit.prediction.arrays import Floats
from trialkit.prediction.errors import PredictionError
from trialkit.prediction.model_file import digest
from trialkit.wording import said

FORMAT = "trialkit-rule-1"
Side = Literal["at_least", "at_most"]
MEASURES = ("sensitivity", "specificity", "ppv", "npv", "youden")
_FEWEST = 10


@dataclass(frozen=True)
class CutoffRule:
    """``performance``: measure, apparent, optimism, corrected, ci_lower, ci_upper. ``cutoff`` with the
    interval that other samples of the same people would have put it in."""

    marker: str
    unit: str
    side: Side
    cutoff: float
    cutoff_lower: float
    cutoff_upper: float
    auc: float
    n: int
    events: int
    bootstraps: int
    seed: int
    performance: pd.DataFrame

    def document(self) -> dict[str, Any]:
        """What is frozen, with its hash."""
        bare: dict[str, Any] = {
            "format": FORMAT,
            **{k: v for k, v in vars(self).items() if k != "performance"},
        }
        bare["performance"] = self.performance.to_dict("records")
        return {**bare, "sha256": digest(bare)}


def develop_cutoff(
    data: pd.DataFrame,
    marker: str,
    outcome: str,
    side: Side = "at_least",
    unit: str = "",
    bootstraps: int = 1000,
    seed: int = 1,
) -> CutoffRule:
    """Find the cutoff with the largest sensitivity + specificity - 1, and what of it will last.

    Parameters
    ----------
    data
        One line a subject; lines without marker or outcome are left out.
    outcome
        A column of 0 and 1.
    side
        Positive is a value of the marker ``at_least`` the cutoff, or ``at_most``.

    Raises
    ------
    PredictionError
        A column absent, an outcome that is not 0 or 1, a marker that is no number, or fewer than ten
        subjects of either outcome.
    """
    y, x = _columns(data, marker, outcome)
    turned = x if side == "at_least" else -x
    cutoff = metrics.youden_threshold(y, turned, np.ones(len(y)))
    random = np.random.default_rng(seed)
    found, lost, spread = [], [], []
    for _ in range(bootstraps):
        sample = _drawn(y, random)
        other = metrics.youden_threshold(y[sample], turned[sample], np.ones(len(y)))
        inside, everybody = _judged(y[sample], turned[sample], other), _judged(y, turned, other)
        found.append(other)
        lost.append([inside[name] - everybody[name] for name in MEASURES])
        frozen = _judged(y[sample], turned[sample], cutoff)
        spread.append([frozen[name] for name in MEASURES])
    limits = np.nanpercentile(np.array(found), [2.5, 97.5])
    sign = 1.0 if side == "at_least" else -1.0
    lower, upper = sorted(float(sign * limit) for limit in limits)
    return CutoffRule(
        marker=marker,
        unit=unit,
        side=side,
        cutoff=float(sign * cutoff),
        cutoff_lower=lower,
        cutoff_upper=upper,
        auc=metrics.auc(y, turned, np.ones(len(y))),
        n=len(y),
        events=int(y.sum()),
        bootstraps=bootstraps,
        seed=seed,
        performance=_table(_judged(y, turned, cutoff), np.array(lost), np.array(spread)),
    )


def _table(apparent: dict[str, float], lost: np.ndarray, spread: np.ndarray) -> pd.DataFrame:
    """The interval is that of the frozen rule over people drawn anew, moved to the corrected value."""
    records = []
    for i, name in enumerate(MEASURES):
        optimism = float(np.nanmean(lost[:, i]))
        low, high = (float(limit) - optimism for limit in np.nanpercentile(spread[:, i], [2.5, 97.5]))
        floor = -1.0 if name == "youden" else 0.0
        corrected = apparent[name] - optimism
        records.append((name, apparent[name], optimism, corrected, max(low, floor), min(high, 1.0)))
    columns = ["measure", "apparent", "optimism", "corrected", "ci_lower", "ci_upper"]
    return pd.DataFrame(records, columns=columns)


def apply_rule(document: dict[str, Any], data: pd.DataFrame, subject: str = "subject_id") -> pd.DataFrame:
    """``subject_id positive`` (0 or 1) by the frozen rule; a marker that is missing is refused."""
    marker = document["marker"]
    for name in (subject, marker):
        if name not in data.columns:
            raise PredictionError(
                expected=said("a column {name!r}", name=name),
                found="none",
                where="the data",
                next_step="The rule needs subject and marker.",
            )
    value = pd.to_numeric(data[marker], errors="coerce")
    wrong = [str(who) for who, x in zip(data[subject], value, strict=True) if not np.isfinite(x)]
    if wrong:
        raise PredictionError(
            expected=said("a number for {marker} of everybody", marker=marker),
            found=", ".join(wrong[:10]) + (f" and {len(wrong) - 10} more" if len(wrong) > 10 else ""),
            where=marker,
            next_step="Mend or leave out these subjects: the rule says nothing about them.",
        )
    positive = value >= document["cutoff"] if document["side"] == "at_least" else value <= document["cutoff"]
    return pd.DataFrame({"subject_id": data[subject].astype(str), "positive": positive.astype(int)})


def _judged(y: Floats, x: Floats, cutoff: float) -> dict[str, float]:
    found = metrics.classified(y, x, np.ones(len(y)), cutoff)
    return {**found, "youden": found["sensitivity"] + found["specificity"] - 1}


def _drawn(y: Floats, random: np.random.Generator) -> np.ndarray:
    while True:  # ten of each outcome: a sample without one of them is next to impossible
        sample = random.integers(0, len(y), len(y))
        if 0 < y[sample].sum() < len(y):
            return sample


def _columns(data: pd.DataFrame, marker: str, outcome: str) -> tuple[Floats, Floats]:
    for name in (marker, outcome):
        if name not in data.columns:
            raise PredictionError(
                expected=said("a column {name!r}", name=name),
                found=said("{n_columns} others", n_columns=len(data.columns)),
                where="the data",
                next_step="Check the name.",
            )
    kept = data[data[marker].notna() & data[outcome].notna()]
    x, y = (pd.to_numeric(kept[name], errors="coerce").to_numpy(dtype=float) for name in (marker, outcome))
    for name, column, wanted in ((marker, x, "numbers"), (outcome, y, "0 and 1")):
        if not np.isfinite(column).all() or (name == outcome and not set(column) <= {0.0, 1.0}):
            raise PredictionError(
                expected=said("{wanted} in {name}", wanted=wanted, name=name),
                found="something else",
                where=name,
                next_step="Mend the data.",
            )
    if min(int(y.sum()), int(len(y) - y.sum())) < _FEWEST:
        raise PredictionError(
            expected=said("at least {fewest} subjects of either outcome", fewest=_FEWEST),
            found=said("{events} of {n} with it", events=int(y.sum()), n=len(y)),
            where=outcome,
            next_step="No cutoff: too few to say anything.",
        )
    return y, x
