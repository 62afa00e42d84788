"""Mantel-Haenszel odds ratio, risk ratio and risk difference over strata, with their tests."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from trialkit.stats import display
from trialkit.stats.binary.mantel_haenszel_variance import (
    difference_variance,
    log_odds_variance,
    log_ratio_variance,
)
from trialkit.stats.binary.strata_tables import StrataTables, read_strata_tables
from trialkit.stats.distributions import FloatArray, chi_square_p_value, normal_quantile, normal_two_sided_p
from trialkit.stats.errors import DataError
from trialkit.stats.inference import check_confidence_level
from trialkit.stats.row_table import row_table
from trialkit.stats.rows import Rows
from trialkit.stats.showing import Printed

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, repr=False, eq=False)
class MantelHaenszel(Printed):
    """Common effect over strata.

    Attributes
    ----------
    contrasts
        Rows "odds ratio", "risk ratio", "risk difference": measure contrast estimate standard_error (of
        the difference) log_standard_error (of the ratios) df statistic p_value ci_lower ci_upper alternative
        null_value, by Wald, two-sided against no effect (margins: ``risk_difference``, ``risk_ratio``).
    tests
        test statistic df p_value: "Cochran-Mantel-Haenszel" (does the group matter at all?), the same
        "continuity corrected", and "Breslow-Day-Tarone" (is the odds ratio the same in every stratum?).
    strata
        One row a stratum: events and n of both groups, whether it has both groups, its own odds ratio.
    """

    rows: Rows
    tables: StrataTables = field(repr=False)
    measures: tuple[dict[str, object], ...] = field(repr=False)

    @cached_property
    def contrasts(self) -> pd.DataFrame:
        return row_table(self.measures)

    @cached_property
    def tests(self) -> pd.DataFrame:
        both = self.tables.informative()
        return row_table([*_association(both), _homogeneity(both, _common_odds(both))])

    @cached_property
    def strata(self) -> pd.DataFrame:
        t = self.tables
        with np.errstate(divide="ignore", invalid="ignore"):
            own = t.x1 * (t.n0 - t.x0) / (t.x0 * (t.n1 - t.x1))
        return t.described().assign(odds_ratio=own)

    def _shown(self) -> display.Shown:
        tables = (("Common effect", self.contrasts), ("Tests", self.tests), ("Strata", self.strata))
        return display.Shown("Mantel-Haenszel", tables, (self.rows.sentence(),))


def mantel_haenszel(
    data: pd.DataFrame,
    outcome: str,
    by: str,
    reference: Hashable,
    strata: str | Sequence[str],
    confidence_level: float = 0.95,
) -> MantelHaenszel:
    """Common odds ratio, risk ratio and risk difference of two groups over strata.

    Parameters
    ----------
    data
        One row a subject; rows with a gap are left out and counted.
    outcome, by, reference
        Column of 0/1, true/false or two categories whose second is the event; column of two groups; the one
        compared with.
    strata
        Column or columns.
    confidence_level
        Of the two-sided intervals.

    Returns
    -------
    MantelHaenszel

    Raises
    ------
    DataError
        An outcome of another kind, not exactly two groups, no stratum with both, a group without any
        events or with events only (no finite ratio).

    Degenerate cases
    ----------------
    A stratum with one group contributes nothing; one without events, or with events only, nothing to the odds
    ratio and the tests. With one stratum left the homogeneity test has no df and p NaN. Limits of the
    difference beyond -1 or 1, which few rows give, are cut there (R and SAS leave them).

    Equivalent in R: ``mantelhaen.test``, ``metafor::rma.mh(measure = "OR")``, ``"RR"``, ``"RD"``. In SAS:
    ``PROC FREQ; TABLES s*arm*y / CMH(BDT) COMMONRISKDIFF(CL=MH)``.

    References
    ----------
    Mantel & Haenszel (1959), Journal of the National Cancer Institute 22:719-748. Robins, Breslow & Greenland
    (1986), Biometrics 42:311-323. Tarone (1985), Biometrika 72:91-95.
    """
    check_confidence_level(confidence_level)
    tables = read_strata_tables(data, outcome, by, reference, strata, "mantel_haenszel")
    both = tables.informative()
    z = normal_quantile(confidence_level)
    n = both.total
    odds_error = math.sqrt(log_odds_variance(both))
    odds = _common_odds(both)
    ratio = float((both.x1 * both.n0 / n).sum() / (both.x0 * both.n1 / n).sum())
    difference = float(((both.x1 * both.n0 - both.x0 * both.n1) / n).sum() / (both.n1 * both.n0 / n).sum())
    if not _spread(both).any():
        raise DataError(expected="a stratum in which the outcome varies", found="none")
    named = tables.contrast
    measures = (
        _row("odds ratio", named, odds, odds_error, z, log=True),
        _row("risk ratio", named, ratio, math.sqrt(log_ratio_variance(both)), z, log=True),
        _row("risk difference", named, difference, math.sqrt(difference_variance(both)), z, log=False),
    )
    return MantelHaenszel(tables.rows, tables, measures)


def _common_odds(t: StrataTables) -> float:
    n = t.total
    return float((t.x1 * (t.n0 - t.x0) / n).sum() / (t.x0 * (t.n1 - t.x1) / n).sum())


def _row(
    measure: str, contrast: str, estimate: float, error: float, z: float, *, log: bool
) -> dict[str, object]:
    centre = math.log(estimate) if log else estimate
    statistic = centre / error if error else math.nan
    ends = (centre - z * error, centre + z * error)
    return {
        "measure": measure,
        "contrast": contrast,
        "estimate": estimate,
        "standard_error": math.nan if log else error,
        "log_standard_error": error if log else math.nan,
        "df": math.inf,
        "statistic": statistic,
        "p_value": normal_two_sided_p(statistic),
        "ci_lower": math.exp(ends[0]) if log else max(ends[0], -1.0),
        "ci_upper": math.exp(ends[1]) if log else min(ends[1], 1.0),
        "alternative": "two-sided",
        "null_value": 1.0 if log else 0.0,
    }


def _spread(t: StrataTables) -> FloatArray:
    """Hypergeometric variance of the events in the test group, by stratum."""
    n, events = t.total, t.x1 + t.x0
    return np.asarray(t.n1 * t.n0 * events * (n - events) / (n**2 * np.maximum(n - 1, 1)))


def _association(t: StrataTables) -> list[dict[str, object]]:
    expected = t.n1 * (t.x1 + t.x0) / t.total
    apart, total = abs(float((t.x1 - expected).sum())), float(_spread(t).sum())
    # R's correction never passes the difference itself; tiny ones become 0.
    corrected = max(0.0, apart - min(0.5, apart))
    rows: list[dict[str, object]] = []
    for name, size in (("", apart), (", continuity corrected", corrected)):
        statistic = size**2 / total
        p = chi_square_p_value(statistic, 1)
        rows.append({"test": f"Cochran-Mantel-Haenszel{name}", "statistic": statistic, "df": 1, "p_value": p})
    return rows


def _homogeneity(t: StrataTables, odds: float) -> dict[str, object]:
    """Breslow and Day's test with Tarone's correction, over the strata in which the outcome varies."""
    events = t.x1 + t.x0
    varies = (events > 0) & (events < t.total)
    x1, n1, n0, events = t.x1[varies], t.n1[varies], t.n0[varies], events[varies]
    expected = _expected_at(odds, n1, n0, events)
    inverse = 1 / expected + 1 / (n1 - expected) + 1 / (events - expected) + 1 / (n0 - events + expected)
    variance = 1 / inverse
    statistic = float(((x1 - expected) ** 2 / variance).sum())
    statistic -= float((x1 - expected).sum()) ** 2 / float(variance.sum())
    df = int(varies.sum()) - 1
    p = chi_square_p_value(max(statistic, 0.0), df) if df else math.nan
    return {"test": "Breslow-Day-Tarone", "statistic": statistic, "df": df, "p_value": p}


def _expected_at(odds: float, n1: FloatArray, n0: FloatArray, events: FloatArray) -> FloatArray:
    """Events in the test group that a table with these margins would have at the common odds ratio."""
    if abs(odds - 1) < 1e-9:
        return np.asarray(n1 * events / (n1 + n0))
    b = odds * (n1 + events) + n0 - events
    root = np.sqrt(b**2 - 4 * odds * (odds - 1) * n1 * events)
    return np.asarray(2 * odds * n1 * events / (b + root))
