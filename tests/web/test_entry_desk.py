"""The entry desk: a number as people type it, and the investigator's tick on the way of the keys."""

from __future__ import annotations

from typing import Any

import pytest
from browsing import Browser
from chromium import sign_in
from screening import CONSENT, enrolled, entry_path


@pytest.mark.parametrize("way", [str, str.lower, lambda n: f"  {n} ", lambda n: n.replace("-", "–")])
def test_a_subject_is_found_however_its_number_is_typed(coordinator: Browser, way: Any) -> None:
    number = enrolled(coordinator)
    answer = coordinator.client.get("/entry", params={"number": way(number)})
    assert answer.headers["location"] == f"/subjects/{number}/next-form"


def test_full_width_letters_and_digits_are_the_same_number(coordinator: Browser) -> None:
    number = enrolled(coordinator)
    wide = "".join(chr(ord(one) + 0xFEE0) for one in number.lower())
    assert wide.startswith("ａ－")
    answer = coordinator.client.get("/entry", params={"number": wide})
    assert answer.headers["location"] == f"/subjects/{number}/next-form"
    listed = coordinator.client.get("/subjects", params={"number": wide}).text
    assert f"/subjects/{number}" in listed


@pytest.mark.parametrize("number", ["B-001", "b-001", "Z-999", "-", "％"])
def test_another_sites_number_stays_unknown(coordinator: Browser, number: str) -> None:
    answer = coordinator.client.get("/entry", params={"number": number})
    assert answer.status_code == 404 and "Look at the number on the paper" in answer.text


def test_enter_after_the_last_field_leads_to_the_tick_and_never_sets_it(
    page: Any, address: str, coordinator: Browser
) -> None:
    sign_in(page, address, "coordinator_a")
    page.goto(address + entry_path(enrolled(coordinator), "consent"))
    for text in CONSENT.values():
        page.keyboard.type(text)
        page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.name") == "confirmed"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.name") == "confirmed_by"
    page.keyboard.type("investigator_a")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.matches('button.main')")
    assert not page.is_checked("[name=confirmed]") and page.url.endswith("/entry")
    page.focus("[name=confirmed]")
    page.keyboard.press("Space")
    for _ in range(3):
        page.keyboard.press("Enter")
    page.wait_for_url("**/done/*")


def test_a_date_whose_day_is_unknown_is_typed_as_the_paper_says(page: Any) -> None:
    from trialkit.web.pages import STATIC

    page.goto("about:blank")
    for name in ("ratio.js", "logic.js", "typed.js"):
        page.add_script_tag(path=str(STATIC / name))
    item = {"type": "date", "codes": [], "missing": ["unknown"], "partial": True}
    completed = "([item, text]) => Typed.completed(item, text)"
    assert page.evaluate(completed, [item, "@unknownk"]) == "@unknown"
    assert page.evaluate(completed, [item, "@unknown/"]) == "UK/"
    assert page.evaluate(completed, [item | {"partial": False}, "@unknown/"]) == ""
