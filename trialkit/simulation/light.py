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
    import pandas as pd

    wanted = scenario.estimand(estimand)
    streams = Streams(seed, ("light",))
    people = eligible_people(scenario, streams, n)
    columns = {"subject_id": [f"{number:04d}" for number in range(1, n + 1)]}
    measure = scenario.measure(wanted.measure)
    base = people.facts[baseline_name(measure)]
    facts = {name: people.facts[name] for name in _plain_facts(scenario)}
    data = pd.DataFrame({**columns, **facts, "base": base})
    arm = np.array(list(allocate(data)), dtype=object)
    if len(arm) != n:
        raise SimulationError(
            expected=said("{n} arms from the allocation", n=n),
            found=str(len(arm)),
            next_step="Return one arm for each row.",
        )
    visits = tuple(measure.visits)
    scores = draw_measure(measure, streams, people, arm)
    followed = scores if scenario.dropout.measure in (None, measure.name) else None
    if followed is None:
        followed = draw_measure(scenario.measure(str(scenario.dropout.measure)), streams, people, arm)
    attendance = draw_attendance(scenario, streams, people, visits, followed)
    change = scores[wanted.visit] - base
    data["arm"] = arm
    data["chg"] = np.where(attendance.present[:, visits.index(wanted.visit)], change, np.nan)
    data["chg_true"] = change
    return data


def _plain_facts(scenario: Scenario) -> list[str]:
    return ["site", *(fact.name for fact in scenario.facts)]
