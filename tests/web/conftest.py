"""A small trial behind the web application, in process."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from trialkit import operations as op
from trialkit.clock import SimulatedClock
from trialkit.operations.web_desk import open_web_desk
from trialkit.web import Web

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "operations"))

from browsing import Browser
from chromium import launched, served
from small_trial import found


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


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with launched() as browser:
        yield browser


@pytest.fixture
def page(chromium: Any) -> Iterator[Any]:
    context = chromium.new_context(viewport={"width": 1366, "height": 768})
    page = context.new_page()
    page.set_default_timeout(8000)
    yield page
    context.close()


@pytest.fixture
def address(web: Web) -> Iterator[str]:
    with served(web) as address:
        yield address
