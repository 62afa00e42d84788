"""Reads ``"1 + days | subject"``: which coefficients vary, over what, and whether they may correlate."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from trialkit.stats import transforms
from trialkit.stats.columns import BoolArray, read_column
from trialkit.stats.design import evaluate
from trialkit.stats.distributions import FloatArray
from trialkit.stats.errors import DataError, FormulaError
from trialkit.stats.formula import Formula, Variable, parse_formula
from trialkit.wording import said, written

if TYPE_CHECKING:
    import pandas as pd

_GROUP = re.compile(r"([^\W\d]\w*)|`([^`]+)`")
"""A name, or any text in backticks as in formulas."""
_EXAMPLE = "Write it like '1 | site', '1 + days | subject' or, without a correlation, '1 + days || subject'."


@dataclass(frozen=True)
class RandomTerms:
    """Random coefficients of a grouping column.

    Attributes
    ----------
    group
        The grouping column: subject or site.
    names
        ``Intercept`` and the covariates whose slopes vary, in order.
    correlated
        False for ``||``.
    """

    text: str
    group: str
    formula: Formula
    correlated: bool

    @property
    def variables(self) -> tuple[Variable, ...]:
        return tuple(term[0] for term in self.formula.terms)

    @property
    def names(self) -> tuple[str, ...]:
        first = ("Intercept",) if self.formula.intercept else ()
        return first + tuple(variable.label for variable in self.variables)

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the data that are needed, each once."""
        return tuple(dict.fromkeys([self.group, *(variable.column for variable in self.variables)]))

    def matrix(self, data: pd.DataFrame, used: BoolArray) -> FloatArray:
        """One column a random coefficient, for the rows used.

        Raises
        ------
        DataError
            A column that is not a number.
        """
        parts = [np.ones((int(used.sum()), 1))] if self.formula.intercept else []
        for variable in self.variables:
            column = read_column(data[variable.column], variable.column)
            if column.numbers is None:
                raise DataError(
                    expected="a numeric column for a random slope",
                    found="categories, text or true/false",
                    where=said(
                        "column {column!r} in random={text!r}", column=variable.column, text=self.text
                    ),
                    next_step="Use mmrm for a covariance over visits.",
                )
            parts.append(evaluate(variable, column.numbers[used], {}))
        return np.hstack(parts)


def parse_random(text: str) -> RandomTerms:
    """Take the random part apart.

    Raises
    ------
    FormulaError
        No or several bars, a grouping that is not one column, interactions, splines, or no coefficient.
    """
    inside = _without_parentheses(text) if isinstance(text, str) else ""
    double = "||" in inside
    parts = [part.strip() for part in inside.split("||" if double else "|")]
    group = _GROUP.fullmatch(parts[-1])
    if len(parts) != 2 or not parts[0] or group is None:
        raise _refused(text, "one grouping column right of one bar (crossed and nested ones are not offered)")
    formula = parse_formula(f"~ {parts[0]}", outcome=False)
    plain = all(len(term) == 1 and _is_plain(term[0]) for term in formula.terms)
    if not plain or not (formula.intercept or formula.terms):
        raise _refused(text, "an intercept or numeric columns left of the bar")
    return RandomTerms(text, group[1] or group[2], formula, correlated=not double)


def require_intercept_only(terms: RandomTerms) -> None:
    """For methods that know no random slopes."""
    if terms.names != ("Intercept",):
        raise _refused(terms.text, "a random intercept alone, '1 | site'")


def _without_parentheses(text: str) -> str:
    """Without those around the whole, as lme4's users write them."""
    whole = text.strip()
    inner = whole[1:-1]
    enclosed = whole.startswith("(") and whole.endswith(")")
    return inner if enclosed and not {"(", ")"} & set(inner) else whole


def _is_plain(variable: Variable) -> bool:
    return variable.transform is None or variable.transform in transforms.ELEMENTWISE


def _refused(text: object, expected: str) -> FormulaError:
    return FormulaError(expected=expected, found=written(text), where="random", next_step=_EXAMPLE)
