"""The ROC curve of a score: area with DeLong's interval, the Youden cutoff and what it gets right."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from numbers import Integral
from typing import TYPE_CHECKING

import numpy as np

from trialkit.stats import display
from trialkit.stats.binary.wilson import wilson_interval
from trialkit.stats.diagnostic.cutoffs import Cutoffs, every_cutoff, resampled_cutoffs
from trialkit.stats.diagnostic.delong import auc_covariance, placements
from trialkit.stats.diagnostic.roc_picture import roc_figure
from trialkit.stats.diagnostic.scores import (
    DIRECTIONS,
    Direction,
    DirectionChoice,
    read_scores,
    require_spread,
    settle_direction,
)
from trialkit.stats.distributions import FloatArray, normal_quantile
from trialkit.stats.errors import DataError
from trialkit.stats.inference import check_choice, check_confidence_level
from trialkit.stats.rows import Rows
from trialkit.stats.showing import Printed
from trialkit.stats.width import seen
from trialkit.wording import written

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


@dataclass(frozen=True, repr=False, eq=False)
class Roc(Printed):
    """A ROC curve.

    Attributes
    ----------
    auc, standard_error, ci_lower, ci_upper
        Area under the curve, DeLong's standard error and interval, kept within 0 and 1.
    direction, direction_from_data
        Which scores speak for the outcome, and whether "auto" let the data decide: then the AUC is at least
        about one half whatever the score is worth.
    cutoff
        Largest Youden index; the most sensitive of those tied. ``cutoffs`` lists them all. A score above
        (direction "higher") or below (direction "lower") it is called positive.
    cutoff_ci_lower, cutoff_ci_upper
        Percentile bootstrap interval of the cutoff; NaN unless ``resamples`` and ``seed`` were given.
    sensitivity, specificity, ppv, npv, f1, accuracy
        At the cutoff. ppv and npv are those of the share of positives in these data.
    at_cutoff
        The same with counts and Wilson intervals, which ignore that the cutoff was chosen here.
    curve
        threshold sensitivity specificity tp fp tn fn, from calling all positive to calling none.
    """

    auc: float
    standard_error: float
    ci_lower: float
    ci_upper: float
    direction: Direction
    direction_from_data: bool
    positives: int
    negatives: int
    cutoff: float
    cutoff_ci_lower: float
    cutoff_ci_upper: float
    resamples: int
    rows: Rows
    confidence_level: float
    label: str
    every: Cutoffs = field(repr=False)
    distinct_scores: FloatArray = field(repr=False)

    @cached_property
    def curve(self) -> pd.DataFrame:
        return _curve(self.every, _sign(self.direction))

    @cached_property
    def cutoffs(self) -> pd.DataFrame:
        return self.curve.iloc[self.every.best].reset_index(drop=True)

    @cached_property
    def at_cutoff(self) -> pd.DataFrame:
        return _measures(self.every, int(self.every.best[0]), normal_quantile(self.confidence_level))

    def plot(self) -> Figure:
        """The curve with its cutoff and area."""
        return roc_figure(self)

    def at(self, cutoffs: float | Sequence[float]) -> pd.DataFrame:
        """What cutoffs chosen beforehand, or printed elsewhere, get right in these data.

        A score at or beyond the cutoff is called positive: ``>=`` for direction "higher", ``<=`` for "lower".
        Columns: cutoff measure count of estimate ci_lower ci_upper, as ``at_cutoff``.

        Equivalent in R: ``pROC::coords(r, cutoff, input = "threshold")``.
        """
        import pandas as pd

        wanted = np.atleast_1d(np.asarray(cutoffs))
        if wanted.dtype.kind not in "iuf" or wanted.ndim != 1 or np.isnan(wanted).any():
            raise DataError(
                expected="cutoffs as numbers, one or a list", found=written(cutoffs), where="cutoffs"
            )
        sign, z = _sign(self.direction), normal_quantile(self.confidence_level)
        beaten = np.searchsorted(np.sort(sign * self.distinct_scores), sign * wanted, side="left")
        parts = [_measures(self.every, int(place), z) for place in beaten]
        for cutoff, part in zip(wanted, parts, strict=True):
            part.insert(0, "cutoff", float(cutoff))
        return pd.concat(parts, ignore_index=True)

    @property
    def sensitivity(self) -> float:
        return self._measure("sensitivity")

    @property
    def specificity(self) -> float:
        return self._measure("specificity")

    @property
    def ppv(self) -> float:
        return self._measure("ppv")

    @property
    def npv(self) -> float:
        return self._measure("npv")

    @property
    def f1(self) -> float:
        return self._measure("f1")

    @property
    def accuracy(self) -> float:
        return self._measure("accuracy")

    def _measure(self, name: str) -> float:
        found = self.at_cutoff.loc[self.at_cutoff["measure"] == name, "estimate"]
        return float(found.iloc[0])

    def _shown(self) -> display.Shown:
        show = display.number
        sign = ">" if self.direction == "higher" else "<"
        level = f"{100 * self.confidence_level:g}%"
        limits = f"{level} CI {show(self.ci_lower)} to {show(self.ci_upper)}, DeLong"
        if math.isnan(self.standard_error):
            limits = "no interval: a score that separates the outcomes shows no variance"
        lines = [f"AUC {show(self.auc)} ({limits})"]
        if self.direction_from_data:
            lines.append(f"The data chose the direction ({self.direction}): the AUC flatters the score.")
        if len(self.cutoffs) > 1:
            lines.append(
                f"{len(self.cutoffs)} cutoffs share the largest Youden index; the most sensitive is shown."
            )
        if self.resamples:
            interval = f"{show(self.cutoff_ci_lower)} to {show(self.cutoff_ci_upper)}"
            lines.append(f"Bootstrap interval of the cutoff {interval} ({self.resamples} resamples)")
        lines.append(f"{self.positives} with the outcome, {self.negatives} without; {self.rows.sentence()}")
        heading = f"At the Youden cutoff: positive where the score {sign} {show(self.cutoff)}"
        return display.Shown(f"ROC curve: {self.label}", ((heading, self.at_cutoff),), tuple(lines))


def roc(
    data: pd.DataFrame,
    outcome: str,
    score: str,
    positive: Hashable = 1,
    direction: DirectionChoice = "higher",
    confidence_level: float = 0.95,
    resamples: int = 0,
    seed: int | None = None,
) -> Roc:
    """ROC curve of a score for a binary outcome.

    Parameters
    ----------
    data
        One row a subject; rows with a gap in either column are left out and counted.
    outcome, score
        Column of two values, of which ``positive`` means that the outcome happened; column of numbers.
    direction
        "higher": high scores speak for the outcome; "lower": low ones; "auto": whichever has the median of
        the positives on its side, as pROC does, and the result says so.
    confidence_level
        Of every interval.
    resamples, seed
        Number of bootstrap samples for the interval of the cutoff (0: none) and the seed they need.

    Returns
    -------
    Roc
        ``auc``, ``standard_error``, ``ci_lower``, ``ci_upper``, ``cutoff``, ``sensitivity``, ``specificity``,
        ``ppv``, ``npv``, ``f1``, ``cutoffs``, ``at_cutoff``, ``at([...])``, ``curve``, ``plot()``, ``rows``.

    Raises
    ------
    DataError
        One outcome only, more than two, ``positive`` not among them, scores that are not numbers or all the
        same, fewer than two subjects with or without the outcome, resamples without a seed.

    Degenerate cases
    ----------------
    A score that separates the outcomes has AUC 1 and neither error nor interval (NaN): DeLong's variance
    is 0, which says nothing about other subjects. ppv (npv) is NaN where no one is called positive
    (negative).

    Equivalent in R: ``pROC::roc(outcome, score, direction = "<")``, ``ci.auc(method = "delong")``,
    ``coords("best", best.method = "youden")``. In SAS: ``PROC LOGISTIC; MODEL y(EVENT='1') = x; ROC;``.

    References
    ----------
    DeLong, DeLong & Clarke-Pearson (1988), Biometrics 44:837-845. Youden (1950), Cancer 3:32-35.
    """
    check_choice("direction", direction, DIRECTIONS)
    check_confidence_level(confidence_level)
    _check_bootstrap(resamples, seed)
    read = read_scores(data, outcome, (score,), positive, "roc")
    require_spread(read.positives(score), read.negatives(score), score)
    settled = settle_direction(direction, read.positives(score), read.negatives(score))
    sign = _sign(settled)
    with_outcome, without = sign * read.positives(score), sign * read.negatives(score)
    placed = placements(with_outcome, without)
    standard_error = seen(math.sqrt(float(auc_covariance([placed])[0, 0])))
    z = normal_quantile(confidence_level)
    cutoffs = every_cutoff(with_outcome, without)
    chosen = int(cutoffs.best[0])
    interval = (math.nan, math.nan)
    if resamples and seed is not None:
        found = sign * resampled_cutoffs(with_outcome, without, resamples, seed)
        interval = _interval(found, confidence_level)
    return Roc(
        auc=placed.auc,
        standard_error=standard_error,
        ci_lower=float(np.maximum(0.0, placed.auc - z * standard_error)),
        ci_upper=float(np.minimum(1.0, placed.auc + z * standard_error)),
        direction=settled,
        direction_from_data=direction == "auto",
        positives=cutoffs.positives,
        negatives=cutoffs.negatives,
        cutoff=float(sign * cutoffs.threshold[chosen]),
        cutoff_ci_lower=interval[0],
        cutoff_ci_upper=interval[1],
        resamples=resamples,
        every=cutoffs,
        rows=read.rows,
        confidence_level=confidence_level,
        label=f"{score} for {outcome} = {positive}",
        distinct_scores=np.unique(read.values[score]),
    )


def _sign(direction: Direction) -> float:
    return 1.0 if direction == "higher" else -1.0


def _check_bootstrap(resamples: int, seed: int | None) -> None:
    if not isinstance(resamples, Integral) or resamples < 0:
        raise DataError(
            expected="a number of resamples, 0 or more",
            found=written(resamples),
            where="resamples",
            next_step="2,000 are usual for a percentile interval.",
        )
    if resamples and (not isinstance(seed, Integral) or seed < 0):
        raise DataError(
            expected="a seed with the bootstrap, a whole number of 0 or more",
            found="none" if seed is None else written(seed),
            where="seed",
            next_step="Give seed=, and keep it with the result.",
        )


def _curve(cutoffs: Cutoffs, sign: float) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(
        {
            "threshold": sign * cutoffs.threshold,
            "sensitivity": cutoffs.sensitivity,
            "specificity": cutoffs.specificity,
            "tp": cutoffs.tp,
            "fp": cutoffs.fp,
            "tn": cutoffs.negatives - cutoffs.fp,
            "fn": cutoffs.positives - cutoffs.tp,
        }
    )


def _measures(every: Cutoffs, place: int, z: float) -> pd.DataFrame:
    """Measures of one cutoff: estimate, the count and total it is made of, and Wilson's interval."""
    import pandas as pd

    tp, fp = int(every.tp[place]), int(every.fp[place])
    tn, fn = every.negatives - fp, every.positives - tp
    shares = {
        "sensitivity": (tp, tp + fn),
        "specificity": (tn, tn + fp),
        "ppv": (tp, tp + fp),
        "npv": (tn, tn + fn),
        "accuracy": (tp + tn, tp + fp + tn + fn),
    }
    rows = []
    for measure, (count, of) in shares.items():
        lower, upper = wilson_interval(count, of, z)
        estimate = count / of if of else math.nan
        rows.append((measure, count, of, estimate, lower, upper))
    total = 2 * tp + fp + fn
    rows.append(("f1", 2 * tp, total, 2 * tp / total, *_f1_limits(tp, fp + fn, z)))
    return pd.DataFrame(rows, columns=["measure", "count", "of", "estimate", "ci_lower", "ci_upper"])


def _f1_limits(tp: int, wrong: int, z: float) -> tuple[float, float]:
    """F1 = 2J / (1 + J) rises with J = tp / (tp + fp + fn), and given tp + fp + fn the true positives of a
    cohort are binomial with chance J: Wilson's limits of J, carried over."""
    lower, upper = wilson_interval(tp, tp + wrong, z)
    return 2 * lower / (1 + lower), 2 * upper / (1 + upper)


def _interval(found: FloatArray, level: float) -> tuple[float, float]:
    """Percentiles that are cutoffs some resample really had: infinite ones cannot be interpolated."""
    lower = np.quantile(found, (1 - level) / 2, method="inverted_cdf")
    upper = np.quantile(found, (1 + level) / 2, method="inverted_cdf")
    return float(lower), float(upper)
