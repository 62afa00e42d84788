"""Reading the rows of some subjects, or of all, in batches small enough for every database.

Building a statement costs ten times as much as running it: those of the capture of data are built once, as
constants of their modules, and only their values change.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Row, bindparam
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql import Select

from trialkit.store.direct import is_constant, rows_of

_MOST_KEYS = 100
_SIZES = (10, _MOST_KEYS)  # of a statement's list of keys, filled up with the last: two texts a query
_REMEMBERED = 400  # more than there are constants: a statement built for one call is soon forgotten


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
        return rows_of(reader, query, **values)
    wanted = sorted(set(keys))
    if len(wanted) == 1:
        return rows_of(reader, _where_equal(query, column), key=wanted[0], **values)
    return _in_batches(reader, query, column, wanted, values)


def _in_batches(
    reader: Connection,
    query: Select[*tuple[Any, ...]],
    column: InstrumentedAttribute[Any],
    wanted: Sequence[Any],
    values: Mapping[str, Any],
) -> Iterator[Row[*tuple[Any, ...]]]:
    for start in range(0, len(wanted), _MOST_KEYS):
        some = list(wanted[start : start + _MOST_KEYS])
        if not is_constant(query):
            yield from reader.execute(_where_among(query, column), {"keys": some, **values}).all()
            continue
        size = next(size for size in _SIZES if size >= len(some))
        some += some[-1:] * (size - len(some))
        named = {f"key{place}": key for place, key in enumerate(some)}
        yield from rows_of(reader, _where_one_of(query, column, size), **named, **values)


@lru_cache(_REMEMBERED)
def _where_equal(query: Select[*tuple[Any, ...]], column: InstrumentedAttribute[Any]) -> Select[Any]:
    return query.where(column == bindparam("key"))


@lru_cache(_REMEMBERED)
def _where_among(query: Select[*tuple[Any, ...]], column: InstrumentedAttribute[Any]) -> Select[Any]:
    return query.where(column.in_(bindparam("keys", expanding=True)))


@lru_cache(_REMEMBERED)
def _where_one_of(
    query: Select[*tuple[Any, ...]], column: InstrumentedAttribute[Any], size: int
) -> Select[Any]:
    return query.where(column.in_([bindparam(f"key{place}") for place in range(size)]))
