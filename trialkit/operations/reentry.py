"""After a restore: allocations that were told and lost are entered again from their paper confirmations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from trialkit.access import Actor
from trialkit.operations.acting import acting, known_subjects
from trialkit.operations.anchoring import suspension
from trialkit.operations.custody import open_arm
from trialkit.operations.errors import OperationError
from trialkit.operations.slots import hold_stratum, next_free, write_allocation
from trialkit.operations.trial import Trial
from trialkit.store.audit_chain import AuditStamp, canonical
from trialkit.store.reading.recruitment import last_allocated_at


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
    reason: str,
) -> Reentered:
    """Give a subject again the slot that its paper confirmation shows, while randomization is suspended.

    Parameters
    ----------
    subject_id
        Enrolled again if that was lost as well.
    stratum_values, arm, allocated_at
        As on the confirmation; the time with its zone. Confirmations of one stratum go in order of time.
    reason
        Why, and from which paper.

    Raises
    ------
    AccessError, OperationError
        No right or reason; randomization is not suspended; the subject has an allocation; a later
        confirmation of the stratum is in already; the stratum's next slot is not the one on the paper.
    """
    if allocated_at.tzinfo is None:
        raise OperationError(
            expected="the time on the confirmation with its zone", found="none", where=subject_id
        )
    at = allocated_at.astimezone(UTC).isoformat(timespec="microseconds")
    with acting(trial, actor, "reenter_allocation", reason=reason) as progress:
        if suspension(trial, progress.reader) is None:
            raise OperationError(
                expected="a suspended randomization",
                found="one that is not: nobody chooses an arm",
                next_step="Randomize the subject.",
            )
        held = hold_stratum(trial, progress, stratum_values, subject_id)
        states = known_subjects(trial, progress, actor, "reenter_allocation", [subject_id], reason=reason)
        if states[subject_id].allocated:
            raise OperationError(expected="a subject without allocation", found="one", where=subject_id)
        last = last_allocated_at(progress.reader, held.label)
        if last is not None and at < last:
            raise OperationError(
                expected="the stratum's confirmations in order of time",
                found="one before an allocation that is there",
                where=subject_id,
                next_step="Restore again, and enter the earliest confirmation first.",
            )
        free = next_free(progress.reader, held, subject_id)
        if open_arm(trial, free.sealed_for(subject_id)) != arm:
            raise OperationError(
                expected="the confirmation that the stratum's next slot belongs to",
                found="another one",
                where=subject_id,
                next_step="Check the paper; an earlier confirmation of the stratum may be missing.",
            )
        write_allocation(
            trial, progress, actor.account, subject_id, held, free, canonical(dict(stratum_values)), at
        )
    return Reentered(subject_id, progress.stamp)
