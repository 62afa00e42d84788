"""A form that comes when its session has ended: said, carried through the sign-in, and done once."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from browsing import PASSWORD, Browser, fields_in
from chromium import photographed, sign_in
from screening import CONSENT, enrolled, entry_path, screened

from trialkit.store.reading.allocations import allocations
from trialkit.store.reading.audit import audit_head
from trialkit.web import Web

_SAID = "what you sent was not done, and nothing was written"


def _allocated(web: Web) -> int:
    with web.trial.store.reading() as reader:
        return len(allocations(reader, web.trial.study.id))


def _records(web: Web) -> int:
    with web.trial.store.reading() as reader:
        return audit_head(reader)[0]


def _end_sessions(web: Web) -> None:
    web.desk.end_sessions_of("coordinator_a")


def _sign_in_again(page: Any) -> None:
    assert page.input_value("#login") == "coordinator_a"
    page.fill("#password", PASSWORD)
    page.click("button.main")


def _at_randomization(page: Any, address: str, number: str) -> None:
    sign_in(page, address, "coordinator_a")
    page.goto(f"{address}/subjects/{number}/randomization")
    page.fill('[name="factor.site"]', "A")
    page.fill('[name="factor.sex"]', "f")


@pytest.mark.parametrize("scripts", [True, False])
def test_randomize_pressed_after_the_session_ended(
    chromium: Any, address: str, coordinator: Browser, web: Web, scripts: bool
) -> None:
    number, before = screened(coordinator), _allocated(web)
    page = chromium.new_context(java_script_enabled=scripts).new_page()
    page.set_default_timeout(8000)
    _at_randomization(page, address, number)
    _end_sessions(web)
    page.click("button.main")
    page.wait_for_selector(".notice")
    assert _SAID in page.inner_text(".notice")
    photographed(page, f"session-ended-{scripts}")
    _sign_in_again(page)
    page.wait_for_url("**/randomization")
    assert "This was not done" in page.inner_text(".notice") and _allocated(web) == before
    typed = [page.input_value(f'[name="factor.{name}"]') for name in ("site", "sex")]
    assert typed == (["A", "f"] if scripts else ["", ""])
    if not scripts:
        assert "factor.sex f" in page.inner_text("[data-typed]")
        page.fill('[name="factor.site"]', "A")
        page.fill('[name="factor.sex"]', "f")
    photographed(page, f"filled-in-again-{scripts}")
    page.click("main form button.main")
    page.wait_for_url("**/allocation")
    assert _allocated(web) == before + 1
    page.goto(f"{address}/subjects/{number}/events")
    assert page.locator("[data-unsent]").count() == 0
    page.context.close()


def test_an_act_done_whose_answer_was_lost_is_told_and_not_done_again(coordinator: Browser, web: Web) -> None:
    form = coordinator.form_at("/subjects/new") | {"consent_date": "2027-05-31"}
    done = coordinator.post("/subjects/new", form).headers["location"]
    records = _records(web)
    _end_sessions(web)
    carried = fields_in(coordinator.post("/subjects/new", form).text)
    answer = coordinator.post("/sign-in", carried | {"password": PASSWORD})
    assert answer.headers["location"] == done
    assert "is enrolled at" in coordinator.get(done).text
    assert _records(web) == records


def test_what_was_typed_is_for_its_person_alone_and_no_password_is_kept(
    coordinator: Browser, web: Web
) -> None:
    path = entry_path(enrolled(coordinator), "consent")
    typed = {f"r0.{item}": text for item, text in CONSENT.items()}
    form = coordinator.form_at(path) | typed | {"second_password": "hush hush", "confirmed": "yes"}
    _end_sessions(web)
    answer = coordinator.post(path, form)
    assert answer.status_code == 401 and _SAID in answer.text and "hush" not in answer.text
    carried = fields_in(answer.text)
    assert "2027-05-31" in carried["unsent"]
    other = coordinator.post("/sign-in", carried | {"login": "investigator_a", "password": PASSWORD})
    assert other.headers["location"] == "/"
    assert "2.1" not in coordinator.get(path).text
    again = coordinator.post("/sign-in", carried | {"password": PASSWORD})
    assert again.headers["location"] == path
    page = coordinator.get(path).text
    kept = re.search(r'data-unsent="([^"]*)"', page)
    assert kept and '"r0.consent_version": "2.1"' in unescape(kept[1])
    assert "hush" not in page and "data-unsent" not in coordinator.get("/").text


def test_a_page_of_an_earlier_session_is_shown_anew_where_the_browser_vouches(
    coordinator: Browser, web: Web
) -> None:
    form = coordinator.form_at("/subjects/new") | {"consent_date": "2027-05-30"}
    coordinator.sign_in("coordinator_a")
    records = _records(web)
    assert coordinator.post("/subjects/new", form).status_code == 403
    answer = coordinator.post("/subjects/new", form, Sec_Fetch_Site="same-origin")
    assert (answer.status_code, answer.headers["location"]) == (303, "/subjects/new")
    assert "2027-05-30" in coordinator.get("/subjects/new").text and _records(web) == records
    assert coordinator.post("/subjects/new", form, Sec_Fetch_Site="cross-site").status_code == 403


def test_a_form_without_an_address_to_return_to_leads_home(coordinator: Browser, web: Web) -> None:
    form = coordinator.form_at("/subjects/new")
    _end_sessions(web)
    sent = coordinator.post("/queries/7", form | {"step": "close"}, Referer="https://elsewhere.example/x")
    carried = fields_in(sent.text)
    assert '"/queries/7"' in carried["unsent"] and "elsewhere" not in carried["unsent"]
    refused = coordinator.post("/sign-in", carried | {"password": "not it"})
    assert fields_in(refused.text)["unsent"] == carried["unsent"]
    broken = coordinator.post("/sign-in", carried | {"unsent": "[1]", "password": PASSWORD})
    assert broken.headers["location"] == "/"
