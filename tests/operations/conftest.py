"""A small trial that ran through every act, copied for each test that changes it."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from trialkit import operations as op, resources
from trialkit.clock import SimulatedClock

sys.path.insert(0, str(Path(__file__).parent))

import chain


@pytest.fixture(scope="session")
def definition() -> Path:
    return resources.folder("sample_data")


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory, definition: Path) -> chain.ChainRun:
    """Ten subjects, everything entered twice and adjudicated, not locked. Read it; do not change it."""
    folder = tmp_path_factory.mktemp("finished")
    trial = chain.found_study(folder / "study", definition)
    files = chain.make_list(trial.study, folder / "list", definition)
    return chain.run_chain(trial, definition, files, 10)


@pytest.fixture
def finished_copy(finished: chain.ChainRun, tmp_path: Path) -> Iterator[op.Trial]:
    """The finished trial in a folder of this test's own."""
    with finished.trial.store.reading():
        shutil.copytree(finished.trial.folder, tmp_path / "study")
    clock = SimulatedClock(finished.trial.clock.now())
    with op.open_trial(tmp_path / "study", clock=clock) as trial:
        yield trial


@pytest.fixture(scope="session")
def _founded(tmp_path_factory: pytest.TempPathFactory, definition: Path) -> Path:
    folder = tmp_path_factory.mktemp("founded")
    trial = chain.found_study(folder / "study", definition)
    files = chain.make_list(trial.study, folder / "list", definition, per_stratum=4)
    op.load_schedule(
        trial, chain.ADMIN, bundle=files.bundle, commitment=files.commitment, allocation_key=files.key
    )
    trial.close()
    return folder / "study"


@pytest.fixture
def trial(_founded: Path, tmp_path: Path) -> Iterator[op.Trial]:
    """A founded study with its accounts and its list, and nobody in it."""
    from datetime import UTC, datetime

    shutil.copytree(_founded, tmp_path / "study")
    clock = SimulatedClock(datetime(2024, 6, 1, 3, tzinfo=UTC))
    with op.open_trial(tmp_path / "study", clock=clock) as opened:
        yield opened


@pytest.fixture
def on_postgresql(postgres_url: str, tmp_path: Path, definition: Path) -> op.Trial:
    trial = chain.found_study(tmp_path / "study", definition, database_url=postgres_url)
    yield trial
    trial.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def either(request: pytest.FixtureRequest, tmp_path: Path, definition: Path) -> op.Trial:
    """A founded study on each engine in turn."""
    if request.param == "postgresql":
        trial: op.Trial = request.getfixturevalue("on_postgresql")
        yield trial
        return
    trial = chain.found_study(tmp_path / "study", definition)
    yield trial
    trial.close()
