"""Reads one data column as a factor (codes and levels) or as a covariate (numbers)."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from trialkit.stats.distributions import FloatArray
from trialkit.stats.errors import DataError, FormulaError
from trialkit.wording import said, written

if TYPE_CHECKING:
    import pandas as pd

    Columns = Mapping[str, pd.Series[Any]] | pd.DataFrame
    """Columns by name: all of a table, or those that a method uses."""

IntArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Factor:
    """A categorical column: its levels in order, and which of them is the reference."""

    name: str
    levels: tuple[Hashable, ...]
    reference: Hashable

    @property
    def reference_position(self) -> int:
        return self.levels.index(self.reference)

    def treatment_coding(self) -> FloatArray:
        """Levels x (levels - 1): an indicator of each level but the reference (R's contr.treatment)."""
        return np.delete(np.eye(len(self.levels)), self.reference_position, axis=1)

    def sum_coding(self) -> FloatArray:
        """Levels x (levels - 1), each column summing to zero (R's contr.sum)."""
        k = len(self.levels)
        return np.vstack([np.eye(k - 1), -np.ones((1, k - 1))])

    def indicator_coding(self) -> FloatArray:
        return np.eye(len(self.levels))


@dataclass(frozen=True)
class CodedColumn:
    """A column as read: ``codes`` into ``levels`` (-1: missing) for a factor, else ``numbers``."""

    name: str
    levels: tuple[Hashable, ...] | None
    codes: IntArray | None
    numbers: FloatArray | None
    ordered_levels: bool

    @property
    def missing(self) -> npt.NDArray[np.bool_]:
        if self.codes is not None:
            return np.asarray(self.codes < 0)
        assert self.numbers is not None
        return np.isnan(self.numbers)


def absent(series: pd.Series[Any]) -> BoolArray:
    """Rows without a value: what ``series.isna()`` says, without a series made for it."""
    import pandas as pd

    dtype = series.dtype
    if not isinstance(dtype, np.dtype):
        return series.isna().to_numpy(dtype=bool)
    if dtype.kind in "iub":
        return np.zeros(len(series), dtype=bool)
    return np.asarray(pd.isna(series.to_numpy()), dtype=bool)


def require_columns(data: pd.DataFrame, names: tuple[str, ...], where: str) -> None:
    """Refuse a name that is not a column of ``data``, and one that is there twice."""
    import pandas as pd

    if not isinstance(data, pd.DataFrame):
        raise DataError(expected="a pandas DataFrame", found=type(data).__name__, where=where)
    for name in names:
        if not isinstance(name, Hashable):
            raise DataError(
                expected="the name of one column",
                found=written(name),
                where=where,
                next_step="Join several columns into one first.",
            )
        if name not in data.columns:
            raise FormulaError(
                expected=said("one of the columns {columns}", columns=", ".join(map(str, data.columns))),
                found=said("the unknown column {name!r}", name=name),
                where=where,
                next_step="Check the spelling, or add the column to the data.",
            )
        column = data[name]
        if isinstance(column, pd.DataFrame):
            raise DataError(
                expected=said("one column {name!r}", name=name), found="several of that name", where=where
            )
        require_one_kind(column, name)


def require_one_kind(series: pd.Series[Any], name: str) -> None:
    """Refuse a column of numbers and texts: 1 and "1" would be two groups, two subjects, two strata."""
    import pandas as pd

    coded = isinstance(series.dtype, pd.CategoricalDtype)
    held = series.cat.categories if coded else series
    if held.dtype != np.dtype(object):
        return
    values = held.to_numpy()
    if not pd.api.types.infer_dtype(values, skipna=True).startswith("mixed"):
        return
    texts = sum(isinstance(value, str) for value in values)
    counted = sum(isinstance(value, int | float | np.number) for value in values[pd.notna(values)])
    if texts and counted:
        raise DataError(
            expected="values of one kind: all numbers, or all text",
            found=said("{numbers} number(s) and {texts} text(s)", numbers=counted, texts=texts),
            where=said("column {name!r}", name=name),
            next_step=said("Convert it first: data[{name!r}].astype(str) makes 1 and '1' one.", name=name),
        )


def require_free_names(names: Sequence[str | None], taken: Sequence[str]) -> None:
    """Refuse a column of the data whose name the result needs for a column of its own."""
    for name in names:
        if name in taken:
            raise DataError(
                expected="a column whose name the result does not use itself",
                found=written(name),
                where="arguments",
                next_step="Rename it, as by data.rename(columns={...}).",
            )


def read_column(series: pd.Series[Any], name: str, *, as_factor: bool = False) -> CodedColumn:
    """Read a column by its type: text, categorical and bool are factors, numbers are covariates.

    ``as_factor`` takes numbers as a factor too, their levels in numerical order.
    """
    import pandas as pd

    dtype = series.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return _from_categorical(series, name)
    if pd.api.types.is_bool_dtype(dtype) or (
        dtype == np.dtype(object) and pd.api.types.infer_dtype(series.to_numpy()) == "boolean"
    ):
        return _from_values(series, name, ordered=True)
    if pd.api.types.is_numeric_dtype(dtype) and not pd.api.types.is_complex_dtype(dtype):
        return _from_values(series, name, ordered=True) if as_factor else _numeric(series, name)
    kind = pd.api.types.infer_dtype(series.to_numpy() if dtype == np.dtype(object) else series, skipna=True)
    if kind in ("string", "empty") and not pd.api.types.is_datetime64_any_dtype(dtype):
        return _from_values(series.astype(object), name, ordered=False)
    if kind in ("integer", "floating", "mixed-integer-float", "decimal"):
        return _from_values(series, name, ordered=True) if as_factor else _numeric(series, name)
    raise DataError(
        expected="numbers, text, categories or true/false",
        found=said("a column of kind {kind}", kind=kind),
        where=said("column {name!r}", name=name),
        next_step="Convert it first: dates to a number of days, mixed columns to one type.",
    )


def _numeric(series: pd.Series[Any], name: str) -> CodedColumn:
    numbers = np.array(series.to_numpy(dtype=float, na_value=np.nan), dtype=float)
    infinite = int(np.isinf(numbers).sum())
    if infinite:
        raise DataError(
            expected="finite numbers",
            found=said("{infinite} infinite value(s)", infinite=infinite),
            where=said("column {name!r}", name=name),
            next_step="Correct them, or set them to missing so that they are counted as excluded.",
        )
    return CodedColumn(name, None, None, numbers, ordered_levels=True)


def _from_categorical(series: pd.Series[Any], name: str) -> CodedColumn:
    codes = np.asarray(series.cat.codes, dtype=np.intp)
    return CodedColumn(name, tuple(series.cat.categories.tolist()), codes, None, ordered_levels=True)


def sorted_codes(series: pd.Series[Any]) -> tuple[npt.NDArray[np.int64], tuple[Any, ...]] | None:
    """Each row's place among the values of a plain column, sorted (-1: none), and those values.

    None where the column is of another kind, or its values are not all text: they may have no order.
    """
    import pandas as pd

    dtype = series.dtype
    if not isinstance(dtype, np.dtype) or dtype.kind not in "iufbO":
        return None
    codes, found = pd.factorize(series.to_numpy())
    labels = found.tolist()
    if dtype.kind == "O" and not all(type(label) is str for label in labels):
        return None
    order = sorted(range(len(labels)), key=labels.__getitem__)
    return moved_codes(codes, order), tuple(labels[place] for place in order)


def moved_codes(codes: Any, order: Any) -> npt.NDArray[np.int64]:
    """Codes after the values at ``order`` became 0, 1, ...; -1 stays."""
    place = np.full(max(order, default=-1) + 2, -1, dtype=np.int64)
    place[order] = np.arange(len(order))
    return np.asarray(place[codes])


def _from_values(series: pd.Series[Any], name: str, *, ordered: bool) -> CodedColumn:
    import pandas as pd

    codes, levels = sorted_codes(series) or pd.factorize(series, sort=True)
    found = tuple(_whole(level) for level in list(levels))
    return CodedColumn(name, found, np.asarray(codes, dtype=np.intp), None, ordered_levels=ordered)


def _whole(level: Hashable) -> Hashable:
    """Codes 0 and 1 that a missing value made into 0.0 and 1.0 read as 0 and 1 again."""
    return int(level) if isinstance(level, float) and level.is_integer() else level


def settle_factor(
    column: CodedColumn, used: npt.NDArray[np.bool_], reference: Hashable | None
) -> tuple[Factor, IntArray]:
    """The factor and codes of the rows used: unused levels dropped, at least two left, the reference among
    them.
    """
    assert column.codes is not None
    assert column.levels is not None
    codes = column.codes[used]
    present = np.flatnonzero(np.bincount(codes, minlength=len(column.levels)))
    levels = tuple(column.levels[i] for i in present)
    where = said("column {name!r}", name=column.name)
    if len(levels) < 2:
        raise DataError(
            expected="a factor with at least two levels among the rows used",
            found=written(len(levels)),
            where=where,
            next_step="Leave it out of the formula, or check which rows were excluded.",
        )
    if reference is not None and reference not in levels:
        raise DataError(
            expected=said("a reference among the levels used: {levels}", levels=", ".join(map(str, levels))),
            found=written(reference),
            where=where,
            next_step="Name one of those levels.",
        )
    position = np.full(len(column.levels), -1, dtype=np.intp)
    position[present] = np.arange(len(present))
    return Factor(column.name, levels, levels[0] if reference is None else reference), position[codes]
