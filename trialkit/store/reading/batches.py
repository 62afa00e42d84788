"""Reading the rows of some subjects, or of all, in batches small enough for every database."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import Connection, Row
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql import Select

_MOST_KEYS = 500


def rows_for(
    reader: Connection,
    query: Select[*tuple[Any, ...]],
    column: InstrumentedAttribute[Any],
    keys: Collection[Any] | None,
) -> Iterator[Row[Any]]:
    """The rows where ``column`` is among ``keys``; all rows where ``keys`` is None."""
    if keys is None:
        yield from reader.execute(query)
        return
    wanted = sorted(set(keys))
    for start in range(0, len(wanted), _MOST_KEYS):
        yield from reader.execute(query.where(column.in_(wanted[start : start + _MOST_KEYS])))
