"""The rows of a data frame with a value in every column a method uses; the others left out and counted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from trialkit.stats.columns import absent, read_column, require_columns
from trialkit.stats.distributions import FloatArray
from trialkit.stats.errors import DataError
from trialkit.stats.rows import Rows, count_rows
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd

    from trialkit.stats.columns import Columns


def complete_rows(
    data: pd.DataFrame,
    columns: Sequence[str],
    where: str,
    *,
    subject: str | None = None,
    count_by: tuple[str, ...] = (),
    checked: bool = False,
) -> tuple[dict[str, pd.Series[Any]], Rows]:
    """``columns`` of the complete rows, by name, and the account of all rows.

    ``checked`` says that ``require_columns`` was asked before.

    Raises
    ------
    FormulaError, DataError
        An unknown column, or no row with every value present.
    """
    if not checked:
        require_columns(data, tuple(columns), where)
    names = tuple(dict.fromkeys(columns))
    read = {name: data[name] for name in names}
    gaps = {name: absent(series) for name, series in read.items()}
    used = np.logical_not(np.logical_or.reduce(list(gaps.values())))
    missing = {name: int(flags.sum()) for name, flags in gaps.items()}
    rows = count_rows(data, used, missing, subject=subject, count_by=count_by)
    if not used.any():
        raise DataError(
            expected="at least one row with a value in every column used",
            found=said("none of {read} rows", read=rows.read),
            where=", ".join(names),
            next_step="Check which of these columns is empty.",
        )
    return (read if used.all() else {name: series[used] for name, series in read.items()}), rows


def numbers_in(kept: Columns, name: str) -> FloatArray:
    """A column of complete rows as finite numbers; text and categories are refused.

    Raises
    ------
    DataError
        A column that does not hold numbers, or an infinite value.
    """
    read = read_column(kept[name], name)
    if read.numbers is None:
        raise DataError(
            expected="numbers",
            found=said("a column of type {dtype}", dtype=kept[name].dtype),
            where=said("column {name!r}", name=name),
            next_step="Convert it to numbers first.",
        )
    return read.numbers
