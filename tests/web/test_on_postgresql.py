"""The same scenes of the pages and the API on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import test_administration as administration
import test_api as api
from browsing import Browser
from small_trial import found

from trialkit import operations as op
from trialkit.clock import SimulatedClock
from trialkit.operations.web_desk import open_web_desk
from trialkit.vocabulary import Role
from trialkit.web import Web


@pytest.fixture
def on_postgresql(postgres_url: str, tmp_path: Path) -> Iterator[Web]:
    found(tmp_path, database_url=postgres_url).close()
    clock = SimulatedClock(datetime(2027, 6, 1, tzinfo=UTC))
    with op.open_trial(tmp_path / "study", clock=clock) as trial:
        yield Web(trial, open_web_desk(trial))


def test_the_scenes_of_sqlite(on_postgresql: Web) -> None:
    web = on_postgresql
    as_administrator: tuple[Callable[[Browser, Web], None], ...] = (
        administration.test_an_account_is_opened_with_a_password_shown_once,
        administration.test_a_role_is_given_and_taken_back_and_an_account_closed,
        administration.test_recruitment_is_paused_and_the_state_says_so,
    )
    for scene in as_administrator:
        with Browser(web) as browser:
            browser.sign_in("administrator_a")
            scene(browser, web)
    with Browser(web) as browser:
        administration.test_the_monitor_reads_a_complete_form_and_ticks_it(browser, web)
        administration.test_an_emergency_is_two_steps_signed_once_and_told_without_the_arm(browser, web)
    with Browser(web) as browser:
        program = api.Program(web, browser, "coordinator_a", Role.COORDINATOR, "A")
        api.test_a_person_is_enrolled_once_for_a_key(program)
        api.test_a_refusal_frees_its_key_and_says_four_things(program)
        api.test_a_subject_of_another_site_is_as_unknown_as_nobody(program, web)
    assert op.verify_audit(web.trial).whole


def test_what_is_no_text_is_refused_before_the_database_sees_it(on_postgresql: Web) -> None:
    """PostgreSQL keeps no U+0000: its refusal told a stranger of the database."""
    with Browser(on_postgresql) as browser:
        stranger = browser.client.post("/sign-in", data={"login": "a\0b", "password": "x"})
        assert stranger.status_code == 400
        assert "database" not in stranger.text
        for secret, login in (("A", "nobody"), ("a\0", ""), ("ÄÖ", ""), ("A" * 4000, ""), ("", "码" * 4000)):
            sent = {"login": login, "password": "x", "secret": secret, "code": "000000"}
            assert browser.client.post("/first-factor", data=sent).status_code in (400, 409)
    with Browser(on_postgresql) as browser:
        program = api.Program(on_postgresql, browser, "coordinator_a", Role.COORDINATOR, "A")
        for address in ("/subjects/%00", "/subjects/%00/forms", "/subjects/%00/readiness"):
            answer = program.get(address)
            assert answer.status_code == 404
            assert answer.headers["content-type"] == "application/json"
        browser.sign_in("coordinator_a")
        assert browser.client.get("/subjects/%00").status_code == 404
