"""What a database refuses, in our words: its own text may hold values, so it is never passed on whole."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from shutil import disk_usage

from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from trialkit.store import postgresql
from trialkit.store.errors import RightsError, StoreError, UnreachableError
from trialkit.wording import said

BUSY_SECONDS = 30
_LONGEST_REASON = 300
_SHARED_MEMORY = 32 * 1024  # bytes of the file through which SQLite's readers and writers meet
_WITH_VALUES = frozenset({"22"})  # data exceptions: their message repeats the value

# What stands in the driver's text -> expected, found, next step. The first that stands there counts.
_BY_OUR_GUARDS = {
    "the study is locked": (
        said("an unlocked study"),
        said("a lock"),
        said("Unlock the study first, with a reason; that is an act of its own."),
    ),
    "the place is locked": (
        said("a form, a subject and a site that are not locked"),
        said("a lock"),
        said("Ask the data manager to lift it, with a reason."),
    ),
    "the form is one of an import that stands half done": (
        said("a form that no import is bringing in"),
        said("one of a file that is not in to its end"),
        said(
            "Nothing was written. Wait for the import; where it broke off, run it again, or give up its rest."
        ),
    ),
    "live_form": (
        said("a form that nobody has begun at this visit"),
        said("one that somebody else began in this moment"),
        said("Nothing was written. Look at the form again."),
    ),
    "nothing recorded is changed or deleted": (
        said("a new row"),
        said("a change to a row that is there"),
        said("Record a correction instead."),
    ),
}


def by_the_lock() -> StoreError:
    """What the database says to whoever writes about a subject of a locked study."""
    expected, found, next_step = _BY_OUR_GUARDS["the study is locked"]
    return StoreError(expected=expected, found=found, next_step=next_step)


def in_our_words(error: DBAPIError, file: Path | None = None) -> StoreError:
    """The refusal with what to do next; ``file``: the database's, whose disk may have no room."""
    text = str(error.orig)
    for phrase, (expected, found, next_step) in _BY_OUR_GUARDS.items():
        if phrase in text:
            return StoreError(expected=expected, found=found, next_step=next_step)
    return _of_sqlite(error, text, file) or _of_the_server(error)


def _of_sqlite(error: DBAPIError, text: str, file: Path | None) -> StoreError | None:
    operational = isinstance(error, OperationalError)
    if operational and ("locked" in text or "busy" in text):
        return StoreError(
            expected=said("the database within {busy_seconds} seconds", busy_seconds=BUSY_SECONDS),
            found="another writer that holds it",
            next_step="Try again in a moment. Nothing was written.",
        )
    if "not a database" in text or "malformed" in text:
        return StoreError(
            expected="a SQLite database",
            found="a file that is none, or a damaged one",
            next_step="Restore it from a backup.",
        )
    if operational and "full" in text.lower():
        return _no_room()
    if operational and isinstance(error.orig, sqlite3.Error):
        # A disk without any room refuses SQLite its shared memory before it can say "full", to a reader too.
        if file is not None and file.parent.is_dir() and disk_usage(file.parent).free < _SHARED_MEMORY:
            return _no_room()
        return UnreachableError(
            expected="a database file that can be read and written",
            found=said("none ({reason})", reason=driver_reason(error)),
            next_step="Check that its folder is there, that this user may write in it and that its disk is "
            "sound. Nothing was written.",
        )
    return None


def _no_room() -> StoreError:
    return StoreError(
        expected="room on the database's disk",
        found="none",
        next_step="Make room and try again. Nothing was written.",
    )


def _of_the_server(error: DBAPIError) -> StoreError:
    reason = driver_reason(error)
    if postgresql.is_idle_timeout(error):
        return StoreError(
            expected=said("an act that goes on within {seconds} seconds", seconds=postgresql.IDLE_SECONDS),
            found="one that stood still, so that the server ended it for those who waited",
            next_step="Nothing was written. Try again.",
        )
    if postgresql.is_disk_full(error):
        return _no_room()
    if isinstance(error, OperationalError):
        return UnreachableError(
            expected="a database that answers",
            found=said("none ({reason})", reason=reason),
            next_step="Check its address in trialkit.toml, and that the server runs. Nothing was written.",
        )
    if postgresql.is_privilege(error):
        return RightsError(
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
