"""The trial that the pages are tried on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import chain
import pytest
from browsing import PASSWORD

from trialkit import operations as op, resources
from trialkit.randomization import RandomizationDesign, Schedule, commitment, generate_schedule
from trialkit.simulation import candidates, load_scenario
from trialkit.vocabulary import Role

AT_SITE_A = (Role.COORDINATOR, Role.OUTCOME_ASSESSOR)


def _with_the_other_arms(design: RandomizationDesign, seed: bytes | int) -> Schedule:
    schedule = generate_schedule(design, seed)
    first, second = design.arms
    other = {first: second, second: first}
    blocks = tuple(
        tuple(tuple(other[arm] for arm in block) for block in stratum) for stratum in schedule.blocks
    )
    return replace(schedule, blocks=blocks)


def found(
    folder: Path,
    *,
    swap: bool = False,
    database_url: str = "sqlite:///trial.sqlite",
    definition: Path | None = None,
) -> op.Trial:
    """Six people screened, four of them randomized; an account a role, and a coordinator at another site."""
    definition = resources.folder("sample_data") if definition is None else definition
    trial = chain.found_study(folder / "study", definition, database_url=database_url)
    people_here = [(f"{role}_a", role, "A" if role in AT_SITE_A else None) for role in Role]
    for login, role, site in [*people_here, ("coordinator_b", Role.COORDINATOR, "B")]:
        op.add_account(
            trial,
            chain.ADMIN,
            login=login,
            person_name="A Person",
            role=role,
            site=site,
            password=PASSWORD,
        )
    with pytest.MonkeyPatch.context() as patched:
        if swap:
            patched.setattr(chain, "generate_schedule", _with_the_other_arms)
            patched.setattr(commitment, "generate_schedule", _with_the_other_arms)
        files = chain.make_list(trial.study, folder / "list", definition, per_stratum=8)
    op.load_schedule(
        trial, chain.ADMIN, bundle=files.bundle, commitment=files.commitment, allocation_key=files.key
    )
    people = candidates(trial.study, load_scenario(definition / "simulation.toml"), 6, chain.SEED)
    chain.screen_and_randomize(trial, people)
    return trial
