"""The final record: the values in force."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import Select, func, literal, select
from sqlalchemy.orm import aliased

from trialkit.entry import TypedValue, ValueOrigin
from trialkit.store import models as m
from trialkit.store.direct import standing
from trialkit.store.engine import Reader
from trialkit.store.reading.batches import rows_for
from trialkit.store.reading.forms import not_void, typed_value

_REMEMBERED = 100  # sets of forms: those that one question or another is about
_ORIGINS = {origin.value: origin for origin in ValueOrigin}


class FinalState(NamedTuple):
    """A value of the final record that no later one supersedes."""

    id: int
    final_row: int
    subject_id: str
    visit: str
    form: str
    row: str
    item: str
    value: TypedValue
    origin: ValueOrigin


_LATER = aliased(m.FinalValue)
_IN_FORCE = standing(
    select(
        m.FinalValue.id,
        m.FinalValue.final_row,
        m.FormInstance.subject_id,
        m.FormInstance.visit,
        m.FormInstance.form,
        m.FinalRow.row_key,
        m.FinalValue.item,
        m.FinalValue.raw_text,
        m.FinalValue.state,
        m.FinalValue.missing_code,
        m.FinalValue.origin,
    )
    .join(m.FinalRow, m.FinalRow.id == m.FinalValue.final_row)
    .join(m.FormInstance, m.FormInstance.id == m.FinalRow.form_instance)
    .outerjoin(_LATER, _LATER.supersedes == m.FinalValue.id)
    .where(_LATER.id.is_(None), not_void())
    .order_by(m.FinalValue.id)
)


@lru_cache(_REMEMBERED)
def _in_force_of(forms: tuple[str, ...]) -> Select[*tuple[Any, ...]]:
    return standing(_IN_FORCE.where(m.FormInstance.form.in_([literal(form) for form in forms])))


_REDACTED_VALUES = select(m.Redaction.place).where(m.Redaction.place.startswith("writes/final_value/"))


@dataclass(frozen=True, slots=True)
class TickedState:
    """A value that somebody held against its source; ``later``: another one is in force by now, or none is
    left of it. ``voided``: its form was.
    """

    subject_id: str
    visit: str
    form: str
    row: str
    item: str
    account: str
    at: datetime
    later: bool
    voided: bool


def ticked_values(reader: Reader, subject_ids: Collection[str] | None = None) -> list[TickedState]:
    """Every tick at a single value, in the order in which they were made."""
    i, t = m.FormInstance, m.SourceTick
    query = (
        select(
            t.id,
            i.subject_id,
            i.visit,
            i.form,
            m.FinalRow.row_key,
            m.FinalValue.item,
            t.account,
            t.at,
            _LATER.id,
            m.FinalValue.id,
            m.FormVoid.form_instance,
        )
        .join(m.FinalValue, m.FinalValue.id == t.final_value)
        .join(m.FinalRow, m.FinalRow.id == m.FinalValue.final_row)
        .join(i, i.id == m.FinalRow.form_instance)
        .outerjoin(_LATER, _LATER.supersedes == m.FinalValue.id)
        .outerjoin(m.FormVoid, m.FormVoid.form_instance == i.id)
    )
    found = sorted(
        (tuple(row) for row in rows_for(reader, query, i.subject_id, subject_ids)), key=itemgetter(0)
    )
    redacted = _redacted_values(reader)
    states = []
    for _, person, visit, form, row, item, account, at, later, value, void in found:
        gone, when = later is not None or value in redacted, datetime.fromisoformat(at)
        states.append(TickedState(person, visit, form, row, item, account, when, gone, void is not None))
    return states


def _redacted_values(reader: Reader) -> frozenset[int]:
    """Final values out of which a text was taken."""
    places = (place.split("/") for place in reader.scalars(_REDACTED_VALUES))
    return frozenset(int(parts[2]) for parts in places)


def final_values(
    reader: Reader, subject_ids: Collection[str] | None = None, forms: Collection[str] | None = None
) -> list[FinalState]:
    """Final values in force, of some subjects or all, of some forms or all."""
    query = _IN_FORCE if forms is None else _in_force_of(tuple(sorted(forms)))
    rows = rows_for(reader, query, m.FormInstance.subject_id, subject_ids)
    return [
        FinalState(
            number,
            final_row,
            subject_id,
            visit,
            form,
            line,
            item,
            typed_value(text, state, code),
            _ORIGINS[origin],
        )
        for number, final_row, subject_id, visit, form, line, item, text, state, code, origin in rows
    ]


_CHANGED = (
    select(m.FormMark.form_instance)
    .join(m.FinalRow, m.FinalRow.form_instance == m.FormMark.form_instance)
    .join(m.FinalValue, m.FinalValue.final_row == m.FinalRow.id)
    .where(m.FinalValue.audit_number > m.FormMark.audit_number)
    .distinct()
)
_REDACTED = (
    select(m.FormMark.form_instance)
    .join(m.FinalRow, m.FinalRow.form_instance == m.FormMark.form_instance)
    .join(m.FinalValue, m.FinalValue.final_row == m.FinalRow.id)
    .where(m.FinalValue.audit_number.in_(select(m.Redaction.record)))
    .distinct()
)
_ANY_REDACTION = select(m.Redaction.id).limit(1)


def changed_since_marked(reader: Reader) -> set[int]:
    """Forms with a mark and a value that was written after it, or out of which a text was taken."""
    found = set(reader.scalars(_CHANGED))
    if reader.scalar(_ANY_REDACTION) is not None:
        found |= set(reader.scalars(_REDACTED))
    return found


def last_written(reader: Reader, instances: Collection[int]) -> dict[int, dict[str, int]]:
    """Form's row -> item -> the audit record that last wrote a value of it, on any line."""
    v, r = m.FinalValue, m.FinalRow
    query = (
        select(r.form_instance, v.item, func.max(v.audit_number))
        .join(r, r.id == v.final_row)
        .group_by(r.form_instance, v.item)
    )
    found: dict[int, dict[str, int]] = {}
    for row in rows_for(reader, query, r.form_instance, instances):
        instance, item, number = tuple(row)
        found.setdefault(instance, {})[item] = number
    return found


def authors_of(reader: Reader, final: FinalState) -> set[str]:
    """The accounts behind a value in force: who wrote it, and who typed it where it is as it was typed."""
    wrote = (
        select(m.AuditTransaction.account)
        .join(m.FinalValue, m.FinalValue.audit_number == m.AuditTransaction.number)
        .where(m.FinalValue.id == final.id)
    )
    typed = (
        select(m.FormPass.entered_by)
        .join(m.PassRow, m.PassRow.form_pass == m.FormPass.id)
        .join(m.FinalRow, m.PassRow.id.in_((m.FinalRow.pass1_row, m.FinalRow.pass2_row)))
        .where(m.FinalRow.id == final.final_row)
    )
    found = {str(account) for account in reader.scalars(wrote)}
    if final.origin in (ValueOrigin.ENTERED, ValueOrigin.AGREED):
        found |= {str(account) for account in reader.scalars(typed)}
    return found
