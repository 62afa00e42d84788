"""One simulated trial of study A, with arms that this test chose: the simulator never does."""

from __future__ import annotations

from pathlib import Path

import pytest

from trialkit.resources import folder
from trialkit.simulation import (
    Candidates,
    Scenario,
    TrialPaper,
    TypedPasses,
    candidates,
    load_scenario,
    outcomes,
    typed_passes,
)
from trialkit.study import Study, load_study

SEED = 20260101


@pytest.fixture(scope="session")
def study_folder() -> Path:
    return folder("sample_data")


@pytest.fixture(scope="session")
def study(study_folder: Path) -> Study:
    return load_study(study_folder)


@pytest.fixture(scope="session")
def scenario(study_folder: Path) -> Scenario:
    return load_scenario(study_folder / "simulation.toml")


@pytest.fixture(scope="session")
def screened(study: Study, scenario: Scenario) -> Candidates:
    return candidates(study, scenario, 314, SEED)


@pytest.fixture(scope="session")
def arms(screened: Candidates) -> dict[str, str]:
    return {
        person.subject_id: ("exercise", "control")[position % 2]
        for position, person in enumerate(screened.eligible)
    }


@pytest.fixture(scope="session")
def paper(study: Study, scenario: Scenario, screened: Candidates, arms: dict[str, str]) -> TrialPaper:
    return outcomes(study, scenario, screened, arms, SEED)


@pytest.fixture(scope="session")
def passes(study: Study, scenario: Scenario, paper: TrialPaper) -> TypedPasses:
    return typed_passes(study, paper, scenario, SEED)
