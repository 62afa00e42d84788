"""No page is wider than a phone, in neither language: nothing but a table scrolls sideways (WCAG 1.4.10)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import mid_course
import pytest
from browsing import Browser
from chromium import launched, served, sign_in
from screening import enrolled, entry_path
from starlette.routing import compile_path
from test_accessibility import _BEFORE_SIGN_IN

from trialkit.web import Web
from trialkit.web.views.routes import ROUTES

_WIDTHS = (320, 390)
_PARTS = """() => [...document.querySelectorAll("main *, header *")].filter(one =>
  !one.closest(".scroll") && one.getBoundingClientRect().right > innerWidth + 0.5).slice(0, 4).map(one =>
  one.tagName + "." + one.className + " " + Math.round(one.getBoundingClientRect().right))"""
_BROKEN_DATES = r"""() => { const found = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const text = texts.currentNode;
    for (const date of text.data.matchAll(/\d{4}-\d{2}-\d{2}|\d{2}:\d{2}:\d{2}([+-]\d{2}:\d{2})?/g)) {
      const range = document.createRange();
      range.setStart(text, date.index); range.setEnd(text, date.index + date[0].length);
      const parts = [...range.getClientRects()].filter(one => one.width);
      if (new Set(parts.map(one => Math.round(one.top))).size > 1) found.push(text.data);
    }
  } return found; }"""
_NO_PAGES = ("/{file}", "/{page}", "/documents/{name}", ".svg", "/next-form")
_FILES = (".xlsx", ".csv", ".pdf", ".docx", ".rtf", ".zip")  # the browser saves them
_TEMPLATES = [(compile_path(known.path)[0], known.path) for known in ROUTES if "GET" in known.views]


def _too_wide(page: Any) -> dict[int, object]:
    found: dict[int, object] = {}
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    for width in _WIDTHS:
        page.set_viewport_size({"width": width, "height": 700})
        if broken := page.evaluate(_BROKEN_DATES):
            found[width] = ("broken over two lines", broken)
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            found[width] = (wide, page.evaluate(_PARTS))
    return found


def _kind(path: str) -> str:
    """The template of a page, each form of its own; empty for what is no page."""
    for pattern, template in _TEMPLATES:
        if pattern.match(path) and not template.endswith(_NO_PAGES) and not path.endswith(_FILES):
            return (
                template.replace("{form}", path.split("/")[-2]) if template.endswith("/entry") else template
            )
    return ""


def _links(page: Any) -> list[str]:
    return [urlsplit(one)[2] for one in page.evaluate("[...document.links].map(one => one.href)")]


def _walk(page: Any, address: str, seen: dict[str, dict[int, object]]) -> None:
    """Every page that links lead to from here, one of a kind that was not seen yet."""
    seen.pop("/", None)  # the home of each role is its own
    waiting = ["/"]
    while waiting:
        path = waiting.pop(0)
        kind = _kind(path)
        if not kind or kind in seen:
            continue
        page.goto(address + path)
        found = _too_wide(page)
        seen[kind] = found
        seen |= {f"{path} of {kind}": found} if found else {}
        waiting += _links(page)


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    with mid_course.opened(tmp_path_factory.mktemp("demo")) as web:
        yield web


@pytest.mark.long
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_page_fits_a_phone(demonstration: Web, language: str) -> None:
    seen: dict[str, dict[int, object]] = {}
    with launched() as browser, served(demonstration) as address:
        context = browser.new_context(locale={"en": "en-GB", "zh": "zh-CN"}[language])
        page = context.new_page()
        for path in _BEFORE_SIGN_IN:
            page.goto(address + path)
            seen[path] = _too_wide(page)
        for account in demonstration.shown_accounts:
            context.clear_cookies()
            page.goto(f"{address}/sign-in")
            page.fill("#login", account.login)
            page.fill("#password", account.password)
            page.click("form:has(#password) button.main")
            page.wait_for_url(f"{address}/")
            _walk(page, address, seen)
    assert not {path: wide for path, wide in seen.items() if wide}
    assert len(seen) > 50 and sum("/entry" in kind for kind in seen) > 12, sorted(seen)


def test_the_widest_pages_fit_a_phone_and_a_wider_one_would_be_found(web: Web) -> None:
    with launched() as browser, served(web) as address:
        page = browser.new_context(locale="zh-CN").new_page()
        sign_in(page, address, "first_entry_a")
        for path in ("/me", "/acting-as", entry_path("0001", "odi")):
            page.goto(address + path)
            assert not _too_wide(page), path
        page.goto(f"{address}/acting-as")
        page.evaluate("document.querySelector('h1').append('x'.repeat(200))")
        assert not _too_wide(page)
        page.evaluate("document.querySelector('h1').style.whiteSpace = 'nowrap'")
        assert set(_too_wide(page)) == set(_WIDTHS)


def test_no_date_is_broken_over_two_lines(web: Web) -> None:
    with launched() as browser, served(web) as address:
        page = browser.new_context(locale="en-GB").new_page()
        sign_in(page, address, "investigator_a")
        for path in ("/subjects/0001", "/subjects/0001/events", "/subjects/0001/allocation", "/me"):
            page.goto(address + path)
            assert not _too_wide(page), path
        page.goto(f"{address}/subjects/0001/events")
        told = page.inner_text(".place")
        page.evaluate("document.querySelectorAll('.whole').forEach(one => one.replaceWith(one.textContent))")
        page.evaluate("document.querySelector('.place').normalize()")
        page.evaluate("document.querySelector('.place').style.width = '50%'")
        assert page.inner_text(".place") == told and "broken" in str(_too_wide(page))


def test_a_browser_finds_an_icon(anybody: Browser) -> None:
    old = anybody.get("/favicon.ico")
    assert old.status_code == 308
    assert old.headers["location"] in anybody.get("/sign-in").text
    icon = anybody.get(old.headers["location"])
    assert (icon.status_code, icon.headers["content-type"]) == (200, "image/svg+xml")


def test_a_table_that_stacks_has_nothing_behind_its_edge(web: Web) -> None:
    """Its headings are hidden there; they made it scroll sideways to nothing, under a shadow."""
    with launched() as browser, served(web) as address:
        page = browser.new_context(viewport={"width": 390, "height": 844}).new_page()
        sign_in(page, address, "data_manager_a")
        page.goto(f"{address}/subjects")
        assert page.locator(".stacked").count() == 1
        wide = page.evaluate(
            "[...document.querySelectorAll('.scroll')].map(one => one.scrollWidth - one.clientWidth)"
        )
        assert wide == [0]


_BEHIND_THE_BAR = """() => { const field = document.activeElement, bar = document.querySelector(".bar");
  return field.closest("[data-item]") !== null && getComputedStyle(bar).position === "sticky"
    && field.getBoundingClientRect().bottom > bar.getBoundingClientRect().top ? field.name : ""; }"""


@pytest.mark.parametrize("size", [(1366, 768), (390, 844), (320, 568)])
def test_no_field_that_is_typed_into_is_behind_the_bar(
    page: Any, address: str, coordinator: Browser, size: tuple[int, int]
) -> None:
    """Focus not obscured (WCAG 2.4.11)."""
    sign_in(page, address, "coordinator_a")
    page.set_viewport_size({"width": size[0], "height": size[1]})
    number = enrolled(coordinator)
    for form in ("demographics", "eligibility"):
        page.goto(address + entry_path(number, form))
        page.locator("[data-item] input").first.focus()
        behind, typed_into = [], 0
        while page.evaluate("document.activeElement.closest('[data-item]') !== null"):
            behind.append(page.evaluate(_BEHIND_THE_BAR))
            typed_into += 1
            page.keyboard.press("ArrowDown")
        assert typed_into > 5 and not any(behind), (form, behind)
