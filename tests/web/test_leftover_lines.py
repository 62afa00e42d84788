"""A form with a differing value and lines that only one entry has: both decided on one page, by its keys."""

from __future__ import annotations

import re
from typing import Any

import pytest
from browsing import Browser
from chromium import photographed, served, sign_in
from screening import entry_path

from trialkit.web import Web


def _line(number: str, drug: str, dose: str) -> dict[str, str]:
    more = {"class": "analgesic", "indication": "LBP", "rescue": "0", "start_date": "2027-05", "ongoing": "1"}
    return {f"cm_{k}": v for k, v in ({"line": number, "drug": drug, "daily_dose_mg": dose} | more).items()}


ENTRIES = {
    "first_entry_a": (_line("1", "ibuprofen", "400"), _line("2", "paracetamol", "1000")),
    "second_entry_a": (_line("1", "ibuprofen", "40"), _line("3", "tramadol", "100")),
}


@pytest.fixture
def path(web: Web) -> str:
    """Where the drugs of somebody are reconciled: line 1 differs in its dose, lines 2 and 3 are left over."""
    with Browser(web) as first:
        first.sign_in("first_entry_a")
        found = re.search(r"/subjects/([0-9]+)/visits/", first.get("/").text)
        assert found
    form = entry_path(found[1], "conmed", "week_6")
    for login, lines in ENTRIES.items():
        with Browser(web) as clerk:
            clerk.sign_in(login)
            typed = {f"r{n}.{item}": text for n, line in enumerate(lines) for item, text in line.items()}
            done = clerk.post(form, clerk.form_at(form) | typed | {"not_asked": ""})
            assert done.status_code == 303, done.text
    return form.removesuffix("entry") + "discrepancies"


def _confirmed(browser: Browser, path: str, **fields: str) -> str:
    sent = browser.form_at(path) | {name.replace("_", "."): text for name, text in fields.items()}
    lines = any(name.startswith("l") for name in fields)
    answer = browser.post(f"{path}/lines" if lines else path, sent)
    return browser.get(answer.headers["location"]).text if answer.status_code == 303 else answer.text


def test_the_lines_come_after_the_values_and_before_another_form(anybody: Browser, path: str) -> None:
    anybody.sign_in("adjudicator_a")
    page = anybody.get(path).text
    assert re.search(r"<b>400 mg</b>", page) and re.search(r"<b>40 mg</b>", page)
    done = _confirmed(anybody, path, d0_choice="first", d0_reason="misread")
    assert "1 decided" in done and f'href="{path}"' in done


def test_two_decisions_that_contradict_are_named_as_such(anybody: Browser, path: str) -> None:
    anybody.sign_in("adjudicator_a")
    told = _confirmed(anybody, path, l0_fate="pair:3", l1_fate="keep")
    assert "one decision for line 3 of entry 2" in told and "leave one undecided" in told
    done = _confirmed(anybody, path, l0_fate="pair:3", l1_fate="pair:2")
    assert "2 lines decided" in done, "a pair stated at both of its lines is one pair"


def test_every_line_is_reached_and_decided_by_its_keys(page: Any, web: Web, path: str) -> None:
    with served(web) as address:
        sign_in(page, address, "adjudicator_a")
        page.goto(address + path)
        keys = page.keyboard
        for key in ("2", "m", "Enter", "ArrowDown", "k", "ArrowDown", "Shift+Tab"):
            keys.press(key)
        fates = page.locator("form[data-lines] select")
        assert [fates.nth(n).input_value() for n in range(2)] == ["keep", ""]
        fates.nth(1).focus()  # where Tab leads
        keys.press("p")
        assert fates.nth(1).input_value() == "pair:2"
        keys.press("e")
        photographed(page, "leftover")
        assert [fates.nth(n).input_value() for n in range(2)] == ["keep", "error"]
        keys.press("Enter")
        assert page.evaluate("document.activeElement.textContent") == "Confirm the lines"
