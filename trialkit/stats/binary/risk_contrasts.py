"""Risk difference and risk ratio of two groups, in one table or stratified."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from trialkit.stats import display
from trialkit.stats.binary.mantel_haenszel_variance import difference_variance, log_ratio_variance
from trialkit.stats.binary.newcombe import newcombe_limits
from trialkit.stats.binary.number_needed_to_treat import Event, NumberNeededToTreat, number_needed_to_treat
from trialkit.stats.binary.score_intervals import (
    difference_limits,
    difference_score,
    mantel_haenszel_weights,
    ratio_limits,
    ratio_score,
)
from trialkit.stats.binary.strata_tables import StrataTables, read_strata_tables
from trialkit.stats.distributions import Alternative, normal_quantile, t_p_value
from trialkit.stats.errors import DataError
from trialkit.stats.inference import ALTERNATIVES, check_choice, check_confidence_level, check_number
from trialkit.stats.row_table import row_table
from trialkit.stats.rows import Rows
from trialkit.stats.showing import Printed
from trialkit.stats.width import why_no_ratio

if TYPE_CHECKING:
    import pandas as pd

DifferenceMethod = Literal["newcombe", "miettinen-nurminen", "mantel-haenszel"]
RatioMethod = Literal["miettinen-nurminen", "mantel-haenszel"]
DIFFERENCE_METHODS: tuple[DifferenceMethod, ...] = get_args(DifferenceMethod)
_NO_VARIANCE = 1e-14
RATIO_METHODS: tuple[RatioMethod, ...] = get_args(RatioMethod)


@dataclass(frozen=True, repr=False, eq=False)
class RiskContrast(Printed):
    """A risk difference or ratio.

    Attributes
    ----------
    contrasts
        One row: measure contrast estimate standard_error df statistic p_value ci_lower ci_upper alternative
        null_value. ``standard_error`` (of a ratio on the log scale, ``log_standard_error``) is NaN for the
        score intervals, which have none.
    strata
        One row a stratum: events and n of both groups, whether it has both groups, its weight.
    rows
        The account of rows.
    """

    method: str
    confidence_level: float
    rows: Rows
    row: dict[str, object] = field(repr=False)
    tables: StrataTables = field(repr=False)

    @cached_property
    def contrasts(self) -> pd.DataFrame:
        return row_table([self.row])

    @cached_property
    def strata(self) -> pd.DataFrame:
        weights = np.zeros(len(self.tables.n1))
        weights[self.tables.have_both] = mantel_haenszel_weights(self.tables.informative())
        return self.tables.described().assign(weight=weights)

    def number_needed_to_treat(self, event: Event) -> NumberNeededToTreat:
        """Of a risk difference; ``event`` is "good" or "bad".

        Raises
        ------
        DataError
            This is a risk ratio.
        """
        if self.row["measure"] != "risk difference":
            raise DataError(expected="a risk difference", found=str(self.row["measure"]))
        row = self.contrasts.iloc[0]
        return number_needed_to_treat(row["estimate"], row["ci_lower"], row["ci_upper"], event)

    def _shown(self) -> display.Shown:
        tables = (("Contrast", self.contrasts), ("Counts", self.strata))
        silent = int((~self.strata["informative"]).sum())
        lines = [f"{self.method} interval, {100 * self.confidence_level:g}%", self.rows.sentence()]
        if math.isnan(float(self.contrasts["ci_lower"].iloc[0])):
            lines.insert(1, "no variance is seen, so no Wald interval exists; ask for a score method")
        lines[1:1] = why_no_ratio(self.contrasts)
        if silent:
            lines.insert(1, f"{silent} strata without one of the groups contribute nothing")
        return display.Shown(str(self.contrasts["measure"].iloc[0]).capitalize(), tables, tuple(lines))


def risk_difference(
    data: pd.DataFrame,
    outcome: str,
    by: str,
    reference: Hashable,
    strata: str | Sequence[str] | None = None,
    method: DifferenceMethod = "newcombe",
    null_value: float = 0.0,
    alternative: Alternative = "two-sided",
    confidence_level: float = 0.95,
) -> RiskContrast:
    """Difference of the risks of two groups, test minus reference.

    Parameters
    ----------
    data
        One row a subject; rows with a gap are left out and counted.
    outcome, by, reference
        Column of 0/1, true/false or two categories whose second is the event; column of two groups; the one
        that is subtracted.
    strata
        Column or columns; the estimate is then the Mantel-Haenszel weighted difference.
    method
        Interval: "newcombe" (hybrid score; Yan and Su's when stratified), "miettinen-nurminen" (score), or
        "mantel-haenszel" (Wald with Sato's variance; needs many subjects).
    null_value, alternative
        Of the test, which is the score test of Miettinen and Nurminen, with "mantel-haenszel" the Wald test;
        a margin is a null value. They do not change the interval, which is two-sided.
    confidence_level
        Of the two-sided intervals.

    Returns
    -------
    RiskContrast

    Raises
    ------
    DataError
        An outcome of another kind, not exactly two groups, no stratum with both.

    Degenerate cases
    ----------------
    Nobody or everybody with the event in each group: an interval by the score methods still. The Wald method
    of "mantel-haenszel" sees no variance there: error, statistic, p and limits are NaN, and the result says
    so. Its limits beyond -1 or 1, which few rows give, are cut there (R and SAS leave them).

    Equivalent in R: ``ratesci::scoreci``, ``DescTools::BinomDiffCI(method = "mn")``,
    ``metafor::rma.mh(measure = "RD")``. In SAS: ``PROC FREQ; TABLES s*arm*y / RISKDIFF(CL=(NEWCOMBE MN))
    COMMONRISKDIFF(CL=(NEWCOMBE SCORE MH))``.

    References
    ----------
    Newcombe (1998), Statistics in Medicine 17:873-890. Miettinen & Nurminen (1985), Statistics in Medicine
    4:213-226. Yan & Su (2010), Statistics in Biopharmaceutical Research 2:323-332. Sato (1989), Biometrics
    45:1323-1324.
    """
    check_choice("method", method, DIFFERENCE_METHODS)
    check_choice("alternative", alternative, ALTERNATIVES)
    check_confidence_level(confidence_level)
    check_number("null_value", null_value, -1.0, 1.0)
    tables = read_strata_tables(data, outcome, by, reference, strata, "risk_difference")
    both = tables.informative()
    estimate = float(mantel_haenszel_weights(both) @ (both.x1 / both.n1 - both.x0 / both.n0))
    z, error = normal_quantile(confidence_level), math.nan
    if method == "mantel-haenszel":
        error = _wald_error(difference_variance(both))
        statistic = (estimate - null_value) / error
        limits = (max(estimate - z * error, -1.0), min(estimate + z * error, 1.0))
    else:
        statistic = difference_score(both, null_value)
        find = newcombe_limits if method == "newcombe" else difference_limits
        limits = find(both, estimate, z)
    row = {"measure": "risk difference", "contrast": tables.contrast, "estimate": estimate}
    row |= {"standard_error": error, **_tested(statistic, alternative), **_ends(limits)}
    return _contrast(tables, row, (alternative, null_value), method, confidence_level)


def risk_ratio(
    data: pd.DataFrame,
    outcome: str,
    by: str,
    reference: Hashable,
    strata: str | Sequence[str] | None = None,
    method: RatioMethod = "miettinen-nurminen",
    null_value: float = 1.0,
    alternative: Alternative = "two-sided",
    confidence_level: float = 0.95,
) -> RiskContrast:
    """Ratio of the risks of two groups, test over reference.

    Parameters
    ----------
    data, outcome, by, reference, strata, alternative, confidence_level
        As ``risk_difference``; the stratified estimate is the Mantel-Haenszel ratio.
    method
        Interval: "miettinen-nurminen" (score) or "mantel-haenszel" (Wald on the log scale with the variance
        of Greenland and Robins; in one table Katz's).
    null_value
        Ratio under the null hypothesis, positive.

    Returns
    -------
    RiskContrast

    Raises
    ------
    DataError
        As ``risk_difference``; also "mantel-haenszel" where a group has no events.

    Degenerate cases
    ----------------
    Events only in both groups: as for the difference. No events in the reference group: estimate and upper
    limit inf. In the test group: estimate and lower limit 0. In neither: estimate NaN, interval 0 to inf.

    Equivalent in R: ``ratesci::scoreci(contrast = "RR")``, ``metafor::rma.mh(measure = "RR")``. In SAS:
    ``PROC FREQ; TABLES s*arm*y / RELRISK(CL=SCORE) CMH``.

    References
    ----------
    Miettinen & Nurminen (1985), Statistics in Medicine 4:213-226. Greenland & Robins (1985), Biometrics
    41:55-68.
    """
    check_choice("method", method, RATIO_METHODS)
    check_choice("alternative", alternative, ALTERNATIVES)
    check_confidence_level(confidence_level)
    check_number("null_value", null_value, 0.0, math.inf)
    tables = read_strata_tables(data, outcome, by, reference, strata, "risk_ratio")
    both = tables.informative()
    weights = mantel_haenszel_weights(both)
    test_risk, reference_risk = float(weights @ (both.x1 / both.n1)), float(weights @ (both.x0 / both.n0))
    estimate = _divide(test_risk, reference_risk)
    z, error = normal_quantile(confidence_level), math.nan
    if method == "mantel-haenszel":
        error = _wald_error(log_ratio_variance(both))
        statistic = math.log(estimate / null_value) / error
        limits = (estimate * math.exp(-z * error), estimate * math.exp(z * error))
    else:
        statistic = ratio_score(both, null_value)
        limits = ratio_limits(both, z)
    row = {"measure": "risk ratio", "contrast": tables.contrast, "estimate": estimate}
    row |= {"log_standard_error": error, **_tested(statistic, alternative), **_ends(limits)}
    return _contrast(tables, row, (alternative, null_value), method, confidence_level)


def _wald_error(variance: float) -> float:
    """The standard error; NaN where everybody or nobody of each group has the event: no variance is seen."""
    return math.sqrt(variance) if variance > _NO_VARIANCE else math.nan


def _divide(test: float, reference: float) -> float:
    if reference:
        return test / reference
    return math.inf if test else math.nan


def _tested(statistic: float, alternative: Alternative) -> dict[str, float]:
    p = float(t_p_value(np.array(statistic), np.array(np.inf), alternative))
    return {"df": math.inf, "statistic": statistic, "p_value": p}


def _ends(limits: tuple[float, float]) -> dict[str, float]:
    return {"ci_lower": limits[0], "ci_upper": limits[1]}


def _contrast(
    tables: StrataTables, row: dict[str, object], tested: tuple[Alternative, float], method: str, level: float
) -> RiskContrast:
    line = row | {"alternative": tested[0], "null_value": tested[1]}
    return RiskContrast(method, level, tables.rows, line, tables)
