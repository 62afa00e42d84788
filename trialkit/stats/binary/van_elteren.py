"""Van Elteren's stratified Wilcoxon test of two groups."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from trialkit.stats import display
from trialkit.stats.columns import read_column
from trialkit.stats.complete_rows import complete_rows
from trialkit.stats.distributions import Alternative, FloatArray, t_p_value
from trialkit.stats.errors import DataError
from trialkit.stats.inference import ALTERNATIVES, check_choice
from trialkit.stats.rows import Rows
from trialkit.stats.showing import Printed
from trialkit.stats.survival.observations import stratum_codes
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, repr=False, eq=False)
class VanElteren(Printed):
    """Result of van Elteren's test.

    Attributes
    ----------
    statistic
        About N(0, 1), positive where the test group has the higher values.
    probability
        Weighted chance that a test subject exceeds a reference subject of its stratum, ties half.
    strata
        One row a stratum: n of both groups, rank sum of the test group, its expectation, whether the stratum
        tells anything.
    """

    statistic: float
    p_value: float
    alternative: Alternative
    probability: float
    strata: pd.DataFrame
    rows: Rows

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
        Plain text as outcome, not exactly two groups, no stratum with both in which the outcome varies.

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
    frame, rows = complete_rows(data, (outcome, by, *strata_columns), "van_elteren", count_by=(by,))
    levels = list(frame[by].unique())
    if len(levels) != 2 or reference not in levels:
        raise DataError(
            expected=said("two groups in {by!r}, one of them the reference", by=by),
            found=said("{n_levels} with an outcome", n_levels=len(levels)),
            where=said("column {by!r}", by=by),
        )
    values = _ordered(frame[outcome], outcome)
    in_test = np.asarray(frame[by] != reference, dtype=bool)
    codes, labels = stratum_codes(frame, strata_columns)
    found = [_one_stratum(values[codes == s], in_test[codes == s]) for s in range(len(labels))]
    table = labels.assign(**{name: [one[name] for one in found] for name in found[0]})
    statistic, probability = _combined(table)
    p = float(t_p_value(np.array(statistic), np.array(np.inf), alternative))
    return VanElteren(statistic, p, alternative, probability, table.drop(columns="variance"), rows)


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
    assert column.codes is not None
    return column.codes.astype(float)


def _one_stratum(values: FloatArray, in_test: Any) -> dict[str, Any]:
    """Rank sum of the test group with its mean and variance given the ranks."""
    from scipy.stats import rankdata

    n, m = len(values), int(in_test.sum())
    ranks = rankdata(values)
    spread = float(((ranks - (n + 1) / 2) ** 2).sum())
    variance = m * (n - m) * spread / (n * (n - 1)) if n > 1 else 0.0
    return {
        "n_test": m,
        "n_reference": n - m,
        "rank_sum": float(ranks[in_test].sum()),
        "expected": m * (n + 1) / 2,
        "variance": variance,
        "informative": variance > 0,
    }


def _combined(table: pd.DataFrame) -> tuple[float, float]:
    used = table[table["informative"]]
    if used.empty:
        raise DataError(
            expected="a stratum with both groups in which the outcome varies",
            found="none",
            next_step="Use fewer strata.",
        )
    m, n0 = used["n_test"].to_numpy(float), used["n_reference"].to_numpy(float)
    weight = 1.0 / (m + n0 + 1.0)
    excess = (used["rank_sum"] - used["expected"]).to_numpy(float)
    z = float((weight * excess).sum()) / math.sqrt(float((weight**2 * used["variance"]).sum()))
    pairs = m * n0
    share = (excess + pairs / 2) / pairs
    return z, float((weight * pairs * share).sum() / (weight * pairs).sum())
