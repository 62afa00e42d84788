"""Which test a row of a comparison table gets, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from trialkit.stats.distributions import FloatArray
from trialkit.stats.errors import DataError
from trialkit.stats.tables.group_tests import (
    CATEGORY_TESTS,
    NUMERIC_TESTS,
    TWO_GROUP_TESTS,
    expected_counts,
)
from trialkit.wording import said, written

Tests = Literal["none", "by-normality"] | Mapping[str, str]
_MOST_FOR_SHAPIRO = 5000
_SMALLEST_EXPECTED = 5.0


@dataclass(frozen=True)
class Choice:
    """``test`` is a key of NUMERIC_TESTS or CATEGORY_TESTS, or "none"."""

    test: str
    why: str


def check_tests(tests: Tests, variables: Sequence[str]) -> None:
    """Refuse an unknown rule, an unknown test, and a test for a variable that is not in the table."""
    if isinstance(tests, str):
        if tests not in ("none", "by-normality"):
            raise DataError(
                expected="tests='none', 'by-normality' or a mapping of variable to test",
                found=written(tests),
                next_step="Name a test for each variable where neither rule is wanted.",
            )
        return
    if not isinstance(tests, Mapping):
        raise DataError(
            expected="tests='none', 'by-normality' or a mapping of variable to test", found=written(tests)
        )
    known = [*NUMERIC_TESTS, *CATEGORY_TESTS, "none"]
    for name, test in tests.items():
        if name not in variables:
            raise DataError(
                expected=said(
                    "tests for variables of the table ({variables})", variables=", ".join(variables)
                ),
                found=written(name),
            )
        if test not in known:
            raise DataError(
                expected=said("one of the tests {known}", known=", ".join(known)),
                found=written(test),
                where=said("tests[{name!r}]", name=name),
            )


def choose_for_numbers(tests: Tests, variable: str, groups: Mapping[str, FloatArray], alpha: float) -> Choice:
    """The test of a numeric variable; ``alpha`` is the level of the Shapiro-Wilk tests."""
    if not isinstance(tests, str):
        return _asked_for(tests, variable, tuple(NUMERIC_TESTS), len(groups))
    if tests == "none":
        return Choice("none", "no test was asked for")
    if np.ptp(np.concatenate(list(groups.values()))) == 0:
        return Choice("none", "the same number throughout")
    two = len(groups) == 2
    flat = [name for name, values in groups.items() if np.ptp(values) == 0]
    rank_test = "mann-whitney" if two else "kruskal-wallis"
    if flat:
        return Choice(rank_test, f"no variation in {', '.join(flat)}")
    smallest, where = min((_shapiro(values, variable), name) for name, values in groups.items())
    if smallest < alpha:
        return Choice(rank_test, f"Shapiro-Wilk p {smallest:.3g} in {where}, below {alpha:g}")
    return Choice("t" if two else "anova", f"Shapiro-Wilk p {smallest:.3g} or more in each group")


def choose_for_counts(tests: Tests, variable: str, counts: FloatArray) -> Choice:
    """The test of a categorical variable."""
    if not isinstance(tests, str):
        return _asked_for(tests, variable, tuple(CATEGORY_TESTS), len(counts))
    if tests == "none":
        return Choice("none", "no test was asked for")
    if counts.shape[1] < 2:
        return Choice("none", "one category throughout")
    smallest = float(expected_counts(counts).min())
    if smallest >= _SMALLEST_EXPECTED:
        return Choice("chi-square", f"smallest expected count {smallest:.3g}, at least 5")
    if len(counts) == 2:
        return Choice("fisher", f"smallest expected count {smallest:.3g}, below 5")
    why = f"smallest expected count {smallest:.3g}, below 5: approximate (exact test for two groups only)"
    return Choice("chi-square", why)


def _asked_for(tests: Mapping[str, str], variable: str, fitting: tuple[str, ...], groups: int) -> Choice:
    if variable not in tests:
        return Choice("none", "no test was asked for")
    test = tests[variable]
    if test not in (*fitting, "none") or (groups != 2 and test in TWO_GROUP_TESTS):
        allowed = [name for name in fitting if groups == 2 or name not in TWO_GROUP_TESTS]
        raise DataError(
            expected=said(
                "a test that fits the variable and {groups} groups ({allowed})",
                groups=groups,
                allowed=", ".join(allowed),
            ),
            found=written(test),
            where=said("tests[{variable!r}]", variable=variable),
            next_step="Choose another, or name the variable in categorical=.",
        )
    return Choice(test, "asked for")


def _shapiro(values: FloatArray, variable: str) -> float:
    from scipy import stats

    if not 3 <= len(values) <= _MOST_FOR_SHAPIRO:
        raise DataError(
            expected=said(
                "3 to {most_for_shapiro} numbers a group for the Shapiro-Wilk test",
                most_for_shapiro=_MOST_FOR_SHAPIRO,
            ),
            found=str(len(values)),
            where=said("column {variable!r}", variable=variable),
            next_step="Name the test of this variable: tests={...}.",
        )
    return float(stats.shapiro(values).pvalue)
