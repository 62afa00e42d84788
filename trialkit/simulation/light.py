"""Only what the primary analysis needs, fast enough for hundreds of trials, from the whole trials' code."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from trialkit.simulation.attendance import draw_attendance
from trialkit.simulation.errors import SimulationError
from trialkit.simulation.people import baseline_name, eligible_people
from trialkit.simulation.scenario import Scenario
from trialkit.simulation.streams import Streams
from trialkit.simulation.trajectories import draw_measure
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd

Allocator = Callable[["pd.DataFrame"], Sequence[str]]
"""Given everyone in order of randomization (subject_id, a column a fact, ``site``, ``base``): the arms."""


def simulated_visits(
    scenario: Scenario, n: int, seed: int, allocate: Allocator, measures: Sequence[str], first: str = ""
) -> pd.DataFrame:
    """One trial with every visit of some measures: a row a randomized subject.

    Parameters
    ----------
    scenario, n, seed, allocate
        As in `simulated_analysis_data`.
    measures
        Names of the scenario's measures.
    first
        The measure whose baseline the allocator is given as ``base``; the first of ``measures`` if empty.

    Returns
    -------
    DataFrame
        ``subject_id``, one column a fact, ``arm``, and ``measure@visit`` of every visit: baseline known of
        everybody, NaN where a later visit was missed. ``measure@visit~`` is what it would have been.
    """
    import pandas as pd

    streams = Streams(seed, ("light",))
    people = eligible_people(scenario, streams, n)
    columns = {"subject_id": [f"{number:04d}" for number in range(1, n + 1)]}
    facts = {name: people.facts[name] for name in _plain_facts(scenario)}
    base = people.facts[baseline_name(scenario.measure(first or measures[0]))]
    data = pd.DataFrame({**columns, **facts, "base": base})
    arm = np.array(list(allocate(data)), dtype=object)
    if len(arm) != n:
        raise SimulationError(
            expected=said("{n} arms from the allocation", n=n),
            found=str(len(arm)),
            next_step="Return one arm for each row.",
        )
    drawn = {name: draw_measure(scenario.measure(name), streams, people, arm) for name in measures}
    leaving = scenario.dropout.measure
    followed = drawn.get(leaving) if leaving else next(iter(drawn.values()))
    if followed is None:
        followed = draw_measure(scenario.measure(str(leaving)), streams, people, arm)
    visits = tuple(dict.fromkeys(v for name in measures for v in scenario.measure(name).visits))
    attendance = draw_attendance(scenario, streams, people, visits, followed)
    made = {"arm": arm}
    for name, scores in drawn.items():
        measure = scenario.measure(name)
        made[f"{name}@{measure.baseline_visit}"] = people.facts[baseline_name(measure)]
        for visit, score in scores.items():
            present = attendance.present[:, visits.index(visit)]
            made[f"{name}@{visit}"] = np.where(present, score, np.nan)
            made[f"{name}@{visit}~"] = score
    return data.drop(columns="base").join(pd.DataFrame(made, index=data.index))


def simulated_analysis_data(
    scenario: Scenario, n: int, seed: int, allocate: Allocator, estimand: str = "primary"
) -> pd.DataFrame:
    """One trial as its analysis sees it: a row a randomized subject.

    Parameters
    ----------
    scenario
        The assumptions.
    n
        Subjects randomized.
    seed
        Of this trial.
    allocate
        Chooses the arms, from a real list: the simulator never does.
    estimand
        A name under ``[estimands]``: which measure and visit.

    Returns
    -------
    DataFrame
        ``subject_id``, one column a fact of the scenario (``site``, ``sex`` ...), ``arm``, ``base``, ``chg``
        (NaN where missing) and ``chg_true`` (what it would have been with nobody missing).

    Notes
    -----
    Missed visits and dropout are those of whole trials; single blank items and deaths are left out.
    """
    wanted = scenario.estimand(estimand)
    data = simulated_visits(scenario, n, seed, allocate, (wanted.measure,))
    baseline = scenario.measure(wanted.measure).baseline_visit
    base, at = data[f"{wanted.measure}@{baseline}"], f"{wanted.measure}@{wanted.visit}"
    kept = data[[column for column in data if "@" not in str(column)]]
    return kept.assign(base=base, chg=data[at] - base, chg_true=data[f"{at}~"] - base)


def _plain_facts(scenario: Scenario) -> list[str]:
    return ["site", *(fact.name for fact in scenario.facts)]
