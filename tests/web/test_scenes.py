"""Scenes in Chromium: two clerks and the adjudicator by keys alone; a query from the field and back."""

from __future__ import annotations

import re
from typing import Any

from browsing import Browser
from chromium import photographed, sign_in
from screening import entry_path

from trialkit.web import Web


def _subject(web: Web) -> str:
    with Browser(web) as first:
        first.sign_in("first_entry_a")
        found = re.search(r"/subjects/([0-9]+)/visits/", first.get("/").text)
    assert found
    return found[1]


def test_two_clerks_and_the_adjudicator_by_keys_alone(page: Any, address: str, web: Web) -> None:
    subject = _subject(web)
    for login, answers in (("first_entry_a", "1231231231"), ("second_entry_a", "2231231234")):
        page.context.clear_cookies()
        sign_in(page, address, login)
        page.goto(address + entry_path(subject, "odi"))
        for digit in answers:
            page.keyboard.type(digit)
            page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.textContent.trim()") == "Complete"
        if login == "second_entry_a":
            photographed(page, "odi")
        page.keyboard.press("Enter")
        page.wait_for_url("**/done/*")
        assert "differ" not in page.content()
    page.context.clear_cookies()
    sign_in(page, address, "adjudicator_a")
    page.goto(f"{address}/discrepancies")
    photographed(page, "discrepancies")
    page.locator("td a").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/forms/odi/discrepancies")
    boxes = page.locator("fieldset")
    assert boxes.count() == 2
    page.keyboard.press("1")
    page.keyboard.press("m")
    page.keyboard.press("Enter")
    page.keyboard.press("2")
    page.keyboard.press("u")
    assert page.locator("[data-decided]").inner_text() == "1 decision to confirm"
    page.keyboard.press("1")
    page.keyboard.press("2")
    assert boxes.nth(1).locator("select").input_value() == ""  # nobody's reason is assumed
    page.keyboard.press("t")
    assert boxes.nth(1).locator("select").input_value() == "typing_error"
    assert page.locator("[data-decided]").inner_text() == "2 decisions to confirm"
    photographed(page, "reconcile")
    boxes.nth(1).focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.wait_for_url("**/done/*")
    assert "2 decided" in page.content()
    page.goto(address + f"/subjects/{subject}/visits/baseline/forms/odi")
    assert page.locator("#item--odi_pain b").inner_text().startswith("1")
    assert page.locator("#item--odi_travelling b").inner_text().startswith("4")


def test_a_query_from_the_field_and_back(page: Any, address: str, web: Web) -> None:
    subject = _subject(web)
    sign_in(page, address, "data_manager_a")
    form = f"{address}/subjects/{subject}/visits/baseline/forms/demographics"
    page.goto(form)
    page.locator("#item--height_cm [data-drawer]").click()
    drawer = page.locator("dialog[open]")
    drawer.locator("h1").wait_for()
    assert "coordinator" in drawer.inner_text()
    photographed(page, "drawer")
    drawer.locator("textarea").fill("Is the height from the measure?")
    drawer.locator("button.main").click()
    page.wait_for_url("**/done/*")
    page.context.clear_cookies()
    sign_in(page, address, "investigator_a")
    page.goto(f"{address}/queries")
    photographed(page, "queries")
    page.locator("th a").first.click()
    page.wait_for_url("**/queries/*")
    photographed(page, "query")
    page.locator("a.button").click()
    page.wait_for_url("**#item--height_cm")
    photographed(page, "record")
    page.locator("#item--height_cm a").first.click()
    page.wait_for_url("**/queries/*")
    page.fill("#text", "Yes, measured again")
    page.click("button.main")
    page.wait_for_url("**/done/*")


def test_the_pages_of_numbers_and_of_closing_are_drawn(page: Any, address: str) -> None:
    sign_in(page, address, "data_manager_a")
    for path in ("/closing", "/recruitment", "/reports/completeness", "/reports/errors", "/reports/queries"):
        page.goto(address + path)
        for chart in page.locator("img.chart").all():
            assert chart.evaluate("image => image.complete && image.naturalWidth > 0")
        wide = page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        assert wide, path
        photographed(page, path.strip("/").replace("/", "-"))


def test_the_end_of_a_session_is_said_before_and_an_empty_desk_shows_no_patient(
    page: Any, address: str, web: Web
) -> None:
    page.clock.install()
    sign_in(page, address, "first_entry_a")
    page.goto(address + entry_path(_subject(web), "odi"))
    warning, over = page.locator("[data-warned]"), page.locator("dialog[data-again]")
    page.clock.run_for("24:50")
    assert not warning.is_visible() and not over.is_visible()
    page.clock.run_for("00:20")
    assert warning.is_visible()
    photographed(page, "idle")
    page.click("[data-stay]")
    warning.wait_for(state="hidden")
    page.clock.run_for("24:50")
    assert not warning.is_visible()
    page.clock.run_for("05:20")
    assert over.is_visible() and "/entry" in page.url  # what is typed is not taken away
    page.goto(f"{address}/subjects")
    page.clock.run_for("30:10")
    page.wait_for_url("**/sign-in")
