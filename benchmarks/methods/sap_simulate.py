"""``trialkit sap simulate``: the primary analysis of study A, an ANCOVA with 20 imputations, on whole trials.

A size of 1,000 is 1,000 trials under the scenario and as many in which the arm changes nothing: each of 314
people, drawn at every visit of ODI and pain, imputed within arms from all of them, fitted and pooled. It
must take less than three CPU-minutes. The peer draws the same trials, makes every completed data set and
reads every formula anew; it does a twenty-fifth, its time scaled up. The answer is effect and error in the
first trials.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from benchmarks.measure import Measure, Numbers, PythonPeer
from trialkit import resources
from trialkit.analysis import load_plan
from trialkit.analysis.missing_data import MultipleImputation
from trialkit.analysis.power import Task, Trial, simulate
from trialkit.plan import Plan
from trialkit.simulation import Scenario, load_scenario
from trialkit.study import load_study
from trialkit.study.model import Study

IMPUTATIONS = 20
SHARE = 0.04
SHOWN = 2  # trials whose numbers are compared
QUICK = 2


@dataclass(frozen=True)
class Case:
    plan: Plan
    study: Study
    scenario: Scenario
    trials: int


class _OneByOne(MultipleImputation):
    """Every completed data set a frame of its own, every fit from the formula."""

    _once = MultipleImputation._each


def case(trials: int) -> Case:
    definition = resources.folder("sample_data")
    plan = load_plan(resources.folder("sap") / "study_a.toml")
    scenario = load_scenario(definition / "simulation.toml")
    return Case(plan, load_study(definition), scenario, trials)


def ours(case: Case) -> Numbers:
    return _first(case, _with(case.plan, MultipleImputation), lambda tasks: tasks)


def plain(case: Case) -> Numbers:
    few = max(SHOWN, round(SHARE * 2 * case.trials))
    return _first(case, _with(case.plan, _OneByOne), lambda tasks: tasks[:few])


def _with(plan: Plan, way: type[MultipleImputation]) -> Plan:
    """The plan whose primary analysis imputes 20 times, in this way."""

    def changed(entry: Any) -> Any:
        if entry.id != "P1":
            return entry
        missing: MultipleImputation = entry.keys["missing"]
        own = way(missing.using, IMPUTATIONS, missing.pool, missing.by)
        return replace(entry, keys={**entry.keys, "missing": own})

    return replace(plan, analyses=tuple(changed(entry) for entry in plan.analyses))


def _first(case: Case, plan: Plan, chosen: Callable[[list[Task]], list[Task]]) -> Numbers:
    """Effect and error in the first trials; the rest of those chosen are done too."""
    done: list[Trial] = []

    def run(work: Callable[[Task], Trial], tasks: list[Task]) -> list[Trial]:
        done.extend(work(task) for task in chosen(tasks))
        return (done * len(tasks))[: len(tasks)]

    simulate(plan, case.study, case.scenario, trials=case.trials, seed=1, run=run)
    return np.array([[trial.estimate, trial.standard_error] for trial in done[:SHOWN]]).ravel()


MEASURES = (
    Measure(
        what=f"study A's primary analysis, {IMPUTATIONS} imputations, twice as many trials",
        data=case,
        ours=ours,
        sizes=(1000,),
        quick=QUICK,
        unit="trials",
        peers=(
            PythonPeer(
                name="one data set and fit after another, a twenty-fifth scaled up",
                work=plain,
                share=SHARE,
                within=1e-9,
                aim={1000: 1},
            ),
        ),
    ),
)
