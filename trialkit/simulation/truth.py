"""What the estimate should have been: estimands in a very large population, both outcomes known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trialkit.simulation.check import check_scenario
from trialkit.simulation.people import People, baseline_name, eligible_people
from trialkit.simulation.scenario import Estimand, Scenario
from trialkit.simulation.streams import Streams
from trialkit.simulation.trajectories import draw_measure, first_recurrence
from trialkit.study.model import Study

_CHUNK = 100_000
Derive = Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class TrueEffect:
    """The mean difference in change, test minus reference, had everybody been in each arm.

    ``standard_error`` is the Monte Carlo error of ``estimate`` over ``n`` simulated people, in the measure's
    unit; the true value itself has no other uncertainty.
    """

    estimand: Estimand
    estimate: float
    standard_error: float
    mean_test: float
    mean_reference: float
    n: int


@dataclass(frozen=True, slots=True)
class TrueRecurrence:
    """Recurrence by a day after randomization, had everybody been in each arm and nobody left.

    ``hazard_ratio`` is the scenario's own, for two people alike in everything but the arm, on days when both
    are at risk. Averaged over people who differ, and over those who never become free of pain, no single
    ratio of hazards holds at all times; ``log_rank_hazard_ratio`` is what a Cox model with the arm alone
    estimates in this population when everybody is followed to ``day``.
    """

    day: int
    risk_test: float
    risk_reference: float
    standard_error_test: float
    standard_error_reference: float
    hazard_ratio: float
    log_rank_hazard_ratio: float
    n: int


def true_effect(
    study: Study,
    scenario: Scenario,
    estimand: str | Estimand = "primary",
    n: int = 1_000_000,
    seed: int = 0,
    derive: Derive | None = None,
) -> TrueEffect:
    """The true value of an estimand: treatment policy, everybody randomized, nobody missing.

    Parameters
    ----------
    study, scenario
        The study and its assumptions; they are checked against each other first.
    estimand
        A name under ``[estimands]`` of the scenario, or one of its own.
    n
        Simulated people, 2 or more.
    seed
        Of the population; it has nothing to do with the seed of any trial.
    derive
        What is averaged, of baselines and scores: None for the change from baseline.

    Returns
    -------
    TrueEffect
        From the same code that makes the trial's outcomes, run for each person under both arms.

    Raises
    ------
    SimulationError
        Where scenario and study contradict each other.
    """
    check_scenario(study, scenario)
    effect = _Effect(scenario, estimand, derive)
    for people, streams in _population(scenario, n, seed):
        effect.add(people, streams)
    return effect.told(n)


def true_values(
    study: Study, scenario: Scenario, estimand: str = "primary", n: int = 1_000_000, seed: int = 0
) -> tuple[TrueEffect, TrueRecurrence | None]:
    """What `true_effect` and `true_recurrence` tell, of one population that is drawn once.

    Parameters and errors as there; ``estimand`` is a name under ``[estimands]`` of the scenario.
    """
    check_scenario(study, scenario)
    effect = _Effect(scenario, estimand)
    recurrence = None if scenario.recurrence is None else _Recurring(scenario)
    for people, streams in _population(scenario, n, seed):
        effect.add(people, streams)
        if recurrence is not None:
            recurrence.add(people, streams)
    return effect.told(n), None if recurrence is None else recurrence.told(n)


class _Effect:
    """Sums over a population that comes in parts."""

    def __init__(self, scenario: Scenario, estimand: str | Estimand, derive: Derive | None = None) -> None:
        self._scenario, self._derive = scenario, derive
        self._wanted = scenario.estimand(estimand) if isinstance(estimand, str) else estimand
        self._base = baseline_name(scenario.measure(self._wanted.measure))
        self._total = np.zeros(4)

    def add(self, people: People, streams: Streams) -> None:
        wanted, derive = self._wanted, self._derive
        changes = (
            change_from_baseline(self._scenario, wanted, streams, people, arm)
            for arm in (wanted.test, wanted.reference)
        )
        at_first = people.facts[self._base]
        test, reference = (one if derive is None else derive(at_first, at_first + one) for one in changes)
        difference = test - reference
        self._total += [difference.sum(), (difference**2).sum(), test.sum(), reference.sum()]

    def told(self, n: int) -> TrueEffect:
        total = self._total
        mean = total[0] / n
        variance = (total[1] - n * mean**2) / (n - 1)
        return TrueEffect(
            estimand=self._wanted,
            estimate=float(mean),
            standard_error=float(np.sqrt(max(variance, 0.0) / n)),
            mean_test=float(total[2] / n),
            mean_reference=float(total[3] / n),
            n=n,
        )


def change_from_baseline(
    scenario: Scenario, estimand: Estimand, streams: Streams, people: People, arm: str
) -> NDArray[np.float64]:
    """Each person's change had all of them been in one arm."""
    measure = scenario.measure(estimand.measure)
    scores = draw_measure(measure, streams, people, arm, visits=(estimand.visit,))
    return np.asarray(scores[estimand.visit] - people.facts[baseline_name(measure)], dtype=np.float64)


def true_recurrence(
    study: Study,
    scenario: Scenario,
    estimand: str | None = None,
    day: int = 365,
    n: int = 1_000_000,
    seed: int = 0,
) -> TrueRecurrence | None:
    """The true risk of recurrence by ``day`` in each arm; None where the scenario has no recurrence.

    Parameters and errors as in `true_effect`; ``estimand`` only says which arms are compared, and is the
    scenario's first by default.
    """
    check_scenario(study, scenario)
    if scenario.recurrence is None:
        return None
    recurring = _Recurring(scenario, estimand, day)
    for people, streams in _population(scenario, n, seed):
        recurring.add(people, streams)
    return recurring.told(n)


class _Recurring:
    """First recurrences by day and arm, over a population that comes in parts."""

    def __init__(self, scenario: Scenario, estimand: str | None = None, day: int = 365) -> None:
        assert scenario.recurrence is not None
        arms = scenario.estimand(estimand or scenario.estimands[0].name)
        self._scenario, self._day, self._arms = scenario, day, (arms.test, arms.reference)
        hazard = scenario.recurrence.hazard_per_100_days
        self._ratio = hazard[arms.test] / hazard[arms.reference]
        self._counts = np.zeros((2, day + 1))

    def add(self, people: People, streams: Streams) -> None:
        day = self._day
        for row, arm in enumerate(self._arms):
            days = first_recurrence(self._scenario, streams, people, arm)
            self._counts[row] += np.bincount(days[days <= day].astype(np.int64), minlength=day + 1)

    def told(self, n: int) -> TrueRecurrence:
        risks = self._counts.sum(axis=1) / n
        errors = np.sqrt(risks * (1 - risks) / n)
        return TrueRecurrence(
            day=self._day,
            risk_test=float(risks[0]),
            risk_reference=float(risks[1]),
            standard_error_test=float(errors[0]),
            standard_error_reference=float(errors[1]),
            hazard_ratio=self._ratio,
            log_rank_hazard_ratio=_cox_of_daily_counts(self._counts, n),
            n=n,
        )


def _cox_of_daily_counts(events: NDArray[np.float64], n: int) -> float:
    """The hazard ratio of a one-covariate Cox model (Breslow ties), by Newton's method on daily counts."""
    at_risk = n - np.cumsum(events, axis=1) + events
    deaths = events.sum(axis=0)
    beta = 0.0
    for _ in range(50):
        share = at_risk[0] * np.exp(beta) / (at_risk[0] * np.exp(beta) + at_risk[1])
        step = (events[0].sum() - deaths @ share) / (deaths @ (share * (1 - share)))
        beta += step
        if abs(step) < 1e-10:
            break
    return float(np.exp(beta))


def _population(scenario: Scenario, n: int, seed: int) -> Iterator[tuple[People, Streams]]:
    for chunk, start in enumerate(range(0, n, _CHUNK)):
        streams = Streams(seed, ("truth", str(chunk)))
        yield eligible_people(scenario, streams, min(_CHUNK, n - start)), streams
