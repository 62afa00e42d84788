"""What the database itself refuses, whoever asks: changes to what was recorded, and entry after the lock.

SQLite loses triggers silently when a table is recreated, and no migration tool sees them. So their list
is made here from the models, re-created after every migration, and compared with what the database has.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, Index, Table, UniqueConstraint, inspect, text

from trialkit.store import live_forms, place_guards
from trialkit.store.models.base import Base
from trialkit.store.redactable import WRITTEN

_PREFIX = "trialkit_"
_KEPT = "nothing recorded is changed or deleted"
_LOCKED = "the study is locked"

# SQLite runs a trigger for each row; PostgreSQL's guards run once a statement, except where NEW is needed.
_NO_REDACTION = (
    "NOT EXISTS (SELECT 1 FROM redaction, audit_head WHERE redaction.audit_number > audit_head.number)"
)
"""Outside the one act that takes a text out: its rows are written, and the head has not moved yet."""

_REDACTED = frozenset({*WRITTEN, "audit_transaction"})

_SQLITE_LOCK = "(SELECT action FROM study_lock ORDER BY id DESC LIMIT 1) = 'set'"

_POSTGRES_FUNCTIONS = {
    f"{_PREFIX}refuse_change": f"""
CREATE OR REPLACE FUNCTION {_PREFIX}refuse_change() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN RAISE EXCEPTION '{_KEPT}: %', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation'; END
$body$""",
    f"{_PREFIX}refuse_unless_redacted": f"""
CREATE OR REPLACE FUNCTION {_PREFIX}refuse_unless_redacted() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
IF {_NO_REDACTION} THEN
RAISE EXCEPTION '{_KEPT}: %', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END IF;
RETURN NULL;
END
$body$""",
    f"{_PREFIX}refuse_locked": f"""
CREATE OR REPLACE FUNCTION {_PREFIX}refuse_locked() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
IF (SELECT action FROM study_lock ORDER BY id DESC LIMIT 1) = 'set' THEN
RAISE EXCEPTION '{_LOCKED}: %', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END IF;
RETURN NULL;
END
$body$""",
    **live_forms.POSTGRESQL_FUNCTIONS,
    **place_guards.POSTGRESQL_FUNCTIONS,
}


def expected_triggers(dialect: str) -> dict[str, str]:
    """Every trigger the database must have: name -> the statement that makes it."""
    triggers: dict[str, str] = {}
    for mapper in Base.registry.mappers:
        model: type[Base] = mapper.class_
        table = mapper.local_table
        assert isinstance(table, Table)
        make = _sqlite_triggers if dialect == "sqlite" else _postgres_triggers
        triggers.update(make(table, append_only=not model.changing, clinical=model.clinical))
    for room in (live_forms, place_guards):
        triggers.update(room.SQLITE if dialect == "sqlite" else room.POSTGRESQL)
    return dict(sorted(triggers.items()))


def _sqlite_triggers(table: Table, *, append_only: bool, clinical: bool) -> dict[str, str]:
    name, triggers = table.name, {}

    def add(purpose: str, event: str, condition: str, message: str) -> None:
        trigger = f"{_PREFIX}{name}_{purpose}"
        when = f" WHEN {condition}" if condition else ""
        triggers[trigger] = (
            f"CREATE TRIGGER {trigger} BEFORE {event} ON {name}{when} "
            f"BEGIN SELECT RAISE(ABORT, '{message}: {name}'); END"
        )

    add("delete", "DELETE", "", _KEPT)
    if append_only:
        add("update", "UPDATE", _NO_REDACTION if name in _REDACTED else "", _KEPT)
        # INSERT OR REPLACE deletes the row in the way without running the delete trigger.
        taken = " OR ".join(
            f"EXISTS (SELECT 1 FROM {name} WHERE {_same_key(columns, where)})"
            for columns, where in _unique_keys(table)
        )
        add("replace", "INSERT", taken, _KEPT)
    if clinical:
        add("locked", "INSERT", _SQLITE_LOCK, _LOCKED)
    return triggers


def _unique_keys(table: Table) -> list[tuple[list[str], str]]:
    """Every set of columns that may not repeat, with the condition of a partial index."""
    keys = [([column.name for column in table.primary_key.columns], "")]
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint):
            keys.append(([column.name for column in constraint.columns], ""))
    for index in table.indexes:
        if index.unique:
            keys.append(([column.name for column in index.columns], _condition(index)))
    return sorted(keys)


def _condition(index: Index) -> str:
    where = index.dialect_options["sqlite"]["where"]
    return "" if where is None else str(where)


def _same_key(columns: list[str], where: str) -> str:
    same = " AND ".join(f"{column} = NEW.{column}" for column in columns)
    if not where:
        return same
    column = where.split()[0]
    return f"{same} AND {where} AND {where.replace(column, f'NEW.{column}')}"


def _postgres_triggers(table: Table, *, append_only: bool, clinical: bool) -> dict[str, str]:
    name, triggers = table.name, {}

    def add(purpose: str, event: str, function: str) -> None:
        trigger = f"{_PREFIX}{name}_{purpose}"
        triggers[trigger] = (
            f"CREATE TRIGGER {trigger} BEFORE {event} ON {name} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {_PREFIX}{function}()"
        )

    add("delete", "DELETE OR TRUNCATE", "refuse_change")
    if append_only:
        add("update", "UPDATE", "refuse_unless_redacted" if name in _REDACTED else "refuse_change")
    if clinical:
        add("locked", "INSERT", "refuse_locked")
    return triggers


def present_triggers(connection: Connection) -> dict[str, str]:
    """Every trigger of ours that the database has: name -> statement, spelled as `expected_triggers` does."""
    if connection.dialect.name == "sqlite":
        query = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name"
        return {row.name: row.sql for row in connection.execute(text(query))}
    query = (
        "SELECT t.tgname, pg_get_triggerdef(t.oid), t.tgenabled::text FROM pg_trigger t "
        "JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE NOT t.tgisinternal AND n.nspname = current_schema() ORDER BY t.tgname"
    )
    return {
        name: _as_written(statement) if enabled == "O" else f"SWITCHED OFF ({enabled}) {statement}"
        for name, statement, enabled in connection.execute(text(query))
    }


def _as_written(statement: str) -> str:
    """PostgreSQL puts the schema before the table's name; we do not."""
    words = statement.split(" ")
    place = words.index("ON") + 1
    words[place] = words[place].rpartition(".")[2]
    return " ".join(words)


def present_functions(connection: Connection) -> dict[str, str]:
    query = (
        "SELECT p.proname, p.prosrc FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace "
        f"WHERE n.nspname = current_schema() AND p.proname LIKE '{_PREFIX}%' ORDER BY p.proname"
    )
    return {row.proname: row.prosrc for row in connection.execute(text(query))}


def recreate_triggers(connection: Connection) -> None:
    """Drop whatever triggers there are and make the expected ones, for the tables of this revision."""
    dialect = connection.dialect.name
    tables = set(inspect(connection).get_table_names())
    drop_triggers(connection)
    if dialect != "sqlite":
        for statement in _POSTGRES_FUNCTIONS.values():
            connection.exec_driver_sql(statement.replace("%", "%%"))
    for statement in expected_triggers(dialect).values():
        of_this_revision = live_forms.has_its_table(statement, tables) and place_guards.has_its_tables(
            statement, tables
        )
        if _table_of(statement) in tables and of_this_revision:
            connection.exec_driver_sql(statement)


def drop_triggers(connection: Connection) -> None:
    for name, statement in present_triggers(connection).items():
        on = "" if connection.dialect.name == "sqlite" else f" ON {_table_of(statement)}"
        connection.exec_driver_sql(f"DROP TRIGGER {name}{on}")


def _table_of(statement: str) -> str:
    return statement.partition(" ON ")[2].split(" ")[0].rpartition(".")[2]


def trigger_drift(connection: Connection) -> list[str]:
    """Names of triggers and functions that are missing, unexpected, switched off or differently written."""
    expected = expected_triggers(connection.dialect.name)
    present = present_triggers(connection)
    if connection.dialect.name != "sqlite":
        bodies = {name: made.split("$body$")[1] for name, made in _POSTGRES_FUNCTIONS.items()}
        expected, present = {**expected, **bodies}, {**present, **present_functions(connection)}
    different = {
        name for name in {*expected, *present} if _folded(expected.get(name)) != _folded(present.get(name))
    }
    return sorted(different | _with_other_settings(connection))


def _with_other_settings(connection: Connection) -> set[str]:
    """Guards of PostgreSQL that work with other rights, or look elsewhere, than they were made to."""
    if connection.dialect.name == "sqlite":
        return set()
    definers = {name for name, made in _POSTGRES_FUNCTIONS.items() if "DEFINER" in made.split("$body$")[0]}
    query = (
        "SELECT p.proname, p.prosecdef, p.proconfig, current_schema() AS own FROM pg_proc p "
        "JOIN pg_namespace n ON n.oid = p.pronamespace "
        f"WHERE n.nspname = current_schema() AND p.proname LIKE '{_PREFIX}%'"
    )
    return {
        row.proname
        for row in connection.execute(text(query))
        if row.prosecdef != (row.proname in definers)
        or not _looked_in(row.proconfig) <= ({"$user", row.own} if row.prosecdef else set())
    }


def _looked_in(settings: Sequence[str] | None) -> set[str]:
    """The schemas of a function's search path; another setting stands as it is."""
    return {
        part.strip().strip('"')
        for setting in settings or ()
        for part in setting.removeprefix("search_path=").split(",")
    }


def _folded(statement: str | None) -> str | None:
    return None if statement is None else " ".join(statement.split())
