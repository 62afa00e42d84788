"""The pictures of docs/images: taken where TRIALKIT_PICTURES names a folder, to be looked at."""

from __future__ import annotations

import os
from typing import Any

import pytest
from browsing import Browser
from chromium import launched, photographed, served, sign_in
from screening import enrolled, entry_path, screened

from trialkit.web import Web

pytestmark = pytest.mark.skipif(
    "TRIALKIT_PICTURES" not in os.environ, reason="TRIALKIT_PICTURES names no folder for pictures"
)


def _shown(page: Any, address: str, path: str, name: str) -> None:
    page.goto(address + path)
    photographed(page, name)


def test_the_pages_of_a_day_are_photographed(web: Web) -> None:
    with Browser(web) as coordinator:
        coordinator.sign_in("coordinator_a")
        ready, fresh = screened(coordinator), enrolled(coordinator)
    with launched() as browser, served(web) as address:
        page = browser.new_page(viewport={"width": 1366, "height": 768})
        sign_in(page, address, "coordinator_a")
        _shown(page, address, "/", "home-coordinator")
        _shown(page, address, "/subjects/0004", "matrix")
        _shown(page, address, f"/subjects/{ready}/randomization", "randomize")
        boxes = page.locator("main form input:visible")
        for n, text in enumerate(("A", "female")):
            boxes.nth(n).fill(text)
        page.click("main form button.main")
        page.wait_for_url("**/allocation")
        page.emulate_media(media="print")
        photographed(page, "confirmation-on-paper")
        page.emulate_media(media="screen")
        page.goto(address + entry_path(fresh, "demographics"))
        for text in ("female", "67", "158.5", "610"):
            page.keyboard.type(text)
            page.keyboard.press("Enter")
        photographed(page, "entry")
        _shown(page, address, f"/subjects/{fresh}/events", "events")
        page.context.clear_cookies()
        sign_in(page, address, "first_entry_a")
        _shown(page, address, entry_path("0001", "odi"), "entry-odi")
        page.context.clear_cookies()
        sign_in(page, address, "data_manager_a")
        _shown(page, address, "/", "home-data-manager")
        _shown(page, address, "/closing", "closing")
        page.click("text=中文")
        _shown(page, address, "/closing", "closing-zh")
        page.context.clear_cookies()
        sign_in(page, address, "coordinator_a")
        page.click("text=中文")
        _shown(page, address, "/", "home-zh")
        _shown(page, address, "/subjects/0004", "matrix-zh")
        page.close()
