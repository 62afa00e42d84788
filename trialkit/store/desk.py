"""The desk: what is written at the door before anybody is known, outside the chain of audit records.

An outsider who tries passwords must not be able to make the trail grow; what was tried is kept here instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func, insert, select

from trialkit.store.engine import Reader, Store
from trialkit.store.models import SignInAttempt

_LONGEST = 64


@dataclass(frozen=True, slots=True)
class AttemptState:
    """One sign-in attempt; ``outcome`` is ``right``, ``wrong`` or ``too_soon``."""

    at: datetime
    login: str
    host: str
    os_user: str
    outcome: str


def attempts(reader: Reader, *, since: datetime, login: str | None = None) -> list[AttemptState]:
    """Attempts since a moment, in order; of one login, or all."""
    table = SignInAttempt
    query = select(table.at, table.login, table.host, table.os_user, table.outcome).where(
        table.at >= _text(since)
    )
    if login is not None:
        query = query.where(table.login == login[:_LONGEST])
    return [
        AttemptState(datetime.fromisoformat(row.at), row.login, row.host, row.os_user, row.outcome)
        for row in reader.execute(query.order_by(table.id))
    ]


def record_attempt(store: Store, *, at: datetime, login: str, host: str, os_user: str, outcome: str) -> None:
    """Keep an attempt, in a transaction of its own."""
    with store.writing() as connection:
        # The one way to a free number that two doors can take at once on both engines.
        if connection.dialect.name != "sqlite":
            connection.exec_driver_sql("LOCK TABLE sign_in_attempt IN SHARE ROW EXCLUSIVE MODE")
        last = connection.scalar(select(func.coalesce(func.max(SignInAttempt.id), 0)))
        row = {
            "id": (last or 0) + 1,
            "at": _text(at),
            "login": _plain(login),
            "host": _plain(host),
            "os_user": _plain(os_user),
            "outcome": outcome,
        }
        connection.execute(insert(SignInAttempt), row)


def _plain(text: str) -> str:
    """Typed by anybody: what cannot be printed is left out, and what is long is cut."""
    return "".join(char for char in text if char.isprintable())[:_LONGEST]


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
