"""Somebody else completed the form meanwhile: what was typed stays to be read."""

from __future__ import annotations

from typing import Any

from browsing import Browser
from chromium import sign_in
from screening import CONFIRMED, DEMOGRAPHICS, enrolled, entry_path

from trialkit.web import Web


def _typed(browser: Browser, path: str, **other: str) -> dict[str, str]:
    values = {f"r0.{item}": text for item, text in (DEMOGRAPHICS | other).items()}
    return browser.form_at(path) | values | CONFIRMED


def test_who_comes_second_is_told_and_reads_what_was_typed(coordinator: Browser, web: Web) -> None:
    path = entry_path(enrolled(coordinator), "demographics")
    subject = path.partition("/visits/")[0]
    with Browser(web) as second:
        second.sign_in("investigator_a")
        late = _typed(second, path, height_cm="171.5")
        assert coordinator.post(path, _typed(coordinator, path)).status_code == 303
        told = second.post(path, late)
        assert told.status_code == 409
        assert told.text.count("refusal") == 1, "one thing is said, and not what else is wrong with it"
        for page in (told.text, second.get(path).text):
            assert "This form waits for no entry of yours" in page and "171.5" in page
            assert ">Complete<" not in page and f'href="{path.removesuffix("/entry")}"' in page
        listed = second.get("/").text.partition("Baseline: Demographics")[2].partition("</a>")[0]
        assert "completed meanwhile" in listed, subject
        away = second.form_at(path)
        assert second.post(f"{path}/draft", away | {"throw_away": "another"}).headers["location"] == path
        assert "171.5" in second.get(path).text, "only the copy that was looked at is thrown away"
        assert second.post(f"{path}/draft", away).headers["location"] == subject
        assert "171.5" not in second.get(path).text and "Begun and not completed" not in second.get("/").text


def test_home_that_says_so_is_no_wider_than_a_phone(page: Any, address: str, coordinator: Browser) -> None:
    path = entry_path(enrolled(coordinator), "demographics")
    with Browser(coordinator.web) as second:
        second.sign_in("investigator_a")
        second.post(f"{path}/draft", _typed(second, path))
    coordinator.post(path, _typed(coordinator, path))
    sign_in(page, address, "investigator_a")
    page.set_viewport_size({"width": 390, "height": 700})
    page.goto(f"{address}/")
    assert "completed meanwhile" in page.inner_text("main")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_page_without_scripts_teaches_no_keys(page: Any, address: str, coordinator: Browser) -> None:
    path = entry_path(enrolled(coordinator), "demographics")
    sign_in(page, address, "coordinator_a")
    plain = page.context.browser.new_context(java_script_enabled=False)
    plain.add_cookies(page.context.cookies())
    for tab, scripted in ((page, True), (plain.new_page(), False)):
        tab.goto(address + path)
        assert tab.locator("details.keys").is_visible() is scripted
        assert tab.get_by_text("Leave; the draft stays").is_visible() is scripted
    plain.close()
    assert '<noscript><p class="quiet">This browser runs no scripts' in coordinator.get(path).text


def test_who_has_not_named_the_investigator_is_told_first_that_it_is_complete(
    coordinator: Browser, web: Web
) -> None:
    path = entry_path(enrolled(coordinator), "demographics")
    late = coordinator.form_at(path)
    with Browser(web) as second:
        second.sign_in("investigator_a")
        done = _typed(second, path)
        assert second.post(path, done).status_code == 303
    told = coordinator.post(path, late | {"r0.sex": "female"})
    assert told.status_code == 409 and "waits for no entry of yours" in told.text
    assert "confirm" not in told.text.partition("<main")[2]


def test_a_typist_is_shown_no_way_to_the_record(coordinator: Browser, web: Web) -> None:
    path = entry_path(enrolled(coordinator), "vas")
    with Browser(web) as first, Browser(web) as second:
        first.sign_in("first_entry_a")
        second.sign_in("second_entry_a")
        kept = first.form_at(path) | {"r0.vas_mm": "33"}
        assert first.post(f"{path}/draft", kept).status_code == 200
        for browser in (coordinator, second):
            assert browser.post(path, browser.form_at(path) | {"r0.vas_mm": "55"}).status_code == 303
        page = first.get(path).text
    assert "<dd>33 mm</dd>" in page and f'href="{path.removesuffix("/entry")}"' not in page
