"""What entering the reference trial costs: everybody screened and randomized, every form typed twice.

``python -m benchmarks.entering``: CPU seconds of both on SQLite, each form checked, compared and audited as
in ``trialkit demo``, without the scans that the demonstration also reads; about half a minute.
"""

from __future__ import annotations

import gc
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from trialkit import resources
from trialkit.access import Authentication
from trialkit.cli.root import COLLECT_AFTER
from trialkit.clock import SimulatedClock
from trialkit.demo.data_entry import enter_visits
from trialkit.demo.list_maker import make_demonstration_list
from trialkit.demo.people import ADMINISTRATOR, administrator, open_accounts
from trialkit.demo.run import founding_day
from trialkit.demo.scans import FORM
from trialkit.demo.screening import recruit
from trialkit.operations import Trial, create_study, load_schedule, verify_audit
from trialkit.simulation import Scenario, candidates, load_scenario, outcomes, typed_passes
from trialkit.study import load_study

Made = TypeVar("Made")
SEED = 1


def main() -> int:
    gc.set_threshold(*COLLECT_AFTER)  # as the command line does
    definition = resources.folder("sample_data")
    study, scenario = load_study(definition), load_scenario(definition / "simulation.toml")
    people = candidates(study, scenario, scenario.eligible, SEED)
    clock = SimulatedClock(founding_day(people))
    with tempfile.TemporaryDirectory() as made:
        trial = _found(Path(made), definition, scenario, clock)
        with trial:
            recruited = _timed("screening", lambda: recruit(trial, clock, people, _quiet))
            drawn = outcomes(study, scenario, people, recruited.arm_of, SEED, recruited.randomized_on)
            paper = replace(drawn, rows=tuple(row for row in drawn.rows if row.form != FORM))
            passes = typed_passes(study, paper, scenario, SEED)
            entered = _timed("typing", lambda: enter_visits(trial, clock, people, paper, passes, _quiet))
            verify_audit(trial).require_whole()
    print(f"{entered.forms:,} passes, {2 * entered.fields:,} fields typed; the trail holds.")
    return 0


def _timed(what: str, work: Callable[[], Made]) -> Made:
    begun = time.process_time()
    made = work()
    print(f"{what}: {time.process_time() - begun:.1f} CPU seconds", flush=True)
    return made


def _quiet(_done: int, _every: int) -> None:
    pass


def _found(folder: Path, definition: Path, scenario: Scenario, clock: SimulatedClock) -> Trial:
    trial = create_study(
        folder / "study",
        definition=definition,
        administrator=ADMINISTRATOR,
        person_name="Administrator",
        authentication=Authentication.SIMULATED,
        clock=clock,
    )
    open_accounts(trial, scenario.typing.first_typist, scenario.typing.second_typist)
    plan = definition / "randomization.toml"
    files = make_demonstration_list(trial.study, plan, folder / "list", scenario.eligible, SEED)
    load_schedule(
        trial, administrator(), bundle=files.bundle, commitment=files.commitment, allocation_key=files.key
    )
    return trial


if __name__ == "__main__":
    raise SystemExit(main())
