"""What two passes disagree about: values and leftover rows, decided or not."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, select
from sqlalchemy.orm import aliased

from trialkit.entry import TypedValue
from trialkit.store import models as m
from trialkit.store.engine import Reader
from trialkit.store.reading.batches import rows_for
from trialkit.store.reading.forms import not_void, typed_value
from trialkit.vocabulary import DiscrepancyKind, ValueState


@dataclass(frozen=True, slots=True)
class DiscrepancyState:
    """``choice`` is empty while nobody has looked, ``cannot_decide`` while the site is asked."""

    id: int
    final_row: int
    subject_id: str
    visit: str
    form: str
    row: str
    item: str
    kind: DiscrepancyKind
    first: TypedValue
    second: TypedValue
    first_by: str
    second_by: str
    first_row: int  # the lines of the two passes
    second_row: int
    choice: str
    reason_code: str

    @property
    def open(self) -> bool:
        return self.choice in ("", "cannot_decide")


@dataclass(frozen=True, slots=True)
class UnmatchedState:
    pass_row: int
    subject_id: str
    visit: str
    form: str
    pass_number: int
    position: int
    row: str
    reason: str
    decision: str


def discrepancies(
    reader: Reader, subject_ids: Collection[str] | None = None, *, only_open: bool = False
) -> list[DiscrepancyState]:
    """Discrepancies in the order in which they were found."""
    decisions = _decisions(reader)
    found = []
    for row in rows_for(reader, _both_sides(), m.FormInstance.subject_id, subject_ids):
        choice, reason_code = decisions.get(row.id, ("", ""))
        state = DiscrepancyState(
            id=row.id,
            final_row=row.final_row,
            subject_id=row.subject_id,
            visit=row.visit,
            form=row.form,
            row=row.row_key,
            item=row.item,
            kind=DiscrepancyKind(row.kind),
            first=_seen(row.text_one, row.state_one, row.code_one),
            second=_seen(row.text_two, row.state_two, row.code_two),
            first_by=row.by_one,
            second_by=row.by_two,
            first_row=row.row_one,
            second_row=row.row_two,
            choice=choice,
            reason_code=reason_code,
        )
        if state.open or not only_open:
            found.append(state)
    return found


def _both_sides() -> Select[*tuple[Any, ...]]:
    """Every discrepancy of a live form with what either pass has there, and who typed it."""
    one, two = aliased(m.PassValue), aliased(m.PassValue)
    row_one, row_two = aliased(m.PassRow), aliased(m.PassRow)
    pass_one, pass_two = aliased(m.FormPass), aliased(m.FormPass)
    return (
        select(
            m.Discrepancy.id,
            m.Discrepancy.final_row,
            m.FormInstance.subject_id,
            m.FormInstance.visit,
            m.FormInstance.form,
            m.FinalRow.row_key,
            m.Discrepancy.item,
            m.Discrepancy.kind,
            one.raw_text.label("text_one"),
            one.state.label("state_one"),
            one.missing_code.label("code_one"),
            two.raw_text.label("text_two"),
            two.state.label("state_two"),
            two.missing_code.label("code_two"),
            pass_one.entered_by.label("by_one"),
            pass_two.entered_by.label("by_two"),
            row_one.id.label("row_one"),
            row_two.id.label("row_two"),
        )
        .join(m.FinalRow, m.FinalRow.id == m.Discrepancy.final_row)
        .join(m.FormInstance, m.FormInstance.id == m.FinalRow.form_instance)
        .join(row_one, row_one.id == m.FinalRow.pass1_row)
        .join(row_two, row_two.id == m.FinalRow.pass2_row)
        .join(pass_one, pass_one.id == row_one.form_pass)
        .join(pass_two, pass_two.id == row_two.form_pass)
        .outerjoin(one, and_(one.pass_row == row_one.id, one.item == m.Discrepancy.item))
        .outerjoin(two, and_(two.pass_row == row_two.id, two.item == m.Discrepancy.item))
        .where(not_void())
        .order_by(m.Discrepancy.id)
    )


def _seen(raw_text: str | None, state: str | None, missing_code: str | None) -> TypedValue:
    """An item that a pass does not have at all was never seen in it."""
    return typed_value(raw_text, state or ValueState.NEVER_SEEN, missing_code)


def _decisions(reader: Reader) -> dict[int, tuple[str, str]]:
    query = select(m.Adjudication.discrepancy, m.Adjudication.choice, m.Adjudication.reason_code).order_by(
        m.Adjudication.id
    )
    return {row.discrepancy: (row.choice, row.reason_code) for row in reader.execute(query)}


def unmatched_rows(
    reader: Reader, subject_ids: Collection[str] | None = None, *, only_open: bool = False
) -> list[UnmatchedState]:
    """Rows that found no partner, by pass and position."""
    query = (
        select(
            m.UnmatchedRow.pass_row,
            m.FormInstance.subject_id,
            m.FormInstance.visit,
            m.FormInstance.form,
            m.FormPass.pass_number,
            m.PassRow.position,
            m.PassRow.row_key,
            m.UnmatchedRow.reason,
            m.RowDecision.decision,
        )
        .join(m.PassRow, m.PassRow.id == m.UnmatchedRow.pass_row)
        .join(m.FormPass, m.FormPass.id == m.PassRow.form_pass)
        .join(m.FormInstance, m.FormInstance.id == m.UnmatchedRow.form_instance)
        .outerjoin(m.RowDecision, m.RowDecision.pass_row == m.UnmatchedRow.pass_row)
        .where(not_void())
        .order_by(m.UnmatchedRow.pass_row)
    )
    return [
        UnmatchedState(
            row.pass_row,
            row.subject_id,
            row.visit,
            row.form,
            row.pass_number,
            row.position,
            row.row_key,
            row.reason,
            row.decision or "",
        )
        for row in rows_for(reader, query, m.FormInstance.subject_id, subject_ids)
        if not (only_open and row.decision)
    ]
