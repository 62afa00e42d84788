"""Things that happen between visits: when, to whom, and on which visit's paper they stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from trialkit.simulation.rules import Column
from trialkit.simulation.scenario import Event
from trialkit.simulation.streams import Streams

Days = NDArray[np.float64]


@dataclass(frozen=True)
class Happening:
    """One process with a form: people x how often at most, in days after randomization; infinite for never.

    ``facts`` holds further facts of each occurrence, people x how often at most. A ``leaving`` happening
    (withdrawal, death) stands on the first visit that it made impossible.
    """

    name: str
    form: str
    start: Days
    end: Days
    facts: Mapping[str, Column] = field(default_factory=dict)
    leaving: bool = False


def draw_event(event: Event, streams: Streams, arm: NDArray[np.object_]) -> Happening:
    """Occurrences of one event: a Poisson process at the arm's rate, from waits drawn without the arm."""
    n = len(arm)
    random = streams.under("event", event.name)
    waits = random("wait").standard_exponential((n, event.most))
    rate = np.zeros(n)
    for name, per_year in event.rate_per_year.items():
        rate[arm == name] = per_year / 365.25
    with np.errstate(divide="ignore"):
        start = np.floor(event.days[0] + np.cumsum(waits, axis=1) / rate[:, None])
    start[start > event.days[1]] = np.inf
    low, high = event.duration_days
    duration = random("duration").integers(low, high + 1, size=(n, event.most))
    return Happening(event.name, event.form, start, start + duration, leaving=event.ends_follow_up)


def first_day(happenings: list[Happening], n: int) -> Days:
    """The day on which each person's follow-up ends, by the happenings that end it; infinite for never."""
    day = np.full(n, np.inf)
    for happening in happenings:
        if happening.leaving:
            day = np.minimum(day, happening.start[:, 0])
    return day


def recording_visit(
    start: Days,
    days: NDArray[np.int64],
    usable: NDArray[np.bool_],
) -> NDArray[np.int64]:
    """The first usable visit on or after each occurrence; the number of visits where there is none.

    Parameters
    ----------
    start
        People x occurrences.
    days, usable
        People x visits: the day of each visit, and whether something can be written down there.
    """
    visits = days.shape[1]
    later = (days[:, None, :] >= start[:, :, None]) & usable[:, None, :]
    return np.asarray(np.where(later.any(axis=2), later.argmax(axis=2), visits), dtype=np.int64)
