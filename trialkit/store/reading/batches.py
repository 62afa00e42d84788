"""Reading the rows of some subjects, or of all, in batches small enough for every database.

Building a statement costs ten times as much as running it: those of the capture of data are built once, as
constants of their modules, and only their values change.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Row, bindparam
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql import Select

from trialkit.store.direct import rows_of

_MOST_KEYS = 500
_REMEMBERED = 200  # more than there are constants: a statement built for one call is soon forgotten


def rows_for(
    reader: Connection,
    query: Select[*tuple[Any, ...]],
    column: InstrumentedAttribute[Any],
    keys: Collection[Any] | None,
    **values: Any,
) -> Iterator[Row[*tuple[Any, ...]]]:
    """The rows where ``column`` is among ``keys``; all rows where ``keys`` is None.

    ``values``: of what the query leaves open itself.
    """
    if keys is None:
        yield from rows_of(reader, query, **values)
        return
    wanted = sorted(set(keys))
    if len(wanted) == 1:
        yield from rows_of(reader, _where_equal(query, column), key=wanted[0], **values)
        return
    for start in range(0, len(wanted), _MOST_KEYS):
        some = {"keys": wanted[start : start + _MOST_KEYS], **values}
        yield from reader.execute(_where_among(query, column), some).all()


@lru_cache(_REMEMBERED)
def _where_equal(query: Select[*tuple[Any, ...]], column: InstrumentedAttribute[Any]) -> Select[Any]:
    return query.where(column == bindparam("key"))


@lru_cache(_REMEMBERED)
def _where_among(query: Select[*tuple[Any, ...]], column: InstrumentedAttribute[Any]) -> Select[Any]:
    return query.where(column.in_(bindparam("keys", expanding=True)))
