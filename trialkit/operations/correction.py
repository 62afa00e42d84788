"""Correction of the final record; the passes stay as they were typed."""

from __future__ import annotations

from dataclasses import dataclass

from trialkit.access import Actor
from trialkit.access.acts.capture import CORRECT
from trialkit.entry import TypedValue
from trialkit.operations.adjudication import readable, shown
from trialkit.operations.errors import OperationError
from trialkit.operations.gate import acting
from trialkit.operations.trial import Trial
from trialkit.store import models as m
from trialkit.store.audit_chain import AuditStamp


@dataclass(frozen=True, slots=True)
class Corrected:
    """The value before and after, as the audit trail shows them."""

    where: str
    old: str | None
    new: str | None
    stamp: AuditStamp


def correct(
    trial: Trial,
    actor: Actor,
    *,
    subject_id: str,
    visit: str,
    form: str,
    item: str,
    value: str | TypedValue,
    reason: str,
    row: str = "",
) -> Corrected:
    """Give a value of the final record another one, with a reason; both are kept.

    Parameters
    ----------
    subject_id, visit, form, row, item
        The field; ``row`` is the line number of a repeating form.
    value
        The text as it should be; ``@unknown`` for a missing code.
    reason
        Why.

    Raises
    ------
    AccessError, OperationError, EntryError
        No right or reason; no final value there (a discrepancy is adjudicated, not corrected), the same
        value, or a text that cannot be one.
    """
    where = "/".join(part for part in (subject_id, visit, form, row, item) if part)
    with acting(trial, actor, CORRECT, reason=reason) as progress:
        progress.known_subjects([subject_id])
        present = [
            final
            for final in progress.final_values([subject_id])
            if (final.visit, final.form, final.row, final.item) == (visit, form, row, item)
        ]
        if not present:
            raise OperationError(
                expected="a value of the final record",
                found="none",
                where=where,
                next_step="Enter the form, or adjudicate the discrepancy.",
            )
        new = readable(progress.rules, item, value, where)
        old = present[0].value
        if new == old:
            raise OperationError(expected="another value than the present one", found="the same", where=where)
        progress.add(
            m.FinalValue,
            id=next(progress.next_ids(m.FinalValue)),
            final_row=present[0].final_row,
            item=item,
            raw_text=new.text,
            state=new.state.value,
            missing_code=new.missing_code and new.missing_code.value,
            origin="corrected",
            supersedes=present[0].id,
        )
        progress.state(changes=[{"field": where, "old": shown(old), "new": shown(new)}])
    return Corrected(where, shown(old), shown(new), progress.stamp)
