"""Readings of the same targets by several readers, as a complete table targets x readers."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from trialkit.stats.columns import absent, require_columns
from trialkit.stats.complete_rows import numbers_in
from trialkit.stats.distributions import FloatArray
from trialkit.stats.errors import DataError
from trialkit.stats.groups import groups_of
from trialkit.stats.rows import Rows, count_rows
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Readings:
    """Targets that every reader has read. ``readings``: of the first target by each of ``readers``, then of
    the second, and so on; ``rows`` counts targets as subjects.
    """

    targets: tuple[Hashable, ...]
    readers: list[Hashable]
    readings: pd.Series[Any]
    rows: Rows

    def numbers(self) -> FloatArray:
        """Targets x readers.

        Raises
        ------
        DataError
            Readings that are no finite numbers.
        """
        name = str(self.readings.name)
        found = numbers_in({name: self.readings}, name)
        return found.reshape(-1, len(self.readers))


def read_readings(data: pd.DataFrame, target: str, reader: str, value: str, where: str) -> Readings:
    """Targets that every reader has read; the rows of the others are left out and counted.

    Raises
    ------
    DataError
        A target read twice by one reader, fewer than two readers, or fewer than two complete targets.
    """
    columns = (target, reader, value)
    require_columns(data, columns, where)
    if len(set(columns)) < 3:
        raise DataError(
            expected="target, reader and value each in a column of its own",
            found=", ".join(map(repr, columns)),
            where="arguments",
        )
    gaps = {name: absent(data[name]) for name in columns}
    present = np.flatnonzero(~np.logical_or.reduce(list(gaps.values())))
    (targets, labels), (readers, names) = (groups_of(_at(data[name], present)) for name in (target, reader))
    table = np.full((len(labels), len(names)), -1, dtype=np.int64)
    table[targets, readers] = present
    twice = len(present) - int((table >= 0).sum())
    if twice:
        raise DataError(
            expected="one reading of each target by each reader",
            found=said("{twice} more", twice=twice),
            where=f"{target}, {reader}",
            next_step="Average repeated readings, or name the repetition as the reader.",
        )
    complete = np.asarray((table >= 0).all(axis=1))
    _require_size(len(names), int(complete.sum()), len(labels), reader)
    used = np.zeros(len(data), dtype=bool)
    used[present] = complete[targets]
    missing = {name: int(flags.sum()) for name, flags in gaps.items()}
    return Readings(
        tuple(label for label, whole in zip(labels, complete, strict=True) if whole),
        list(names),
        _at(data[value], table[complete].ravel()),
        count_rows(data, used, missing, subject=target),
    )


def _at(column: pd.Series[Any], rows: npt.NDArray[np.int64]) -> pd.Series[Any]:
    """The column itself where these are all its rows in their order: a copy takes as long as a factor."""
    whole = len(rows) == len(column) and bool((rows == np.arange(len(rows))).all())
    return column if whole else column.iloc[rows]


def _require_size(readers: int, complete: int, targets: int, reader: str) -> None:
    if readers < 2:
        raise DataError(
            expected="at least two readers",
            found=str(readers),
            where=said("column {reader!r}", reader=reader),
            next_step="Long data have one row a reading, with the reader's name in a column.",
        )
    if complete < 2:
        raise DataError(
            expected="at least two targets read by every reader",
            found=said("{n_complete} of {n_wide}", n_complete=complete, n_wide=targets),
            next_step="Leave out readers who saw few targets.",
        )
