"""Proportions of two groups over many completed data sets, and their difference and ratio, pooled."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from trialkit.stats import display
from trialkit.stats.binary.mantel_haenszel_variance import difference_variance
from trialkit.stats.binary.score_intervals import mantel_haenszel_weights
from trialkit.stats.binary.strata_tables import StrataTables, read_strata_tables
from trialkit.stats.distributions import FloatArray, t_p_value, t_quantile
from trialkit.stats.errors import DataError
from trialkit.stats.inference import check_confidence_level
from trialkit.stats.missing.rubin import Combined, combine
from trialkit.stats.row_table import row_table
from trialkit.stats.showing import Printed
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd

DIFFERENCE, STRATIFIED, RATIO = "risk difference", "risk difference, stratified", "risk ratio"


@dataclass(frozen=True, repr=False, eq=False)
class PooledProportions(Printed):
    """Proportions and their contrasts, pooled.

    Attributes
    ----------
    proportions
        One row a group, the test group first: the group under its own column name, n, events (mean over the
        data sets), estimate, ci_lower, ci_upper, fraction_missing_information.
    contrasts
        One row a measure (risk difference; where there are strata, stratified too; risk ratio): measure
        contrast estimate standard_error log_standard_error df statistic p_value ci_lower ci_upper
        fraction_missing_information. The error of a ratio is that of its logarithm.
    m, confidence_level
        Number of data sets; of every interval.
    """

    m: int
    confidence_level: float
    by: str
    proportions: pd.DataFrame = field(repr=False)
    contrasts: pd.DataFrame = field(repr=False)

    def _shown(self) -> display.Shown:
        tables = (("Proportions", self.proportions), ("Contrasts", self.contrasts))
        return display.Shown(f"Proportions of {self.m} imputations pooled", tables, ())


def pool_proportions(
    data_sets: Iterable[pd.DataFrame],
    outcome: str,
    by: str,
    reference: Hashable,
    strata: str | Sequence[str] | None = None,
    confidence_level: float = 0.95,
) -> PooledProportions:
    """Pool the proportions of two groups over completed data sets by Rubin's rules.

    Parameters
    ----------
    data_sets
        At least two completed data sets of the same subjects, one row a subject.
    outcome, by, reference
        Column of 0/1, true/false or two categories whose second is the event; column of two groups; the one
        that is subtracted.
    strata
        Column or columns of a Mantel-Haenszel difference beside the plain one.
    confidence_level
        Of the two-sided intervals.

    Returns
    -------
    PooledProportions
        ``proportions`` and ``contrasts``.

    Raises
    ------
    DataError
        Fewer than two data sets, an outcome of another kind, a gap in it, groups that change in size, not
        exactly two groups.

    Degenerate cases
    ----------------
    A group of whom in some data set nobody, or everybody, has the event: the difference has a variance of
    zero in that group there; with nobody the ratio has no logarithm and is NaN, with its limits. Nobody or
    everybody in both groups of every data set: no variance is seen, error and limits of the difference are
    NaN.

    Notes
    -----
    Each data set gives the difference with its Wald variance, the Mantel-Haenszel difference with Sato's,
    and the logarithm of the ratio with Katz's; complete-data df are infinite. The limits of one proportion
    are Wilson's with the variance increased as Lott and Reiter do, so that they stay within 0 and 1.

    Equivalent in R: ``mice::pool.scalar`` on each (``dfcom = Inf``). In SAS: PROC FREQ by ``_Imputation_``,
    then PROC MIANALYZE.

    References
    ----------
    Rubin (1987), Multiple Imputation for Nonresponse in Surveys, section 3.1. Sato (1989), Biometrics
    45:1323-1324. Katz et al. (1978), Biometrics 34:469-474. Lott & Reiter (2020), The American Statistician
    74:109-115.
    """
    check_confidence_level(confidence_level)
    held = list(data_sets)
    if len(held) < 2:
        raise DataError(
            expected="at least two imputations, since their spread is part of the error",
            found=str(len(held)),
            next_step="Impute with a larger n.",
        )
    plain = [read_strata_tables(one, outcome, by, reference, None, "pool_proportions") for one in held]
    _require_same_sizes(plain)
    n1, n0 = float(plain[0].n1[0]), float(plain[0].n0[0])
    p1 = np.array([float(one.x1[0]) for one in plain]) / n1
    p0 = np.array([float(one.x0[0]) for one in plain]) / n0
    rows = [_difference(DIFFERENCE, p1 - p0, p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0, confidence_level)]
    if strata:
        tables = [
            read_strata_tables(one, outcome, by, reference, strata, "pool_proportions").informative()
            for one in held
        ]
        estimates = [float(mantel_haenszel_weights(t) @ (t.x1 / t.n1 - t.x0 / t.n0)) for t in tables]
        variances = [difference_variance(t) for t in tables]
        rows.append(_difference(STRATIFIED, np.array(estimates), np.array(variances), confidence_level))
    rows.append(_ratio(p1, p0, n1, n0, confidence_level))
    test, _, other = plain[0].contrast.partition(" - ")
    groups = [(test, p1, n1), (other, p0, n0)]
    return PooledProportions(
        m=len(held),
        confidence_level=confidence_level,
        by=by,
        proportions=row_table([_proportion(by, *group, confidence_level) for group in groups]),
        contrasts=row_table([{"contrast": plain[0].contrast, **row} for row in rows]),
    )


def _require_same_sizes(tables: Sequence[StrataTables]) -> None:
    sizes = {(float(one.n1[0]), float(one.n0[0])) for one in tables}
    if len(sizes) > 1:
        raise DataError(
            expected="the same subjects in every data set, none without an outcome",
            found=said("{n} different sizes of the groups", n=len(sizes)),
            next_step="Complete every outcome before pooling.",
        )


def _pooled(estimates: FloatArray, variances: FloatArray) -> Combined:
    return combine(estimates[:, None], variances[:, None], np.array([math.inf]), "rubin")


def _inferred(found: Combined, level: float) -> dict[str, Any]:
    """Statistic against 0, p and limits of a pooled estimate; NaN where no variance is seen."""
    estimate, df = float(found.estimate[0]), float(found.df[0])
    error = math.sqrt(float(found.variance[0])) or math.nan
    half = _quantile(level, df) * error
    statistic = estimate / error
    return {
        "estimate": estimate,
        "df": df,
        "statistic": statistic,
        "p_value": float(t_p_value(np.array([statistic]), np.array([df]), "two-sided")[0]),
        "ci_lower": estimate - half,
        "ci_upper": estimate + half,
        "error": error,
        "fraction_missing_information": float(found.fraction_missing[0]),
    }


def _quantile(level: float, df: float) -> float:
    return float(t_quantile((1 - level) / 2, np.array([df]))[0])


def _difference(measure: str, estimates: FloatArray, variances: FloatArray, level: float) -> dict[str, Any]:
    """Limits beyond -1 or 1, which few subjects give, are cut there."""
    row = _inferred(_pooled(estimates, variances), level)
    lower, upper = max(row["ci_lower"], -1.0), min(row["ci_upper"], 1.0)
    if math.isnan(row["error"]):
        lower = upper = math.nan
    return _ordered(measure, {**row, "ci_lower": lower, "ci_upper": upper}, row["error"], math.nan)


def _ratio(p1: FloatArray, p0: FloatArray, n1: float, n0: float, level: float) -> dict[str, Any]:
    """Pooled on the log scale, then exponentiated."""
    if not (p1.all() and p0.all()):
        nothing = dict.fromkeys(
            (
                "estimate",
                "df",
                "statistic",
                "p_value",
                "ci_lower",
                "ci_upper",
                "fraction_missing_information",
            ),
            math.nan,
        )
        return _ordered(RATIO, nothing, math.nan, math.nan)
    variances = (1 - p1) / (n1 * p1) + (1 - p0) / (n0 * p0)
    row = _inferred(_pooled(np.log(p1 / p0), variances), level)
    row |= {name: math.exp(row[name]) for name in ("estimate", "ci_lower", "ci_upper")}
    return _ordered(RATIO, row, math.nan, row["error"])


def _ordered(measure: str, row: dict[str, Any], error: float, log_error: float) -> dict[str, Any]:
    first = {"measure": measure, "estimate": row["estimate"], "standard_error": error}
    names = ("df", "statistic", "p_value", "ci_lower", "ci_upper", "fraction_missing_information")
    return {**first, "log_standard_error": log_error, **{name: row[name] for name in names}}


def _proportion(by: str, group: str, p: FloatArray, n: float, level: float) -> dict[str, Any]:
    found = _pooled(p, p * (1 - p) / n)
    q, increase = float(found.estimate[0]), float(found.relative_increase[0])
    if not math.isfinite(increase):  # no variance within: nobody or everybody, in every data set
        increase = 0.0
    wide = _quantile(level, float(found.df[0])) ** 2 * (1 + increase) / n
    middle = (2 * q + wide) / (2 * (1 + wide))
    half = math.sqrt(max(middle**2 - q**2 / (1 + wide), 0.0))
    return {
        by: group,
        "n": int(n),
        "events": q * n,
        "estimate": q,
        "ci_lower": 0.0 if q == 0 else middle - half,
        "ci_upper": 1.0 if q == 1 else middle + half,
        "fraction_missing_information": float(found.fraction_missing[0]),
    }
