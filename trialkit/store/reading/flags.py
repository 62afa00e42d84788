"""What soft checks warned of."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, select

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


def texts_as_written(reader: Reader, pass_rows: Collection[int], check: str) -> dict[tuple[int, str], str]:
    """(line of a pass, item) -> what ``check`` was warned of when that pass was entered."""
    f, made, instance = m.EntryFlag, m.FormPass, m.FormInstance
    query = (
        select(m.PassRow.id, f.item, f.said)
        .join(made, made.id == m.PassRow.form_pass)
        .join(instance, instance.id == made.form_instance)
        .join(
            f,
            and_(
                f.audit_number == made.audit_number,
                f.subject_id == instance.subject_id,
                f.visit == instance.visit,
                f.form == instance.form,
                f.row_key == func.trim(m.PassRow.row_key),
            ),
        )
        .where(f.stage == "entered", f.check_name == check)
    )
    return {(line, item): said for line, item, said in rows_for(reader, query, m.PassRow.id, pass_rows)}


def _flag(row: tuple[Any, ...]) -> FlagState:
    number, subject_id, visit, form, line, item, stage, check, text, account, at = row
    place = (number, subject_id, visit, form, line, item)
    return FlagState(*place, stage, check, text, account, datetime.fromisoformat(at))
