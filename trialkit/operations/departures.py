"""Leaving: screening failure and withdrawal; one recorded wrongly is put right, old and new on record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from trialkit.access import Act, Actor
from trialkit.access.acts.subjects import CORRECT_DEPARTURE, SCREEN_FAIL, WITHDRAW
from trialkit.entry.checking import Flag
from trialkit.operations.errors import OperationError
from trialkit.operations.gate import OpenAct, acting
from trialkit.operations.subjects import require_possible_day
from trialkit.operations.trial import Trial
from trialkit.operations.visits_expected import day_of_randomization
from trialkit.store.audit_chain import AuditStamp
from trialkit.store.models import DepartureCorrection, SubjectEvent
from trialkit.store.reading.subjects import SubjectState, departure_row
from trialkit.wording import said


@dataclass(frozen=True, slots=True)
class SubjectLeft:
    """A screening failure or a withdrawal, as recorded."""

    subject_id: str
    date: date
    stamp: AuditStamp
    flags: tuple[Flag, ...] = ()  # what to look at; it was taken


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
        No right or reason; nobody left; a day in the future, before consent or before the day of
        randomization; nothing that changes.
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
            if date is not None:
                _require_not_before_randomization(trial, state, day)
            progress.require_no_arm_named(why_left, where=subject_id)
        _write_departure(progress, left.event, None if never_left else day, why_left, reason)
        old = f"{left.date.isoformat()}, {left.reason}"
        new = "did not leave" if never_left else f"{day.isoformat()}, {why_left}"
        progress.state(subject=subject_id, changes=[{"field": "departure", "old": old, "new": new}])
    return DepartureCorrected(subject_id, old, new, progress.stamp)


def screen_fail(trial: Trial, actor: Actor, *, subject_id: str, date: date, reason: str) -> SubjectLeft:
    """Record that a screened person does not enter the trial.

    Raises
    ------
    AccessError, OperationError
        No right or reason; the subject is randomized, or failed already; a day in the future or before
        consent.
    """
    return _leave(trial, actor, SCREEN_FAIL, "screen_failed", subject_id, date, reason)


def withdraw(trial: Trial, actor: Actor, *, subject_id: str, date: date, reason: str) -> SubjectLeft:
    """Record that a subject leaves the study; visits due after that day are no longer expected.

    Raises
    ------
    AccessError, OperationError
        No right or reason; the subject failed screening, or withdrew already; a day in the future, before
        consent, or before the day of randomization.
    """
    return _leave(trial, actor, WITHDRAW, "withdrawn", subject_id, date, reason)


def _leave(
    trial: Trial, actor: Actor, act: Act, kind: str, subject_id: str, day: date, reason: str
) -> SubjectLeft:
    with acting(trial, actor, act, reason=reason) as progress:
        state = progress.known_subjects([subject_id])[subject_id]
        if kind == "screen_failed" and state.allocated:
            raise OperationError(
                expected="a subject who is not randomized",
                found="one who is",
                where=subject_id,
                next_step="Record a withdrawal, or the mistake if randomization was one.",
            )
        if state.screen_failed or state.withdrawn:
            raise OperationError(
                expected="a subject who is still in the study", found="one who left", where=subject_id
            )
        require_possible_day(trial, state, day, progress.at, subject_id)
        _require_not_before_randomization(trial, state, day)
        flags = _visits_later(progress, subject_id, day)
        before = departure_row(progress.reader, subject_id, kind)
        if before is None:
            progress.add(
                SubjectEvent,
                id=next(progress.next_ids(SubjectEvent)),
                subject_id=subject_id,
                kind=kind,
                date=day.isoformat(),
                reason=reason.strip(),
            )
        else:  # one that was corrected to "never left"
            _write_departure(progress, before, day, reason, "left after all")
        progress.state(subject=subject_id, date=day.isoformat())
    return SubjectLeft(subject_id, day, progress.stamp, flags)


def _write_departure(progress: OpenAct, event: int, day: date | None, reason: str, why: str) -> None:
    """A departure as it is now known to have been; no day: nobody left."""
    progress.add(
        DepartureCorrection,
        id=next(progress.next_ids(DepartureCorrection)),
        subject_event=event,
        date=day.isoformat() if day else None,
        reason=reason.strip() if day else None,
        why=why.strip(),
    )


def _require_not_before_randomization(trial: Trial, state: SubjectState, day: date) -> None:
    """Refuse a departure of somebody who was randomized afterwards: one of the two days is wrong."""
    randomized = day_of_randomization(trial, state)
    if randomized is not None and day < randomized:
        raise OperationError(
            expected=said("a day not before randomization ({day})", day=randomized.isoformat()),
            found=day.isoformat(),
            where=state.subject_id,
            next_step="Check the year. Of somebody who had left and was randomized all the same, record the "
            "departure on the day of randomization, and the mistake.",
        )


def _visits_later(progress: OpenAct, subject_id: str, day: date) -> tuple[Flag, ...]:
    """Visits on record that took place after the subject had left."""
    later = [
        (place.visit, place.date)
        for _, place in sorted(progress.visits([subject_id]).items())
        if place.date is not None and place.date > day
    ]
    return tuple(
        Flag(
            f"{subject_id}/{visit}",
            said("{day} is after the subject left ({left})", day=on.isoformat(), left=day.isoformat()),
        )
        for visit, on in later
    )
