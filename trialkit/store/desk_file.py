"""What the web application keeps that is no act of the trial: sessions, drafts, and requests already sent.

A file of its own beside the study: a draft must not wait behind a randomization, and none of it belongs
into the audit trail, a snapshot or the content hash. It may be deleted while the server is down: everybody
signs in again and drafts are gone; the trial is whole.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from re import Pattern

from trialkit.safe_files import write_new

_TABLES = """
CREATE TABLE IF NOT EXISTS session (
  token TEXT PRIMARY KEY, login TEXT NOT NULL, role TEXT, site TEXT, host TEXT NOT NULL,
  csrf TEXT NOT NULL, opened_at TEXT NOT NULL, seen_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS draft (
  login TEXT NOT NULL, place TEXT NOT NULL, fields TEXT NOT NULL, kept_at TEXT NOT NULL,
  PRIMARY KEY (login, place));
CREATE TABLE IF NOT EXISTS request (
  request_key TEXT PRIMARY KEY, login TEXT NOT NULL, body TEXT NOT NULL, answer TEXT, sent_at TEXT);
CREATE TABLE IF NOT EXISTS device (token TEXT NOT NULL, login TEXT NOT NULL, PRIMARY KEY (token, login));
CREATE TABLE IF NOT EXISTS factor_step (login TEXT PRIMARY KEY, step INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS unsent (
  login TEXT PRIMARY KEY, path TEXT NOT NULL, fields TEXT NOT NULL, sent_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS upload (
  login TEXT PRIMARY KEY, number TEXT NOT NULL, told TEXT NOT NULL, content BLOB NOT NULL,
  sent_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS preference (login TEXT PRIMARY KEY, language TEXT NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class SessionState:
    """A session as kept; ``role`` is None until one was chosen. Times are ISO 8601 in UTC.

    ``language`` is the account's, None where it never chose one.
    """

    login: str
    role: str | None
    site: str | None
    host: str
    csrf: str
    opened_at: str
    seen_at: str
    language: str | None = None


@dataclass(frozen=True, slots=True)
class RequestState:
    """A request that was sent: who sent it, the digest of what it said, and its answer once there is one."""

    login: str
    body: str
    answer: str | None


class DeskFile:
    """Any thread may use it, and any process on this machine.

    Connections are kept open: closing the last one would write the whole log into the file each time. A crash
    of the program loses nothing; one of the machine may lose the last moments, which are no act of the trial.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._idle: list[sqlite3.Connection] = []
        if not path.exists():
            write_new(path, b"", private=True)
        with self._writing() as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript(_TABLES)
            if "sent_at" not in {row[1] for row in connection.execute("PRAGMA table_info(request)")}:
                connection.execute("ALTER TABLE request ADD COLUMN sent_at TEXT")  # a desk of before

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        try:
            connection = self._idle.pop()  # atomic: no two threads are handed the same one
        except IndexError:
            connection = sqlite3.connect(self.path, timeout=20, isolation_level=None, check_same_thread=False)
            connection.execute("PRAGMA synchronous = NORMAL")
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        self._idle.append(connection)

    def __del__(self) -> None:
        for connection in self.__dict__.get("_idle", ()):
            connection.close()

    def open_session(self, token: str, state: SessionState) -> None:
        """Keep a session; of the token only its digest is kept."""
        row = (state.login, state.role, state.site, state.host, state.csrf, state.opened_at, state.seen_at)
        with self._writing() as connection:
            connection.execute("INSERT INTO session VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (_digest(token), *row))

    def session(self, token: str) -> SessionState | None:
        columns = "session.login, role, site, host, csrf, opened_at, seen_at, language"
        with self._writing() as connection:
            query = f"SELECT {columns} FROM session LEFT JOIN preference USING (login) WHERE token = ?"
            row = connection.execute(query, (_digest(token),)).fetchone()
        return SessionState(*row) if row else None

    def touch_session(self, token: str, seen_at: str) -> None:
        with self._writing() as connection:
            connection.execute("UPDATE session SET seen_at = ? WHERE token = ?", (seen_at, _digest(token)))

    def end_session(self, token: str) -> None:
        with self._writing() as connection:
            connection.execute("DELETE FROM session WHERE token = ?", (_digest(token),))

    def end_sessions_opened_before(self, moment: str) -> None:
        with self._writing() as connection:
            connection.execute("DELETE FROM session WHERE opened_at < ?", (moment,))

    def end_sessions_of(self, login: str, *, but: str = "") -> None:
        """End every session of an account, but that of one token."""
        with self._writing() as connection:
            connection.execute("DELETE FROM session WHERE login = ? AND token <> ?", (login, _digest(but)))

    def sessions_of(self, login: str, token: str) -> list[tuple[str, str, bool]]:
        """Where and when last each session of an account was used, the newest first; whether it is that of
        the token.
        """
        query = "SELECT host, seen_at, token = ? FROM session WHERE login = ? ORDER BY seen_at DESC"
        with self._writing() as connection:
            found = connection.execute(query, (_digest(token), login))
            return [(host, seen_at, bool(own)) for host, seen_at, own in found]

    def know_device(self, token: str, login: str) -> None:
        """A login signed in in the browser that holds this token."""
        with self._writing() as connection:
            connection.execute("INSERT OR IGNORE INTO device VALUES (?, ?)", (_digest(token), login))

    def device(self, token: str, login: str | None = None) -> str:
        """A short name of the browser, if the login (None: any) has signed in there before; else empty."""
        with self._writing() as connection:
            query = "SELECT 1 FROM device WHERE token = ? AND login = coalesce(?, login) LIMIT 1"
            known = connection.execute(query, (_digest(token), login)).fetchone()
        return _digest(token)[:16] if known else ""

    def use_step(self, login: str, step: int) -> bool:
        """Whether a code of this moment, or a later one, was not used before; from now on it is."""
        with self._writing() as connection:
            done = connection.execute(
                "INSERT INTO factor_step VALUES (?, ?) ON CONFLICT (login) "
                "DO UPDATE SET step = excluded.step WHERE excluded.step > step",
                (login, step),
            )
            return done.rowcount == 1

    def step_unused(self, login: str, step: int) -> bool:
        """Whether :meth:`use_step` would say so; it may still be used."""
        with self._writing() as connection:
            query = "SELECT 1 FROM factor_step WHERE login = ? AND step >= ?"
            return connection.execute(query, (login, step)).fetchone() is None

    def prefer_language(self, login: str, language: str) -> None:
        with self._writing() as connection:
            connection.execute("INSERT OR REPLACE INTO preference VALUES (?, ?)", (login, language))

    def keep_draft(
        self, login: str, place: str, fields: str, kept_at: str, *, seen: str | None = None
    ) -> bool:
        """Keep what an account has typed at a place.

        Parameters
        ----------
        seen
            The version that it was typed on top of, the empty text for none. Where another one is kept by
            now (typed in a second window), nothing is written. None: whatever is kept, the newest wins.

        Returns
        -------
        bool
            Whether it was kept.
        """
        with self._writing() as connection:
            connection.execute("BEGIN IMMEDIATE")
            query = "SELECT fields FROM draft WHERE login = ? AND place = ?"
            row = connection.execute(query, (login, place)).fetchone()
            present = row[0] if row else ""
            if row and present == fields:
                connection.execute("ROLLBACK")
                return True
            if seen is not None and present != fields and (draft_version(present) if row else "") != seen:
                connection.execute("ROLLBACK")
                return False
            connection.execute(
                "INSERT OR REPLACE INTO draft VALUES (?, ?, ?, ?)", (login, place, fields, kept_at)
            )
            connection.execute("COMMIT")
            return True

    def draft(self, login: str, place: str) -> tuple[str, str] | None:
        """The fields and the time they were kept."""
        query = "SELECT fields, kept_at FROM draft WHERE login = ? AND place = ?"
        with self._writing() as connection:
            row = connection.execute(query, (login, place)).fetchone()
        return (row[0], row[1]) if row else None

    def others_at(self, login: str, place: str) -> list[str]:
        """Other accounts with a draft at a place."""
        query = "SELECT login FROM draft WHERE place = ? AND login <> ? ORDER BY login"
        with self._writing() as connection:
            return [other for (other,) in connection.execute(query, (place, login))]

    def drafts(self, login: str) -> list[str]:
        """The places at which an account has a draft, the newest first."""
        query = "SELECT place FROM draft WHERE login = ? ORDER BY kept_at DESC"
        with self._writing() as connection:
            return [place for (place,) in connection.execute(query, (login,))]

    def drop_draft(self, login: str, place: str) -> None:
        with self._writing() as connection:
            connection.execute("DELETE FROM draft WHERE login = ? AND place = ?", (login, place))

    def keep_unsent(self, login: str, path: str, fields: str, sent_at: str) -> None:
        """Keep a form that was sent when its session had ended: the last one of an account."""
        with self._writing() as connection:
            row = (login, path, fields, sent_at)
            connection.execute("INSERT OR REPLACE INTO unsent VALUES (?, ?, ?, ?)", row)

    def unsent(self, login: str) -> str | None:
        with self._writing() as connection:
            row = connection.execute("SELECT fields FROM unsent WHERE login = ?", (login,)).fetchone()
        return row[0] if row else None

    def drop_unsent(self, login: str, path: str) -> None:
        with self._writing() as connection:
            connection.execute("DELETE FROM unsent WHERE login = ? AND path = ?", (login, path))

    def forget_unsent_before(self, moment: str) -> None:
        with self._writing() as connection:
            connection.execute("DELETE FROM unsent WHERE sent_at < ?", (moment,))

    def keep_upload(self, login: str, number: str, told: str, content: bytes, sent_at: str) -> None:
        """Keep a file until it is taken or let go: the last one of an account."""
        with self._writing() as connection:
            row = (login, number, told, content, sent_at)
            connection.execute("INSERT OR REPLACE INTO upload VALUES (?, ?, ?, ?, ?)", row)

    def upload(self, login: str, number: str) -> tuple[str, bytes] | None:
        """What was told of a file, and the file."""
        query = "SELECT told, content FROM upload WHERE login = ? AND number = ?"
        with self._writing() as connection:
            row = connection.execute(query, (login, number)).fetchone()
        return (row[0], row[1]) if row else None

    def drop_upload(self, login: str) -> None:
        with self._writing() as connection:
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute("DELETE FROM upload WHERE login = ?", (login,))

    def forget_uploads_before(self, moment: str) -> None:
        with self._writing() as connection:
            connection.execute("DELETE FROM upload WHERE sent_at < ?", (moment,))

    def take_out(self, patterns: Collection[Pattern[str]], mark: str) -> int:
        """Put a mark in place of a text in every draft, unsent form and kept answer; how many held it."""
        changed = 0
        with self._writing() as connection:
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute("DELETE FROM upload")  # to be sent again
            for table, column in (("draft", "fields"), ("request", "answer"), ("unsent", "fields")):
                query = f"SELECT rowid, {column} FROM {table} WHERE {column} IS NOT NULL"
                for number, text in connection.execute(query).fetchall():
                    after = text
                    for pattern in patterns:
                        after = pattern.sub(mark, after)
                    if after != text:
                        update = f"UPDATE {table} SET {column} = ? WHERE rowid = ?"
                        connection.execute(update, (after, number))
                        changed += 1
        return changed

    def claim_request(self, request_key: str, login: str, body: str, sent_at: str) -> bool:
        """Whether this is the first request with its key; of several at once exactly one is told so."""
        with self._writing() as connection:
            inserted = connection.execute(
                "INSERT OR IGNORE INTO request (request_key, login, body, sent_at) VALUES (?, ?, ?, ?)",
                (request_key, login, _digest(body), sent_at),
            )
            return inserted.rowcount == 1

    def answer_request(self, request_key: str, answer: str) -> None:
        with self._writing() as connection:
            connection.execute("UPDATE request SET answer = ? WHERE request_key = ?", (answer, request_key))

    def release_request(self, request_key: str) -> None:
        """Forget a request that was refused: nothing was written, so it may be sent again."""
        with self._writing() as connection:
            connection.execute("DELETE FROM request WHERE request_key = ?", (request_key,))

    def forget_requests_sent_before(self, moment: str) -> None:
        """Those of a desk of before, of which no time was kept, count from now on."""
        with self._writing() as connection:
            connection.execute("UPDATE request SET sent_at = ? WHERE sent_at IS NULL", (moment,))
            connection.execute("DELETE FROM request WHERE sent_at < ?", (moment,))

    def request(self, request_key: str) -> RequestState | None:
        query = "SELECT login, body, answer FROM request WHERE request_key = ?"
        with self._writing() as connection:
            row = connection.execute(query, (request_key,)).fetchone()
        return RequestState(*row) if row else None

    @staticmethod
    def says(state: RequestState, body: str) -> bool:
        """Whether a request said the same as the one kept."""
        return state.body == _digest(body)


def draft_version(fields: str) -> str:
    """Names what a draft holds: two of one content are one version."""
    return _digest(fields)[:16]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
