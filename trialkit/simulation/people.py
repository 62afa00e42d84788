"""People as they come to be screened, with their true baseline. Trial and truth both draw here."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trialkit.simulation.errors import SimulationError
from trialkit.simulation.rules import Column, Facts, correlated, draw, pick
from trialkit.simulation.scenario import Fact, Measure, Scenario
from trialkit.simulation.streams import Streams
from trialkit.wording import said


@dataclass(frozen=True)
class People:
    """n people by position. ``failure`` is empty for those the scenario finds eligible."""

    facts: Facts
    failure: NDArray[np.object_]

    @property
    def eligible(self) -> NDArray[np.bool_]:
        return np.asarray(self.failure == "", dtype=np.bool_)

    def take(self, index: NDArray[np.int64]) -> People:
        return People(self.facts.take(index), self.failure[index])


def baseline_name(measure: Measure) -> str:
    """The fact that holds a measure's true baseline."""
    return f"{measure.name}_baseline"


def draw_people(scenario: Scenario, streams: Streams, n: int) -> People:
    """Draw n people from those who would come to be screened.

    The first k of them are the same for every n >= k.
    """
    facts = Facts(n)
    facts.add("site", pick(scenario.recruitment.sites, streams("person", "site").random(n)))
    failure = np.full(n, "", dtype=object)
    for fact in scenario.facts:
        add_fact(fact, facts, streams.under("person"))
        _screen(failure, facts.values[fact.name], fact.eligible, fact.failure)
    for measure in scenario.measures:
        standard = correlated(measure.baseline_loads, streams("person", "measure", measure.name), facts)
        value = on_grid(measure, measure.baseline_mean + measure.baseline_sd * standard)
        facts.add(baseline_name(measure), value, measure.baseline_mean, measure.baseline_sd)
        _screen(failure, value, measure.eligible, measure.failure)
    for reason in scenario.failures:
        unlucky = np.flatnonzero(streams("person", "failure", reason.name).random(n) < reason.probability)
        failure[unlucky[failure[unlucky] == ""]] = reason.name
    return People(facts, failure)


def add_fact(fact: Fact, facts: Facts, streams: Streams) -> None:
    """Draw a fact and add it, on the standard scale too where its rule has a mean."""
    column = draw(fact.rule, streams("fact", fact.name), facts)
    exponent = fact.rule.exponentiate
    facts.add(fact.name, column, None if exponent else fact.rule.mean, fact.rule.sd)


_PILOT = 2_000


def eligible_people(scenario: Scenario, streams: Streams, n: int) -> People:
    """The first n eligible people, without the rest."""
    screened = 2 * n + 100
    if screened > 10 * _PILOT:  # as many as will do: each person more is drawn for nothing
        share = draw_people(scenario, streams, _PILOT).eligible.mean()
        screened = min(screened, int(1.1 * n / share) + _PILOT) if share else screened
    while True:
        people = draw_people(scenario, streams, screened)
        chosen = np.flatnonzero(people.eligible)
        if len(chosen) >= n:
            return people.take(chosen[:n])
        screened = next_batch(screened, len(chosen), n)


def next_batch(screened: int, found: int, wanted: int) -> int:
    """How many to screen when the last batch did not hold enough eligible people."""
    if screened > 1000 * wanted + 100_000:
        raise SimulationError(
            expected=said("{wanted} eligible people", wanted=wanted),
            found=said("{found} among {screened} screened", found=found, screened=screened),
            next_step="Widen the scenario's eligibility or describe the items the criteria use.",
        )
    return 2 * screened


def on_grid(measure: Measure, value: NDArray[np.float64]) -> NDArray[np.float64]:
    """The nearest value the instrument can take."""
    steps = np.round((value - measure.minimum) / measure.step)
    return np.clip(measure.minimum + steps * measure.step, measure.minimum, measure.maximum)


def _screen(
    failure: NDArray[np.object_],
    value: Column,
    bounds: tuple[float, float] | None,
    reason: str,
) -> None:
    if bounds is not None:
        number = value.astype(float)  # a grade is a code, and a number all the same
        outside = np.flatnonzero((number < bounds[0]) | (number > bounds[1]))
        failure[outside[failure[outside] == ""]] = reason
