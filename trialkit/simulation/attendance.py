"""Who comes to which visit, and who leaves: decided on what was observed before, on nothing unseen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trialkit.simulation.people import People, baseline_name
from trialkit.simulation.scenario import Scenario
from trialkit.simulation.streams import Streams


@dataclass(frozen=True)
class Attendance:
    """``present`` is people x visits; ``left_before`` the first visit not reached, or their number."""

    present: NDArray[np.bool_]
    left_before: NDArray[np.int64]


def draw_attendance(
    scenario: Scenario,
    streams: Streams,
    people: People,
    visits: Sequence[str],
    scores: Mapping[str, NDArray[np.float64]],
) -> Attendance:
    """Missed visits and dropout over the visits after baseline.

    Parameters
    ----------
    visits
        Names in order.
    scores
        Visit -> true value of the measure that dropout may depend on; visits without it tell nothing new.

    A person who drops out never comes again. The chance to drop out before a visit depends on the last
    *observed* value (baseline included), so that the gap is missing at random given what is on paper.
    """
    n, dropout = people.facts.n, scenario.dropout
    present = np.zeros((n, len(visits)), dtype=np.bool_)
    left_before = np.full(n, len(visits), dtype=np.int64)
    hazard = 1 - (1 - dropout.total) ** (1 / max(len(visits), 1))
    slope = dropout.log_odds_per_sd if dropout.depends_on_outcome else 0.0
    intercept = _intercept(hazard, slope)
    standard = _baseline_standard(scenario, people)
    staying = np.ones(n, dtype=np.bool_)
    for column, visit in enumerate(visits):
        chance = 1 / (1 + np.exp(-(intercept + slope * standard))) if hazard > 0 else np.zeros(n)
        leaves = staying & (streams("dropout", visit).random(n) < chance)
        left_before[leaves] = column
        staying &= ~leaves
        present[:, column] = staying & (streams("missed_visit", visit).random(n) >= scenario.visits.missed)
        standard = _update(scenario, visit, scores, present[:, column], standard)
    return Attendance(present, left_before)


def _baseline_standard(scenario: Scenario, people: People) -> NDArray[np.float64]:
    if scenario.dropout.measure is None:
        return np.zeros(people.facts.n)
    return people.facts.standard[baseline_name(scenario.measure(scenario.dropout.measure))].copy()


def _update(
    scenario: Scenario,
    visit: str,
    scores: Mapping[str, NDArray[np.float64]],
    present: NDArray[np.bool_],
    standard: NDArray[np.float64],
) -> NDArray[np.float64]:
    if scenario.dropout.measure is None or visit not in scores:
        return standard
    measure = scenario.measure(scenario.dropout.measure)
    spec = measure.visits[visit]
    seen = (scores[visit] - measure.baseline_mean - spec.change) / spec.sd
    return np.where(present, seen, standard)


def _intercept(hazard: float, slope: float) -> float:
    """The log odds at the mean that give ``hazard`` on average over a standard normal."""
    if hazard <= 0:
        return -np.inf
    nodes, weights = np.polynomial.hermite_e.hermegauss(40)
    weights = weights / weights.sum()
    low, high = -30.0, 30.0
    for _ in range(80):
        middle = (low + high) / 2
        average = float(weights @ (1 / (1 + np.exp(-(middle + slope * nodes)))))
        low, high = (middle, high) if average < hazard else (low, middle)
    return (low + high) / 2
