"""Rows on their way into the database: filled up, cleaned, put in order, and given to the driver."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache
from itertools import chain
from operator import itemgetter
from typing import Any

from sqlalchemy import Boolean, Connection, Dialect, Insert, LargeBinary, Table, insert
from sqlalchemy.sql.compiler import SQLCompiler

from trialkit.store.audit_chain import TableWrite, stored
from trialkit.store.direct import write_all
from trialkit.store.models import Base, FormVoid
from trialkit.store.texts import clean_rows

Row = dict[str, Any]

_BATCH = 5_000
_VALUES_AT_ONCE = (450, 50)  # of one statement: SQLite starts a statement, not a row, with most of its work
_REMEMBERED = 1_000  # insertions: a study has fewer tables, and a process few databases
_PLACES = {table: place for place, table in enumerate(Base.metadata.sorted_tables)}
_PLACES[Base.metadata.tables[FormVoid.__tablename__]] = -1  # a form is voided before another takes its place


def in_order(rows: Mapping[type[Base], Sequence[Row]], number: int) -> dict[Table, list[Row]]:
    """Full rows in the order of the tables' references, and by primary key within a table.

    ``number``: of the record that the rows belong to.

    Raises
    ------
    TextError
        As :func:`trialkit.store.texts.clean_rows`.
    """
    by_table = {Base.metadata.tables[model.__tablename__]: entries for model, entries in rows.items()}
    ordered: dict[Table, list[Row]] = {}
    for table in sorted(by_table, key=_PLACES.__getitem__):
        blank = {**dict.fromkeys(_column_names(table)), "audit_number": number}
        full = [_filled(entry, blank) for entry in by_table[table]]
        clean_rows(table, full)
        full.sort(key=_primary_key_of(table))
        ordered[table] = full
    return ordered


def _filled(entry: Row, blank: Row) -> Row:
    """With every column; most rows lack the record's number alone, and are not copied for it."""
    entry["audit_number"] = blank["audit_number"]
    return entry if len(entry) == len(blank) else {**blank, **entry}


def as_write(table: Table, rows: Sequence[Mapping[str, Any]]) -> TableWrite:
    """The rows as a payload repeats them."""
    columns = recorded_columns(table)
    written: Sequence[Sequence[Any]] = tuple(map(_values_of(columns), rows))
    if not holds_plain_values(table):
        written = tuple(list(map(stored, row)) for row in written)
    return TableWrite(columns, tuple(written))


@cache
def holds_plain_values(table: Table) -> bool:
    """Whether every column's values stand in a payload as they are."""
    return not any(isinstance(column.type, (Boolean, LargeBinary)) for column in table.columns)


@cache
def recorded_columns(table: Table) -> tuple[str, ...]:
    """The columns a payload repeats: all but the number of the record itself."""
    return tuple(name for name in _column_names(table) if name != "audit_number")


def write_rows(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """All of them, in statements of a size that the database takes."""
    for start in range(0, len(rows), _BATCH):
        _insert(connection, table, rows[start : start + _BATCH])


def _insert(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Values that the driver takes as they are go to it past the statement builder: half the time."""
    if not holds_plain_values(table):
        connection.execute(_insertion(table), rows)
        return
    dialect = connection.dialect
    if dialect.name == "postgresql":
        statement, columns = _array_insertion(table, dialect)
        lists = tuple([row[name] for row in rows] for name in columns)
        connection.exec_driver_sql(statement, lists)
        return
    columns, statements = _driver_insertion(table, dialect)
    values = list(map(_values_of(columns), rows))
    done = 0
    for at_once, statement in statements:
        starts = range(done, len(values) - at_once + 1, at_once)
        if starts:
            parts = (values[start : start + at_once] for start in starts)
            write_all(connection, statement, [tuple(chain.from_iterable(part)) for part in parts])
            done = starts[-1] + at_once


@cache
def _column_names(table: Table) -> tuple[str, ...]:
    return tuple(column.name for column in table.columns)


@cache
def _primary_key_of(table: Table) -> Callable[[Mapping[str, Any]], Any]:
    return itemgetter(*(column.name for column in table.primary_key.columns))


@cache
def _values_of(columns: tuple[str, ...]) -> Callable[[Mapping[str, Any]], tuple[Any, ...]]:
    """What takes these of a row, in this order; of a single one, ``itemgetter`` makes no tuple."""
    if len(columns) == 1:
        (alone,) = columns
        return lambda row: (row[alone],)
    return itemgetter(*columns)


@cache
def _insertion(table: Table) -> Insert:
    return insert(table)


@lru_cache(_REMEMBERED)
def _driver_insertion(table: Table, dialect: Dialect) -> tuple[tuple[str, ...], list[tuple[int, str]]]:
    """The order of a row's values, and the insertions of many rows, of some and of one, with their rows."""
    compiled = _insertion(table).compile(dialect=dialect)
    assert isinstance(compiled, SQLCompiler)
    assert compiled.positiontup is not None
    names = tuple(compiled.positiontup)
    into, _, places = str(compiled).partition(" VALUES ")
    sizes = sorted({max(1, values // len(names)) for values in (*_VALUES_AT_ONCE, 1)}, reverse=True)
    return names, [(size, f"{into} VALUES {', '.join([places] * size)}") for size in sizes]


@lru_cache(_REMEMBERED)
def _array_insertion(table: Table, dialect: Dialect) -> tuple[str, tuple[str, ...]]:
    """One statement for any number of rows, a list a column: its guards run once, and it goes at once."""
    quoted = dialect.identifier_preparer.quote
    columns = tuple(column.name for column in table.columns)
    kinds = (column.type.compile(dialect) for column in table.columns)
    lists = ", ".join(f"%s::{kind}[]" for kind in kinds)
    into = ", ".join(map(quoted, columns))
    return f"INSERT INTO {quoted(table.name)} ({into}) SELECT * FROM unnest({lists})", columns
