"""Freedom from pain, recurrences and minor flares: the whole course of each person, day by day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trialkit.simulation.happenings import Happening
from trialkit.simulation.people import People
from trialkit.simulation.scenario import Recurrence
from trialkit.simulation.streams import Streams
from trialkit.simulation.trajectories import daily_hazard, pain_free_day

Days = NDArray[np.float64]
_MOST_FLARES = 3


@dataclass(frozen=True)
class PainCourse:
    """Days after randomization, people x episodes; infinite for never."""

    first_free: Days
    start: Days
    end: Days

    def free_since(self, day: NDArray[np.int64]) -> Days:
        """The day since which each person is free of pain; NaN for those who are in pain on ``day``."""
        since = np.where(self.first_free <= day, self.first_free, np.nan)
        for episode in range(self.start.shape[1]):
            start, end = self.start[:, episode], self.end[:, episode]
            since = np.where((start <= day) & (day < end), np.nan, since)
            since = np.where(end <= day, end, since)
        return since


def draw_pain(
    recurrence: Recurrence, streams: Streams, people: People, arm: NDArray[np.object_]
) -> tuple[PainCourse, Happening]:
    """Every episode of every person, and the happening that is written down: episodes and minor flares."""
    n, most = people.facts.n, recurrence.most
    hazard = daily_hazard(recurrence, people, arm)
    free = pain_free_day(recurrence, streams, n)
    random = streams.under("recurrence")
    hours = np.round(
        recurrence.minimum_hours
        + recurrence.mean_extra_hours * random("hours").standard_exponential((n, most))
    )
    room = 100 - recurrence.minimum_vas_mm
    mean_share = (recurrence.mean_vas_mm - recurrence.minimum_vas_mm) / room
    peak = recurrence.minimum_vas_mm + room * random("peak").beta(
        4 * mean_share, 4 * (1 - mean_share), size=(n, most)
    )
    peak = np.clip(np.ceil(peak), np.floor(recurrence.minimum_vas_mm) + 1, 100)
    start, end, gap = (np.full((n, most), np.inf) for _ in range(3))
    since = free
    for episode in range(most):
        wait = random("wait", str(episode + 1)).standard_exponential(n)
        with np.errstate(divide="ignore"):
            start[:, episode] = np.ceil(since + recurrence.gap_days + wait / hazard)
        end[:, episode] = start[:, episode] + np.ceil(hours[:, episode] / 24)
        gap[:, episode] = _less(start[:, episode], since)
        since = end[:, episode]
    course = PainCourse(free, start, end)
    facts = {"episode_hours": hours, "episode_vas": peak, "pain_free_days": gap}
    flares = _flares(recurrence, random, course, n)
    return course, _joined(recurrence.form, Happening("", "", start, end, facts), flares)


def _flares(recurrence: Recurrence, random: Streams, course: PainCourse, n: int) -> Happening:
    """Shorter or milder episodes, at random while free of pain; they end nothing and count for nothing."""
    shape = (n, _MOST_FLARES)
    with np.errstate(divide="ignore"):
        wait = (
            random("flare", "wait").standard_exponential(shape)
            * 365.25
            / np.float64(recurrence.minor_per_year)
        )
    start = np.ceil(np.cumsum(wait, axis=1))
    gap = np.full(shape, np.inf)
    for flare in range(_MOST_FLARES):
        finite = np.where(np.isfinite(start[:, flare]), start[:, flare], 0)
        since = course.free_since(finite.astype(np.int64))
        start[np.isnan(since) | (since >= finite), flare] = np.inf
        gap[:, flare] = _less(start[:, flare], np.nan_to_num(since))
    short = random("flare", "short").random(shape) < 0.5
    longest = max(recurrence.minimum_hours - 1, 1.0)
    hours = np.ceil(longest * (1 - random("flare", "hours").random(shape)))
    mild = np.floor(recurrence.minimum_vas_mm * random("flare", "peak").random(shape))
    hours = np.where(short, hours, recurrence.minimum_hours)
    peak = np.where(short, np.ceil(recurrence.mean_vas_mm), mild)
    facts = {"episode_hours": hours, "episode_vas": peak, "pain_free_days": gap}
    return Happening("", "", start, start + np.ceil(hours / 24), facts)


def _less(later: Days, earlier: Days) -> Days:
    """Days between; infinite where the later day never comes."""
    return np.where(np.isfinite(later), later - np.where(np.isfinite(earlier), earlier, 0), np.inf)


def _joined(form: str, *parts: Happening) -> Happening:
    """Several happenings as one, in order of time for each person."""
    start = np.concatenate([part.start for part in parts], axis=1)
    order = np.argsort(start, axis=1, kind="stable")

    def ordered(columns: list[Days]) -> Days:
        return np.take_along_axis(np.concatenate(columns, axis=1), order, axis=1)

    return Happening(
        name="recurrence",
        form=form,
        start=ordered([part.start for part in parts]),
        end=ordered([part.end for part in parts]),
        facts={name: ordered([part.facts[name] for part in parts]) for name in parts[0].facts},
    )
