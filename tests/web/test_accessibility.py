"""axe-core finds nothing on any page, in both languages (WCAG 2.0 to 2.2, A and AA)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from browsing import filled
from chromium import launched, photographed, served, sign_in
from test_rights import PAGES

from trialkit.store.reading.subjects import subjects
from trialkit.vocabulary import Role
from trialkit.web import Web

_RUN = """async () => (await axe.run(document, {runOnly: {type: "tag", values: [
  "wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}})).violations.map(
  one => one.id + ": " + one.nodes.map(node => node.target.join(" ")).slice(0, 4).join(", "))"""
_BEFORE_SIGN_IN = ("/sign-in", "/first-password", "/first-factor")


def _axe() -> str:
    axe = pytest.importorskip("axe_playwright_python", reason="axe-core comes with the test tools")
    return (Path(axe.__file__).parent / "axe.min.js").read_text(encoding="utf-8")


def _readers() -> dict[Role, list[str]]:
    """Each page with the first role that may read it."""
    found: dict[Role, list[str]] = {}
    for path, roles in PAGES.items():
        named = roles.split()
        if path in _BEFORE_SIGN_IN or not named:
            continue
        role = Role.COORDINATOR if "coordinator" in named else Role(named[0])
        found.setdefault(role, []).append(path)
    return found


def _findings(page: Any, axe: str) -> list[str]:
    page.evaluate(axe)
    return [str(one) for one in page.evaluate(_RUN)]


@pytest.mark.parametrize("language", ["en", pytest.param("zh", marks=pytest.mark.long)])
def test_axe_finds_nothing(web: Web, language: str) -> None:
    axe, found = _axe(), {}
    with web.trial.store.reading() as reader:
        number = next(n for n, state in subjects(reader).items() if state.site == "A" and state.allocated)
    with launched() as browser, served(web) as address:
        context = browser.new_context(locale={"en": "en-GB", "zh": "zh-CN"}[language])
        page = context.new_page()
        for path in _BEFORE_SIGN_IN:
            page.goto(address + path)
            found[path] = _findings(page, axe)
        for role, paths in _readers().items():
            context.clear_cookies()
            sign_in(page, address, f"{role}_a")
            for path in paths:
                shown = filled(
                    path,
                    subject_id=number,
                    visit="baseline",
                    form="odi",
                    login="monitor_a",
                    item="odi_pain",
                    number="1",
                )
                page.goto(address + shown)
                assert page.locator("html").get_attribute("lang") == {"en": "en", "zh": "zh-Hans"}[language]
                found[path] = _findings(page, axe)
                photographed(page, f"{language}{path.replace('/', '_').replace('{', '').replace('}', '')}")
    wrong = {path: findings for path, findings in found.items() if findings}
    assert not wrong, wrong
    assert len(found) > 15


def test_axe_would_find_something(web: Web) -> None:
    with launched() as browser, served(web) as address:
        page = browser.new_context().new_page()
        page.goto(f"{address}/sign-in")
        page.evaluate("document.querySelector('main').append(document.createElement('img'))")
        page.evaluate("document.querySelector('label').remove()")
        found = _findings(page, _axe())
        assert any(one.startswith("image-alt") for one in found)
        assert any(one.startswith("label") for one in found)
