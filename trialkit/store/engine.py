"""Connections: SQLite with what a trial needs of it, or PostgreSQL, behind one door."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from trialkit.safe_files import PRIVATE_FILE
from trialkit.store import postgresql
from trialkit.store.direct import driver_cursor
from trialkit.store.errors import StoreError
from trialkit.store.refusals import BUSY_SECONDS, in_our_words
from trialkit.wording import said

Reader = Connection
"""What the functions of ``store.reading`` read from; other rooms pass it on and do not look inside."""

MOUNTS = Path("/proc/mounts")
_LONGEST_NAP = 0.11
"""A little more than SQLite's waiting writers sleep before they look again."""
_NETWORK_FILE_SYSTEMS = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "ncpfs", "afs", "9p", "vboxsf"}
    | {"ceph", "fuse.ceph", "glusterfs", "fuse.glusterfs", "lustre", "beegfs", "gpfs", "ocfs2", "gfs2"}
    | {"fuse.sshfs", "fuse.gvfsd-fuse", "fuse.s3fs", "fuse.rclone", "davfs", "fuse.davfs2", "fuse.onedrive"}
)


class LockTimeoutError(Exception):
    """Somebody else held what an act needed, for longer than anybody should wait."""


class Store:
    """A study's database.

    Parameters
    ----------
    url
        ``sqlite:///PATH`` or ``postgresql://...``.

    Raises
    ------
    StoreError
        Another kind of database, or a SQLite file on a network share, where its locks do not hold.
    """

    def __init__(self, url: str) -> None:
        self.engine = _engine(url)
        self.dialect = self.engine.dialect.name
        self._closed = False
        self.proven_key: bytes | None = None  # the audit key that was found to fit the trail, or began it

    @property
    def _file(self) -> Path | None:
        return Path(self.engine.url.database or "") if self.dialect == "sqlite" else None

    @contextmanager
    def reading(self) -> Iterator[Reader]:
        """A connection that sees one state of the database throughout."""
        with translated_errors(self._file), self.engine.connect() as connection:
            if self.dialect != "sqlite":
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield connection

    @contextmanager
    def reading_again(self) -> Iterator[Reader]:
        """The same where the store may be closed by now; it is closed afterwards as it was before."""
        try:
            with self.reading() as reader:
                yield reader
        finally:
            if self._closed:
                self.close()

    @contextmanager
    def writing(self, purpose: str = "") -> Iterator[Connection]:
        """A connection in a transaction that is committed at the end, or rolled back by any exception.

        ``purpose``: the act, which others are told while they wait for it.
        """
        try:
            with translated_errors(self._file), self.engine.connect() as connection:
                connection = connection.execution_options(trialkit_writer=True)
                with connection.begin():
                    if self.dialect != "sqlite":
                        postgresql.prepare_writer(connection, purpose)
                    yield connection
        except LockTimeoutError:
            with translated_errors(self._file), self.engine.connect() as connection:
                raise postgresql.held_by_others(connection) from None

    def give_way(self) -> None:
        """Let others write between two acts of one program; PostgreSQL's locks are a queue and need none."""
        if self.dialect == "sqlite":
            time.sleep(_LONGEST_NAP)

    def close(self) -> None:
        self.engine.dispose()
        self._closed = True


def has_password(url: str) -> bool:
    """Whether a database address holds a password, which whoever reads the file or lists processes sees."""
    parsed = _parsed(url)
    return bool(parsed.password) or "password" in parsed.query


def _parsed(url: str) -> URL:
    """The address; the usual ``postgresql://`` means the driver that is here."""
    try:
        parsed = make_url(url)
        usual = parsed.drivername in ("postgresql", "postgres")
        return parsed.set(drivername="postgresql+psycopg") if usual else parsed
    except (ArgumentError, ValueError):
        raise StoreError(
            expected="a database address such as sqlite:///trial.sqlite",
            found="something that is not one",
            where="the database address",
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
        expected="sqlite:///PATH or postgresql://...",
        found=parsed.drivername,
        where="the database address",
        next_step="Use one of the two.",
    )


def _sqlite_engine(path: Path) -> Engine:
    _refuse_network_share(path)
    _make_private(path)
    engine = create_engine(
        f"sqlite:///{path}",
        connect_args={"timeout": BUSY_SECONDS, "isolation_level": None},
        hide_parameters=True,
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _: Any) -> None:
        connection.isolation_level = None  # the driver's own BEGIN comes too late to lock
        cursor = connection.cursor()
        for pragma in _PRAGMAS:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writer = connection.get_execution_options().get("trialkit_writer", False)
        with driver_cursor(connection) as cursor:
            cursor.execute("BEGIN IMMEDIATE" if writer else "BEGIN")

    return engine


_PRAGMAS = (
    "journal_mode = WAL",
    "foreign_keys = ON",
    "synchronous = FULL",
    "cache_size = -16000",  # kB: the forms of a visit do not fit into the 2 MB that SQLite takes by itself
)


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
def translated_errors(file: Path | None = None) -> Iterator[None]:
    """The database's refusals in our words; its own text may hold values, so it is never passed on.

    ``file``: the database's, where it is one: what SQLite cannot read or write for want of room is told so.
    """
    try:
        yield
    except DBAPIError as error:
        if postgresql.is_lock_timeout(error):
            raise LockTimeoutError from error
        raise in_our_words(error, file) from error
