"""Bytes that a change left behind: taken out of a SQLite file and its log, as far as a program can."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from trialkit.store.engine import Store

_WAIT_SECONDS = 20


def scrub(store: Store) -> bool:
    """Write the database file anew and empty its log. False where somebody still reads an earlier state.

    PostgreSQL: nothing is done, and the answer is False. Its server keeps the old rows until a vacuum, and
    its archived logs as long as they are kept.
    """
    if store.dialect != "sqlite":
        return False
    store.engine.dispose()
    return scrub_file(Path(str(store.engine.url.database)))


def scrub_file(path: Path) -> bool:
    """The same for a SQLite file."""
    try:
        with closing(sqlite3.connect(path, timeout=_WAIT_SECONDS, isolation_level=None)) as connection:
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute("VACUUM")
            busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.OperationalError:
        return False
    return not busy
