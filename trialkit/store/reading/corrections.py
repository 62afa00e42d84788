"""Values of the final record that somebody corrected, and what the site said of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import aliased

from trialkit.entry import TypedValue
from trialkit.store import models as m
from trialkit.store.engine import Reader
from trialkit.store.reading.forms import not_void, typed_value


@dataclass(frozen=True, slots=True)
class CorrectionState:
    """A corrected value: its row in the database, its field, what it said before and says, who, when, why.

    ``old`` is None where no value was there. ``stands`` unless a later value superseded it. ``query`` is the
    one it cites; ``answer``, ``said`` and ``answered_by`` are empty while the site has said nothing.
    """

    id: int
    subject_id: str
    visit: str
    form: str
    row: str
    item: str
    old: TypedValue | None
    new: TypedValue
    stands: bool
    account: str
    role: str
    at: datetime
    reason: str
    query: int | None
    answer: str
    said: str
    answered_by: str


_OLD, _LATER = aliased(m.FinalValue), aliased(m.FinalValue)
_CORRECTED = (
    select(
        m.FinalValue.id,
        m.FormInstance.subject_id,
        m.FormInstance.visit,
        m.FormInstance.form,
        m.FinalRow.row_key,
        m.FinalValue.item,
        _OLD.id.label("old_id"),
        _OLD.raw_text.label("old_text"),
        _OLD.state.label("old_state"),
        _OLD.missing_code.label("old_code"),
        m.FinalValue.raw_text,
        m.FinalValue.state,
        m.FinalValue.missing_code,
        _LATER.id.label("later"),
        m.AuditTransaction.account,
        m.AuditTransaction.role,
        m.AuditTransaction.at,
        m.AuditTransaction.reason,
        m.QueryCited.query,
        m.CorrectionAnswer.answer,
        m.CorrectionAnswer.said,
        m.CorrectionAnswer.account.label("answered_by"),
    )
    .join(m.FinalRow, m.FinalRow.id == m.FinalValue.final_row)
    .join(m.FormInstance, m.FormInstance.id == m.FinalRow.form_instance)
    .join(m.AuditTransaction, m.AuditTransaction.number == m.FinalValue.audit_number)
    .outerjoin(_OLD, _OLD.id == m.FinalValue.supersedes)
    .outerjoin(_LATER, _LATER.supersedes == m.FinalValue.id)
    .outerjoin(m.QueryCited, m.QueryCited.final_value == m.FinalValue.id)
    .outerjoin(m.CorrectionAnswer, m.CorrectionAnswer.final_value == m.FinalValue.id)
    .where(m.FinalValue.origin == "corrected", not_void())
    .order_by(m.FinalValue.id)
)


_EVERY_PLACE = (
    select(m.FinalValue.id, m.FormInstance.form, m.FinalValue.item)
    .join(m.FinalRow, m.FinalRow.id == m.FinalValue.final_row)
    .join(m.FormInstance, m.FormInstance.id == m.FinalRow.form_instance)
    .where(m.FinalValue.origin == "corrected")
    .order_by(m.FinalValue.id)
)


def places_corrected(reader: Reader) -> list[tuple[int, str, str]]:
    """(id, form, item) of every correction that ever was, of voided forms too, the oldest first."""
    return [(row.id, row.form, row.item) for row in reader.execute(_EVERY_PLACE)]


def corrections(reader: Reader) -> list[CorrectionState]:
    """Every correction of a form that counts, the oldest first."""
    return [
        CorrectionState(
            row.id,
            row.subject_id,
            row.visit,
            row.form,
            row.row_key,
            row.item,
            None if row.old_id is None else typed_value(row.old_text, row.old_state, row.old_code),
            typed_value(row.raw_text, row.state, row.missing_code),
            row.later is None,
            row.account,
            row.role,
            datetime.fromisoformat(row.at),
            row.reason,
            row.query,
            row.answer or "",
            row.said or "",
            row.answered_by or "",
        )
        for row in reader.execute(_CORRECTED)
    ]
