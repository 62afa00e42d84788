"""Queries, marks and freezes as they stand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from trialkit.entry import QueryStatus
from trialkit.store import models as m
from trialkit.store.direct import rows_of
from trialkit.store.engine import Reader
from trialkit.store.reading.batches import rows_for
from trialkit.store.reading.forms import FormKey, not_void


@dataclass(frozen=True, slots=True)
class StepState:
    """One step of a thread: what somebody said, and where it left the query."""

    status: QueryStatus
    said: str
    account: str
    at: datetime


@dataclass(frozen=True, slots=True)
class QueryState:
    """A query with its thread; ``item`` is empty where it asks about a whole form."""

    id: int
    subject_id: str
    visit: str
    form: str
    row: str
    item: str
    steps: tuple[StepState, ...]
    check: str = ""  # that raised it; empty where a person did
    tells_arm: bool = False  # that check read what is hidden from the blinded

    @property
    def status(self) -> QueryStatus:
        return self.steps[-1].status

    @property
    def closed(self) -> bool:
        return self.status is QueryStatus.CLOSED

    @property
    def where(self) -> str:
        place = (self.subject_id, self.visit, self.form, self.row, self.item)
        return "/".join(part for part in place if part)


@dataclass(frozen=True, slots=True)
class RaisedState:
    """A failure that a query asks about: ``seen_sha256`` is of what the check read."""

    query: int
    check: str
    seen_sha256: str
    tells_arm: bool


@dataclass(frozen=True, slots=True)
class MarkState:
    """A verification or a signature, as it was made; ``audit_number`` is the record of its act."""

    kind: str
    meaning: str
    content_sha256: str
    blinded: bool
    account: str
    at: datetime
    audit_number: int


def queries(reader: Reader, subject_ids: Collection[str] | None = None) -> list[QueryState]:
    """Queries by number."""
    q = m.Query
    query = select(q.id, q.subject_id, q.visit, q.form, q.row_key, q.item).order_by(q.id)
    found = list(rows_for(reader, query, q.subject_id, subject_ids))
    s = m.QueryStep
    thread = select(s.query, s.status, s.said, s.account, s.at).order_by(s.id)
    steps: dict[int, list[StepState]] = defaultdict(list)
    for row in rows_for(reader, thread, s.query, [row.id for row in found]):
        at = datetime.fromisoformat(row.at)
        steps[row.query].append(StepState(QueryStatus(row.status), row.said, row.account, at))
    raised = {entry.query: entry for entry in queries_raised(reader)}
    states = []
    for row in found:
        by = raised.get(row.id)
        check, tells_arm = (by.check, by.tells_arm) if by else ("", False)
        place = (row.id, row.subject_id, row.visit, row.form, row.row_key, row.item)
        states.append(QueryState(*place, tuple(steps[row.id]), check, tells_arm))
    return sorted(states, key=lambda state: state.id)


@dataclass(frozen=True, slots=True)
class TickState:
    """A value held against its source: by whom, and when."""

    account: str
    at: datetime


def queries_raised(reader: Reader) -> list[RaisedState]:
    """What checks raised, in that order."""
    r = m.QueryRaised
    rows = reader.execute(select(r.query, r.check_name, r.seen_sha256, r.tells_arm).order_by(r.id))
    return [RaisedState(row.query, row.check_name, row.seen_sha256, bool(row.tells_arm)) for row in rows]


def marks(reader: Reader, instances: Collection[int] | None = None) -> dict[int, list[MarkState]]:
    """Verifications and signatures of forms, in the order in which they were made."""
    f = m.FormMark
    query = select(
        f.form_instance, f.kind, f.meaning, f.content_sha256, f.blinded, f.account, f.at, f.audit_number
    ).order_by(f.id)
    found: dict[int, list[MarkState]] = defaultdict(list)
    for row in rows_for(reader, query, f.form_instance, instances):
        at = datetime.fromisoformat(row.at)
        facts = (row.kind, row.meaning, row.content_sha256, bool(row.blinded), row.account)
        state = MarkState(*facts, at, row.audit_number)
        found[row.form_instance].append(state)
    return found


def marked_forms(reader: Reader, kind: str) -> dict[FormKey, tuple[int, list[MarkState]]]:
    """The forms with marks of one kind, by place: the form's row, and those marks in their order."""
    found: dict[FormKey, tuple[int, list[MarkState]]] = {}
    for row in reader.execute(_MARKED.where(m.FormMark.kind == kind, not_void())):
        key, mark = _marked(row)
        found.setdefault(key, (row.id, []))[1].append(mark)
    return found


def voided_marks(reader: Reader, subject_ids: Collection[str]) -> list[tuple[FormKey, MarkState]]:
    """The marks of forms that were voided, each with the form's place, in their order."""
    rows = rows_for(reader, _MARKED.where(~not_void()), m.FormInstance.subject_id, subject_ids)
    return sorted(map(_marked, rows), key=lambda one: one[1].audit_number)


def _marked(row: Any) -> tuple[FormKey, MarkState]:
    facts = (row.kind, row.meaning, row.content_sha256, bool(row.blinded), row.account)
    state = MarkState(*facts, datetime.fromisoformat(row.at), row.audit_number)
    return (row.subject_id, row.visit, row.form), state


_MARKED = (
    select(
        m.FormInstance.subject_id,
        m.FormInstance.visit,
        m.FormInstance.form,
        m.FormInstance.id,
        m.FormMark.kind,
        m.FormMark.meaning,
        m.FormMark.content_sha256,
        m.FormMark.blinded,
        m.FormMark.account,
        m.FormMark.at,
        m.FormMark.audit_number,
    )
    .join(m.FormInstance, m.FormInstance.id == m.FormMark.form_instance)
    .order_by(m.FormMark.id)
)


_FREEZES = select(m.DataFreeze.scope, m.DataFreeze.place, m.DataFreeze.action).order_by(m.DataFreeze.id)


_LOCKS = select(
    m.PlaceLock.scope, m.PlaceLock.place, m.PlaceLock.action, m.PlaceLock.content_sha256
).order_by(m.PlaceLock.id)


def frozen_places(reader: Reader) -> set[tuple[str, str]]:
    """(scope, place) of what is frozen now."""
    last = {(row.scope, row.place): row.action for row in rows_of(reader, _FREEZES)}
    return {place for place, action in last.items() if action == "set"}


def locked_places(reader: Reader) -> dict[tuple[str, str], str]:
    """(scope, place) of what is locked now, below the study -> the digest its signature is bound to."""
    last = {(row.scope, row.place): row for row in rows_of(reader, _LOCKS)}
    return {place: row.content_sha256 for place, row in last.items() if row.action == "set"}


def source_ticks(reader: Reader, values: Collection[int]) -> dict[int, list[TickState]]:
    """The monitors' ticks at these values of the final record."""
    t = m.SourceTick
    query = select(t.final_value, t.account, t.at).order_by(t.id)
    found: dict[int, list[TickState]] = defaultdict(list)
    for row in rows_for(reader, query, t.final_value, values):
        found[row.final_value].append(TickState(row.account, datetime.fromisoformat(row.at)))
    return found


@dataclass(frozen=True, slots=True)
class SetDecisionState:
    """A decision of the blind data review as it stands."""

    subject_id: str
    analysis_set: str
    decision: str
    reason: str
    account: str
    at: str


def set_decisions(reader: Reader) -> dict[tuple[str, str], SetDecisionState]:
    """(subject, analysis set) -> the last decision."""
    d = m.SetDecision
    columns = (d.subject_id, d.analysis_set, d.decision, d.reason, d.account, d.at)
    found = (SetDecisionState(*row) for row in reader.execute(select(*columns).order_by(d.id)))
    return {(one.subject_id, one.analysis_set): one for one in found}
