"""After a restore: allocations that were told and lost are entered again from their paper confirmations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from trialkit.access import Actor
from trialkit.access.acts.lists import REENTER_ALLOCATION
from trialkit.operations.anchoring import suspension
from trialkit.operations.custody import code_of, open_arm
from trialkit.operations.errors import OperationError
from trialkit.operations.gate import OpenAct, acting
from trialkit.operations.slots import hold_stratum, next_free, write_allocation
from trialkit.operations.trial import Trial
from trialkit.randomization import same_code
from trialkit.store.audit_chain import AuditStamp, canonical
from trialkit.store.reading.allocations import SealedAllocation
from trialkit.store.reading.recruitment import last_allocated_at
from trialkit.wording import said


@dataclass(frozen=True, slots=True)
class Reentered:
    subject_id: str
    stamp: AuditStamp


def reenter_allocation(
    trial: Trial,
    actor: Actor,
    *,
    subject_id: str,
    stratum_values: Mapping[str, str],
    arm: str,
    allocated_at: datetime,
    code: str,
    reason: str,
) -> Reentered:
    """Give a subject again the slot that its paper confirmation shows, while randomization is suspended.

    The code on the paper proves what the paper says and which slot it speaks of. An attempt that does not fit
    leaves an audit record, and its refusal does not say what did not fit.

    Parameters
    ----------
    subject_id
        Enrolled again if that was lost as well.
    stratum_values, arm, allocated_at, code
        As on the confirmation; the time with its zone. Confirmations of one stratum go in order of time.
        Where the audit key is not on this machine no code can be checked, and the arm alone must fit: then
        the refusal of one arm of two does tell the next one, and the audit record is all that guards it.
    reason
        Why, and from which paper.

    Raises
    ------
    AccessError, OperationError
        No right, signature or reason; randomization is not suspended; the subject has an allocation; a later
        confirmation of the stratum is in already; the paper is not that of the stratum's next slot.
    """
    if allocated_at.tzinfo is None:
        raise OperationError(
            expected="the time on the confirmation with its zone", found="none", where=subject_id
        )
    at = allocated_at.astimezone(UTC).isoformat(timespec="microseconds")
    with acting(trial, actor, REENTER_ALLOCATION, reason=reason) as progress:
        _require_suspended(trial, progress)
        held = hold_stratum(trial, progress, stratum_values, subject_id)
        states = progress.known_subjects([subject_id])
        if states[subject_id].allocated:
            raise OperationError(expected="a subject without allocation", found="one", where=subject_id)
        _require_order_of_time(progress, held.label, at, subject_id)
        free = next_free(progress.reader, held, subject_id)
        fits = _fits(trial, free.sealed_for(subject_id), arm, at, code)
        if fits:
            values_as_used = canonical(dict(stratum_values))
            write_allocation(trial, progress, actor.account, subject_id, held, free, values_as_used, at)
        else:
            progress.state(subject=subject_id, stratum=held.label, refused="the paper is not the next slot's")
    if not fits:
        raise OperationError(
            expected="the confirmation of the stratum's next slot, as it is printed",
            found="something else",
            where=subject_id,
            next_step=said(
                "Compare every line with the paper; an earlier confirmation of the stratum may be "
                "missing. This attempt is audit record {number}.",
                number=progress.stamp.number,
            ),
        )
    return Reentered(subject_id, progress.stamp)


def _require_suspended(trial: Trial, progress: OpenAct) -> None:
    if suspension(trial, progress.reader) is None:
        raise OperationError(
            expected="a suspended randomization",
            found="one that is not: nobody chooses an arm",
            next_step="Randomize the subject.",
        )


def _require_order_of_time(progress: OpenAct, stratum: str, at: str, subject_id: str) -> None:
    last = last_allocated_at(progress.reader, stratum)
    if last is not None and at < last:
        raise OperationError(
            expected="the stratum's confirmations in order of time",
            found="one before an allocation that is there",
            where=subject_id,
            next_step="Restore again, and enter the earliest confirmation first.",
        )


def _fits(trial: Trial, next_slot: SealedAllocation, arm: str, allocated_at: str, code: str) -> bool:
    """Whether a paper speaks of this slot: its code does, and where none can be checked its arm."""
    wanted = code_of(trial, next_slot, arm, allocated_at)
    genuine = not wanted or same_code(code, wanted)
    return genuine and open_arm(trial, next_slot) == arm
