"""Small things that an outside auditor found on the pages, and that must not come back."""

from __future__ import annotations

import re

import pytest
from browsing import PASSWORD, Browser
from chromium import launched, served, sign_in
from screening import CONFIRMED, CONSENT, enrolled, entry_path, screened, typed

from trialkit.web import Web


def test_complete_sent_again_gets_the_answer_of_the_first(coordinator: Browser) -> None:
    path = entry_path(enrolled(coordinator), "consent")
    form = coordinator.form_at(path) | typed(CONSENT) | CONFIRMED
    answers = [coordinator.post(path, form) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [303] * 3
    assert len({answer.headers["location"] for answer in answers}) == 1
    fresh = form | {"draft_version": "other", "not_asked": ""}
    assert coordinator.post(path, fresh).headers["location"] == answers[0].headers["location"]


def test_enter_in_the_last_field_does_not_randomize(web: Web) -> None:
    with Browser(web) as coordinator:
        coordinator.sign_in("coordinator_a")
        number = screened(coordinator)
    with launched() as browser, served(web) as address:
        page = browser.new_page()
        sign_in(page, address, "coordinator_a")
        page.goto(f"{address}/subjects/{number}/randomization")
        boxes = page.locator("main form input:visible")
        for n in range(boxes.count()):
            boxes.nth(n).fill("A" if n == 0 else "female")
        boxes.last.press("Enter")
        page.wait_for_timeout(500)
        assert page.url.endswith(f"/subjects/{number}/randomization")
        page.click("main form button.main")
        page.wait_for_url("**/allocation")
        page.close()


@pytest.mark.parametrize(
    ("keys", "value"),
    [
        ("ND", "@not_done"),
        ("uk", "@unknown"),
        ("NK", "@unknown"),
        ("NA", "@not_applicable"),
        ("NX", "@not_done"),
    ],
)
def test_the_letters_of_the_paper_are_one_missing_code(web: Web, keys: str, value: str) -> None:
    with Browser(web) as coordinator:
        coordinator.sign_in("coordinator_a")
        path = entry_path(enrolled(coordinator), "demographics")
    with launched() as browser, served(web) as address:
        page = browser.new_page()
        sign_in(page, address, "coordinator_a")
        page.goto(address + path)
        page.focus("[name='r0.height_cm']")
        page.keyboard.type(keys, delay=30)
        page.keyboard.press("Enter")
        assert page.input_value("[name='r0.height_cm']") == value
        page.close()


def test_signing_in_goes_on_to_the_page_that_was_asked_for(anybody: Browser) -> None:
    path = "/subjects?number=00"
    sent = anybody.get(path).headers["location"]
    assert sent == "/sign-in?next=%2Fsubjects%3Fnumber%3D00"
    form = anybody.form_at(sent) | {"login": "coordinator_a", "password": PASSWORD}
    assert anybody.post("/sign-in", form).headers["location"] == path


@pytest.mark.parametrize(
    "elsewhere", ["//evil.example", "/\\evil.example", "https://evil.example", "/a\r\nx"]
)
def test_signing_in_goes_nowhere_else(anybody: Browser, elsewhere: str) -> None:
    form = {"login": "coordinator_a", "password": PASSWORD, "next": elsewhere}
    assert anybody.post("/sign-in", form).headers["location"] == "/"


def test_a_menu_has_no_line_that_leads_nowhere(web: Web) -> None:
    """By role, those of one site among them: every line of the menu answers."""
    for login in ("coordinator_a", "outcome_assessor_a", "coordinator_b", "investigator_a", "monitor_a"):
        with Browser(web) as browser:
            browser.sign_in(login)
            menu = browser.get("/").text.partition("<nav")[2].partition("</nav>")[0]
            lines = re.findall(r'href="(/[^"]*)"', menu)
            assert len(lines) > 2
            assert {line: browser.get(line).status_code for line in lines} == dict.fromkeys(lines, 200)


def test_an_address_that_the_api_does_not_have_is_answered_in_its_own_words(anybody: Browser) -> None:
    for answer in (anybody.get("/api/v1/nothing"), anybody.client.delete("/api/v1/openapi.json")):
        assert answer.status_code in (404, 405)
        assert set(answer.json()) == {"expected", "found", "where", "next_step"}
