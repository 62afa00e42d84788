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

from trialkit.numbers import plain, span
from trialkit.prediction import metrics
from trialkit.prediction.arrays import Floats
from trialkit.prediction.card import NO_BETTER
from trialkit.prediction.errors import PredictionError
from trialkit.prediction.marker import MOST_MISSING, read_marker
from trialkit.prediction.model_file import digest
from trialkit.stats.diagnostic.delong import auc_covariance, placements
from trialkit.stats.distributions import normal_quantile
from trialkit.wording import said

FORMAT = "trialkit-rule-1"
Side = Literal["at_least", "at_most"]
MEASURES = ("sensitivity", "specificity", "ppv", "npv", "youden")


@dataclass(frozen=True)
class CutoffRule:
    """``performance``: measure, apparent, optimism, corrected, ci_lower, ci_upper, samples (that have the
    measure: without anybody negative there is no NPV), NaN where no sample has it. ``cutoff`` with the
    interval that other samples of the same people would have put it in; ``auc`` with DeLong's. ``stated``:
    whether somebody said which side is positive, or the default was taken. ``lines``: subjects in the data,
    of whom ``n`` have marker and outcome. ``cautions``: why the rule is not to be used as it is."""

    marker: str
    unit: str
    side: Side
    stated: bool
    cutoff: float
    cutoff_lower: float
    cutoff_upper: float
    auc: float
    auc_lower: float
    auc_upper: float
    n: int
    events: int
    lines: int
    without_outcome: int
    without_marker: int
    bootstraps: int
    seed: int
    notes: tuple[str, ...]
    cautions: tuple[str, ...]
    performance: pd.DataFrame

    def document(self) -> dict[str, Any]:
        """What is frozen, with its hash; what could not be measured is null."""
        bare: dict[str, Any] = {
            "format": FORMAT,
            **{
                k: list(v) if isinstance(v, tuple) else v for k, v in vars(self).items() if k != "performance"
            },
        }
        bare["performance"] = [
            {
                name: None if isinstance(value, float) and np.isnan(value) else value
                for name, value in row.items()
            }
            for row in self.performance.to_dict("records")
        ]
        return {**bare, "sha256": digest(bare)}


def develop_cutoff(
    data: pd.DataFrame,
    marker: str,
    outcome: str,
    side: Side | None = None,
    unit: str = "",
    bootstraps: int = 1000,
    seed: int = 1,
    subject: str = "subject_id",
    most_missing: float = MOST_MISSING,
) -> CutoffRule:
    """Find the cutoff with the largest sensitivity + specificity - 1, and what of it will last.

    Parameters
    ----------
    data
        One line a subject, in any order; lines without marker or outcome are left out and counted.
    outcome
        A column of 0 and 1.
    side
        Positive is a value of the marker ``at_least`` the cutoff, or ``at_most``. It is never found in the
        data, which would be one more search; unstated it is ``at_least``.
    most_missing
        The share of those with an outcome whose marker may be missing.

    Raises
    ------
    PredictionError
        What :func:`trialkit.prediction.marker.read_marker` refuses; a marker of the other direction (the
        whole interval of its AUC below 0.5); a cutoff that calls everybody positive.
    """
    read = read_marker(data, marker, outcome, subject, most_missing)
    taken: Side = side or "at_least"
    sign = 1.0 if taken == "at_least" else -1.0
    y, turned = read.outcome, sign * read.values
    area = _area(y, turned)
    cutoff = metrics.youden_threshold(y, turned, np.ones(len(y)))
    _check_direction(marker, taken, area, everybody=bool((turned >= cutoff).all()))
    found, lost, spread = _resampled(y, turned, cutoff, bootstraps, seed)
    lower, upper = sorted(float(sign * limit) for limit in np.percentile(found, [2.5, 97.5]))
    performance = _table(_judged(y, turned, cutoff), lost, spread)
    return CutoffRule(
        marker=marker,
        unit=unit,
        side=taken,
        stated=side is not None,
        cutoff=float(sign * cutoff),
        cutoff_lower=lower,
        cutoff_upper=upper,
        auc=area[0],
        auc_lower=area[1],
        auc_upper=area[2],
        n=len(y),
        events=int(y.sum()),
        lines=read.lines,
        without_outcome=read.without_outcome,
        without_marker=read.without_marker,
        bootstraps=bootstraps,
        seed=seed,
        notes=read.notes,
        cautions=_cautions(area, performance),
        performance=performance,
    )


def _area(y: Floats, turned: Floats) -> tuple[float, float, float]:
    """The AUC with DeLong's 95 % interval; a marker that tells without an error has been refused before."""
    placed = placements(turned[y == 1], turned[y == 0])
    margin = normal_quantile(0.95) * float(auc_covariance([placed])[0, 0]) ** 0.5
    return placed.auc, max(0.0, placed.auc - margin), min(1.0, placed.auc + margin)


def _check_direction(marker: str, side: Side, area: tuple[float, float, float], everybody: bool) -> None:
    """Youden's cutoff is a value somebody has, so it never calls nobody positive."""
    other = (
        "A lower value speaks for the outcome: --at-most."
        if side == "at_least"
        else "A higher value speaks for the outcome: --at-least."
    )
    if area[2] < 0.5:
        raise PredictionError(
            expected="a marker whose high values speak for the outcome"
            if side == "at_least"
            else "a marker whose low values speak for the outcome",
            found=said(
                "the opposite: AUC {auc} ({limits})",
                auc=plain(area[0], 3),
                limits=span(area[1], area[2], 3),
            ),
            where=marker,
            next_step=other,
        )
    if everybody:
        raise PredictionError(
            expected="a cutoff that calls some positive and some negative",
            found=said(
                "none better than one that calls everybody positive: AUC {auc}", auc=plain(area[0], 3)
            ),
            where=marker,
            next_step=other
            if area[0] < 0.5
            else "Take another marker: no cutoff of this one tells anybody apart.",
        )


def _resampled(
    y: Floats, turned: Floats, cutoff: float, bootstraps: int, seed: int
) -> tuple[Floats, np.ndarray, np.ndarray]:
    """The cutoff of each sample; what it loses outside, and what the frozen one gets there, by measure."""
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
    return np.array(found), np.array(lost), np.array(spread)


def _table(apparent: dict[str, float], lost: np.ndarray, spread: np.ndarray) -> pd.DataFrame:
    """The interval is that of the frozen rule over people drawn anew, moved to the corrected value; both are
    kept within what the measure can be."""
    records = []
    for i, name in enumerate(MEASURES):
        has = ~np.isnan(lost[:, i]) & ~np.isnan(spread[:, i])
        floor = -1.0 if name == "youden" else 0.0
        if not has.any():
            records.append((name, apparent[name], *[float("nan")] * 4, 0))
            continue
        optimism = float(lost[has, i].mean())
        limits = np.percentile(spread[has, i], [2.5, 97.5])
        moved = np.clip(np.array([apparent[name], *limits]) - optimism, floor, 1.0)
        records.append((name, apparent[name], optimism, *map(float, moved), int(has.sum())))
    columns = ["measure", "apparent", "optimism", "corrected", "ci_lower", "ci_upper", "samples"]
    return pd.DataFrame(records, columns=columns)


def _cautions(area: tuple[float, float, float], performance: pd.DataFrame) -> tuple[str, ...]:
    youden = float(performance["corrected"].to_numpy(dtype=float)[MEASURES.index("youden")])
    told = []
    if area[1] <= 0.5:
        told.append(f"Not to be used: {NO_BETTER}")
    if youden <= 0:
        told.append(
            "Not to be used: corrected for optimism, Youden's index is not above 0, no better than a coin."
        )
    return tuple(told)


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
