"""Two proportions: their difference, their ratio and the number needed to treat, with intervals."""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from trialkit.stats import display
from trialkit.stats.binary.mantel_haenszel_variance import log_ratio_variance
from trialkit.stats.binary.newcombe import newcombe_limits
from trialkit.stats.binary.strata_tables import StrataTables, read_strata_tables
from trialkit.stats.binary.wilson import wilson_interval
from trialkit.stats.distributions import chi_square_p_value, normal_quantile
from trialkit.stats.inference import check_confidence_level
from trialkit.stats.rows import Rows
from trialkit.stats.showing import Printed
from trialkit.stats.width import why_no_interval, why_no_ratio

if TYPE_CHECKING:
    import pandas as pd

_LIMITS = ("estimate", "ci_lower", "ci_upper")


@dataclass(frozen=True, repr=False, eq=False)
class TwoProportions(Printed):
    """Two proportions and what compares them.

    Attributes
    ----------
    proportions
        One row a group (the group under its own column name): n events estimate ci_lower ci_upper.
    contrasts
        One row a measure: measure contrast estimate ci_lower ci_upper p_value.
    rows
        The account of rows; ``excluded`` are those without an outcome or a group.
    """

    confidence_level: float
    rows: Rows
    by: str
    groups: tuple[tuple[object, ...], ...] = field(repr=False)
    measures: tuple[tuple[object, ...], ...] = field(repr=False)

    @cached_property
    def proportions(self) -> pd.DataFrame:
        return _table((self.by, "n", "events", *_LIMITS), self.groups)

    @cached_property
    def contrasts(self) -> pd.DataFrame:
        return _table(("measure", "contrast", *_LIMITS, "p_value"), self.measures)

    @property
    def excluded(self) -> int:
        return self.rows.excluded

    def _shown(self) -> display.Shown:
        tables = (("Proportions", self.proportions), ("Contrasts", self.contrasts))
        level = f"Wilson and Newcombe intervals, {100 * self.confidence_level:g}%"
        needed = self.contrasts.iloc[-1]
        through = needed["ci_lower"] > needed["ci_upper"]
        infinite = ("number needed to treat: from benefit through infinity to harm",) if through else ()
        missing = (*why_no_ratio(self.contrasts), *why_no_interval(self.contrasts.iloc[:-1]))
        lines = (level, *infinite, *missing, self.rows.sentence())
        return display.Shown("Two proportions", tables, lines)


def two_proportions(
    data: pd.DataFrame,
    outcome: str,
    by: str,
    reference: Hashable,
    confidence_level: float = 0.95,
) -> TwoProportions:
    """Compare the proportions of two groups.

    Parameters
    ----------
    data
        One row a subject; ``outcome`` 0/1, true/false or a categorical of two levels whose second is the
        event; ``by`` with two levels. Rows with a missing value in either are left out and counted.
    reference
        The level that is subtracted: contrasts are test minus reference, or test over reference.
    confidence_level
        Of the two-sided intervals.

    Returns
    -------
    TwoProportions
        Wilson intervals for each proportion; Newcombe's hybrid score interval (method 10) for the difference;
        the log-Wald interval for the ratio; the number needed to treat with the interval of the inverse
        difference. The p-value is of the chi-square test without continuity correction.

    Raises
    ------
    DataError
        Another outcome, or not exactly two groups with subjects.

    Degenerate cases: a ratio with no events in the reference group is missing, with no events in the test
    group zero, and in both cases has no interval; nor has one where everybody has the event. An interval of
    the difference that holds zero gives a number needed to treat whose interval goes through infinity: its
    limits are then ``1 / ci_upper`` and ``1 / ci_lower`` of the difference, of opposite sign, to be read
    "benefit ... to infinity to ... harm".

    Equivalent in R: ``PropCIs::diffscoreci`` is another score interval; ``DescTools::BinomDiffCI(method =
    "score")`` is this one. SAS: ``proc freq; tables arm*y / riskdiff(cl=newcombe)``.

    References: Newcombe, Stat Med 1998;17:873-890, method 10; Altman, BMJ 1998;317:1309-1312.
    """
    check_confidence_level(confidence_level)
    tables = read_strata_tables(data, outcome, by, reference, None, "two_proportions").informative()
    x1, n1, x0, n0 = (int(v[0]) for v in (tables.x1, tables.n1, tables.x0, tables.n0))
    z = normal_quantile(confidence_level)
    estimate = x1 / n1 - x0 / n0
    difference = (estimate, *newcombe_limits(tables, estimate, z))
    measures = {
        "risk difference": difference,
        "risk ratio": _ratio(tables, z),
        "number needed to treat": (_inverse(estimate), _inverse(difference[2]), _inverse(difference[1])),
    }
    groups = ((tables.test, x1, n1), (tables.reference, x0, n0))
    proportions = [(level, n, x, x / n, *wilson_interval(x, n, z)) for level, x, n in groups]
    p_value = _chi_square_p(x1, n1, x0, n0)
    contrasts = [(name, tables.contrast, *numbers, p_value) for name, numbers in measures.items()]
    return TwoProportions(confidence_level, tables.rows, by, tuple(proportions), tuple(contrasts))


def _table(names: tuple[str, ...], rows: tuple[tuple[object, ...], ...]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)))


def _ratio(tables: StrataTables, z: float) -> tuple[float, float, float]:
    """The ratio of the risks with its log-Wald limits, where both groups have events."""
    if tables.x0[0] == 0:
        return math.nan, math.nan, math.nan
    estimate = float((tables.x1[0] / tables.n1[0]) / (tables.x0[0] / tables.n0[0]))
    if estimate == 0.0:
        return 0.0, math.nan, math.nan
    variance = log_ratio_variance(tables)
    if variance <= 0.0:
        return estimate, math.nan, math.nan
    factor = math.exp(z * math.sqrt(variance))
    return estimate, estimate / factor, estimate * factor


def _inverse(value: float) -> float:
    return 1.0 / value if value else math.inf


def _chi_square_p(x1: int, n1: int, x0: int, n0: int) -> float:
    """Pearson's test of equal proportions; 1 where all or none had the event: nothing to test."""
    if x1 + x0 in (0, n1 + n0):
        return 1.0
    pooled = (x1 + x0) / (n1 + n0)
    statistic = (x1 / n1 - x0 / n0) ** 2 / (pooled * (1 - pooled) * (1 / n1 + 1 / n0))
    return chi_square_p_value(statistic, 1)
