"""True outcomes after randomization, under any arm: both potential outcomes share every draw."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trialkit.simulation.people import People, baseline_name, on_grid
from trialkit.simulation.rules import correlated
from trialkit.simulation.scenario import Measure, Recurrence, Scenario
from trialkit.simulation.streams import Streams

NEVER = np.inf
Arm = NDArray[np.object_] | str
"""The arm of each person, or the one that all are in."""


def draw_measure(
    measure: Measure,
    streams: Streams,
    people: People,
    arm: Arm,
    visits: tuple[str, ...] | None = None,
) -> dict[str, NDArray[np.float64]]:
    """True scores of one measure at its visits after baseline.

    Parameters
    ----------
    measure, streams, people
        What is measured, where randomness comes from, and in whom.
    arm
        The arm of each person, or the one of everybody. The random part does not depend on it.
    visits
        Only these visits; all by default. Leaving some out changes no other.

    Returns
    -------
    dict
        Visit -> score of each person, on the instrument's grid.
    """
    n = people.facts.n
    base = people.facts[baseline_name(measure)]
    lasting = correlated(measure.loads, streams("measure", measure.name, "person"), people.facts)
    offset = np.zeros(n)
    for fact, by_value in measure.offsets.items():
        values = people.facts[fact]
        for value, shift in by_value.items():
            offset[values == value] += shift
    scale = 1 + people.facts.combine(measure.modifier)
    scores = {}
    for visit, spec in measure.visits.items():
        if visits is not None and visit not in visits:
            continue
        passing = streams("measure", measure.name, visit).standard_normal(n)
        residual = np.sqrt(measure.persistence) * lasting + np.sqrt(1 - measure.persistence) * passing
        effect = np.zeros(n)
        for name, size in spec.effect.items():
            effect[arm == name] = size
        slope = spec.correlation * spec.sd / measure.baseline_sd
        scores[visit] = on_grid(
            measure,
            measure.baseline_mean
            + spec.change
            + slope * (base - measure.baseline_mean)
            + offset
            + effect * scale
            + spec.sd * np.sqrt(1 - spec.correlation**2) * residual,
        )
    return scores


def pain_free_day(recurrence: Recurrence, streams: Streams, n: int) -> NDArray[np.float64]:
    """Day after randomization on which each person first becomes free of pain; infinite for never."""
    low, high = recurrence.pain_free_from
    day = streams("recurrence", "pain_free").integers(low, high + 1, size=n).astype(float)
    day[streams("recurrence", "never").random(n) < recurrence.never_pain_free] = NEVER
    return day


def daily_hazard(recurrence: Recurrence, people: People, arm: Arm) -> NDArray[np.float64]:
    """Hazard of a new episode on a day at risk, for each person."""
    base = np.zeros(people.facts.n)
    for name, hazard in recurrence.hazard_per_100_days.items():
        base[arm == name] = hazard / 100
    return np.asarray(base * np.exp(people.facts.combine(recurrence.log_hazard)), dtype=np.float64)


def first_recurrence(scenario: Scenario, streams: Streams, people: People, arm: Arm) -> NDArray[np.float64]:
    """Day of the first recurrence (whole days from randomization), infinite where none will come.

    The waiting time is one draw a person, divided by the arm's hazard: both potential outcomes share it.
    """
    recurrence = scenario.recurrence
    if recurrence is None:
        return np.full(people.facts.n, NEVER)
    wait = streams("recurrence", "wait", "1").standard_exponential(people.facts.n)
    hazard = daily_hazard(recurrence, people, arm)
    start = pain_free_day(recurrence, streams, people.facts.n) + recurrence.gap_days
    with np.errstate(divide="ignore"):
        return np.asarray(np.ceil(start + wait / hazard), dtype=np.float64)
