"""Readings of the same targets by several readers, as a complete table targets x readers."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from trialkit.stats.columns import BoolArray, require_columns
from trialkit.stats.errors import DataError
from trialkit.stats.rows import Rows, count_rows
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Readings:
    """``table``: one row a target read by every reader, one column a reader; ``rows`` counts targets as
    subjects.
    """

    table: pd.DataFrame
    rows: Rows

    @property
    def readers(self) -> list[Hashable]:
        return list(self.table.columns)


def read_readings(data: pd.DataFrame, target: str, reader: str, value: str, where: str) -> Readings:
    """Targets that every reader has read; the rows of the others are left out and counted.

    Raises
    ------
    DataError
        A target read twice by one reader, fewer than two readers, or fewer than two complete targets.
    """
    require_columns(data, (target, reader, value), where)
    if len({target, reader, value}) < 3:
        raise DataError(
            expected="target, reader and value each in a column of its own",
            found=", ".join(map(repr, (target, reader, value))),
            where="arguments",
        )
    named = data[[target, reader]].notna().all(axis=1)
    twice = data.loc[named & data[value].notna()].duplicated([target, reader])
    if twice.any():
        raise DataError(
            expected="one reading of each target by each reader",
            found=said("{twice} more", twice=int(twice.sum())),
            where=f"{target}, {reader}",
            next_step="Average repeated readings, or name the repetition as the reader.",
        )
    present = named & data[value].notna()
    wide = data[present].pivot(index=target, columns=reader, values=value)
    wide = wide[[name for name in _in_order(data[reader]) if name in wide.columns]]
    complete = wide.dropna()
    _require_size(wide, complete, reader)
    used = np.asarray(present & data[target].isin(complete.index), dtype=bool)
    return Readings(complete, _account(data, used, (target, reader, value)))


def _in_order(readers: pd.Series[Any]) -> list[Hashable]:
    """Readers in category order where there is one, else sorted: a pivot sorts even categories."""
    import pandas as pd

    return list(pd.Categorical(readers).categories)


def _require_size(wide: pd.DataFrame, complete: pd.DataFrame, reader: str) -> None:
    if wide.shape[1] < 2:
        raise DataError(
            expected="at least two readers",
            found=f"{wide.shape[1]}",
            where=said("column {reader!r}", reader=reader),
            next_step="Long data have one row a reading, with the reader's name in a column.",
        )
    if len(complete) < 2:
        raise DataError(
            expected="at least two targets read by every reader",
            found=said("{n_complete} of {n_wide}", n_complete=len(complete), n_wide=len(wide)),
            next_step="Leave out readers who saw few targets.",
        )


def _account(data: pd.DataFrame, used: BoolArray, columns: tuple[str, ...]) -> Rows:
    missing: dict[str, Any] = {name: int(data[name].isna().sum()) for name in columns}
    return count_rows(data, used, missing, subject=columns[0])
