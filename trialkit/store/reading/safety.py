"""Serious events with their reports, and lines of the adverse event form that say "serious"."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import aliased

from trialkit.store import models as m
from trialkit.store.engine import Reader
from trialkit.store.reading.batches import rows_for
from trialkit.store.reading.forms import not_void


@dataclass(frozen=True, slots=True)
class ReportState:
    number: int
    criteria: tuple[str, ...]
    severity: str
    related: str
    expected: str
    outcome: str
    started: str
    ended: str
    visit: str
    row: str
    narrative: str
    account: str
    at: datetime


@dataclass(frozen=True, slots=True)
class EventState:
    """A serious event; ``reports`` with the initial one first."""

    id: int
    subject_id: str
    term: str
    aware_at: datetime
    noted_by: str
    reports: tuple[ReportState, ...]


@dataclass(frozen=True, slots=True)
class SeriousLine:
    """A line of the final record that says "serious", and when it first did."""

    subject_id: str
    visit: str
    row: str
    at: datetime


def serious_events(reader: Reader, subject_ids: Collection[str] | None = None) -> list[EventState]:
    """By number."""
    r = m.SafetyReport
    query = select(
        r.serious_event, r.number, r.criteria, r.severity, r.related, r.expected, r.outcome, r.started,
        r.ended, r.visit, r.row_key, r.narrative, r.account, r.at,
    ).order_by(r.serious_event, r.number)  # fmt: skip
    reports: dict[int, list[ReportState]] = defaultdict(list)
    for row in reader.execute(query):
        reports[row.serious_event].append(_report(tuple(row)))
    e, record = m.SeriousEvent, m.AuditTransaction
    events = select(e.id, e.subject_id, e.term, e.aware_at, record.account).join(
        record, record.number == e.audit_number
    )
    found = [
        EventState(
            row.id,
            row.subject_id,
            row.term,
            datetime.fromisoformat(row.aware_at),
            row.account,
            tuple(reports[row.id]),
        )
        for row in rows_for(reader, events, e.subject_id, subject_ids)
    ]
    return sorted(found, key=lambda event: event.id)


def _report(row: tuple[Any, ...]) -> ReportState:
    _, number, criteria, severity, related, expected, outcome, started, ended, visit, line, *told = row
    narrative, account, at = told
    assessed = (tuple(criteria.split(",")), severity, related, expected, outcome)
    place = (started, ended, visit, line)
    return ReportState(number, *assessed, *place, narrative, account, datetime.fromisoformat(at))


def serious_lines(reader: Reader, form: str, item: str, said: str | None) -> list[SeriousLine]:
    """Lines whose final value of ``item`` is ``said``, or (None) anything, by when it was written."""
    value, later, record = m.FinalValue, aliased(m.FinalValue), m.AuditTransaction
    query = (
        select(m.FormInstance.subject_id, m.FormInstance.visit, m.FinalRow.row_key, record.at)
        .select_from(value)
        .join(m.FinalRow, m.FinalRow.id == value.final_row)
        .join(m.FormInstance, m.FormInstance.id == m.FinalRow.form_instance)
        .join(record, record.number == value.audit_number)
        .outerjoin(later, later.supersedes == value.id)
        .where(
            later.id.is_(None),
            not_void(),
            m.FormInstance.form == form,
            value.item == item,
            value.raw_text.is_not(None) if said is None else value.raw_text == said,
        )
        .order_by(value.id)
    )
    return [
        SeriousLine(subject_id, visit, row, datetime.fromisoformat(at))
        for subject_id, visit, row, at in reader.execute(query)
    ]
