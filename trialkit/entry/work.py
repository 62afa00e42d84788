"""When visits and forms are due, and what is still to be done about each; pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from trialkit.entry.form_life import FormStatus
from trialkit.study.model import Study, Visit


class WorkKind(StrEnum):
    """Where a visit or a form stands on the way to the final record."""

    EXPECTED = "expected"  # not yet due
    DUE = "due"
    OVERDUE = "overdue"
    ENTERED_ONCE = "entered_once"
    IN_CONFLICT = "in_conflict"
    OUT_OF_WINDOW = "out_of_window"  # a visit that took place too early or too late
    NOT_DONE = "not_done"
    COMPLETE = "complete"


@dataclass(frozen=True, slots=True)
class VisitDates:
    """The first and last permitted day of a visit and the one aimed at; None where the protocol says none."""

    first: date | None = None
    target: date | None = None
    last: date | None = None


def visit_dates(study: Study, visit: Visit, consent: date | None, randomized: date | None) -> VisitDates:
    """When a subject's visit is due, counted from its anchor.

    Degenerate cases: an anchor that has not come, or none in the protocol, gives no dates. A visit without a
    window has its target day alone.
    """
    if visit.anchor == "consent":
        start = consent
    else:
        offset = study.days_after_randomization(visit.anchor)
        start = None if randomized is None or offset is None else randomized + timedelta(days=offset)
    if start is None:
        return VisitDates()
    target = start + timedelta(days=visit.target_days or 0)
    if visit.window_days is None:
        return VisitDates(target, target, target)
    first, last = (start + timedelta(days=day) for day in visit.window_days)
    return VisitDates(first, target, last)


def visit_work(dates: VisitDates, *, done_on: date | None, not_done: bool, today: date) -> WorkKind:
    """Where a visit stands today.

    Parameters
    ----------
    dates
        As :func:`visit_dates` gives them.
    done_on, not_done
        What was recorded of it; neither: nothing was.
    today
        At the site.

    Degenerate case: a visit without dates, of which nothing was recorded, is expected for ever.
    """
    if not_done:
        return WorkKind.NOT_DONE
    if done_on is not None:
        inside = dates.first is None or dates.last is None or dates.first <= done_on <= dates.last
        return WorkKind.COMPLETE if inside else WorkKind.OUT_OF_WINDOW
    if dates.last is not None and today > dates.last:
        return WorkKind.OVERDUE
    if dates.first is not None and today >= dates.first:
        return WorkKind.DUE
    return WorkKind.EXPECTED


_TOUCHED = {
    FormStatus.IN_ENTRY: WorkKind.ENTERED_ONCE,
    FormStatus.AWAITING_SECOND_ENTRY: WorkKind.ENTERED_ONCE,
    FormStatus.IN_ADJUDICATION: WorkKind.IN_CONFLICT,
    FormStatus.COMPLETE: WorkKind.COMPLETE,
    FormStatus.NOT_DONE: WorkKind.NOT_DONE,
}


def form_work(
    status: FormStatus, visit: WorkKind, *, done_on: date | None, days_to_enter: int, today: date
) -> WorkKind:
    """Where a form stands today: one that nobody typed is as late as its visit, or as its typing.

    Parameters
    ----------
    status
        From its passes.
    visit
        Where its visit stands.
    done_on
        The day of the visit, where it took place.
    days_to_enter
        Days after the visit within which it is to be typed.
    """
    if status is not FormStatus.EXPECTED:
        return _TOUCHED[status]
    if done_on is not None:
        return WorkKind.OVERDUE if today > done_on + timedelta(days=days_to_enter) else WorkKind.DUE
    return visit


def last_day_expected(withdrawn: date | None, died: date | None) -> date | None:
    """The last day on which a visit may still be due: whichever end came first; None: no end."""
    ends = [day for day in (withdrawn, died) if day is not None]
    return min(ends) if ends else None
