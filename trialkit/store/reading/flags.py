"""What soft checks warned of."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from trialkit.store import models as m
from trialkit.store.engine import Reader
from trialkit.store.reading.batches import rows_for


@dataclass(frozen=True, slots=True)
class FlagState:
    """One warning, with the account and time of the act it was given at."""

    id: int
    subject_id: str
    visit: str
    form: str
    row: str
    item: str
    stage: str
    check: str
    said: str
    account: str
    at: datetime


def flags(reader: Reader, subject_ids: Collection[str] | None = None) -> list[FlagState]:
    """Warnings in the order in which they were given."""
    f, record = m.EntryFlag, m.AuditTransaction
    query = select(
        f.id, f.subject_id, f.visit, f.form, f.row_key, f.item, f.stage, f.check_name, f.said,
        record.account, record.at,
    ).join(record, record.number == f.audit_number)  # fmt: skip
    found = rows_for(reader, query, f.subject_id, subject_ids)
    return sorted((_flag(tuple(row)) for row in found), key=lambda flag: flag.id)


def _flag(row: tuple[Any, ...]) -> FlagState:
    number, subject_id, visit, form, line, item, stage, check, text, account, at = row
    place = (number, subject_id, visit, form, line, item)
    return FlagState(*place, stage, check, text, account, datetime.fromisoformat(at))
