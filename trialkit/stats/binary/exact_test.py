"""Exact tests of two proportions: Fisher's, Barnard's and Boschloo's."""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal, get_args

from trialkit.stats import display
from trialkit.stats.binary.conditional_odds import GivenMargins, conditional_odds_ratio, fisher_p_value
from trialkit.stats.binary.strata_tables import StrataTables, read_strata_tables
from trialkit.stats.binary.unconditional import barnard_p_value, boschloo_p_value
from trialkit.stats.distributions import Alternative
from trialkit.stats.inference import ALTERNATIVES, check_choice, check_confidence_level
from trialkit.stats.rows import Rows
from trialkit.stats.showing import Printed

if TYPE_CHECKING:
    import pandas as pd

ExactMethod = Literal["fisher", "boschloo", "barnard"]
EXACT_METHODS: tuple[ExactMethod, ...] = get_args(ExactMethod)


@dataclass(frozen=True, repr=False, eq=False)
class ExactTest(Printed):
    """An exact test of two proportions.

    Attributes
    ----------
    p_value
        By ``method``, for ``alternative``.
    odds_ratio
        As observed (NaN if undefined).
    conditional_odds_ratio, ci_lower, ci_upper
        Most likely odds ratio given both margins, and its exact two-sided interval: that of Fisher's
        one-sided tests, each at half the error, whatever ``method`` is.
    """

    p_value: float
    method: ExactMethod
    alternative: Alternative
    odds_ratio: float
    conditional_odds_ratio: float
    ci_lower: float
    ci_upper: float
    confidence_level: float
    rows: Rows
    by: str
    tables: StrataTables = field(repr=False)

    @cached_property
    def counts(self) -> pd.DataFrame:
        """One row a group: events, n."""
        import pandas as pd

        t = self.tables
        events, n = [int(t.x1[0]), int(t.x0[0])], [int(t.n1[0]), int(t.n0[0])]
        return pd.DataFrame({self.by: [t.test, t.reference], "events": events, "n": n})

    def _shown(self) -> display.Shown:
        line = f"{self.alternative} p = {display.p_value(self.p_value)}"
        ends = f"{display.number(self.ci_lower)} to {display.number(self.ci_upper)}"
        odds = f"conditional odds ratio {display.number(self.conditional_odds_ratio)}, exact "
        odds += f"{100 * self.confidence_level:g}% interval {ends}"
        title = f"Exact test ({self.method})"
        return display.Shown(title, (("Counts", self.counts),), (line, odds, self.rows.sentence()))


def exact_test(
    data: pd.DataFrame,
    outcome: str,
    by: str,
    reference: Hashable,
    method: ExactMethod = "fisher",
    alternative: Alternative = "two-sided",
    confidence_level: float = 0.95,
) -> ExactTest:
    """Exact test that two groups have the same risk.

    Parameters
    ----------
    data
        One row a subject; rows with a gap are left out and counted.
    outcome, by, reference
        Column of 0/1, true/false or two categories whose second is the event; column of two groups; the one
        compared with.
    method
        "fisher": both margins fixed. "boschloo": only the group sizes fixed, Fisher's p as the statistic,
        never less powerful. "barnard": group sizes fixed, the pooled z (two-sided: its size) as statistic.
    alternative
        "greater": the test group has the higher risk.
    confidence_level
        Of the exact interval of the odds ratio, which is two-sided.

    Returns
    -------
    ExactTest

    Raises
    ------
    DataError
        An outcome of another kind, or not exactly two groups.

    Degenerate cases: no events, or events only: p 1, no odds ratio, its interval from 0 to infinity.

    Equivalent in R: ``fisher.test``, ``Exact::exact.test(method = "boschloo")``, ``method = "z-pooled"``. In
    SAS: ``PROC FREQ; EXACT FISHER BARNARD``.

    References
    ----------
    Fisher (1935), Journal of the Royal Statistical Society 98:39-54. Boschloo (1970), Statistica Neerlandica
    24:1-9. Barnard (1947), Biometrika 34:123-138.
    """
    check_choice("method", method, EXACT_METHODS)
    check_choice("alternative", alternative, ALTERNATIVES)
    check_confidence_level(confidence_level)
    tables = read_strata_tables(data, outcome, by, reference, None, "exact_test")
    x1, n1, x0, n0 = (int(v[0]) for v in (tables.x1, tables.n1, tables.x0, tables.n0))
    given = GivenMargins.of(x1, n1, x0, n0)
    if x1 + x0 in (0, n1 + n0):
        p = 1.0
    elif method == "fisher":
        p = fisher_p_value(given, alternative)
    else:
        unconditional = boschloo_p_value if method == "boschloo" else barnard_p_value
        p = unconditional(x1, n1, x0, n0, alternative)
    across = x0 * (n1 - x1)
    along = x1 * (n0 - x0)
    odds = along / across if across else (math.inf if along else math.nan)
    conditional = conditional_odds_ratio(given, confidence_level)
    return ExactTest(p, method, alternative, odds, *conditional, confidence_level, tables.rows, by, tables)
