"""Reads the outcome: a number, one of two categories, or an ordered category."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from trialkit.stats import transforms
from trialkit.stats.columns import CodedColumn, read_column
from trialkit.stats.distributions import FloatArray
from trialkit.stats.errors import DataError
from trialkit.stats.events import require_zero_and_one
from trialkit.stats.formula import Variable
from trialkit.stats.stated_order import require_stated_order
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd

OutcomeKind = Literal["numeric", "binary", "ordinal"]


@dataclass(frozen=True)
class Outcome:
    name: str
    kind: OutcomeKind
    column: CodedColumn

    @property
    def missing(self) -> npt.NDArray[np.bool_]:
        return self.column.missing


def read_outcome(data: pd.DataFrame, variable: Variable, kind: OutcomeKind) -> Outcome:
    """Read the outcome column as the kind the method needs, refusing what it cannot be."""
    name = variable.column
    if kind != "numeric" and variable.transform is not None:
        raise _refuse(
            name, said("{transform}() around it", transform=variable.transform), "a category, untransformed"
        )
    column = read_column(data[name], name, as_factor=kind != "numeric")
    if kind == "numeric":
        if column.numbers is None:
            raise _refuse(name, "categories, text or true/false", "a numeric outcome")
        return Outcome(name, kind, _transformed(column, variable))
    if kind == "binary":
        _require_event_told(data[name], column)
    if not column.ordered_levels:
        raise _refuse(
            name,
            "plain text, which has no order but the alphabet's",
            "numbers, true/false or ordered categories, since the order of the levels matters here",
        )
    if kind == "ordinal":
        require_stated_order(data[name], name, "the model counts from the lowest to the highest")
    return Outcome(name, kind, column)


def _require_event_told(series: pd.Series[Any], column: CodedColumn) -> None:
    """Categories say it by their order; two numbers by being 0 and 1."""
    import pandas as pd

    coded = isinstance(series.dtype, pd.CategoricalDtype)
    levels = column.levels or ()
    if not coded and column.ordered_levels and len(levels) <= 2:
        require_zero_and_one(levels, column.name)


def settle_outcome(
    outcome: Outcome, used: npt.NDArray[np.bool_]
) -> tuple[FloatArray, tuple[Hashable, ...] | None]:
    """The outcome of the rows used, and its levels (lowest first) where it is a category."""
    if outcome.column.numbers is not None:
        return outcome.column.numbers[used], None
    assert outcome.column.codes is not None
    assert outcome.column.levels is not None
    codes, levels = outcome.column.codes[used], outcome.column.levels
    present = np.flatnonzero(np.bincount(codes, minlength=len(levels)))
    seen = tuple(levels[i] for i in present)
    _check_levels(outcome, seen)
    position = np.zeros(len(levels))
    position[present] = np.arange(len(present))
    return position[codes], seen


def _check_levels(outcome: Outcome, seen: tuple[Hashable, ...]) -> None:
    if outcome.kind == "binary":
        if len(seen) > 2:
            raise _refuse(
                outcome.name,
                said("{n_seen} different values", n_seen=len(seen)),
                "two values, 0/1, true/false or two categories",
            )
        if len(seen) == 1:
            raise _refuse(
                outcome.name, "the same value in every row used", "both outcomes among the rows used"
            )
    elif len(seen) < 2:
        raise _refuse(
            outcome.name, "the same value in every row used", "at least two categories among the rows used"
        )


def _transformed(column: CodedColumn, variable: Variable) -> CodedColumn:
    if variable.transform is None:
        return column
    assert column.numbers is not None
    with np.errstate(all="ignore"):
        numbers = transforms.ELEMENTWISE[variable.transform](column.numbers)
    bad = int((~np.isfinite(numbers) & ~np.isnan(column.numbers)).sum())
    if bad:
        raise _refuse(
            column.name,
            said("{bad} value(s) it is not defined for", bad=bad),
            said("values that {transform} takes", transform=variable.transform),
        )
    return CodedColumn(column.name, None, None, np.asarray(numbers, dtype=float), ordered_levels=True)


def _refuse(name: str, found: str, expected: Any) -> DataError:
    return DataError(
        expected=str(expected),
        found=found,
        where=said("outcome {name!r}", name=name),
        next_step="Recode the outcome first.",
    )
