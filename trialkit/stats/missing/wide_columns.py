"""Reads one-row-a-subject data for imputation: numbers, complete predictors, groups, and what is refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from trialkit.stats.columns import BoolArray, IntArray, read_column, require_columns
from trialkit.stats.distributions import FloatArray
from trialkit.stats.errors import DataError, RankDeficiencyError
from trialkit.stats.rank import redundant_columns, require_full_rank
from trialkit.wording import said, written

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class WideColumns:
    """The variables of an imputation model.

    Attributes
    ----------
    numbers
        Numeric variable -> values, NaN where missing (a covariate imputed by its mean already is).
    codes
        Factor -> level names and codes.
    missing
        Numeric variable -> flags of the values to impute.
    replaced, means
        Mean-imputed covariate -> flags of the values replaced, and the mean.
    groups
        Label and rows of each level of ``by``.
    """

    numbers: Mapping[str, FloatArray]
    codes: Mapping[str, tuple[tuple[Any, ...], IntArray]]
    missing: Mapping[str, BoolArray]
    replaced: Mapping[str, BoolArray]
    means: Mapping[str, float]
    groups: tuple[tuple[dict[str, Any], IntArray], ...]

    def predictors(self, rows: IntArray, incomplete: tuple[str, ...]) -> FloatArray:
        """Constant, complete numbers and indicators of factor levels, for the rows of one group."""
        parts, names = [np.ones((len(rows), 1))], ["constant"]
        for name, values in self.numbers.items():
            if name not in incomplete:
                parts.append(values[rows, None])
                names.append(name)
        for name, (levels, codes) in self.codes.items():
            present = np.unique(codes[rows])
            parts.append((codes[rows, None] == present[1:]).astype(float))
            names += [f"{name}[{levels[i]}]" for i in present[1:]]
        design = np.hstack(parts)
        if incomplete:
            require_full_rank(design, tuple(names), "complete variables within a level of by")
            _require_undetermined(
                design, np.column_stack([self.numbers[n][rows] for n in incomplete]), incomplete
            )
        return design


def read_wide(
    data: pd.DataFrame, variables: Sequence[str], by: str | None, mean_imputed: tuple[str, ...]
) -> WideColumns:
    """Read the variables; numbers may have gaps, factors may not."""
    names = _names(data, variables, by, mean_imputed)
    numbers: dict[str, FloatArray] = {}
    codes: dict[str, tuple[tuple[Any, ...], IntArray]] = {}
    replaced: dict[str, BoolArray] = {}
    means: dict[str, float] = {}
    for name in names:
        column = read_column(data[name], name)
        if column.numbers is None:
            assert column.levels is not None
            assert column.codes is not None
            _require_complete_factor(name, column.missing, name in mean_imputed)
            codes[name] = (column.levels, column.codes)
            continue
        numbers[name] = column.numbers.copy()
        if name in mean_imputed and column.missing.any():
            _require_some(name, column.missing)
            replaced[name], means[name] = column.missing, float(np.nanmean(column.numbers))
            numbers[name][column.missing] = means[name]
    missing = {name: np.isnan(values) for name, values in numbers.items()}
    for name, flags in missing.items():
        _require_some(name, flags)
    return WideColumns(numbers, codes, missing, replaced, means, _groups(data, by))


def _names(
    data: pd.DataFrame, variables: Sequence[str], by: str | None, mean_imputed: tuple[str, ...]
) -> tuple[str, ...]:
    require_list(variables)
    require_columns(data, (*variables, *([by] if by is not None else [])), "impute")
    names = tuple(dict.fromkeys(variables))
    if not names or not len(data):
        raise DataError(
            expected="at least one row and one variable",
            found=said("{n_data} rows, {n_names} variables", n_data=len(data), n_names=len(names)),
        )
    if by in names:
        raise DataError(
            expected="the column that separates the groups not to be among their variables",
            found=written(by),
            next_step="Leave it out of variables.",
        )
    strangers = [name for name in mean_imputed if name not in names]
    if strangers:
        raise DataError(
            expected="mean_imputed columns to be among the variables", found=", ".join(map(repr, strangers))
        )
    return names


def _require_undetermined(design: FloatArray, values: FloatArray, names: tuple[str, ...]) -> None:
    """Refuse a variable that the others determine where all are observed: a total beside its parts."""
    whole = ~np.isnan(values).any(axis=1)
    joined = np.hstack([design, values])[whole]
    if len(joined) <= joined.shape[1]:
        return
    found = tuple(names[i - design.shape[1]] for i in redundant_columns(joined) if i >= design.shape[1])
    if found:
        raise RankDeficiencyError(
            expected="variables that vary, and that the others do not determine",
            found=said("determined: {found}", found=", ".join(found)),
            where="variables within a level of by",
            next_step="Leave it out, and compute it from the imputed ones afterwards.",
            columns=found,
        )


def require_list(names: Sequence[str]) -> None:
    """Refuse a single name, which would be read letter by letter."""
    if isinstance(names, str):
        raise DataError(
            expected="a list of columns",
            found=written(names),
            next_step=said("Write [{names!r}].", names=names),
        )


def _groups(data: pd.DataFrame, by: str | None) -> tuple[tuple[dict[str, Any], IntArray], ...]:
    if by is None:
        return (({}, np.arange(len(data))),)
    column = read_column(data[by], by, as_factor=True)
    assert column.codes is not None
    assert column.levels is not None
    if column.missing.any():
        raise DataError(
            expected="a value in every row",
            found=said("{missing} missing", missing=int(column.missing.sum())),
            where=said("column {by!r}", by=by),
            next_step="Impute only subjects whose value is known.",
        )
    present = np.unique(column.codes)
    return tuple(({by: column.levels[code]}, np.flatnonzero(column.codes == code)) for code in present)


def _require_complete_factor(name: str, missing: BoolArray, mean_asked: bool) -> None:
    if missing.any() or mean_asked:
        raise DataError(
            expected="numbers wherever values are imputed; factors must be complete",
            found=said("a factor with {missing} missing values", missing=int(missing.sum())),
            where=said("column {name!r}", name=name),
            next_step="Score it as a number, complete it, or leave it out of the variables.",
        )


def _require_some(name: str, missing: BoolArray) -> None:
    if missing.all():
        raise DataError(
            expected="at least some values", found="none", where=said("column {name!r}", name=name)
        )
