"""A withdrawal or screening failure that was recorded wrongly, put right; old and new stay on record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from trialkit.access import Actor
from trialkit.access.acts.subjects import CORRECT_DEPARTURE
from trialkit.operations.errors import OperationError
from trialkit.operations.gate import acting
from trialkit.operations.subjects import require_possible_day, write_departure
from trialkit.operations.trial import Trial
from trialkit.store.audit_chain import AuditStamp


@dataclass(frozen=True, slots=True)
class DepartureCorrected:
    """``old`` and ``new`` in words: a day and a reason, or that the subject did not leave."""

    subject_id: str
    old: str
    new: str
    stamp: AuditStamp


def correct_departure(
    trial: Trial,
    actor: Actor,
    *,
    subject_id: str,
    reason: str,
    date: date | None = None,
    departure_reason: str | None = None,
    never_left: bool = False,
) -> DepartureCorrected:
    """Put a recorded departure right: its day, its reason, or that it never was.

    Parameters
    ----------
    subject_id
        Who withdrew or failed screening, according to the record.
    reason
        Why the record is wrong.
    date, departure_reason
        As they should be; None: as recorded.
    never_left
        The subject is in the study; then neither of the two.

    Raises
    ------
    AccessError, OperationError
        No right or reason; nobody left; a day in the future or before consent; nothing that changes.
    """
    with acting(trial, actor, CORRECT_DEPARTURE, reason=reason) as progress:
        state = progress.known_subjects([subject_id])[subject_id]
        left = state.withdrawn or state.screen_failed
        if left is None:
            raise OperationError(
                expected="a subject who left, according to the record", found="none", where=subject_id
            )
        day, why_left = date or left.date, departure_reason or left.reason
        if never_left == (date is not None or departure_reason is not None):
            raise OperationError(
                expected="another day or reason, or that the subject never left",
                found="both" if never_left else "neither",
                where=subject_id,
                next_step="Say what is wrong with the record.",
            )
        if not never_left:
            require_possible_day(trial, state, day, progress.at, subject_id)
            progress.require_no_arm_named(why_left, where=subject_id)
        write_departure(progress, left.event, None if never_left else day, why_left, reason)
        old = f"{left.date.isoformat()}, {left.reason}"
        new = "did not leave" if never_left else f"{day.isoformat()}, {why_left}"
        progress.state(subject=subject_id, changes=[{"field": "departure", "old": old, "new": new}])
    return DepartureCorrected(subject_id, old, new, progress.stamp)
