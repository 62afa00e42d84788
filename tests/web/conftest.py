"""A small trial behind the web application, in process."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from trialkit import operations as op, resources
from trialkit.clock import SimulatedClock
from trialkit.operations.web_desk import open_web_desk
from trialkit.simulation import candidates, load_scenario
from trialkit.vocabulary import Role
from trialkit.web import Web

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "operations"))

import chain
from browsing import PASSWORD, Browser

AT_SITE_A = (Role.COORDINATOR, Role.OUTCOME_ASSESSOR)


def found(folder: Path, *, list_seed: int = chain.SEED) -> op.Trial:
    """Six people screened, four of them randomized; an account a role, and a coordinator at another site."""
    definition = resources.folder("sample_data")
    trial = chain.found_study(folder / "study", definition)
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
    files = chain.make_list(trial.study, folder / "list", definition, per_stratum=8, seed=list_seed)
    op.load_schedule(
        trial, chain.ADMIN, bundle=files.bundle, commitment=files.commitment, allocation_key=files.key
    )
    people = candidates(trial.study, load_scenario(definition / "simulation.toml"), 6, chain.SEED)
    chain.screen_and_randomize(trial, people)
    return trial


@pytest.fixture(scope="session")
def _screened(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("web")
    trial = found(folder)
    trial.close()
    return folder / "study"


@pytest.fixture
def trial(_screened: Path, tmp_path: Path) -> Iterator[op.Trial]:
    import shutil

    shutil.copytree(_screened, tmp_path / "study")
    with op.open_trial(tmp_path / "study", clock=SimulatedClock(datetime(2027, 6, 1, tzinfo=UTC))) as opened:
        yield opened


@pytest.fixture
def web(trial: op.Trial) -> Web:
    return Web(trial, open_web_desk(trial))


@pytest.fixture
def anybody(web: Web) -> Iterator[Browser]:
    with Browser(web) as browser:
        yield browser


@pytest.fixture
def coordinator(anybody: Browser) -> Browser:
    anybody.sign_in("coordinator_a")
    return anybody


@pytest.fixture
def later() -> timedelta:
    return timedelta(minutes=31)
