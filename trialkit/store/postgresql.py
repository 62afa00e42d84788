"""What a trial needs of PostgreSQL besides tables: a fair lock of the study, time-outs, who holds what."""

from __future__ import annotations

from sqlalchemy import Connection, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from trialkit.store.errors import StoreError
from trialkit.wording import said

IDLE_SECONDS = 30
"""A desk that stands still inside an act (a stopped process, a closed lid) is ended after this."""

LOCK_SECONDS = 45
"""How long an act waits for another; longer than a desk may stand still."""

_CONNECT_SECONDS = "10"
_NAME = "trialkit"
_LONGEST_NAME = 63
_STUDY = 7_229_611_427
"""The advisory lock of the study; such locks are a database's own."""

_LOCK_NOT_AVAILABLE, _IDLE_IN_TRANSACTION = "55P03", "25P03"
_DISK_FULL, _PRIVILEGE = "53100", "42501"


def connect_arguments(url: URL) -> dict[str, str | int]:
    """A dead server or a cut cable is noticed; what the address says itself goes before."""
    wanted: dict[str, str | int] = {
        "application_name": _NAME,
        "connect_timeout": _CONNECT_SECONDS,
        "keepalives_idle": 20,
        "keepalives_interval": 5,
        "keepalives_count": 4,
    }
    return {name: value for name, value in wanted.items() if name not in url.query}


def prepare_writer(connection: Connection, purpose: str) -> None:
    """Time-outs for this transaction, and a name under which others see it."""
    connection.execute(
        text(
            "SELECT set_config('lock_timeout', :lock, true), set_config('application_name', :name, true), "
            "set_config('idle_in_transaction_session_timeout', :idle, true)"
        ),
        {
            "lock": f"{LOCK_SECONDS}s",
            "idle": f"{IDLE_SECONDS}s",
            "name": f"{_NAME} {purpose}".strip()[:_LONGEST_NAME],
        },
    )


def hold_study(connection: Connection, *, exclusive: bool) -> None:
    """Hold the study to the end of the transaction, alone or together with others.

    These locks are given in the order they were asked for: whoever wants the study alone waits for the acts
    that are under way, and later acts wait behind. Locks of rows let later readers pass for ever.
    """
    function = "pg_advisory_xact_lock" if exclusive else "pg_advisory_xact_lock_shared"
    connection.execute(text(f"SELECT {function}({_STUDY})"))


def held_by_others(connection: Connection) -> StoreError:
    """The error of an act that waited in vain: which acts have been under way, and for how long."""
    query = (
        "SELECT application_name, coalesce(client_addr::text, 'this machine') AS host, "
        "extract(epoch FROM clock_timestamp() - xact_start)::int AS seconds FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL "
        "ORDER BY xact_start LIMIT 3"
    )
    acts = [
        said(
            "{act} on {host}, begun {seconds} seconds ago",
            act=row.application_name.removeprefix(f"{_NAME} ") or "a program without a name",
            host=row.host,
            seconds=row.seconds,
        )
        for row in connection.execute(text(query))
    ]
    return StoreError(
        expected=said("its turn within {seconds} seconds", seconds=LOCK_SECONDS),
        found=said("others that hold the study: {acts}", acts="; ".join(acts))
        if acts
        else "others that held the study and are done now",
        next_step="Nothing was written. Try again; end a program that stands still.",
    )


def is_lock_timeout(error: DBAPIError) -> bool:
    return _state(error) == _LOCK_NOT_AVAILABLE


def is_idle_timeout(error: DBAPIError) -> bool:
    return _state(error) == _IDLE_IN_TRANSACTION or "idle-in-transaction timeout" in str(error.orig)


def is_disk_full(error: DBAPIError) -> bool:
    return _state(error) == _DISK_FULL


def is_privilege(error: DBAPIError) -> bool:
    return _state(error) == _PRIVILEGE


def _state(error: DBAPIError) -> str:
    return str(getattr(error.orig, "sqlstate", None) or "")
