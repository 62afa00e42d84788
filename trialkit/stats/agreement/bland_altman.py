"""Two readers, or two methods: mean difference, limits of agreement and how sure these are."""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

import numpy as np

from trialkit.stats import display
from trialkit.stats.agreement.readings import read_readings
from trialkit.stats.columns import require_free_names
from trialkit.stats.distributions import FloatArray, normal_quantile, t_quantile, t_two_sided_p
from trialkit.stats.errors import DataError
from trialkit.stats.inference import check_choice, check_confidence_level
from trialkit.stats.rows import Rows
from trialkit.stats.showing import Printed
from trialkit.stats.width import seen, why_no_interval
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

LimitsMethod = Literal["exact", "approximate"]
LIMITS_METHODS: tuple[LimitsMethod, ...] = get_args(LimitsMethod)


class _Asked(NamedTuple):
    target: str
    coverage: float
    limits: LimitsMethod
    confidence_level: float


@dataclass(frozen=True, repr=False, eq=False)
class BlandAltman(Printed):
    """Limits of agreement.

    Attributes
    ----------
    table
        Rows "mean difference", "lower limit", "upper limit": estimate standard_error ci_lower ci_upper.
    trend
        Slope of the difference on the mean, estimate to ci_upper; NaN where the means are all alike.
    points
        The target, mean and difference of each pair.
    sd
        Of the differences.
    contrast
        Which reader minus which.
    """

    sd: float
    contrast: str
    rows: Rows
    asked: _Asked = field(repr=False)
    pairs: tuple[tuple[Hashable, ...], FloatArray, FloatArray] = field(repr=False)

    @cached_property
    def table(self) -> pd.DataFrame:
        return _limits(self.pairs[2], self.asked.coverage, self.asked.limits, self.asked.confidence_level)

    @cached_property
    def trend(self) -> pd.DataFrame:
        return _trend(self.pairs[1], self.pairs[2], self.asked.confidence_level)

    @cached_property
    def points(self) -> pd.DataFrame:
        import pandas as pd

        targets, mean, difference = self.pairs
        return pd.DataFrame({self.asked.target: list(targets), "mean": mean, "difference": difference})

    def plot(self) -> Figure:
        """Differences against means, with mean difference and limits of agreement and their intervals."""
        from trialkit.stats import pictures

        sheet = pictures.sheet(6.0, 4.2)
        axes = sheet.subplots()
        pictures.open_axes(axes)
        axes.axhline(0.0, color=pictures.QUIET, linewidth=0.6)
        lines = self.table[["estimate", "ci_lower", "ci_upper"]].to_numpy()
        for (estimate, lower, upper), dashes in zip(lines, ("-", "--", "--"), strict=True):
            axes.axhspan(lower, upper, color=pictures.COLOURS[0], alpha=0.12, linewidth=0)
            axes.axhline(estimate, color=pictures.COLOURS[0], linestyle=dashes, linewidth=1.1)
        axes.plot(self.points["mean"], self.points["difference"], "o", markersize=4, color="black", alpha=0.6)
        right = axes.secondary_yaxis("right")
        right.spines[:].set_visible(False)
        right.set_yticks(self.table["estimate"], [display.number(value) for value in self.table["estimate"]])
        right.tick_params(length=0)
        axes.set_xlabel("mean of both")
        axes.set_ylabel(self.contrast)
        return sheet

    def _shown(self) -> display.Shown:
        tables = (("Limits of agreement", self.table), ("Difference on mean", self.trend))
        lines = (*why_no_interval(self.table, self.trend), self.rows.sentence())
        return display.Shown(f"Bland-Altman: {self.contrast}", tables, lines)


def bland_altman(
    data: pd.DataFrame,
    target: str,
    reader: str,
    value: str,
    reference: Hashable | None = None,
    coverage: float = 0.95,
    limits: LimitsMethod = "exact",
    confidence_level: float = 0.95,
) -> BlandAltman:
    """Limits of agreement of two readers.

    Parameters
    ----------
    data
        One row a reading, two readers. Targets read by one only are left out and counted.
    target, reader, value
        Columns: what was read, by whom, and the number.
    reference
        The reader that is subtracted; None: the first in sorted or category order.
    coverage
        Share of differences that the limits should hold.
    limits
        Intervals of the limits: "exact" by the noncentral t distribution; "approximate" symmetric, with the
        variance of mean plus z SD.
    confidence_level
        Of every interval.

    Returns
    -------
    BlandAltman

    Raises
    ------
    DataError
        Not exactly two readers, ``reference`` not one of them, fewer than three targets read by both, or
        readings that are not numbers.

    Degenerate cases
    ----------------
    Readers who differ by a constant have limits equal to the mean difference, and no intervals (NaN).

    Equivalent in R: ``mean(d) + c(-1, 1) * qnorm(0.975) * sd(d)``; exact intervals are those of
    ``qt(c(0.025, 0.975), n - 1, ncp = -qnorm(0.975) * sqrt(n)) / sqrt(n)`` standard deviations from the mean.

    References
    ----------
    Bland & Altman (1986), Lancet 327:307-310; (1999), Statistical Methods in Medical Research 8:135-160.
    Carkeet (2015), Optometry and Vision Science 92:e71-e80, for the exact intervals.
    """
    check_confidence_level(confidence_level)
    check_confidence_level(coverage)
    check_choice("limits", limits, LIMITS_METHODS)
    require_free_names([target], ("mean", "difference"))
    readings = read_readings(data, target, reader, value, "bland_altman")
    test, other = _order(readings.readers, reference, reader)
    numbers = readings.numbers()
    first, second = (numbers[:, readings.readers.index(name)] for name in (test, other))
    if len(first) < 3:
        raise DataError(expected="at least three targets read by both", found=str(len(first)))
    difference, mean = first - second, (first + second) / 2
    return BlandAltman(
        sd=float(difference.std(ddof=1)),
        contrast=f"{test} - {other}",
        rows=readings.rows,
        asked=_Asked(target, coverage, limits, confidence_level),
        pairs=(readings.targets, mean, difference),
    )


def _order(readers: list[Hashable], reference: Hashable | None, column: str) -> tuple[Hashable, Hashable]:
    if len(readers) != 2 or (reference is not None and reference not in readers):
        raise DataError(
            expected="two readers, one of them the reference",
            found=said("{n_readers} readers", n_readers=len(readers))
            if reference is None
            else said("reference {reference!r}", reference=reference),
            where=said("column {column!r}", column=column),
            next_step="Choose two readers first: one Bland-Altman analysis compares two.",
        )
    other = readers[0] if reference is None else reference
    return next(name for name in readers if name != other), other


def _limits(difference: FloatArray, coverage: float, method: LimitsMethod, level: float) -> pd.DataFrame:
    import pandas as pd

    n, bias, sd = len(difference), float(difference.mean()), float(difference.std(ddof=1))
    z = normal_quantile(coverage)
    t = float(t_quantile((1 - level) / 2, np.array(float(n - 1))))
    bias_error = seen(sd, abs(bias)) / math.sqrt(n)
    limit_error = seen(sd, abs(bias)) * math.sqrt(1 / n + z * z / (2 * (n - 1)))
    if method == "approximate":
        near, far = (z - t * limit_error / sd, z + t * limit_error / sd) if sd else (z, z)
    else:
        near, far = _exact_multiples(n, z, level)
    if math.isnan(limit_error):
        near = far = math.nan
    rows = [
        ("mean difference", bias, bias_error, bias - t * bias_error, bias + t * bias_error),
        ("lower limit", bias - z * sd, limit_error, bias - far * sd, bias - near * sd),
        ("upper limit", bias + z * sd, limit_error, bias + near * sd, bias + far * sd),
    ]
    names = ("measure", "estimate", "standard_error", "ci_lower", "ci_upper")
    return pd.DataFrame(dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)), copy=False)


def _exact_multiples(n: int, z: float, level: float) -> tuple[float, float]:
    """How many SDs from the mean the limit's interval begins and ends: quantiles of noncentral t over
    sqrt(n).
    """
    from scipy.special import nctdtrit

    noncentrality = z * math.sqrt(n)
    near, far = (
        float(nctdtrit(n - 1, noncentrality, p)) / math.sqrt(n) for p in ((1 - level) / 2, (1 + level) / 2)
    )
    return near, far


def _trend(mean: FloatArray, difference: FloatArray, level: float) -> pd.DataFrame:
    import pandas as pd

    columns = ["estimate", "standard_error", "df", "statistic", "p_value", "ci_lower", "ci_upper"]
    x, df = mean - mean.mean(), float(len(mean) - 2)
    spread = float(x @ x)
    if spread == 0:
        return pd.DataFrame([[math.nan, math.nan, df, *[math.nan] * 4]], columns=columns)
    slope = float(x @ difference) / spread
    residual = difference - difference.mean() - slope * x
    scale = float(np.abs(difference).max()) / math.sqrt(spread)
    error = seen(math.sqrt(float(residual @ residual) / df / spread), scale)
    statistic = slope / error
    t = float(t_quantile((1 - level) / 2, np.array(df)))
    p = float(t_two_sided_p(np.array(statistic), np.array(df)))
    row = [slope, error, df, statistic, p, slope - t * error, slope + t * error]
    return pd.DataFrame([row], columns=columns)
