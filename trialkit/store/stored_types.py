"""SQLite keeps a value of any type in any column: what is stored must be of the column's own.

A text changed to the blob of the same bytes, or a blob to its hexadecimal text, would print as before.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from sqlalchemy import Boolean, Column, Integer, LargeBinary, Table, text

from trialkit.store.engine import Reader
from trialkit.store.models import Base

_SHOWN = 20  # of a table; a first few tell enough


def odd_values(reader: Reader, tables: Collection[str]) -> Iterator[tuple[int, str]]:
    """Record number and words for each row that holds a value of another type than its column's.

    Parameters
    ----------
    tables
        Those that are there with all their columns.

    Degenerate case: PostgreSQL lets no such value in.
    """
    if reader.dialect.name != "sqlite":
        return
    for table in Base.metadata.sorted_tables:
        if table.name in tables:
            yield from _odd_rows(reader, table)


def _odd_rows(reader: Reader, table: Table) -> Iterator[tuple[int, str]]:
    number = next((name for name in ("audit_number", "number") if name in table.columns), "0")
    odd = [(column.name, _condition(column)) for column in table.columns]
    first = " ".join(f"WHEN {condition} THEN '{name}'" for name, condition in odd)
    where = " OR ".join(condition for _, condition in odd)
    query = f"SELECT {number}, CASE {first} END FROM {table.name} WHERE {where} LIMIT {_SHOWN}"
    for record, column in reader.execute(text(query)):
        place = record if isinstance(record, int) else 0
        yield place, f"{table.name}.{column} holds a value of another type than was written"


def _condition(column: Column[Any]) -> str:
    kind = (
        "integer"
        if isinstance(column.type, (Integer, Boolean))
        else "blob"
        if isinstance(column.type, LargeBinary)
        else "text"
    )
    kinds = f"'{kind}', 'null'" if column.nullable else f"'{kind}'"
    return f"typeof({column.name}) NOT IN ({kinds})"


@contextmanager
def readable_texts(reader: Reader) -> Iterator[None]:
    """Inside, a text that is not UTF-8 is read by escapes instead of ending the reading."""
    if reader.dialect.name != "sqlite":
        yield
        return
    connection: Any = reader.connection.driver_connection
    before = connection.text_factory
    connection.text_factory = partial(str, encoding="utf-8", errors="backslashreplace")  # a million times
    try:
        yield
    finally:
        connection.text_factory = before
