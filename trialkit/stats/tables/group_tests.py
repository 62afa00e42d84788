"""The tests of a comparison table: numbers or counts by group in, statistic, df and p value out."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from trialkit.stats.distributions import FloatArray, chi_square_p_value, normal_two_sided_p, t_two_sided_p
from trialkit.stats.errors import DataError
from trialkit.stats.midranks import midranks, tie_correction
from trialkit.wording import written

_LARGEST_ENUMERATION = 5_000_000


@dataclass(frozen=True)
class GroupTest:
    """``df_den`` is NaN but for the F test; an exact test has no statistic (NaN)."""

    statistic: float
    df: float
    df_den: float
    p_value: float


def student_t(groups: Sequence[FloatArray]) -> GroupTest:
    """Two-sample t test with pooled variance; t is of the first group minus the second."""
    return _t(groups, equal_variances=True)


def welch_t(groups: Sequence[FloatArray]) -> GroupTest:
    """Two-sample t test with separate variances, Satterthwaite's df."""
    return _t(groups, equal_variances=False)


def _t(groups: Sequence[FloatArray], *, equal_variances: bool) -> GroupTest:
    first, second = groups
    if np.ptp(first) == 0 and np.ptp(second) == 0:
        raise DataError(expected="numbers that vary within the groups", found="none that do")
    n1, n2 = len(first), len(second)
    v1, v2 = (float(group.var(ddof=1)) if np.ptp(group) else 0.0 for group in groups)
    df = float(n1 + n2 - 2)
    if equal_variances:
        pooled = ((n1 - 1) * v1 + (n2 - 1) * v2) / df
        error = math.sqrt(pooled * (1 / n1 + 1 / n2))
    else:
        error = math.sqrt(v1 / n1 + v2 / n2)
        df = error**4 / ((v1 / n1) ** 2 / (n1 - 1) + (v2 / n2) ** 2 / (n2 - 1))
    statistic = float(first.mean() - second.mean()) / error
    p_value = float(t_two_sided_p(np.array(statistic), np.array(df)))
    return GroupTest(statistic, df, math.nan, p_value)


def mann_whitney(groups: Sequence[FloatArray]) -> GroupTest:
    """Mann-Whitney U of the first group; normal approximation, variance corrected for ties, no continuity
    correction.
    """
    first, second = groups
    both = np.concatenate(groups)
    if np.ptp(both) == 0:
        raise DataError(expected="numbers that differ", found="the same number in both groups")
    ranks, m, n = midranks(both), len(first), len(second)
    u = float(ranks[:m].sum()) - m * (m + 1) / 2.0
    variance = m * n * (m + n + 1) / 12.0 * tie_correction(ranks)
    z = (u - m * n / 2.0) / math.sqrt(variance)
    return GroupTest(u, math.nan, math.nan, normal_two_sided_p(z))


def one_way_anova(groups: Sequence[FloatArray]) -> GroupTest:
    from scipy import stats

    if all(np.ptp(group) == 0 for group in groups):
        raise DataError(expected="numbers that vary within the groups", found="none that do")
    found = stats.f_oneway(*groups)
    df, df_den = len(groups) - 1, sum(map(len, groups)) - len(groups)
    return GroupTest(float(found.statistic), float(df), float(df_den), float(found.pvalue))


def kruskal_wallis(groups: Sequence[FloatArray]) -> GroupTest:
    from scipy import stats

    if np.ptp(np.concatenate(groups)) == 0:
        raise DataError(expected="numbers that differ", found="the same number in every group")
    found = stats.kruskal(*groups)
    return GroupTest(float(found.statistic), float(len(groups) - 1), math.nan, float(found.pvalue))


def expected_counts(counts: FloatArray) -> FloatArray:
    """Counts expected in each cell if groups (rows) and levels (columns) are independent."""
    return np.asarray(np.outer(counts.sum(axis=1), counts.sum(axis=0)) / counts.sum())


def chi_square(counts: FloatArray) -> GroupTest:
    """Pearson's chi-square, without continuity correction."""
    expected = expected_counts(counts)
    statistic = float(((counts - expected) ** 2 / expected).sum())
    df = (counts.shape[0] - 1) * (counts.shape[1] - 1)
    return GroupTest(statistic, float(df), math.nan, chi_square_p_value(statistic, df))


def fisher_exact(counts: FloatArray) -> GroupTest:
    """Fisher's exact test of two groups by any number of levels (Freeman-Halton): the probability of all
    tables with these margins that are no more probable than this one.
    """
    return GroupTest(math.nan, math.nan, math.nan, _two_by_many(counts.astype(int)))


def _two_by_many(counts: npt.NDArray[np.int_]) -> float:
    """Walks through every first row with the given margins, level by level, keeping log probabilities."""
    from scipy.special import gammaln

    if counts.shape[0] != 2:
        raise DataError(
            expected="two groups for Fisher's exact test",
            found=written(counts.shape[0]),
            next_step="Use the chi-square test.",
        )
    # The largest level goes last: what it holds follows from the others.
    counts = counts[:, np.argsort(counts.sum(axis=0), kind="stable")]
    levels = counts.sum(axis=0)
    first = int(counts[0].sum())

    def log_ways(total: int) -> FloatArray:
        k = np.arange(total + 1)
        return np.asarray(gammaln(total + 1) - gammaln(k + 1) - gammaln(total - k + 1))

    sums, logs = np.zeros(1, dtype=int), np.zeros(1)
    remaining = int(levels.sum())
    for total in levels[:-1]:
        remaining -= int(total)
        if len(sums) * (total + 1) > _LARGEST_ENUMERATION:
            raise DataError(
                expected="a table small enough to go through all others with its margins",
                found="too many of them",
                next_step="Use the chi-square test: with counts this large it is as good.",
            )
        sums = (sums[:, None] + np.arange(total + 1)[None, :]).ravel()
        logs = (logs[:, None] + log_ways(int(total))[None, :]).ravel()
        reachable = (sums <= first) & (sums + remaining >= first)
        sums, logs = sums[reachable], logs[reachable]
    logs = logs + log_ways(int(levels[-1]))[first - sums]
    observed = sum(float(log_ways(int(t))[int(c)]) for t, c in zip(levels, counts[0], strict=True))
    whole = float(log_ways(int(levels.sum()))[first])
    # Tables as probable as this one differ from it by rounding only (R's fisher.test: 1e-7).
    as_extreme = logs <= observed + 1e-7
    return min(1.0, float(np.exp(logs[as_extreme] - whole).sum()))


NUMERIC_TESTS: dict[str, Callable[[Sequence[FloatArray]], GroupTest]] = {
    "t": student_t,
    "welch": welch_t,
    "mann-whitney": mann_whitney,
    "anova": one_way_anova,
    "kruskal-wallis": kruskal_wallis,
}
CATEGORY_TESTS: dict[str, Callable[[FloatArray], GroupTest]] = {
    "chi-square": chi_square,
    "fisher": fisher_exact,
}
NEEDS_VARIANCE = ("t", "welch", "anova")
TWO_GROUP_TESTS = ("t", "welch", "mann-whitney", "fisher")


def run_test(test: str, values: Sequence[FloatArray] | FloatArray) -> GroupTest:
    """Run a test by name; "none" gives NaN throughout.

    Raises
    ------
    DataError
        Groups of one where a variance is needed, one category, or what the test itself refuses.
    """
    if test == "none":
        return GroupTest(math.nan, math.nan, math.nan, math.nan)
    if test in NUMERIC_TESTS:
        if test in NEEDS_VARIANCE and min(map(len, values)) < 2:
            raise DataError(expected="two numbers or more in each group", found="one")
        return NUMERIC_TESTS[test](list(values))
    counts = np.asarray(values)
    if counts.shape[1] < 2:
        raise DataError(expected="two categories or more", found="one")
    return CATEGORY_TESTS[test](counts)
