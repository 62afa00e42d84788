"""The audit trail, record by record."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from trialkit.store.engine import Reader
from trialkit.store.models import AuditHead, AuditTransaction
from trialkit.store.reading.batches import rows_for


@dataclass(frozen=True, slots=True)
class AuditEntry:
    number: int
    previous_hash: str
    hash: str
    mac: str | None
    at: str
    account: str
    role: str
    site: str | None
    authentication: str
    os_user: str
    host: str
    operation: str
    reason: str
    payload_text: str


def audit_head(reader: Reader) -> tuple[int, str]:
    """Number and hash of the last record."""
    row = reader.execute(select(AuditHead.number, AuditHead.hash)).one()
    return int(row.number), str(row.hash)


def audit_entries(reader: Reader, first: int = 1) -> Iterator[AuditEntry]:
    """Records from a number on, in order."""
    columns = [AuditTransaction.__table__.c[name] for name in AuditEntry.__slots__]
    query = select(*columns).where(AuditTransaction.number >= first).order_by(AuditTransaction.number)
    with reader.execute(query.execution_options(yield_per=200)) as result:
        for row in result:
            yield AuditEntry(*row)


def records_stating(reader: Reader, operation: str, fact: str, value: str) -> list[int]:
    """Numbers of the records of an act that state a text among their facts."""
    written = f'"{fact}":{json.dumps(value, ensure_ascii=False)}'
    record = AuditTransaction.__table__.c
    query = select(record.number).where(
        record.operation == operation, record.payload_text.contains(written, autoescape=True)
    )
    return list(reader.execute(query.order_by(record.number)).scalars())


def audit_entry(reader: Reader, number: int) -> AuditEntry | None:
    """One record; None where there is no such number."""
    columns = [AuditTransaction.__table__.c[name] for name in AuditEntry.__slots__]
    row = reader.execute(select(*columns).where(AuditTransaction.number == number)).first()
    return None if row is None else AuditEntry(*row)


def payloads_of(reader: Reader, operation: str) -> list[tuple[int, str]]:
    """Number and payload, as it is stored, of each act ``operation``, in order."""
    record = AuditTransaction
    query = select(record.number, record.payload_text).where(record.operation == operation)
    return [(int(row.number), str(row.payload_text)) for row in reader.execute(query.order_by(record.number))]


_HASHES = select(AuditTransaction.number, AuditTransaction.hash)


def record_hashes(reader: Reader, numbers: Collection[int]) -> dict[int, str]:
    """Hashes of the records that are there."""
    found = rows_for(reader, _HASHES, AuditTransaction.number, numbers)
    return {row.number: row.hash for row in found}


def holds_record(reader: Reader, link: str) -> bool:
    """Whether a record has this hash, whatever number a paper gives it: a blinded person's has its own."""
    return (
        reader.execute(select(AuditTransaction.number).where(AuditTransaction.hash == link)).first()
        is not None
    )


def facts_since_last(reader: Reader, operation: str, until: str) -> list[dict[str, Any]]:
    """What each act ``operation`` was about, since the last act ``until``."""
    record = AuditTransaction
    last = select(func.coalesce(func.max(record.number), 0)).where(record.operation == until)
    query = (
        select(record.payload_text)
        .where(record.operation == operation, record.number > last.scalar_subquery())
        .order_by(record.number)
    )
    return [json.loads(text)["facts"] for text in reader.scalars(query)]


def facts_of(reader: Reader, operation: str, account: str) -> list[dict[str, Any]]:
    """What each act ``operation`` of one account was about."""
    record = AuditTransaction
    query = select(record.payload_text).where(record.operation == operation, record.account == account)
    return [json.loads(text)["facts"] for text in reader.scalars(query.order_by(record.number))]


def other_records(reader: Reader, operations: Collection[str]) -> set[int]:
    """Numbers of the records of all other acts than these."""
    record = AuditTransaction.__table__.c
    return set(reader.scalars(select(record.number).where(record.operation.not_in(sorted(operations)))))


def records_of(reader: Reader, operation: str) -> list[tuple[str, dict[str, Any]]]:
    """When each act ``operation`` took place, and what it was about."""
    record = AuditTransaction
    query = select(record.at, record.payload_text).where(record.operation == operation)
    return [
        (row.at, json.loads(row.payload_text)["facts"])
        for row in reader.execute(query.order_by(record.number))
    ]
