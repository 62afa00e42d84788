"""Allocations made outside trialkit: recorded as such, sealed, and never as slots."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from trialkit.access import Actor
from trialkit.access.acts.lists import RECORD_EXTERNAL_ALLOCATIONS
from trialkit.operations.custody import seal_arm
from trialkit.operations.errors import OperationError
from trialkit.operations.gate import acting
from trialkit.operations.subjects import require_possible_day
from trialkit.operations.trial import Trial
from trialkit.randomization import AllocationKey
from trialkit.store.audit_chain import AuditStamp
from trialkit.store.models import ExternalAllocation
from trialkit.store.reading.allocations import external_place
from trialkit.store.reading.subjects import SubjectState
from trialkit.wording import said


@dataclass(frozen=True, slots=True)
class ExternalAllocationsRecorded:
    count: int
    stamp: AuditStamp


def record_external_allocations(
    trial: Trial,
    actor: Actor,
    *,
    arms: Mapping[str, str],
    source: str,
    reason: str,
    dates: Mapping[str, date] | None = None,
) -> ExternalAllocationsRecorded:
    """Record allocations that were made elsewhere, all of them or none.

    Parameters
    ----------
    arms
        Subject number -> arm of the study.
    source
        Where they come from: a system, a file, a publication.
    reason
        Why they were not made here.
    dates
        Subject number -> day of randomization, where the source says it.

    Raises
    ------
    AccessError, OperationError, EntryError
        No right or reason; the study has a list of its own, an unknown arm or subject, one allocated
        already; a day in the future, before consent, or after the subject had left: all such days at once.
    """
    if trial.study.randomization.method != "external":
        raise OperationError(
            expected="a study whose allocations are made outside",
            found="one that randomizes with a list",
            next_step="Randomize from the list.",
        )
    known = {arm.name for arm in trial.study.arms}
    for subject_id, arm in arms.items():
        if arm not in known:
            raise OperationError(
                expected="an arm of the study", found="a name that is none", where=subject_id
            )
    with acting(trial, actor, RECORD_EXTERNAL_ALLOCATIONS, reason=reason) as progress:
        states = progress.known_subjects(arms)
        taken = sorted(subject_id for subject_id, state in states.items() if state.allocated)
        if taken:
            raise OperationError(
                expected="subjects without an allocation", found="one who has one", where=taken[0]
            )
        _require_days(trial, progress.at, states, dates or {})
        key = AllocationKey.draw()
        trial.keys.keep(key)
        for subject_id, arm in sorted(arms.items()):
            sealed = seal_arm(key, external_place(subject_id, trial.study.id), arm)
            day = (dates or {}).get(subject_id)
            progress.add(
                ExternalAllocation,
                subject_id=subject_id,
                key_id=key.key_id,
                nonce=sealed.nonce,
                sealed=sealed.sealed,
                allocated_on=day.isoformat() if day else "",
                source=source,
            )
        progress.state(subjects=len(arms), source=source)
    return ExternalAllocationsRecorded(len(arms), progress.stamp)


def _require_days(
    trial: Trial, at: str, states: Mapping[str, SubjectState], days: Mapping[str, date]
) -> None:
    """Refuse days on which nobody can have been randomized, all together."""
    problems = list[OperationError]()
    for subject_id, day in sorted(days.items()):
        state = states.get(subject_id)
        if state is None:
            continue
        try:
            require_possible_day(trial, state, day, at, subject_id)
            left = state.withdrawn or state.screen_failed
            if left is not None and day > left.date:
                raise OperationError(
                    expected=said("a date not after the subject left ({left})", left=left.date.isoformat()),
                    found=day.isoformat(),
                    where=subject_id,
                    next_step="Check the day in the source, and that of leaving.",
                )
        except OperationError as problem:
            problems.append(problem)
    if problems:
        raise OperationError.all_of(problems)
