"""Complete says what is blank or odd while it can still be mended, once; in Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from browsing import Browser
from chromium import launched, photographed, served, sign_in
from screening import DEMOGRAPHICS, enrolled, entry_path

from trialkit.web import Web


@pytest.fixture
def page() -> Iterator[Any]:
    with launched() as browser:
        page = browser.new_context(viewport={"width": 1366, "height": 768}).new_page()
        page.set_default_timeout(8000)
        yield page


def _at_demographics(page: Any, address: str, coordinator: Browser, **other: str) -> str:
    path = entry_path(enrolled(coordinator), "demographics")
    sign_in(page, address, "coordinator_a")
    page.goto(address + path)
    for item, text in (DEMOGRAPHICS | other).items():
        page.fill(f'[name="r0.{item}"]', text)
    page.check("[name=confirmed]")
    page.fill("[name=confirmed_by]", "investigator_a")
    page.click("button.main")
    return path


def test_blanks_and_oddities_are_listed_before_anything_is_written(
    page: Any, coordinator: Browser, web: Web
) -> None:
    with served(web) as address:
        path = _at_demographics(page, address, coordinator, height_cm="300", sex="")
        page.wait_for_selector("[data-look]:not([hidden])")
        lines = page.locator("[data-look] li").all_inner_texts()
        assert len(lines) == 2 and "required, and blank" in lines[0] and "Above" in lines[1]
        assert page.evaluate("document.activeElement.matches('[data-look]')")
        photographed(page, "looked-over")
        page.click("[data-look] li:last-child a")
        assert page.evaluate("document.activeElement.name") == "r0.height_cm"
        assert "waits for no entry" not in coordinator.get(path).text
        page.fill('[name="r0.sex"]', "female")
        page.click("button.main")
        page.wait_for_selector("[data-look] li:only-child")
        assert page.url.endswith(path)
        page.click("button.main")
        page.wait_for_url("**/done/*")
        assert "is complete" in page.content()


def test_what_can_be_no_value_is_named_with_the_rest_and_is_never_let_through(
    page: Any, coordinator: Browser, web: Web
) -> None:
    with served(web) as address:
        path = _at_demographics(page, address, coordinator, sex="female66", age_years="165", height_cm="")
        page.wait_for_selector("[data-look]:not([hidden])")
        lines = page.locator("[data-look] li").all_inner_texts()
        assert len(lines) == 3 and "one of the codes" in lines[0], lines
        box = page.locator("[data-look]").inner_text()
        assert "Mend these" in box and "again to leave" not in box
        photographed(page, "no-value")
        page.click("button.main")
        page.wait_for_timeout(300)
        assert page.url.endswith(path) and page.locator("[data-look] li").count() == 3
        page.click('[data-item="sex"] [data-as-written]')
        assert page.input_value('[name="r0.sex"]') == "@as_written:female66"
        assert page.locator("[data-as-written]").count() == 0
        page.click("button.main")
        page.wait_for_selector("[data-look] li:nth-child(2):last-child")
        assert "again to leave" in page.locator("[data-look]").inner_text()
        page.click("button.main")
        page.wait_for_url("**/done/*")


def test_a_refused_field_says_its_fault_once_and_in_the_pages_own_words(
    page: Any, coordinator: Browser, web: Web
) -> None:
    with served(web) as address:
        path = entry_path(enrolled(coordinator), "demographics")
        page.goto(f"{address}/sign-in")
        sign_in(page, address, "coordinator_a")
        page.goto(address + path)
        page.fill('[name="r0.sex"]', "female66")
        page.fill("[name=confirmed_by]", "investigator_a")
        page.evaluate("document.querySelector('form[data-logic]').elements.not_asked.value = ''")
        page.evaluate("document.querySelector('form[data-logic]').submit()")  # past the page's own script
        page.wait_for_selector(".refusal")
        item = page.locator('[data-item="sex"]')
        assert item.inner_text().count("Expected") == 1
        assert "@as_written" not in page.locator("main").inner_text()
        item.locator("input").fill("female")
        assert "Expected" not in item.inner_text()


def test_a_form_with_nothing_odd_is_complete_at_once(page: Any, coordinator: Browser, web: Web) -> None:
    with served(web) as address:
        _at_demographics(page, address, coordinator)
        page.wait_for_url("**/done/*")
