"""The range of a t statistic, a p value or a ratio over all values that round to the printed ones."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from trialkit.stats.distributions import f_p_value, t_two_sided_p
from trialkit.stats.tables.printed import Box


@dataclass(frozen=True)
class Range:
    """From the values as printed (``centre``), and the least and most that values rounding to them give."""

    centre: float
    lower: float
    upper: float


@dataclass(frozen=True)
class RecomputedT:
    """A t test recomputed: statistic (first minus second) and df, and the range of its p."""

    test: str
    statistic: Range
    df: Range

    def p_range(self, statistic: Range) -> Range:
        """p for statistics of the given size: it falls with their size and with the df."""
        return Range(
            _p(statistic.centre, self.df.centre),
            _p(statistic.upper, self.df.upper),
            _p(statistic.lower, self.df.lower),
        )

    @property
    def size(self) -> Range:
        """The statistic without its sign."""
        low, high = self.statistic.lower, self.statistic.upper
        inside = 0.0 if low <= 0 <= high else min(abs(low), abs(high))
        return Range(abs(self.statistic.centre), inside, max(abs(low), abs(high)))


def _p(statistic: float, df: float) -> float:
    return float(t_two_sided_p(np.array(statistic), np.array(df)))


def _quotient(difference: Range, error: Range) -> Range:
    def divide(a: float, b: float) -> float:
        return a / b if b > 0 else math.copysign(math.inf, a) if a else 0.0

    lower = divide(difference.lower, error.lower if difference.lower < 0 else error.upper)
    upper = divide(difference.upper, error.lower if difference.upper > 0 else error.upper)
    return Range(divide(difference.centre, error.centre), lower, upper)


def _difference(means: tuple[Box, Box]) -> Range:
    first, second = means
    return Range(first.centre - second.centre, first.lower - second.upper, first.upper - second.lower)


def pooled_t(n: tuple[int, int], means: tuple[Box, Box], sds: tuple[Box, Box]) -> RecomputedT:
    """Student's t: its error grows with either SD, so its range is that of the corners, exactly."""
    df = n[0] + n[1] - 2

    def error(s1: float, s2: float) -> float:
        pooled = ((n[0] - 1) * s1**2 + (n[1] - 1) * s2**2) / df
        return math.sqrt(pooled * (1 / n[0] + 1 / n[1]))

    errors = Range(*(error(s1, s2) for s1, s2 in _corners(sds)))
    return RecomputedT("pooled t", _quotient(_difference(means), errors), Range(df, df, df))


def welch_t(n: tuple[int, int], means: tuple[Box, Box], sds: tuple[Box, Box]) -> RecomputedT:
    """Welch's t; its df has one peak in the ratio of the two squared errors, n - 1 being equal there."""

    def error(s1: float, s2: float) -> float:
        return math.sqrt(s1**2 / n[0] + s2**2 / n[1])

    def df(s1: float, s2: float) -> float:
        a, b = s1**2 / n[0], s2**2 / n[1]
        if a + b == 0:
            return float(min(n) - 1)
        return (a + b) ** 2 / (a**2 / (n[0] - 1) + b**2 / (n[1] - 1))

    errors = Range(*(error(s1, s2) for s1, s2 in _corners(sds)))
    ends = [df(sds[0].lower, sds[1].upper), df(sds[0].upper, sds[1].lower)]
    peak = (n[0] - 1) / (n[1] - 1) * n[0] / n[1]
    lowest, highest = _ratio_range(sds)
    top = float(n[0] + n[1] - 2) if lowest <= peak <= highest else max(ends)
    dfs = Range(df(sds[0].centre, sds[1].centre), min(ends), top)
    return RecomputedT("Welch t", _quotient(_difference(means), errors), dfs)


def _corners(sds: tuple[Box, Box]) -> list[tuple[float, float]]:
    return [(getattr(sds[0], end), getattr(sds[1], end)) for end in ("centre", "lower", "upper")]


def _ratio_range(sds: tuple[Box, Box]) -> tuple[float, float]:
    """Least and most of the ratio of variances, first over second."""
    lowest = (sds[0].lower / sds[1].upper) ** 2 if sds[1].upper else 0.0
    highest = (sds[0].upper / sds[1].lower) ** 2 if sds[1].lower else math.inf
    return lowest, highest


def largest_variance_p(n: tuple[int, int], sds: tuple[Box, Box]) -> float:
    """The largest p that the F test of equal variances can have; 1 where the SDs may be equal."""
    lowest, highest = _ratio_range(sds)
    if lowest <= 1 <= highest:
        return 1.0
    ratio, df = (lowest, (n[0] - 1, n[1] - 1)) if lowest > 1 else (1 / highest, (n[1] - 1, n[0] - 1))
    return min(1.0, 2 * f_p_value(ratio, *df))


def counts_for_percentage(percentage: Box, of: int) -> list[int]:
    """The whole numbers out of ``of`` whose percentage rounds to the printed one."""
    nearest = round(percentage.centre * of / 100)
    around = range(max(0, nearest - 1), min(of, nearest + 1) + 1)
    least = math.floor(percentage.lower * of / 100)
    most = math.ceil(percentage.upper * of / 100)
    every = sorted({*around, *range(max(0, least), min(of, most) + 1)})
    return [k for k in every if percentage.meets(100 * k / of, 100 * k / of)]


def log_asymmetry(estimate: Box, lower: Box, upper: Box) -> Range:
    """log(lower) + log(upper) - 2 log(estimate): 0 for a Wald interval of a ratio."""

    def at(e: float, low: float, high: float) -> float:
        return math.log(low) + math.log(high) - 2 * math.log(e) if min(e, low) > 0 else -math.inf

    return Range(
        at(estimate.centre, lower.centre, upper.centre),
        at(estimate.upper, lower.lower, upper.lower),
        at(estimate.lower, lower.upper, upper.upper) if estimate.lower > 0 else math.inf,
    )


def wald_p(estimate: Box, lower: Box, upper: Box, z: float) -> Range:
    """p of the Wald test that the ratio is 1, from the ratio and its interval."""

    def size(log_estimate: float, log_width: float) -> float:
        return abs(log_estimate) * 2 * z / log_width if log_width > 0 else math.inf

    logs = [math.log(max(value, 1e-300)) for value in (estimate.lower, estimate.centre, estimate.upper)]
    widths = [
        math.log(high / low) if low > 0 else math.inf
        for high, low in (
            (upper.lower, lower.upper), (upper.centre, lower.centre), (upper.upper, lower.lower),
        )
    ]  # fmt: skip
    least = 0.0 if logs[0] <= 0 <= logs[2] else min(abs(logs[0]), abs(logs[2]))
    most = max(abs(logs[0]), abs(logs[2]))
    inf = math.inf
    return Range(
        _p(size(logs[1], widths[1]), inf), _p(size(most, widths[0]), inf), _p(size(least, widths[2]), inf)
    )
