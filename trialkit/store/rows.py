"""Rows on their way into the database: filled up, cleaned, put in order, and given to the driver."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache
from itertools import chain
from operator import itemgetter
from typing import Any

from sqlalchemy import Boolean, Connection, Dialect, Insert, LargeBinary, Table, insert

from trialkit.store.audit_chain import TableWrite, stored
from trialkit.store.direct import write_all
from trialkit.store.models import Base, FormVoid
from trialkit.store.texts import clean_rows

Row = dict[str, Any]
Values = tuple[Any, ...]

_NUMBER = "audit_number"
_BATCH = 5_000
_VALUES_AT_ONCE = (450, 50)  # of one statement: SQLite starts a statement, not a row, with most of its work
_REMEMBERED = 1_000  # insertions: a study has fewer tables, and a process few databases
_PLACES = {table: place for place, table in enumerate(Base.metadata.sorted_tables)}
_PLACES[Base.metadata.tables[FormVoid.__tablename__]] = -1  # a form is voided before another takes its place


def in_order(rows: Mapping[type[Base], Sequence[Row]]) -> dict[Table, list[Values]]:
    """The values of ``recorded_columns``, in the order of the tables' references, by primary key in a table.

    Raises
    ------
    TextError
        As :func:`trialkit.store.texts.clean_rows`.
    """
    by_table = {Base.metadata.tables[model.__tablename__]: entries for model, entries in rows.items()}
    ordered: dict[Table, list[Values]] = {}
    for table in sorted(by_table, key=_PLACES.__getitem__):
        columns = recorded_columns(table)
        blank, wide = dict.fromkeys(columns), len(columns)
        full = [row if len(row) == wide else {**blank, **row} for row in by_table[table]]
        clean_rows(table, full)
        ordered[table] = sorted(map(values_of(columns), full), key=_primary_key_of(table))
    return ordered


def as_write(table: Table, rows: Sequence[Values]) -> TableWrite:
    """The rows as a payload repeats them."""
    if not holds_plain_values(table):
        rows = [tuple(map(stored, row)) for row in rows]
    return TableWrite(recorded_columns(table), tuple(rows))


@cache
def holds_plain_values(table: Table) -> bool:
    """Whether every column's values stand in a payload as they are."""
    return not any(isinstance(column.type, (Boolean, LargeBinary)) for column in table.columns)


@cache
def recorded_columns(table: Table) -> tuple[str, ...]:
    """The columns a payload repeats: all but the number of the record itself."""
    return tuple(column.name for column in table.columns if column.name != _NUMBER)


def write_rows(connection: Connection, table: Table, rows: Sequence[Values], number: int) -> None:
    """All of them, in statements of a size that the database takes; ``number``: of the record they are of."""
    first = (number,) if _NUMBER in table.columns else ()
    for start in range(0, len(rows), _BATCH):
        _insert(connection, table, rows[start : start + _BATCH], first)


def _insert(connection: Connection, table: Table, rows: Sequence[Values], first: Values) -> None:
    """Values that the driver takes as they are go to it past the statement builder: half the time."""
    columns = _written_columns(table)
    if not holds_plain_values(table):
        connection.execute(
            _insertion(table), [dict(zip(columns, (*first, *row), strict=True)) for row in rows]
        )
        return
    dialect = connection.dialect
    if dialect.name == "postgresql":
        lists = (*([value] * len(rows) for value in first), *map(list, zip(*rows, strict=True)))
        connection.exec_driver_sql(_array_insertion(table, dialect), lists)
        return
    done = 0
    for at_once, statement in _driver_insertions(table, dialect):
        starts = range(done, len(rows) - at_once + 1, at_once)
        if starts:
            parts = (rows[start : start + at_once] for start in starts)
            write_all(connection, statement, [(*first, *chain.from_iterable(part)) for part in parts])
            done = starts[-1] + at_once


@cache
def _written_columns(table: Table) -> tuple[str, ...]:
    """The number of the record first, where the table has it: all rows of an act share it."""
    return (*((_NUMBER,) if _NUMBER in table.columns else ()), *recorded_columns(table))


@cache
def _primary_key_of(table: Table) -> Callable[[Values], Any]:
    columns = recorded_columns(table)
    return itemgetter(*(columns.index(column.name) for column in table.primary_key.columns))


@cache
def values_of(columns: tuple[str, ...]) -> Callable[[Mapping[str, Any]], Values]:
    """What takes these of a row, in this order; of a single one, ``itemgetter`` makes no tuple."""
    if len(columns) == 1:
        (alone,) = columns
        return lambda row: (row[alone],)
    return itemgetter(*columns)


@cache
def _insertion(table: Table) -> Insert:
    return insert(table)


@lru_cache(_REMEMBERED)
def _driver_insertions(table: Table, dialect: Dialect) -> list[tuple[int, str]]:
    """The insertions of many rows, of some and of one: how many, and the text.

    The record's number is bound once for all of them; a row's own values follow in the order of its columns.
    """
    quoted = dialect.identifier_preparer.quote
    columns = _written_columns(table)
    places = ", ".join("?1" if column == _NUMBER else "?" for column in columns)
    into = f"INSERT INTO {quoted(table.name)} ({', '.join(map(quoted, columns))}) VALUES "
    sizes = sorted({max(1, values // len(columns)) for values in (*_VALUES_AT_ONCE, 1)}, reverse=True)
    return [(size, into + ", ".join([f"({places})"] * size)) for size in sizes]


@lru_cache(_REMEMBERED)
def _array_insertion(table: Table, dialect: Dialect) -> str:
    """One statement for any number of rows, a list a column: its guards run once, and it goes at once."""
    quoted = dialect.identifier_preparer.quote
    columns = _written_columns(table)
    kinds = (table.columns[name].type.compile(dialect) for name in columns)
    lists = ", ".join(f"%s::{kind}[]" for kind in kinds)
    into = ", ".join(map(quoted, columns))
    return f"INSERT INTO {quoted(table.name)} ({into}) SELECT * FROM unnest({lists})"
