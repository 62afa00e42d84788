"""The one gateway: every write of the trial, and its audit record, in one transaction.

An act locks what it needs in the one order (study, stratum, subjects, audit head), reads, lets pure code
decide, hands over rows, and leaves. The rows and one record are then written together or not at all.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import IntEnum
from functools import cache
from itertools import count
from typing import Any

from sqlalchemy import (
    Connection,
    Table,
    Update,
    bindparam,
    func,
    select,
    text,
    update,
)
from sqlalchemy.sql import Select

from trialkit.access import Actor
from trialkit.clock import Clock, SystemClock
from trialkit.free_text import one_line
from trialkit.store.audit_chain import (
    AuditStamp,
    chain_hash,
    chain_mac,
    payload_of,
)
from trialkit.store.direct import change, rows_of
from trialkit.store.engine import Reader, Store
from trialkit.store.errors import StoreError
from trialkit.store.models import (
    AuditHead,
    AuditTransaction,
    Base,
    Discrepancy,
    FinalRow,
    FinalValue,
    FormInstance,
    FormPass,
    PassRow,
    Stratum,
    Subject,
)
from trialkit.store.postgresql import hold_study
from trialkit.store.rows import as_write, in_order, recorded_columns, values_of, write_rows
from trialkit.store.texts import clean_facts, machine_name
from trialkit.wording import said

_SALT_BYTES = 16
_BATCH_OF_KEYS = 500
_RECORDS = Base.metadata.tables[AuditTransaction.__tablename__]
_AS_RECORD = values_of(recorded_columns(_RECORDS))

LAST_SHOWN_NUMBER = 1_000_000
"""What the blinded are not shown is numbered from here on, where it has a number that people are told."""

_NUMBERED_TOGETHER: tuple[type[Base], ...] = (
    FormInstance,
    FormPass,
    PassRow,
    FinalRow,
    FinalValue,
    Discrepancy,
)
"""What saving a form adds to: the last numbers of all are asked in one question."""

# Built once: building a statement costs ten times as much as running it.
_HEAD = select(AuditHead.number, AuditHead.hash)
_HEAD_HELD = _HEAD.with_for_update()
_HEAD_MOVES = update(AuditHead).values(number=bindparam("to_number"), hash=bindparam("to_hash"))
_CODES = (
    select(AuditTransaction.hash, AuditTransaction.mac)
    .where(AuditTransaction.mac.is_not(None))
    .order_by(AuditTransaction.number.desc())
    .limit(3)
)
_STRATUM_HELD = select(Stratum.id).where(Stratum.id == bindparam("stratum")).with_for_update()
_SUBJECTS_HELD = (
    select(Subject.subject_id)
    .where(Subject.subject_id.in_(bindparam("subjects", expanding=True)))
    .order_by(Subject.subject_id)
    .with_for_update()
)


class _Step(IntEnum):
    NOTHING = 0
    STUDY = 1
    STRATUM = 2
    SUBJECTS = 3
    HEAD = 4


class Transaction:
    """One act in progress. Made by :func:`transaction`, and only there."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock
        self._step = _Step.NOTHING
        self._rows: dict[type[Base], list[dict[str, Any]]] = {}
        self._numbers: dict[type[Base], Iterator[int]] = {}
        self._series: dict[tuple[type[Base], bool], Iterator[int]] = {}
        self._rewritten: list[tuple[type[Base], Mapping[str, Any], Mapping[str, Any]]] = []
        self._facts: dict[str, Any] = {}
        self._head: tuple[int, str] | None = None
        self._stamp: AuditStamp | None = None
        self.at = self.now()

    @property
    def reader(self) -> Reader:
        return self._connection

    @property
    def stamp(self) -> AuditStamp:
        """The record this act left; there only after the transaction is committed."""
        if self._stamp is None:
            raise StoreError(expected="a committed act", found="one in progress")
        return self._stamp

    def lock_study(self, *, exclusive: bool = False) -> None:
        """Hold the study against a lock being set; ``exclusive`` for the acts that set or lift it."""
        self._reach(_Step.STUDY)
        if self._connection.dialect.name != "sqlite":
            hold_study(self._connection, exclusive=exclusive)

    def lock_stratum(self, stratum: int) -> None:
        self._reach(_Step.STRATUM)
        self._hold(_STRATUM_HELD, stratum=stratum)

    def lock_subjects(self, subject_ids: Collection[str]) -> None:
        """In sorted order, whatever order is given: two batches cannot wait for each other."""
        self._reach(_Step.SUBJECTS)
        wanted = sorted(set(subject_ids))
        for start in range(0, len(wanted), _BATCH_OF_KEYS):
            self._hold(_SUBJECTS_HELD, subjects=wanted[start : start + _BATCH_OF_KEYS])

    def next_ids(self, model: type[Base]) -> Iterator[int]:
        """Row numbers for a table, from the first one free. Takes the head: nothing is locked after this."""
        self._lock_head()
        if model not in self._numbers:
            together = _NUMBERED_TOGETHER if model in _NUMBERED_TOGETHER else (model,)
            (last,) = rows_of(self._connection, _last_ids(together))
            self._numbers |= {
                each: count((number or 0) + 1) for each, number in zip(together, last, strict=True)
            }
        return self._numbers[model]

    def next_numbers(self, model: type[Base], *, hidden: bool) -> Iterator[int]:
        """Numbers that people are told: those of what is hidden from the blinded are a series of their own.

        Otherwise a gap before the next number that is shown would tell that something is hidden.
        """
        self._lock_head()
        if (model, hidden) not in self._series:
            number = model.__table__.c.id
            before = LAST_SHOWN_NUMBER if hidden else 0
            of_series = number > LAST_SHOWN_NUMBER if hidden else number <= LAST_SHOWN_NUMBER
            last = self._connection.scalar(select(func.max(number)).where(of_series))
            self._series[model, hidden] = count((last or before) + 1)
        return self._series[model, hidden]

    def add(self, model: type[Base], **values: Any) -> None:
        """One row to be written at the end."""
        self._rows.setdefault(model, []).append(values)

    def add_all(self, model: type[Base], rows: Sequence[dict[str, Any]]) -> None:
        if rows:
            self._rows.setdefault(model, []).extend(rows)

    def state(self, **facts: Any) -> None:
        """What the act is about, for whoever reads the audit trail. Never an arm, never a password."""
        self._facts.update(facts)

    def rewrite(self, model: type[Base], key: Mapping[str, Any], values: Mapping[str, Any]) -> None:
        """Change a row in place, which the guards let through in an act that adds its redactions alone."""
        self._rewritten.append((model, key, values))

    def head(self) -> tuple[int, str]:
        """Number and hash of the last record."""
        (row,) = rows_of(self._connection, _HEAD)
        return int(row.number), str(row.hash)

    def _reach(self, step: _Step) -> None:
        if step < self._step:
            raise StoreError(
                expected="locks in the order study, stratum, subjects, audit head",
                found=said(
                    "{name} after {previous}", name=step.name.lower(), previous=self._step.name.lower()
                ),
            )
        self._step = step

    def _hold(self, query: Select[Any], **values: Any) -> None:
        """SQLite's writer has the whole database already."""
        if self._connection.dialect.name != "sqlite":
            self._connection.execute(query, values).all()

    def _lock_head(self) -> tuple[int, str]:
        if self._head is None:
            self._reach(_Step.HEAD)
            (row,) = rows_of(self._connection, _HEAD_HELD)
            self._head = (int(row.number), str(row.hash))
        return self._head

    def now(self) -> str:
        """The time now, later than ``at`` where the act waited for a lock.

        The database server's, unless a demonstration lives in a time of its own.
        """
        if isinstance(self._clock, SystemClock) and self._connection.dialect.name != "sqlite":
            moment = self._connection.scalar(text("SELECT clock_timestamp()"))
            assert isinstance(moment, datetime)
        else:
            moment = self._clock.now()
        return moment.astimezone(UTC).isoformat(timespec="microseconds")

    def finish(self, actor: Actor, operation: str, reason: str, audit_key: bytes | None) -> None:
        """Write the audit record, then the rows."""
        number, previous_hash = self._lock_head()
        number += 1
        identity = {
            "number": number,
            "at": self.at,
            "account": actor.account,
            "role": str(actor.role),
            "site": actor.site,
            "authentication": str(actor.authentication),
            "os_user": machine_name(actor.os_user),
            "host": machine_name(actor.host),
            "operation": operation,
            "reason": one_line(reason, "reason"),
        }
        tables = in_order(self._rows)
        writes = {table.name: as_write(table, rows) for table, rows in tables.items()}
        digested = [model.__tablename__ for model in self._rows if model.digested]
        payload = payload_of(
            identity, clean_facts(self._facts), writes, digested, os.urandom(_SALT_BYTES).hex()
        )
        link = chain_hash(previous_hash, payload)
        record = {
            **identity,
            "previous_hash": previous_hash,
            "hash": link,
            "mac": None if audit_key is None else chain_mac(audit_key, link),
            "payload_text": payload,
        }
        write_rows(self._connection, _RECORDS, [_AS_RECORD(record)], number)
        for table, rows in tables.items():
            write_rows(self._connection, table, rows, number)
        for model, key, values in self._rewritten:
            self._connection.execute(_change(Base.metadata.tables[model.__tablename__], key, values))
        change(self._connection, _HEAD_MOVES, to_number=number, to_hash=link)
        self._stamp = AuditStamp(number, link, self.at)


@contextmanager
def transaction(
    store: Store,
    clock: Clock,
    actor: Actor,
    operation: str,
    *,
    reason: str = "",
    audit_key: bytes | None = None,
) -> Iterator[Transaction]:
    """One act: what is added inside is written at the end with one audit record; any exception undoes all.

    Parameters
    ----------
    store, clock
        Where, and whose time.
    actor, operation, reason
        Who does what, and why.
    audit_key
        For the code on the record; None leaves it out.

    Yields
    ------
    Transaction
        Its ``stamp`` may be read after the block.

    Raises
    ------
    StoreError
        The database refuses, or the audit key is not the one of the records there; nothing was written.
    """
    with store.writing(operation) as connection:
        progress = Transaction(connection, clock)
        yield progress
        if audit_key is not None and audit_key != store.proven_key:
            _require_key_of_trail(connection, audit_key)
        progress.finish(actor, operation, reason, audit_key)
    if audit_key is not None:
        store.proven_key = audit_key


def _require_key_of_trail(reader: Reader, audit_key: bytes) -> None:
    """Refuse a key that made none of the last codes: one record with another key's breaks the trail for good.

    Of three, so that a single code that somebody changed does not stop the trial: verification names it.
    """
    codes = reader.execute(_CODES).all()
    if codes and not any(code == chain_mac(audit_key, link) for link, code in codes):
        raise StoreError(
            expected="the audit key that made the codes of the trail's last records",
            found="another key",
            where="audit.key in the key folder",
            next_step="Put this study's own audit key back from where it is kept; nothing was written.",
        )


@cache
def _last_ids(models: tuple[type[Base], ...]) -> Select[Any]:
    return select(*(select(func.max(model.__table__.c.id)).scalar_subquery() for model in models))


def _change(table: Table, key: Mapping[str, Any], values: Mapping[str, Any]) -> Update:
    where = (table.c[name] == value for name, value in key.items())
    return update(table).where(*where).values(**values)
