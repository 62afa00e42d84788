"""Voiding what was entered and should not have been: kept as it was typed, counted nowhere, entered again."""

from __future__ import annotations

from dataclasses import dataclass

from trialkit.access import Actor
from trialkit.access.acts.capture import VOID_PASS
from trialkit.entry import check_pass_may_be_voided
from trialkit.operations.errors import OperationError
from trialkit.operations.gate import OpenAct, acting
from trialkit.operations.stored_pass import new_instance, write_pass
from trialkit.operations.trial import Trial
from trialkit.store import models as m
from trialkit.store.audit_chain import AuditStamp
from trialkit.store.reading.forms import FormState, pass_origin, pass_rows
from trialkit.wording import said


@dataclass(frozen=True, slots=True)
class PassVoided:
    """What was voided, and which passes of the form stand."""

    where: str
    voided: tuple[int, ...]
    standing: tuple[int, ...]
    stamp: AuditStamp


def void_pass(
    trial: Trial,
    actor: Actor,
    *,
    subject_id: str,
    visit: str,
    form: str,
    reason: str,
    pass_number: int | None = None,
) -> PassVoided:
    """Void a form that was entered and should not have been, or one of its two passes.

    What was typed, compared, decided and corrected stays on record and counts for nothing. The form is
    then as if nobody had touched it, or as it was with the other pass alone: it can be entered again, by the
    same person too, or marked not done.

    Parameters
    ----------
    subject_id, visit, form
        As it was entered.
    pass_number
        1 or 2; None: the whole form, a statement that it was not done included.
    reason
        Why, such as: keyed to the wrong subject.

    Raises
    ------
    AccessError, OperationError, StoreError
        No right or reason; nothing entered there, or no such pass; a locked study.
    """
    where = "/".join((subject_id, visit, form))
    with acting(trial, actor, VOID_PASS, reason=reason) as progress:
        progress.known_subjects([subject_id])
        progress.require_not_frozen([(subject_id, visit, form)])
        state = progress.forms([subject_id]).get((subject_id, visit, form))
        if state is None:
            raise OperationError(
                expected="a form that was entered",
                found="none",
                where=where,
                next_step="Check subject, visit and form.",
            )
        voided, kept = _parted(state, pass_number, progress.reason, where)
        progress.add(m.FormVoid, form_instance=state.id, reason=progress.reason)
        if kept:
            _keep(progress, state, kept)
        progress.state(field=where, voided=list(voided), standing=list(kept))
    return PassVoided(where, voided, kept, progress.stamp)


def _parted(
    state: FormState, pass_number: int | None, reason: str, where: str
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The numbers of the passes that go, and of those that stay."""
    present = {entry.number: entry for entry in state.passes}
    if pass_number is None:
        return tuple(present), ()
    if pass_number not in present:
        raise OperationError(
            expected=said("pass {number} of this form", number=pass_number),
            found="none",
            where=where,
            next_step="Look at what was entered, or leave the pass out to void the whole form.",
        )
    check_pass_may_be_voided(present[pass_number], reason, where=where)
    return (pass_number,), tuple(number for number in present if number != pass_number)


def _keep(progress: OpenAct, state: FormState, numbers: tuple[int, ...]) -> None:
    """The pass that stands, in the same words and by the same person, on a form of its own."""
    instance = new_instance(progress, state.subject_id, state.visit, state.form, state.study_version)
    rows = pass_rows(progress.reader, [state.pass_ids[number] for number in numbers])
    for number in numbers:
        origin = pass_origin(progress.reader, state.pass_ids[number])
        write_pass(progress, instance, number, origin, [place.row for place in rows[state.pass_ids[number]]])
