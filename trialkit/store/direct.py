"""Standing questions put to the driver itself: SQLAlchemy writes the statement once, and is not asked again.

An act asks some twenty of them, each for a row or two; to build the statements took most of their time.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import chain
from typing import Any

from sqlalchemy import Connection, Dialect, Integer, LargeBinary, String, Update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql import Select
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import NullType

_REMEMBERED = 600  # more than there are constants: a statement built for one call is soon forgotten
_AT_ONCE = 10_000  # rows taken from the driver in one go: one by one takes three times as long
_PLAIN = (Integer, String, LargeBinary, NullType)


@dataclass(frozen=True, slots=True)
class _Question:
    text: str
    fixed: Mapping[str, Any]
    order: tuple[str, ...] | None
    as_row: Callable[[Sequence[Any]], Any]

    def values(self, given: Mapping[str, Any]) -> Any:
        """In the order of the signs in the text, or by name where the driver takes names."""
        known = {**self.fixed, **given} if self.fixed else given
        return known if self.order is None else tuple([known[name] for name in self.order])


def rows_of(connection: Connection, query: Select[*tuple[Any, ...]], **values: Any) -> Iterator[Any]:
    """The rows of a query, with the values it leaves open; named like those of the connection itself.

    A query built for one call is put through the connection, and so is one for what the driver does not give
    and take as it is, or while somebody listens to what the connection is asked.

    Raises
    ------
    DBAPIError
        As from the connection itself.
    """
    dialect = connection.dialect
    question = None if _heard(connection) or not is_constant(query) else _question(query, dialect)
    if question is None:
        return _through_the_connection(connection, query, values)
    return map(question.as_row, _driver_rows(connection, question.text, question.values(values)))


def column_of(connection: Connection, query: Select[*tuple[Any, ...]], **values: Any) -> list[Any]:
    """The values of a query's only column; errors as of :func:`rows_of`."""
    question = None if _heard(connection) else _question(query, connection.dialect)
    if question is None:
        return [row[0] for row in _through_the_connection(connection, query, values)]
    return [row[0] for row in _driver_rows(connection, question.text, question.values(values))]


def _driver_rows(connection: Connection, words: str, values: Any) -> Iterable[Sequence[Any]]:
    """As the driver gives them: a short answer as it is, of a long one the rest when it is wanted.

    Not by :func:`driver_cursor`, which costs as much as a short answer.
    """
    driver = connection.connection.dbapi_connection
    assert driver is not None
    cursor = driver.cursor()
    try:
        cursor.execute(words, values)
        rows: Sequence[Any] = cursor.fetchmany(_AT_ONCE)
    except connection.dialect.loaded_dbapi.Error as error:
        cursor.close()
        raise _as_of_the_connection(connection, error) from error
    if len(rows) < _AT_ONCE:
        cursor.close()
        return rows
    return chain(rows, _rest(connection, cursor))


def _rest(connection: Connection, cursor: Any) -> Iterator[Sequence[Any]]:
    try:
        while rows := cursor.fetchmany(_AT_ONCE):
            yield from rows
    except connection.dialect.loaded_dbapi.Error as error:
        raise _as_of_the_connection(connection, error) from error
    finally:
        cursor.close()


def rows_in_parts(connection: Connection, query: Select[*tuple[Any, ...]]) -> Generator[Any, None, None]:
    """Every row of a long answer, of which a part at a time is in memory.

    Raises
    ------
    DBAPIError
        As from the connection itself.
    """
    question = _question(query, connection.dialect) if connection.dialect.name == "sqlite" else None
    if question is not None and not _heard(connection):
        yield from _driver_rows(connection, question.text, question.values({}))
        return
    with connection.execute(query.execution_options(yield_per=_AT_ONCE)) as result:
        for part in result.partitions():
            yield from part


def write_all(connection: Connection, statement: str, rows: Sequence[Sequence[Any]]) -> None:
    """Run a statement in the driver's own words once for each of the rows.

    Raises
    ------
    DBAPIError
        As from the connection itself.
    """
    if _heard(connection):
        connection.exec_driver_sql(statement, [tuple(row) for row in rows])
        return
    with driver_cursor(connection) as cursor:
        cursor.executemany(statement, rows)


def change(connection: Connection, statement: Update, **values: Any) -> None:
    """Run a standing update with the values that it leaves open.

    Raises
    ------
    DBAPIError
        As from the connection itself.
    """
    if _heard(connection):
        connection.execute(statement, values)
        return
    words, order = _change(statement, connection.dialect)
    with driver_cursor(connection) as cursor:
        cursor.execute(words, values if order is None else tuple(values[name] for name in order))


def _heard(connection: Connection) -> bool:
    """Whether somebody listens to what the connection is asked."""
    return bool(connection.engine.dispatch.before_cursor_execute)


@contextmanager
def driver_cursor(connection: Connection) -> Iterator[Any]:
    """The driver's own, its errors as those of the connection."""
    driver = connection.dialect.loaded_dbapi
    try:
        cursor = connection.connection.cursor()
        try:
            yield cursor
        finally:
            cursor.close()
    except driver.Error as error:
        raise _as_of_the_connection(connection, error) from error


def _as_of_the_connection(connection: Connection, error: Exception) -> BaseException:
    dialect = connection.dialect
    return DBAPIError.instance(
        None, None, error, dialect.loaded_dbapi.Error, hide_parameters=True, dialect=dialect
    )


def _through_the_connection(
    connection: Connection, query: Select[*tuple[Any, ...]], values: Mapping[str, Any]
) -> Iterator[Any]:
    for part in connection.execute(query, values).partitions(_AT_ONCE):
        yield from part


def is_constant(query: Select[*tuple[Any, ...]]) -> bool:
    """Whether it was asked before: one built for a call never is, and to translate it anew costs more."""
    asked = _times_asked(query)
    asked[0] += 1
    return asked[0] > 1


def standing(query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """The query, which its module keeps: put to the driver from the first time on."""
    is_constant(query)
    return query


@lru_cache(_REMEMBERED)
def _times_asked(query: Select[*tuple[Any, ...]]) -> list[int]:
    return [0]


@lru_cache(_REMEMBERED)
def _change(statement: Update, dialect: Dialect) -> tuple[str, tuple[str, ...] | None]:
    compiled = statement.compile(dialect=dialect)
    assert isinstance(compiled, SQLCompiler)
    return str(compiled), None if compiled.positiontup is None else tuple(compiled.positiontup)


@lru_cache(_REMEMBERED)
def _question(query: Select[*tuple[Any, ...]], dialect: Dialect) -> _Question | None:
    compiled = query.compile(dialect=dialect)
    assert isinstance(compiled, SQLCompiler)
    kinds = [column.type for column in query.selected_columns]
    kinds += [bind.type for bind in compiled.binds.values()]
    written_later = compiled.post_compile_params or compiled.literal_execute_params
    if written_later or not all(isinstance(kind, _PLAIN) for kind in kinds):
        return None
    order = None if compiled.positiontup is None else tuple(compiled.positiontup)
    row = namedtuple("Row", query.selected_columns.keys(), rename=True)  # type: ignore[misc]
    # A row of the driver has as many values as the query has columns: what ``_make`` would count again.
    return _Question(str(compiled), dict(compiled.params), order, partial(tuple.__new__, row))
