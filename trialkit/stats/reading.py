"""Reads the columns a formula names, and settles which rows can be used and which levels they hold."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from trialkit.stats.columns import (
    BoolArray,
    CodedColumn,
    Factor,
    IntArray,
    absent,
    read_column,
    settle_factor,
)
from trialkit.stats.errors import DataError
from trialkit.stats.formula import Formula
from trialkit.stats.outcome import Outcome, OutcomeKind, read_outcome
from trialkit.wording import said, written

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Reading:
    """Columns as read: predictors, outcome (None without one), rows with a value in every column, gaps."""

    columns: Mapping[str, CodedColumn]
    outcome: Outcome | None
    used: BoolArray
    missing: dict[str, int]


def read(
    formula: Formula,
    data: pd.DataFrame,
    *,
    outcome: OutcomeKind | None,
    as_factors: tuple[str, ...],
    ordered: tuple[str, ...],
    extra: tuple[str, ...],
    where: str,
) -> Reading:
    """Read every column used; a row is used when none of them is missing in it.

    Raises
    ------
    DataError
        A column of a kind that cannot be used, an infinite value, text where order matters, no complete row.
    """
    columns = _predictors(formula, data, as_factors, ordered)
    missing = {name: column.missing for name, column in columns.items()}
    response = None
    if outcome is not None and formula.outcome is not None:
        response = read_outcome(data, formula.outcome, outcome)
        missing[response.name] = response.missing
    missing |= {name: absent(data[name]) for name in extra if name not in missing}
    used = _complete(missing, len(data), where)
    return Reading(columns, response, used, {name: int(flags.sum()) for name, flags in missing.items()})


def settle(
    reading: Reading, references: Mapping[str, Hashable], where: str
) -> tuple[dict[str, Factor], dict[str, npt.NDArray[Any]]]:
    """Factors with the levels the rows used hold, and the codes or numbers of those rows by column."""
    factors: dict[str, Factor] = {}
    settings: dict[str, npt.NDArray[Any]] = {}
    for name, column in reading.columns.items():
        if column.codes is not None:
            codes: IntArray
            factors[name], codes = settle_factor(column, reading.used, references.get(name))
            settings[name] = codes
        else:
            assert column.numbers is not None
            settings[name] = column.numbers[reading.used]
    for name in references:
        if name not in factors:
            raise DataError(
                expected=said(
                    "one of the factors of the formula: {factors}", factors=", ".join(factors) or "none"
                ),
                found=written(name),
                where=where,
                next_step="Name a text, categorical or bool column of the formula; wrap numbers in C().",
            )
    return factors, settings


def plain_text_where_order_matters(name: str) -> DataError:
    """The refusal of text where the order of levels carries meaning."""
    return DataError(
        expected="numbers or ordered categories, since the order of the levels matters here",
        found="plain text, which has no order but the alphabet's",
        where=said("column {name!r}", name=name),
        next_step="Make it numeric, or pandas.Categorical(values, categories=[first, ..., last]).",
    )


def _predictors(
    formula: Formula, data: pd.DataFrame, as_factors: tuple[str, ...], ordered: tuple[str, ...]
) -> dict[str, CodedColumn]:
    variables = [variable for term in formula.terms for variable in term]
    forced = {v.column for v in variables if v.is_factor_wrapper}.union(as_factors, ordered)
    columns: dict[str, CodedColumn] = {}
    for variable in variables:
        name = variable.column
        column = columns.get(name) or read_column(data[name], name, as_factor=name in forced)
        columns[name] = column
        if column.codes is not None and variable.transform is not None and not variable.is_factor_wrapper:
            raise DataError(
                expected=said("numbers inside {transform}()", transform=variable.transform),
                found="categories",
                where=said("column {name!r}", name=name),
            )
        if name in ordered and not column.ordered_levels:
            raise plain_text_where_order_matters(name)
    return columns


def _complete(missing: Mapping[str, BoolArray], length: int, where: str) -> BoolArray:
    used = np.ones(length, dtype=bool)
    for flags in missing.values():
        used &= ~flags
    if not used.any():
        gaps = ", ".join(f"{name} {int(flags.sum())}" for name, flags in missing.items() if flags.any())
        raise DataError(
            expected="at least one row with a value in every column used",
            found=said(
                "none of {length} rows{missing}",
                length=length,
                missing=said(" (missing: {gaps})", gaps=gaps) if gaps else "",
            ),
            where=where,
            next_step="Look for a column that is wholly missing.",
        )
    return used
