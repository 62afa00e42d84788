"""Connections: SQLite with what a trial needs of it, or PostgreSQL, behind one door."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, OperationalError

from trialkit.safe_files import PRIVATE_FILE
from trialkit.store import postgresql
from trialkit.store.errors import StoreError
from trialkit.wording import said

Reader = Connection
"""What the functions of ``store.reading`` read from; other rooms pass it on and do not look inside."""

_BUSY_SECONDS = 30
_LONGEST_REASON = 300
_WITH_VALUES = frozenset({"22"})  # data exceptions: their message repeats the value
MOUNTS = Path("/proc/mounts")
_NETWORK_FILE_SYSTEMS = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "9p", "fuse.sshfs"})


class LockTimeoutError(Exception):
    """Somebody else held what an act needed, for longer than anybody should wait."""


class Store:
    """A study's database.

    Parameters
    ----------
    url
        ``sqlite:///PATH`` or ``postgresql+psycopg://...``.

    Raises
    ------
    StoreError
        Another kind of database, or a SQLite file on a network share, where its locks do not hold.
    """

    def __init__(self, url: str) -> None:
        self.engine = _engine(url)
        self.dialect = self.engine.dialect.name

    @contextmanager
    def reading(self) -> Iterator[Reader]:
        """A connection that sees one state of the database throughout."""
        with translated_errors(), self.engine.connect() as connection:
            if self.dialect != "sqlite":
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield connection

    @contextmanager
    def writing(self, purpose: str = "") -> Iterator[Connection]:
        """A connection in a transaction that is committed at the end, or rolled back by any exception.

        ``purpose``: the act, which others are told while they wait for it.
        """
        try:
            with translated_errors(), self.engine.connect() as connection:
                connection = connection.execution_options(trialkit_writer=True)
                with connection.begin():
                    if self.dialect != "sqlite":
                        postgresql.prepare_writer(connection, purpose)
                    yield connection
        except LockTimeoutError:
            with translated_errors(), self.engine.connect() as connection:
                raise postgresql.held_by_others(connection) from None

    def close(self) -> None:
        self.engine.dispose()


def has_password(url: str) -> bool:
    """Whether a database address holds a password, which whoever reads the file or lists processes sees."""
    parsed = _parsed(url)
    return bool(parsed.password) or "password" in parsed.query


def _parsed(url: str) -> URL:
    try:
        return make_url(url)
    except (ArgumentError, ValueError):
        raise StoreError(
            expected="a database address such as sqlite:///trial.sqlite",
            found="something that is not one",
            where="trialkit.toml",
            next_step="Correct the address.",
        ) from None


def _engine(url: str) -> Engine:
    parsed = _parsed(url)
    if parsed.drivername == "sqlite":
        return _sqlite_engine(Path(parsed.database or ""))
    if parsed.drivername == "postgresql+psycopg":
        return create_engine(
            parsed,
            pool_pre_ping=True,
            hide_parameters=True,
            connect_args=postgresql.connect_arguments(parsed),
        )
    raise StoreError(
        expected="sqlite:///PATH or postgresql+psycopg://...",
        found=parsed.drivername,
        where="trialkit.toml",
        next_step="Use one of the two.",
    )


def _sqlite_engine(path: Path) -> Engine:
    _refuse_network_share(path)
    _make_private(path)
    engine = create_engine(
        f"sqlite:///{path}",
        connect_args={"timeout": _BUSY_SECONDS, "isolation_level": None},
        hide_parameters=True,
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _: Any) -> None:
        connection.isolation_level = None  # the driver's own BEGIN comes too late to lock
        cursor = connection.cursor()
        for pragma in ("journal_mode = WAL", "foreign_keys = ON", "synchronous = FULL"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writer = connection.get_execution_options().get("trialkit_writer", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writer else "BEGIN")

    return engine


def _make_private(path: Path) -> None:
    """A new database is for its owner only; SQLite gives the files beside it the same rights."""
    if path.parent.is_dir() and not path.exists():
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, PRIVATE_FILE))


def _refuse_network_share(path: Path) -> None:
    kind = _file_system_of(path.resolve().parent)
    if kind in _NETWORK_FILE_SYSTEMS:
        raise StoreError(
            expected="a SQLite file on a disk of this machine",
            found=said("one on a network share ({kind}), where file locks do not hold", kind=kind),
            where=str(path),
            next_step="Move the study folder to a local disk, or use PostgreSQL.",
        )


def _file_system_of(folder: Path) -> str:
    """The kind of file system, where the system lists its mounts; empty elsewhere."""
    if not MOUNTS.is_file():
        return ""
    best, kind = "", ""
    for line in MOUNTS.read_text(encoding="utf-8", errors="replace").splitlines():
        _, point, file_system, *_ = line.split(" ")
        point = point.replace("\\040", " ")
        inside = folder.is_relative_to(point)
        if inside and len(point) >= len(best):
            best, kind = point, file_system
    return kind


@contextmanager
def translated_errors() -> Iterator[None]:
    """The database's refusals in our words; its own text may hold values, so it is never passed on."""
    try:
        yield
    except DBAPIError as error:
        if postgresql.is_lock_timeout(error):
            raise LockTimeoutError from error
        raise _translated(error) from error


def _translated(error: DBAPIError) -> StoreError:
    text = str(error.orig)
    if "the study is locked" in text:
        return StoreError(
            expected="an unlocked study",
            found="a lock",
            next_step="Unlock the study first, with a reason; that is an act of its own.",
        )
    if "live_form" in text:
        return StoreError(
            expected="a form that nobody has begun at this visit",
            found="one that somebody else began in this moment",
            next_step="Nothing was written. Look at the form again.",
        )
    if "nothing recorded is changed or deleted" in text:
        return StoreError(
            expected="a new row",
            found="a change to a row that is there",
            next_step="Record a correction instead.",
        )
    if isinstance(error, OperationalError) and ("locked" in text or "busy" in text):
        return StoreError(
            expected=said("the database within {busy_seconds} seconds", busy_seconds=_BUSY_SECONDS),
            found="another writer that holds it",
            next_step="Try again in a moment. Nothing was written.",
        )
    if "not a database" in text or "malformed" in text:
        return StoreError(
            expected="a SQLite database",
            found="a file that is none, or a damaged one",
            next_step="Restore it from a backup.",
        )
    if "full" in text.lower() and isinstance(error, OperationalError):
        return StoreError(
            expected="room on the database's disk",
            found="none",
            next_step="Make room and try again. Nothing was written.",
        )
    reason = driver_reason(error)
    if postgresql.is_idle_timeout(error):
        return StoreError(
            expected=said("an act that goes on within {seconds} seconds", seconds=postgresql.IDLE_SECONDS),
            found="one that stood still, so that the server ended it for those who waited",
            next_step="Nothing was written. Try again.",
        )
    if isinstance(error, OperationalError):
        return StoreError(
            expected="a database that answers",
            found=said("none ({reason})", reason=reason),
            next_step="Check its address in trialkit.toml, and that the server runs. Nothing was written.",
        )
    if postgresql.is_privilege(error):
        return StoreError(
            expected="a database role that may do this",
            found=reason,
            next_step="Give the role its rights, or use the owner's for an upgrade. Nothing was written.",
        )
    return StoreError(
        expected="a database that takes the rows",
        found=said("a refusal ({reason})", reason=reason),
        next_step="Nothing was written. Somebody else may have been quicker: look again, then try again.",
    )


def driver_reason(error: DBAPIError) -> str:
    """What the driver says, without any value of a row: names of tables and rules, and why no connection.

    Of PostgreSQL's refusals the primary message is taken, never its detail; of a connection that failed,
    the line that says why.
    """
    kind = type(error.orig).__name__
    diagnosis = getattr(error.orig, "diag", None)
    if diagnosis is not None and diagnosis.sqlstate:
        if diagnosis.sqlstate[:2] in _WITH_VALUES:
            return said("{kind}, SQLSTATE {state}", kind=kind, state=diagnosis.sqlstate)
        return f"{kind}: {diagnosis.message_primary}"
    text = str(error.orig).strip()
    plain = isinstance(error, (OperationalError, IntegrityError)) and text
    return f"{kind}: {' '.join(text.split())[:_LONGEST_REASON]}" if plain else kind
