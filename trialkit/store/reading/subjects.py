"""Subjects as they stand, and their visits."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, bindparam, select

from trialkit.store.direct import column_of, rows_of
from trialkit.store.engine import Reader
from trialkit.store.models import (
    Allocation,
    Consent,
    DepartureCorrection,
    ExternalAllocation,
    Subject,
    SubjectEvent,
    VisitOccurrence,
)
from trialkit.store.reading.batches import rows_for


@dataclass(frozen=True, slots=True)
class EventState:
    """A departure: ``event`` is its row in the database."""

    event: int
    date: date
    reason: str


class SubjectState(NamedTuple):
    """A subject without its arm: nobody finds that here.

    ``consent_date`` is the day of the first consent, which visits are counted from; ``consent_version`` and
    ``consent_signed`` are those of the last. ``factor_values`` are the stratification values as used, empty
    before randomization. ``randomized_on`` is set for allocations made outside trialkit, ``allocated_at`` for
    its own.
    """

    subject_id: str
    site: str
    consent_date: date | None
    consent_version: str
    consent_signed: date | None
    screen_failed: EventState | None
    withdrawn: EventState | None
    allocated_at: datetime | None
    allocated_by: str
    allocated_outside: bool
    randomized_on: date | None
    stratum_label: str
    factor_values: Mapping[str, str]

    @property
    def allocated(self) -> bool:
        return self.allocated_at is not None or self.allocated_outside


class VisitState(NamedTuple):
    """A visit as last recorded; ``date`` is None where it was not done."""

    subject_id: str
    visit: str
    revision: int
    date: date | None
    status: str
    reason: str


_CONSENTS = select(Consent.subject_id, Consent.signed_date, Consent.consent_version).order_by(Consent.id)
_SUBJECTS = (
    select(
        Subject.subject_id,
        Subject.site,
        Allocation.allocated_at,
        Allocation.allocated_by,
        Allocation.stratum_label,
        Allocation.values_as_used,
        ExternalAllocation.key_id,
        ExternalAllocation.allocated_on,
    )
    .outerjoin(Allocation, Allocation.subject_id == Subject.subject_id)
    .outerjoin(ExternalAllocation, ExternalAllocation.subject_id == Subject.subject_id)
    .order_by(Subject.subject_id)
)
_DEPARTURES = select(
    SubjectEvent.id, SubjectEvent.subject_id, SubjectEvent.kind, SubjectEvent.date, SubjectEvent.reason
)
_CORRECTIONS = select(
    DepartureCorrection.subject_event, DepartureCorrection.date, DepartureCorrection.reason
).order_by(DepartureCorrection.id)
_VISITS = select(
    VisitOccurrence.subject_id,
    VisitOccurrence.visit,
    VisitOccurrence.revision,
    VisitOccurrence.date,
    VisitOccurrence.status,
    VisitOccurrence.reason,
).order_by(VisitOccurrence.id)


def subjects(reader: Reader, subject_ids: Collection[str] | None = None) -> dict[str, SubjectState]:
    """Subjects by number; unknown numbers are simply not among them."""
    first: dict[str, Row[Any]] = {}
    last: dict[str, Row[Any]] = {}
    for signed in rows_for(reader, _CONSENTS, Consent.subject_id, subject_ids):
        first.setdefault(signed.subject_id, signed)
        last[signed.subject_id] = signed
    events = _departures(reader, subject_ids)
    found = {}
    for row in rows_for(reader, _SUBJECTS, Subject.subject_id, subject_ids):
        consent, renewed = first.get(row.subject_id), last.get(row.subject_id)
        found[row.subject_id] = SubjectState(
            subject_id=row.subject_id,
            site=row.site,
            consent_date=date.fromisoformat(consent.signed_date) if consent else None,
            consent_version=renewed.consent_version if renewed else "",
            consent_signed=date.fromisoformat(renewed.signed_date) if renewed else None,
            screen_failed=events.get((row.subject_id, "screen_failed")),
            withdrawn=events.get((row.subject_id, "withdrawn")),
            allocated_at=datetime.fromisoformat(row.allocated_at) if row.allocated_at else None,
            allocated_by=row.allocated_by or "",
            allocated_outside=row.key_id is not None,
            randomized_on=date.fromisoformat(row.allocated_on) if row.allocated_on else None,
            stratum_label=row.stratum_label or "",
            factor_values=json.loads(row.values_as_used) if row.values_as_used else {},
        )
    return found


_SITES = select(Subject.subject_id, Subject.site)


def sites_of(reader: Reader, subject_ids: Collection[str]) -> dict[str, str]:
    """The site of each subject; unknown numbers are simply not among them."""
    found = rows_for(reader, _SITES, Subject.subject_id, subject_ids)
    return {row.subject_id: row.site for row in found}


_NUMBERS = select(Subject.subject_id)


def subject_numbers(reader: Reader) -> frozenset[str]:
    """Every number that somebody has."""
    return frozenset(column_of(reader, _NUMBERS))


def _departures(reader: Reader, subject_ids: Collection[str] | None) -> dict[tuple[str, str], EventState]:
    """Who left, as last corrected; a departure that never was is left out."""
    recorded = list(rows_for(reader, _DEPARTURES, SubjectEvent.subject_id, subject_ids))
    corrections = {row.subject_event: row for row in rows_of(reader, _CORRECTIONS)} if recorded else {}
    found = {}
    for row in recorded:
        last = corrections.get(row.id, row)
        if last.date is not None:
            found[row.subject_id, row.kind] = EventState(row.id, date.fromisoformat(last.date), last.reason)
    return found


_DEPARTURE = select(SubjectEvent.id).where(
    SubjectEvent.subject_id == bindparam("of_subject"), SubjectEvent.kind == bindparam("of_kind")
)


def departure_row(reader: Reader, subject_id: str, kind: str) -> int | None:
    """The row of a departure that was ever recorded, whatever became of it."""
    return next(iter(column_of(reader, _DEPARTURE, of_subject=subject_id, of_kind=kind)), None)


def visits(reader: Reader, subject_ids: Collection[str] | None = None) -> dict[tuple[str, str], VisitState]:
    """Visits as last recorded, by subject and visit."""
    return {
        (subject_id, visit): VisitState(
            subject_id, visit, revision, date.fromisoformat(day) if day else None, status, reason
        )
        for subject_id, visit, revision, day, status, reason in rows_for(
            reader, _VISITS, VisitOccurrence.subject_id, subject_ids
        )
    }
