"""Days and visits that cannot be are refused; those that hardly can be are taken and flagged."""

from __future__ import annotations

from datetime import date

from trialkit.entry.checking import Flag
from trialkit.entry.work import VisitDates, visit_dates
from trialkit.operations.errors import OperationError
from trialkit.operations.trial import Trial
from trialkit.operations.visits_expected import day_of_randomization
from trialkit.store.reading.subjects import SubjectState
from trialkit.study.model import Study, Visit
from trialkit.wording import said, said_count


def is_before_its_randomization(trial: Trial, subject: SubjectState, visit: str) -> bool:
    """Whether a visit is counted from a randomization which has not taken place.

    Where allocations are made outside, the record of one may come in after the visits.
    """
    if subject.allocated or trial.study.randomization.method == "external":
        return False
    return _is_after_randomization(trial.study, trial.study.visit(visit))


def of_form(trial: Trial, subject: SubjectState, visit: str, where: str) -> list[Flag]:
    """That a form is of a visit which cannot have been; one of events may be filled in all the same."""
    if not is_before_its_randomization(trial, subject, visit):
        return []
    text = said("{visit} is counted from randomization, and the subject is not randomized",
                visit=trial.study.visit(visit).label)  # fmt: skip
    return [Flag(where, text)]


def of_visit(
    trial: Trial, subject: SubjectState, visit: Visit, day: date, where: str, died_on: date | None = None
) -> list[Flag]:
    """What is odd about the day of a visit: out of its window, after the subject had left or died.

    Raises
    ------
    OperationError
        Before the randomization that the visit is counted from, or of nobody randomized.
    """
    if is_before_its_randomization(trial, subject, visit.name):
        raise OperationError(
            expected=said("a subject who is randomized: {visit} is counted from that day", visit=visit.name),
            found="one who is not",
            where=where,
            next_step="Check the number and the visit on the form.",
        )
    dates = _dates(trial, subject, visit)
    randomized = day_of_randomization(trial, subject)
    from_randomization = _is_after_randomization(trial.study, visit)
    if from_randomization and randomized is not None and day < randomized <= (dates.first or day):
        raise OperationError(
            expected=said("a day not before randomization ({day})", day=randomized.isoformat()),
            found=day.isoformat(),
            where=where,
            next_step="Check the year, and which visit it was.",
        )
    flags = []
    if visit.window_days is not None and not _holds(dates, day):
        flags.append(Flag(where, _out_of_window(trial, subject, visit, dates, day)))
    left = subject.withdrawn or subject.screen_failed
    if left is not None and day > left.date:
        told = {"day": day.isoformat(), "left": left.date.isoformat()}
        flags.append(Flag(where, said("{day} is after the subject left ({left})", **told)))
    if died_on is not None and day > died_on:
        told = {"day": day.isoformat(), "died": died_on.isoformat()}
        flags.append(Flag(where, said("{day} is after death ({died})", **told)))
    return flags


def of_visit_not_done(
    trial: Trial, subject: SubjectState, visit: Visit, today: date, where: str
) -> list[Flag]:
    """That a visit which is said not to have taken place may still."""
    last = _dates(trial, subject, visit).last
    if last is None or today >= last or subject.withdrawn is not None or subject.screen_failed is not None:
        return []
    text = said("stated not done, and it may take place until {last}", last=last.isoformat())
    return [Flag(where, text)]


def _is_after_randomization(study: Study, visit: Visit) -> bool:
    return visit.anchor != "consent" and study.days_after_randomization(visit.anchor) is not None


def _dates(trial: Trial, subject: SubjectState, visit: Visit) -> VisitDates:
    return visit_dates(trial.study, visit, subject.consent_date, day_of_randomization(trial, subject))


def _holds(dates: VisitDates, day: date) -> bool:
    return dates.first is None or dates.last is None or dates.first <= day <= dates.last


def _out_of_window(trial: Trial, subject: SubjectState, visit: Visit, dates: VisitDates, day: date) -> str:
    """How far from its window, and whose window the day lies in: the wrong visit may have been chosen."""
    assert dates.first is not None and dates.last is not None
    window = {"first": dates.first.isoformat(), "last": dates.last.isoformat()}
    days = (dates.first - day).days if day < dates.first else (day - dates.last).days
    others = [
        other.label
        for other in trial.study.visits
        if other.name != visit.name and other.window_days is not None
        and (of_other := _dates(trial, subject, other)).first is not None and _holds(of_other, day)
    ]  # fmt: skip
    early = day < dates.first
    if others and early:
        return said_count("{n} day before its window ({first} to {last}), within that of {other}",
                       "{n} days before its window ({first} to {last}), within that of {other}",
                    days, other=others[0], **window)  # fmt: skip
    if others:
        return said_count("{n} day after its window ({first} to {last}), within that of {other}",
                       "{n} days after its window ({first} to {last}), within that of {other}",
                    days, other=others[0], **window)  # fmt: skip
    if early:
        return said_count(
            "{n} day before its window ({first} to {last})",
            "{n} days before its window ({first} to {last})",
            days,
            **window,
        )
    return said_count(
        "{n} day after its window ({first} to {last})",
        "{n} days after its window ({first} to {last})",
        days,
        **window,
    )
