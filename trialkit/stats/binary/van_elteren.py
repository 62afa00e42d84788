"""Van Elteren's stratified Wilcoxon test of two groups."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from trialkit.stats import display
from trialkit.stats.columns import BoolArray, read_column
from trialkit.stats.complete_rows import complete_rows
from trialkit.stats.distributions import Alternative, FloatArray, t_p_value
from trialkit.stats.errors import DataError
from trialkit.stats.groups import Strata, strata_of, two_groups
from trialkit.stats.inference import ALTERNATIVES, check_choice
from trialkit.stats.rows import Rows
from trialkit.stats.showing import Printed
from trialkit.stats.stated_order import require_stated_order
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class _Ranks:
    """One number a stratum."""

    n_test: FloatArray
    n_reference: FloatArray
    rank_sum: FloatArray
    expected: FloatArray
    variance: FloatArray

    @property
    def informative(self) -> BoolArray:
        return np.asarray(self.variance > 0)


@dataclass(frozen=True, repr=False, eq=False)
class VanElteren(Printed):
    """Result of van Elteren's test.

    Attributes
    ----------
    statistic
        About N(0, 1), positive where the test group has the higher values.
    probability
        Weighted chance that a test subject exceeds a reference subject of its stratum, ties half.
    """

    statistic: float
    p_value: float
    alternative: Alternative
    probability: float
    rows: Rows
    read: Strata = field(repr=False)
    ranks: _Ranks = field(repr=False)

    @cached_property
    def strata(self) -> pd.DataFrame:
        """One row a stratum: n of both groups, rank sum of the test group, its expectation, whether the
        stratum tells anything."""
        found = self.ranks
        return self.read.labels.assign(
            n_test=found.n_test.astype(np.int64),
            n_reference=found.n_reference.astype(np.int64),
            rank_sum=found.rank_sum,
            expected=found.expected,
            informative=found.informative,
        )

    def _shown(self) -> display.Shown:
        line = f"z {display.number(self.statistic)}, {self.alternative} p = {display.p_value(self.p_value)}"
        silent = int((~self.strata["informative"]).sum())
        lines = [line, *([f"{silent} strata tell nothing"] if silent else []), self.rows.sentence()]
        return display.Shown("Van Elteren's test", (("Strata", self.strata),), tuple(lines))


def van_elteren(
    data: pd.DataFrame,
    outcome: str,
    by: str,
    reference: Hashable,
    strata: str | Sequence[str],
    alternative: Alternative = "two-sided",
) -> VanElteren:
    """Stratified Wilcoxon rank sum test with van Elteren's weights, 1 / (n + 1) of the stratum.

    Parameters
    ----------
    data
        One row a subject; rows with a gap are left out and counted.
    outcome
        Column of numbers or of ordered categories.
    by, reference
        Column of two groups; the one compared with.
    strata
        Column or columns.
    alternative
        "greater": the test group has the higher values.

    Returns
    -------
    VanElteren

    Raises
    ------
    DataError
        Plain text or categories in the alphabet's order alone as outcome, not exactly two groups, no stratum
        with both in which the outcome varies.

    Degenerate cases: a stratum with one group, or in which all values are the same, tells nothing and is
    listed so. With one stratum this is the Wilcoxon test, ties corrected, no continuity correction.

    Equivalent in R: ``coin::independence_test(y ~ arm | s)`` on ranks over n + 1 within strata. In SAS:
    ``PROC FREQ; TABLES s*arm*y / CMH2 SCORES=MODRIDIT``.

    References
    ----------
    van Elteren (1960), Bulletin of the International Statistical Institute 37:351-361. Lehmann (1975),
    Nonparametrics, section 3.3.
    """
    check_choice("alternative", alternative, ALTERNATIVES)
    strata_columns = [strata] if isinstance(strata, str) else list(strata)
    kept, rows = complete_rows(data, (outcome, by, *strata_columns), "van_elteren", count_by=(by,))
    groups = two_groups(kept[by], by, reference)
    found = strata_of(kept, strata_columns, rows.used)
    ranks = _ranked(_ordered(kept[outcome], outcome), groups.in_test, found)
    statistic, probability = _combined(ranks)
    p = float(t_p_value(np.array(statistic), np.array(np.inf), alternative))
    return VanElteren(statistic, p, alternative, probability, rows, found, ranks)


def _ordered(series: pd.Series[Any], name: str) -> FloatArray:
    column = read_column(series, name)
    if column.numbers is not None:
        return column.numbers
    if not column.ordered_levels:
        raise DataError(
            expected="numbers or ordered categories, since the order matters here",
            found="plain text",
            where=said("column {name!r}", name=name),
            next_step="Make it pandas.Categorical(values, categories=[lowest, ..., highest]).",
        )
    require_stated_order(series, name, "the test ranks from the lowest to the highest")
    assert column.codes is not None
    return column.codes.astype(float)


def _ranked(values: FloatArray, in_test: BoolArray, strata: Strata) -> _Ranks:
    """Rank sums of the test group with their means and variances given the ranks, in all strata at once."""
    codes, count = strata.codes, strata.count
    order = np.lexsort((values, codes))
    stratum, sorted_values = codes[order], values[order]
    new = np.append(True, (stratum[1:] != stratum[:-1]) | (sorted_values[1:] != sorted_values[:-1]))
    first = np.flatnonzero(new)
    middle = (first + np.append(first[1:], len(values)) + 1) / 2.0
    n = np.bincount(codes, minlength=count).astype(float)
    before = np.cumsum(n) - n
    ranks = np.empty(len(values))
    ranks[order] = middle[np.cumsum(new) - 1] - before[stratum]
    m = np.bincount(codes, weights=in_test, minlength=count).astype(float)
    rank_sum = np.bincount(codes, weights=ranks * in_test, minlength=count).astype(float)
    spread = np.bincount(codes, weights=(ranks - (n[codes] + 1) / 2) ** 2, minlength=count)
    variance = np.where(n > 1, m * (n - m) * spread / (n * np.maximum(n - 1, 1)), 0.0)
    return _Ranks(m, n - m, rank_sum, m * (n + 1) / 2, variance)


def _combined(ranks: _Ranks) -> tuple[float, float]:
    tells = ranks.informative
    if not tells.any():
        raise DataError(
            expected="a stratum with both groups in which the outcome varies",
            found="none",
            next_step="Use fewer strata.",
        )
    m, n0 = ranks.n_test[tells], ranks.n_reference[tells]
    weight = 1.0 / (m + n0 + 1.0)
    excess = (ranks.rank_sum - ranks.expected)[tells]
    z = float((weight * excess).sum()) / math.sqrt(float((weight**2 * ranks.variance[tells]).sum()))
    pairs = m * n0
    share = (excess + pairs / 2) / pairs
    return z, float((weight * pairs * share).sum() / (weight * pairs).sum())
