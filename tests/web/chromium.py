"""A real browser: Debian's Chromium, driven by Playwright; skipped with a reason where there is none."""

from __future__ import annotations

import os
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from browsing import PASSWORD

from trialkit.web import Web, make_application

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
OPTIONS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@contextmanager
def launched() -> Iterator[Any]:
    """A browser, without windows."""
    if CHROMIUM is None:
        if os.environ.get("CI"):
            pytest.fail("CI installs Chromium; none was found")
        pytest.skip("no Chromium here: apt install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(OPTIONS))
        yield browser
        browser.close()


@contextmanager
def served(web: Web) -> Iterator[str]:
    """The application on a port of this machine; its address."""
    import uvicorn

    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        config = uvicorn.Config(make_application(web), log_level="warning", access_log=False)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join(10)


def sign_in(page: Any, address: str, login: str) -> None:
    page.goto(f"{address}/sign-in")
    page.fill("#login", login)
    page.fill("#password", PASSWORD)
    page.click("button.main")
    page.wait_for_url(f"{address}/")


def photographed(page: Any, name: str) -> None:
    """A picture of the page in TRIALKIT_PICTURES, where that is set: to look at it."""
    folder = os.environ.get("TRIALKIT_PICTURES")
    if folder:
        page.set_viewport_size({"width": 1366, "height": 768})
        page.screenshot(path=f"{folder}/{name}.png")
        page.set_viewport_size({"width": 390, "height": 844})
        page.screenshot(path=f"{folder}/{name}-phone.png")
        page.set_viewport_size({"width": 1366, "height": 768})
