"""Exact tests of two proportions: Fisher's, Barnard's and Boschloo's."""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from trialkit.stats import display
from trialkit.stats.binary.strata_tables import read_strata_tables
from trialkit.stats.binary.unconditional import barnard_p_value, boschloo_p_value
from trialkit.stats.distributions import Alternative
from trialkit.stats.inference import ALTERNATIVES, check_choice
from trialkit.stats.rows import Rows
from trialkit.stats.survival.showing import Printed

if TYPE_CHECKING:
    import pandas as pd

ExactMethod = Literal["fisher", "boschloo", "barnard"]
EXACT_METHODS: tuple[ExactMethod, ...] = ("fisher", "boschloo", "barnard")


@dataclass(frozen=True, repr=False, eq=False)
class ExactTest(Printed):
    """``p_value``; ``counts`` one row a group (events, n); ``odds_ratio`` as observed (NaN if undefined)."""

    p_value: float
    method: ExactMethod
    alternative: Alternative
    odds_ratio: float
    counts: pd.DataFrame
    rows: Rows

    def _shown(self) -> display.Shown:
        line = f"{self.alternative} p = {display.p_value(self.p_value)}"
        title = f"Exact test ({self.method})"
        return display.Shown(title, (("Counts", self.counts),), (line, self.rows.sentence()))


def exact_test(
    data: pd.DataFrame,
    outcome: str,
    by: str,
    reference: Hashable,
    method: ExactMethod = "fisher",
    alternative: Alternative = "two-sided",
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

    Returns
    -------
    ExactTest

    Raises
    ------
    DataError
        An outcome of another kind, or not exactly two groups.

    Degenerate cases: no events, or events only: p 1.

    Equivalent in R: ``fisher.test``, ``Exact::exact.test(method = "boschloo")``, ``method = "z-pooled"``. In
    SAS: ``PROC FREQ; EXACT FISHER BARNARD``.

    References
    ----------
    Fisher (1935), Journal of the Royal Statistical Society 98:39-54. Boschloo (1970), Statistica Neerlandica
    24:1-9. Barnard (1947), Biometrika 34:123-138.
    """
    check_choice("method", method, EXACT_METHODS)
    check_choice("alternative", alternative, ALTERNATIVES)
    tables = read_strata_tables(data, outcome, by, reference, None, "exact_test")
    x1, n1, x0, n0 = (int(v[0]) for v in (tables.x1, tables.n1, tables.x0, tables.n0))
    p = 1.0 if x1 + x0 in (0, n1 + n0) else _p_value(x1, n1, x0, n0, method, alternative)
    across = x0 * (n1 - x1)
    along = x1 * (n0 - x0)
    odds = along / across if across else (math.inf if along else math.nan)
    import pandas as pd

    counts = pd.DataFrame({by: [tables.test, tables.reference], "events": [x1, x0], "n": [n1, n0]})
    return ExactTest(p, method, alternative, odds, counts, tables.rows)


def _p_value(x1: int, n1: int, x0: int, n0: int, method: ExactMethod, alternative: Alternative) -> float:
    if method == "boschloo":
        return boschloo_p_value(x1, n1, x0, n0, alternative)
    if method == "barnard":
        return barnard_p_value(x1, n1, x0, n0, alternative)
    from scipy import stats

    table = np.array([[x1, x0], [n1 - x1, n0 - x0]])
    return min(1.0, float(stats.fisher_exact(table, alternative=alternative).pvalue))
