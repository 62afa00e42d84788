"""A database in one SQLite file, whatever the engine it came from; and such a file in a database again."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import delete, func, insert, select
from sqlalchemy.exc import OperationalError

from trialkit.safe_files import PRIVATE_FILE
from trialkit.store.engine import Reader, Store, translated_errors
from trialkit.store.errors import StoreError
from trialkit.store.migrations import upgrade
from trialkit.store.models import AuditHead, AuditTransaction, Base
from trialkit.store.refusals import in_our_words
from trialkit.store.triggers import drop_triggers, recreate_triggers

_PART = 5_000


def copy_to_file(store: Store, path: Path) -> None:
    """One state of the database, in a SQLite file; whoever writes meanwhile goes on.

    SQLite's own online copy, or from PostgreSQL every row of one transaction's view.

    Raises
    ------
    StoreError
        The file cannot be written: no room is left for it.
    """
    try:
        _copy(store, path)
        settle(path)
    except sqlite3.OperationalError as refusal:
        raise in_our_words(OperationalError(None, None, refusal)) from None


def _copy(store: Store, path: Path) -> None:
    with store.reading() as reader:
        if store.dialect == "sqlite":
            own = reader.connection.driver_connection
            assert isinstance(own, sqlite3.Connection)
            with closing(sqlite3.connect(path)) as copy:
                own.backup(copy)
        else:
            target = Store(f"sqlite:///{path}")
            try:
                copy_rows(reader, target)
            finally:
                target.close()


def settle(path: Path) -> None:
    """A SQLite file that needs no second one beside it."""
    with translated_errors(), closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    path.chmod(PRIVATE_FILE)


def copy_rows(source: Reader, target: Store) -> None:
    """Every row, as it is, into an empty database of this installation's revision.

    Raises
    ------
    StoreError
        The target holds records.
    """
    upgrade(target)
    with target.writing("restore") as connection:
        if connection.scalar(select(func.count()).select_from(AuditTransaction)):
            raise StoreError(
                expected="an empty database",
                found="one that holds records",
                next_step="Name another database.",
            )
        drop_triggers(connection)  # they refuse what is old, and keep what is copied already
        connection.execute(delete(AuditHead))
        for table in Base.metadata.sorted_tables:
            rows = source.execute(
                select(table).order_by(*table.primary_key.columns).execution_options(yield_per=_PART)
            ).mappings()
            for part in rows.partitions(_PART):
                connection.execute(insert(table), [dict(row) for row in part])
        recreate_triggers(connection)
