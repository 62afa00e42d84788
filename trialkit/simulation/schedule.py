"""The study's visits as days: before randomization, after it, or whenever something happens."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trialkit.simulation.scenario import VisitHabits
from trialkit.simulation.streams import Streams
from trialkit.study.model import Study, Visit

_WIDEST_UNPLANNED = 7
"""Days on either side of the target where a study gives a visit no window."""


@dataclass(frozen=True, slots=True)
class PlannedVisit:
    """A visit after randomization: target and window in days from randomization."""

    name: str
    target: int
    window: tuple[int, int]


def visits_before(study: Study) -> tuple[Visit, ...]:
    """Visits up to randomization: counted from consent, or planned for day 0 or earlier."""
    return tuple(visit for visit in study.visits if _is_before(visit))


def visits_after(study: Study) -> tuple[PlannedVisit, ...]:
    """Scheduled visits after randomization, in the order of their target days.

    A visit whose anchor the protocol does not state is counted from randomization; one without a target
    day is not scheduled and not here.
    """
    planned = []
    for visit in study.visits:
        if visit.target_days is None or _is_before(visit):
            continue
        shift = study.days_after_randomization(visit.anchor) or 0
        target = shift + visit.target_days
        low, high = visit.window_days or (
            visit.target_days - _WIDEST_UNPLANNED,
            visit.target_days + _WIDEST_UNPLANNED,
        )
        planned.append(PlannedVisit(visit.name, target, (shift + low, shift + high)))
    return tuple(sorted(planned, key=lambda visit: visit.target))


def _is_before(visit: Visit) -> bool:
    if visit.target_days is None:
        return False
    return visit.anchor == "consent" or visit.target_days <= 0


def visit_days(
    planned: tuple[PlannedVisit, ...], habits: VisitHabits, streams: Streams, n: int
) -> NDArray[np.int64]:
    """The day after randomization on which each of n subjects would come to each visit.

    Most days lie near the target; a share ``habits.outside_window`` comes up to two weeks after the window.
    Visits keep their order, at least a day apart.
    """
    days = np.zeros((n, len(planned)), dtype=np.int64)
    for column, visit in enumerate(planned):
        random = streams("visit_day", visit.name)
        low, high = visit.window
        spread = (high - low) / 5 * random.standard_normal(n)
        day = np.clip(np.round(visit.target + spread), low, high)
        late = streams("visit_late", visit.name).random(n) < habits.outside_window
        beyond = high + streams("visit_beyond", visit.name).integers(1, 15, size=n)
        day = np.where(late, beyond, day)
        earlier = days[:, column - 1] if column else np.zeros(n)
        days[:, column] = np.maximum(day, earlier + 1)
    return days
