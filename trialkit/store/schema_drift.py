"""Where the database's tables are no longer those the models describe.

A dropped index or constraint lets rows in that trialkit would have refused, an extra column carries what
no record speaks of, and a guard that is switched off guards nothing: `verify` must see all of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from sqlalchemy import CheckConstraint, Connection, Index, Table, UniqueConstraint, inspect, text
from sqlalchemy.engine import url

from trialkit.store.models.base import Base
from trialkit.store.postgres_drift import postgres_findings

_ALEMBIC = "alembic_version"
_KEPT_WORD = re.compile(r"'[^']*'|\w+|<>|!=|<=|>=|[<>+*/|-]")
_CAST = re.compile(r"::\s*[a-z][a-z ]*(\[\])?")
_SAME_MEANING = frozenset({"array", "any", "in", "check"})  # PostgreSQL writes IN (...) as = ANY (ARRAY[...])

_POSTGRESQL = url.make_url("postgresql+psycopg://").get_dialect()()

Facts = dict[str, Any]
"""What is there, by what it is called: ``column account.login`` -> its type and whether it may be missing."""


def schema_drift(connection: Connection) -> list[str]:
    """Whatever is missing, unexpected or other than expected, each as words; none where all is well."""
    found = present_schema(connection)
    wanted = expected_schema(connection.dialect.name)
    problems = []
    for name in sorted({*found, *wanted}):
        if name not in found:
            problems.append(f"{name} is missing")
        elif name not in wanted:
            problems.append(f"{name} is there and should not be")
        elif found[name] != wanted[name]:
            problems.append(f"{name} is not as trialkit made it")
    settings = _sqlite_findings if connection.dialect.name == "sqlite" else postgres_findings
    return problems + list(settings(connection))


def expected_schema(dialect: str) -> Facts:
    """The schema by the models."""
    facts: Facts = {}
    for table in Base.metadata.sorted_tables:
        facts[f"table {table.name}"] = True
        for column in table.columns:
            kind = _kind(column.type, dialect)
            facts[f"column {table.name}.{column.name}"] = (kind, bool(column.nullable), None)
        facts[f"primary key of {table.name}"] = tuple(column.name for column in table.primary_key.columns)
        facts.update(_expected_rules(table, dialect))
    return facts


def _expected_rules(table: Table, dialect: str) -> Iterator[tuple[str, Any]]:
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint):
            columns = tuple(sorted(column.name for column in constraint.columns))
            yield f"unique {table.name} ({', '.join(columns)})", True
        elif isinstance(constraint, CheckConstraint):
            name = str(constraint.name).removeprefix(f"ck_{table.name}_")
            yield f"check {table.name} {name}", _words(str(constraint.sqltext))
    for key in table.foreign_key_constraints:
        yield _reference(table.name, key.column_keys, key.referred_table.name), (None, None)
    for index in table.indexes:
        yield f"index {table.name} {index.name}", _index(index, dialect)


def _index(index: Index, dialect: str) -> tuple[Any, ...]:
    where = index.dialect_options[dialect]["where"]
    columns = tuple(column.name for column in index.columns)
    return columns, bool(index.unique), _words("" if where is None else str(where))


class _Reflected(NamedTuple):
    """What was found of all tables, each by ``(None, table)``."""

    columns: Mapping[Any, Any]
    keys: Mapping[Any, Any]
    uniques: Mapping[Any, Any]
    checks: Mapping[Any, Any]
    references: Mapping[Any, Any]
    indexes: Mapping[Any, Any]


def present_schema(connection: Connection) -> Facts:
    """The schema as the database has it. PostgreSQL is asked once for all tables, not for each."""
    inspector = inspect(connection)
    every = _Reflected(
        inspector.get_multi_columns(),
        inspector.get_multi_pk_constraint(),
        inspector.get_multi_unique_constraints(),
        inspector.get_multi_check_constraints(),
        inspector.get_multi_foreign_keys(),
        inspector.get_multi_indexes(),
    )
    # trialkit makes no view: one shows what a person may read to another who may not.
    facts: Facts = {f"view {name}": True for name in inspector.get_view_names()}
    for table in inspector.get_table_names():
        if table == _ALEMBIC:
            continue
        facts[f"table {table}"] = True
        for column in every.columns[None, table]:
            made = column.get("computed") or column.get("identity") or column["default"]
            facts[f"column {table}.{column['name']}"] = (
                _kind(column["type"], connection.dialect.name),
                bool(column["nullable"]),
                None if made is None else str(made),
            )
        facts[f"primary key of {table}"] = tuple(every.keys[None, table]["constrained_columns"])
        facts.update(_present_rules(every, table))
    return facts


def _present_rules(every: _Reflected, table: str) -> Iterator[tuple[str, Any]]:
    place = (None, table)
    for unique in every.uniques[place]:
        yield f"unique {table} ({', '.join(sorted(unique['column_names']))})", True
    for check in every.checks[place]:
        name = str(check["name"]).removeprefix(f"ck_{table}_")
        yield f"check {table} {name}", _words(check["sqltext"])
    for key in every.references[place]:
        options: Mapping[str, Any] = key.get("options", {})
        refers = _reference(table, key["constrained_columns"], key["referred_table"])
        yield refers, (options.get("ondelete"), options.get("onupdate"))
    for index in every.indexes[place]:
        if index.get("duplicates_constraint"):
            continue
        options = index.get("dialect_options", {})
        where = next((options[name] for name in ("postgresql_where", "sqlite_where") if name in options), "")
        columns = tuple(name or "" for name in index["column_names"])
        yield f"index {table} {index['name']}", (columns, bool(index["unique"]), _words(str(where)))


def _reference(table: str, columns: Iterable[str], referred: str) -> str:
    return f"reference {table} ({', '.join(columns)}) to {referred}"


def _kind(type_: Any, dialect: str) -> str:
    """The kind of a column. PostgreSQL's exactly: a text of limited length refuses what trialkit takes."""
    if dialect == "postgresql":
        return str(type_.compile(dialect=_POSTGRESQL)).upper()
    kind = getattr(type_, "python_type", None)
    return getattr(kind, "__name__", str(type_))


def _words(condition: str) -> tuple[str, ...]:
    """What a condition speaks of, however the database spells it: names, texts, signs, each as often."""
    plain = _CAST.sub("", condition)
    words = (word if word.startswith("'") else word.lower() for word in _KEPT_WORD.findall(plain))
    return tuple(sorted(word for word in words if word not in _SAME_MEANING))


def _sqlite_findings(connection: Connection) -> Iterator[str]:
    for (said,) in connection.execute(text("PRAGMA integrity_check(20)")):
        if said != "ok":
            yield f"SQLite says: {said}"
    for row in connection.execute(text("PRAGMA foreign_key_check")).fetchmany(20):
        yield f"a row of {row[0]} refers to one of {row[2]} that is not there"
