"""The audit trail, record by record."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, literal, select

from trialkit.store import models as m
from trialkit.store.engine import Reader
from trialkit.store.models import AuditHead, AuditTransaction


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


def audit_entry(reader: Reader, number: int) -> AuditEntry | None:
    """One record; None where there is no such number."""
    columns = [AuditTransaction.__table__.c[name] for name in AuditEntry.__slots__]
    row = reader.execute(select(*columns).where(AuditTransaction.number == number)).first()
    return None if row is None else AuditEntry(*row)


def record_hashes(reader: Reader, numbers: Collection[int]) -> dict[int, str]:
    """Hashes of the records that are there."""
    query = select(AuditTransaction.number, AuditTransaction.hash).where(
        AuditTransaction.number.in_(sorted(numbers))
    )
    return {row.number: row.hash for row in reader.execute(query)}


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


def fields_written(reader: Reader) -> dict[int, set[tuple[str, str]]]:
    """Number of a record -> the (form, item) pairs it wrote to; the item is empty for a form as a whole.

    Records that wrote to no form are not among them.
    """
    instance = m.FormInstance
    in_final = select(m.FinalRow.id, instance.form).join(instance, instance.id == m.FinalRow.form_instance)
    final = in_final.subquery()
    queries = (
        select(m.FormPass.audit_number, instance.form, literal(""))
        .join(instance, instance.id == m.FormPass.form_instance),
        select(m.FormVoid.audit_number, instance.form, literal(""))
        .join(instance, instance.id == m.FormVoid.form_instance),
        select(m.FormNotDone.audit_number, instance.form, literal(""))
        .join(instance, instance.id == m.FormNotDone.form_instance),
        select(m.FinalValue.audit_number, final.c.form, m.FinalValue.item)
        .join(final, final.c.id == m.FinalValue.final_row)
        .where(m.FinalValue.origin.not_in(("agreed", "entered"))),
        select(m.Adjudication.audit_number, final.c.form, m.Discrepancy.item)
        .join(m.Discrepancy, m.Discrepancy.id == m.Adjudication.discrepancy)
        .join(final, final.c.id == m.Discrepancy.final_row),
        select(m.QueryStep.audit_number, m.Query.form, m.Query.item)
        .join(m.Query, m.Query.id == m.QueryStep.query),
        select(m.FormMark.audit_number, instance.form, literal(""))
        .join(instance, instance.id == m.FormMark.form_instance),
        select(m.RowDecision.audit_number, instance.form, literal(""))
        .join(m.PassRow, m.PassRow.id == m.RowDecision.pass_row)
        .join(m.FormPass, m.FormPass.id == m.PassRow.form_pass)
        .join(instance, instance.id == m.FormPass.form_instance),
    )  # fmt: skip
    found: dict[int, set[tuple[str, str]]] = defaultdict(set)
    for query in queries:
        for number, form, item in reader.execute(query.distinct()):
            found[number].add((form, item))
    return found


def facts_of(reader: Reader, operation: str, account: str) -> list[dict[str, Any]]:
    """What each act ``operation`` of one account was about."""
    record = AuditTransaction
    query = select(record.payload_text).where(record.operation == operation, record.account == account)
    return [json.loads(text)["facts"] for text in reader.scalars(query.order_by(record.number))]
