"""Examples on simulated data: the definition and plan of an observational study, from data to documents."""

from __future__ import annotations

import importlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from trialkit.analysis import load_plan
from trialkit.analysis.results import Results
from trialkit.demo.example import example_folder
from trialkit.report.observational import deliver_observational
from trialkit.study.observational import load_observational

SIMULATORS = {"kyphoplasty": "kyphoplasty", "cohort": "cohort", "fat-maps": "fat_maps"}
DEFINITION = ("study.toml", "dictionary.csv", "plan.toml")


@dataclass(frozen=True)
class SimulatedOutcome:
    """Where to look; ``assumed`` says what of the data is assumption."""

    report: Path
    results: Results
    assumed: str
    unprinted: tuple[str, ...] = ()


def run_simulated(
    name: str, folder: Path, progress: Callable[[str], None] = lambda _: None
) -> SimulatedOutcome:
    """Simulate a study's data and run its plan on them.

    Parameters
    ----------
    name
        One of ``SIMULATORS``.
    folder
        New or empty. Gets ``study/`` (definition, plan), ``data.csv``, ``results.json``, ``results.csv``,
        ``report/`` and ``manifest.json``; the same bytes at every run, for the plan states the seed.
    """
    definition = example_folder(name)
    (folder / "study").mkdir(parents=True, exist_ok=True)
    for file in DEFINITION:
        shutil.copyfile(definition / file, folder / "study" / file)
    observational = load_observational(folder / "study")
    plan = load_plan(folder / "study" / "plan.toml")
    progress("Simulating the data")
    simulate = importlib.import_module(f"trialkit.simulation.observational.{SIMULATORS[name]}").simulate
    data = folder / "data.csv"
    simulate(plan.seed).to_csv(data, index=False, lineterminator="\n")
    unprinted: list[str] = []
    results, page = deliver_observational(plan, observational, data, folder, progress, unprinted)
    return SimulatedOutcome(page, results, observational.simulated, tuple(unprinted))
