"""Two proportions: their difference, their ratio and the number needed to treat, with intervals."""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trialkit.stats.binary.wilson import wilson_interval
from trialkit.stats.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

Counts = dict[Any, int]
Limits = dict[Any, tuple[float, float]]


@dataclass(frozen=True)
class TwoProportions:
    """``proportions`` one row a group (the group under its own column name, ``n events estimate ci_lower
    ci_upper``); ``contrasts`` one row a measure (``measure contrast estimate ci_lower ci_upper p_value``);
    ``excluded`` rows without an outcome or a group.
    """

    proportions: pd.DataFrame
    contrasts: pd.DataFrame
    excluded: int


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
        One row a subject; ``outcome`` 0/1 (or false/true), ``by`` with two levels. Rows with a missing value
        in either are left out and counted.
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
        An outcome other than 0 and 1, or not exactly two groups with subjects.

    Degenerate cases: a ratio with no events in the reference group is missing, with no events in the test
    group zero, and in both cases has no interval. An interval of the difference that holds zero gives a
    number needed to treat whose interval goes through infinity: its limits are then ``1 / ci_upper`` and
    ``1 / ci_lower`` of the difference, of opposite sign, to be read "benefit ... to infinity to ... harm".

    Equivalent in R: ``PropCIs::diffscoreci`` is another score interval; ``DescTools::BinomDiffCI(method =
    "score")`` is this one. SAS: ``proc freq; tables arm*y / riskdiff(cl=newcombe)``.

    References: Newcombe, Stat Med 1998;17:873-890, method 10; Altman, BMJ 1998;317:1309-1312.
    """
    from scipy import stats

    used, groups, test = _read(data, outcome, by, reference)
    events = {level: int(used.loc[used[by] == level, outcome].sum()) for level in groups}
    n = {level: int((used[by] == level).sum()) for level in groups}
    z = float(stats.norm.ppf(0.5 + confidence_level / 2))
    wilson = {level: wilson_interval(events[level], n[level], z) for level in groups}
    chi_square_p = _chi_square_p(events[test], n[test], events[reference], n[reference])
    difference = _difference(events, n, wilson, test, reference)
    rows = [
        {"measure": "risk difference", **difference},
        {"measure": "risk ratio", **_ratio(events, n, test, reference, z)},
        {"measure": "number needed to treat", **_inverse(difference)},
    ]
    import pandas as pd

    return TwoProportions(
        proportions=pd.DataFrame(
            [
                {
                    by: level,
                    "n": n[level],
                    "events": events[level],
                    "estimate": events[level] / n[level],
                    "ci_lower": wilson[level][0],
                    "ci_upper": wilson[level][1],
                }
                for level in (test, reference)
            ]
        ),
        contrasts=pd.DataFrame(
            [{**row, "contrast": f"{test} - {reference}", "p_value": chi_square_p} for row in rows]
        )[["measure", "contrast", "estimate", "ci_lower", "ci_upper", "p_value"]],
        excluded=len(data) - len(used),
    )


def _read(
    data: pd.DataFrame, outcome: str, by: str, reference: Hashable
) -> tuple[pd.DataFrame, list[Any], Any]:
    from trialkit.stats.columns import require_columns

    require_columns(data, (outcome, by), "two_proportions")
    used = data[[outcome, by]].dropna()
    found = set(used[outcome].unique())
    if not found <= {0, 1}:
        raise DataError(
            expected=f"0 or 1 in {outcome}",
            found=", ".join(sorted(map(repr, found))[:5]),
            next_step="Code the event as 1 and its absence as 0.",
        )
    groups = list(used[by].unique())
    if len(groups) != 2 or reference not in groups:
        raise DataError(
            expected=f"two groups in {by}, one of them the reference",
            found=f"{len(groups)} with an outcome",
            next_step="Check the column and the reference level.",
        )
    test = next(level for level in groups if level != reference)
    return used.astype({outcome: float}), groups, test


def _difference(
    events: dict[Any, int],
    n: dict[Any, int],
    wilson: dict[Any, tuple[float, float]],
    test: Any,
    reference: Any,
) -> dict[str, float]:
    p1, p2 = events[test] / n[test], events[reference] / n[reference]
    (low1, high1), (low2, high2) = wilson[test], wilson[reference]
    return {
        "estimate": p1 - p2,
        "ci_lower": p1 - p2 - math.hypot(p1 - low1, high2 - p2),
        "ci_upper": p1 - p2 + math.hypot(high1 - p1, p2 - low2),
    }


def _ratio(
    events: dict[Any, int], n: dict[Any, int], test: Any, reference: Any, z: float
) -> dict[str, float]:
    if events[reference] == 0:
        return dict.fromkeys(("estimate", "ci_lower", "ci_upper"), math.nan)
    estimate = (events[test] / n[test]) / (events[reference] / n[reference])
    if events[test] == 0:
        return {"estimate": 0.0, "ci_lower": math.nan, "ci_upper": math.nan}
    error = math.sqrt(1 / events[test] - 1 / n[test] + 1 / events[reference] - 1 / n[reference])
    return {
        "estimate": estimate,
        "ci_lower": estimate * math.exp(-z * error),
        "ci_upper": estimate * math.exp(z * error),
    }


def _inverse(difference: dict[str, float]) -> dict[str, float]:
    low, high = difference["ci_lower"], difference["ci_upper"]
    invert = {value: 1 / value if value else math.inf for value in (low, high, difference["estimate"])}
    return {"estimate": invert[difference["estimate"]], "ci_lower": invert[high], "ci_upper": invert[low]}


def _chi_square_p(a: int, n1: int, c: int, n2: int) -> float:
    """Pearson's test of equal proportions; 1 where all or none had the event: nothing to test."""
    from scipy import stats

    if a + c in (0, n1 + n2):
        return 1.0
    pooled = (a + c) / (n1 + n2)
    statistic = (a / n1 - c / n2) ** 2 / (pooled * (1 - pooled) * (1 / n1 + 1 / n2))
    return float(stats.chi2.sf(statistic, 1))
