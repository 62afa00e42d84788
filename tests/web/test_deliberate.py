"""Acts that cannot be taken back, in Chromium: not by Enter, not twice, and a lost answer is asked for."""

from __future__ import annotations

from typing import Any

import pytest
from browsing import Browser
from chromium import photographed, sign_in
from screening import CONSENT, enrolled, entry_path, screened

from trialkit.store.reading.allocations import allocations
from trialkit.web import Web


def _allocated(web: Web) -> int:
    with web.trial.store.reading() as reader:
        return len(allocations(reader, web.trial.study.id))


def _read_back(page: Any, address: str, number: str) -> None:
    sign_in(page, address, "coordinator_a")
    page.goto(f"{address}/subjects/{number}/randomization")
    page.fill('[name="factor.site"]', "A")
    page.fill('[name="factor.sex"]', "f")


@pytest.mark.parametrize("scripts", [True, False])
def test_enter_in_a_field_randomizes_nobody(
    chromium: Any, address: str, coordinator: Browser, web: Web, scripts: bool
) -> None:
    number, before = screened(coordinator), _allocated(web)
    context = chromium.new_context(java_script_enabled=scripts)
    page = context.new_page()
    _read_back(page, address, number)
    for field in ("factor.site", "factor.sex"):
        page.locator(f'[name="{field}"]').press("Enter")
    page.wait_for_timeout(300)
    assert page.url.endswith("/randomization") and _allocated(web) == before
    page.click("button.main")
    page.wait_for_url("**/allocation")
    assert _allocated(web) == before + 1
    assert "nothing new was drawn." not in page.content()
    context.close()


def test_a_lost_answer_is_asked_for_until_it_is_known(
    page: Any, address: str, coordinator: Browser, web: Web
) -> None:
    number, before = screened(coordinator), _allocated(web)
    _read_back(page, address, number)

    def lose_the_answer(route: Any) -> None:
        if route.request.method == "POST":
            route.fetch(max_redirects=0)
        route.abort("connectionreset")

    page.route("**/randomization", lose_the_answer)
    page.route("**/done/*", lambda route: route.abort("connectionreset"))
    page.click("button.main")
    page.wait_for_selector("[data-unknown]:not([hidden])")
    assert "not known yet whether" in page.inner_text("[data-unknown]")
    photographed(page, "not-known-yet")
    assert _allocated(web) == before + 1
    page.unroute("**/done/*")
    page.wait_for_url("**/allocation")
    assert _allocated(web) == before + 1


def test_a_request_that_never_arrived_is_sent_again_only_by_hand(
    page: Any, address: str, coordinator: Browser, web: Web
) -> None:
    number, before = screened(coordinator), _allocated(web)
    _read_back(page, address, number)
    page.route("**/randomization", lambda route: route.abort("connectionreset"))
    page.click("button.main")
    page.wait_for_selector("[data-not-there]:not([hidden])")
    page.unroute("**/randomization")
    page.wait_for_timeout(2500)
    assert _allocated(web) == before and page.url.endswith("/randomization")
    page.click("[data-again]")
    page.wait_for_url("**/allocation")
    assert _allocated(web) == before + 1


def test_a_refusal_of_a_deliberate_act_is_shown(
    page: Any, address: str, coordinator: Browser, web: Web
) -> None:
    number, before = screened(coordinator), _allocated(web)
    _read_back(page, address, number)
    page.fill('[name="factor.sex"]', "m")
    page.click("button.main")
    page.wait_for_selector(".refusal:not([hidden])")
    assert "Not done" in page.content() and _allocated(web) == before


def test_a_double_click_on_complete_is_one_entry(page: Any, address: str, coordinator: Browser) -> None:
    path = entry_path(enrolled(coordinator), "consent")
    sign_in(page, address, "coordinator_a")
    page.goto(address + path)
    for item, text in CONSENT.items():
        page.fill(f'[name="r0.{item}"]', text)
    page.check("[name=confirmed]")
    page.fill("[name=confirmed_by]", "investigator_a")
    page.dblclick("button.main")
    page.wait_for_url("**/done/*")
    assert "is complete" in page.content() and "Not done" not in page.content()


def test_a_second_desk_with_scripts_is_told_that_nothing_new_was_drawn(
    page: Any, address: str, coordinator: Browser
) -> None:
    number = screened(coordinator)
    _read_back(page, address, number)
    path = f"/subjects/{number}/randomization"
    first = coordinator.form_at(path) | {"factor.site": "A", "factor.sex": "f"}
    assert coordinator.post(path, first).status_code == 303
    page.click("button.main")
    page.wait_for_url("**/allocation?again=yes")
    assert "by A Person (coordinator_a); nothing new was drawn." in page.content()
