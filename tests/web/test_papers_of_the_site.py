"""Date and time on paper and on pages are the site's, wherever the server or the browser stands."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from browsing import Browser
from screening import screened

from trialkit import operations as op
from trialkit.access import Actor
from trialkit.clock import SimulatedClock
from trialkit.operations.web_desk import open_web_desk
from trialkit.report.confirmation import confirmation_text
from trialkit.report.crf import crf_html
from trialkit.vocabulary import Role
from trialkit.web import Web
from trialkit.web.setting import ZONE_COOKIE

# Half past one at the sites in China; in Los Angeles the day before; half past seven in Kiribati.
NOW = datetime(2027, 5, 31, 17, 30, tzinfo=UTC)
STRATUM = {"factor.site": "A", "factor.sex": "f"}


@pytest.fixture(params=["America/Los_Angeles", "Pacific/Kiritimati"])
def server(request: pytest.FixtureRequest) -> Iterator[str]:
    """The zone of the machine."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = request.param
    time.tzset()
    yield request.param
    os.environ.pop("TZ") if before is None else os.environ.update(TZ=before)
    time.tzset()


@pytest.fixture
def web(_screened: Path, tmp_path: Path, server: str) -> Iterator[Web]:
    import shutil

    shutil.copytree(_screened, tmp_path / "study")
    with op.open_trial(tmp_path / "study", clock=SimulatedClock(NOW)) as trial:
        yield Web(trial, open_web_desk(trial))


def test_the_confirmation_of_a_randomization(coordinator: Browser, web: Web) -> None:
    number = screened(coordinator)
    path = f"/subjects/{number}/randomization"
    done = coordinator.post(path, coordinator.form_at(path) | STRATUM)
    coordinator.client.cookies.set(ZONE_COOKIE, "Europe/London")
    for language in ("en", "zh"):
        coordinator.post("/language", {"language": language, "csrf": coordinator.token()})
        printed = coordinator.get(done.headers["location"]).text.partition("<main")[2]
        assert "<dd>2027-06-01 01:30:00+08:00</dd>" in printed
        assert set(re.findall(r"2027-\d\d-\d\d", printed)) == {"2027-06-01"}
    actor = Actor("coordinator_a", Role.COORDINATOR, "A")
    told = op.randomize(web.trial, actor, subject_id=number, stratum_values={"site": "A", "sex": "female"})
    paper = confirmation_text(
        web.trial.study, told, {"site": "A", "sex": "female"}, account="coordinator_a", role="coordinator"
    )
    assert "At the site   2027-06-01 01:30 (Asia/Shanghai)" in paper
    assert "Time          2027-05-31T17:30:00+00:00" in paper


def test_todays_day_is_the_sites(coordinator: Browser, web: Web) -> None:
    form = coordinator.form_at("/subjects/new")
    refused = coordinator.post("/subjects/new", form | {"consent_date": "2027-06-02"})
    assert refused.status_code == 409, "tomorrow at the site"
    done = coordinator.get(
        coordinator.post("/subjects/new", form | {"consent_date": "2027-06-01"}).headers["location"]
    )
    number = re.search(r"([A-E]-\d{3}) is enrolled", done.text)
    assert number
    page = coordinator.get(f"/subjects/{number[1]}/events").text
    assert "2027-06-01" in page and "2027-05-31" not in page and "2027-06-02" not in page


def test_a_blank_form_says_no_day_of_printing(web: Web) -> None:
    printed = crf_html(web.trial.study, annotated=False)
    now = datetime.now(UTC)
    assert str(now.year) not in re.sub(re.escape(web.trial.study.title), "", printed)
