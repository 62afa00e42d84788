"""Runs of `sap run` itself, opened in the web: masked until the unblinding, then with arms; and to whom."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import chain
import pytest
from browsing import Browser
from chromium import launched, photographed, served, sign_in
from finished_trial import copied, finished

from tests.cli.conftest import run
from tests.only_the_page import only_the_page
from trialkit import operations as op, resources
from trialkit.operations.analysis_runs import FOLDER
from trialkit.vocabulary import Role
from trialkit.web import Web

_WANTED = ("D1", "D2")
_AT_A_TRIAL = {Role.STATISTICIAN, Role.UNBLINDED_STATISTICIAN, Role.DATA_MANAGER, Role.DSMB}


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    with copied(finished(tmp_path / "run"), tmp_path / "copy") as web:
        yield web


def _plan(folder: Path) -> Path:
    """The sample study's plan with two outputs: the flow of subjects and the baseline table."""
    text = (resources.folder("sap") / "study_a.toml").read_text(encoding="utf-8")
    head, *analyses = text.split("[[analysis]]\n")
    kept = [one for one in analyses if one.startswith(tuple(f'id = "{name}"' for name in _WANTED))]
    file = folder / "plan.toml"
    file.write_text("[[analysis]]\n".join([head, *kept]), encoding="utf-8")
    return file


_WHOLE = "first-look"
"""The run that is written with its documents too: one of them is taken home."""


def _ran(web: Web, snapshot: Path, name: str, *options: str) -> None:
    into = web.trial.folder / FOLDER / name
    with only_the_page() if name != _WHOLE else nullcontext():  # what the web shows
        done = run("sap", "run", _plan(snapshot.parent), snapshot, "--into", into, *options)
    assert done.status in (0, 1), done.err
    assert (into / "report" / "index.html").exists(), done.err


def _readers(web: Web, run: str) -> set[Role]:
    """Who opens the page; whoever does not is told what a run that never was is told."""
    found = set()
    for role in Role:
        with Browser(web) as browser:
            browser.sign_in(f"{role}_a")
            answer = browser.get(f"/analyses/{run}/index.html")
            if answer.status_code == 200:
                found.add(role)
                assert run in browser.get("/analyses").text
            else:
                never = browser.get("/analyses/never/index.html")
                assert (answer.status_code, answer.content) == (404, never.content), role
    return found


def _a_number_is_opened_and_closed(page: Any) -> None:
    """What stands behind it, in the sandbox too: by the button, without a keyboard."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    panel = page.locator("dialog.panel")
    page.locator("[data-behind]").first.click()
    panel.wait_for()
    assert "Row of the results, at full precision" in panel.inner_text()
    panel.get_by_label("Close").click()
    panel.wait_for(state="hidden", timeout=2000)
    assert not said, said


def test_a_run_is_read_masked_until_the_unblinding_and_then_with_its_arms(web: Web, tmp_path: Path) -> None:
    labels = [arm.label for arm in web.trial.study.arms]
    op.lock(web.trial, chain.MANAGER, reason="All data are in and clean")
    masked = op.write_snapshot(web.trial, chain.UNBLINDED, folder=tmp_path / "locked", blinded=False)
    _ran(web, masked.folder, _WHOLE, "--mode", "masked", "--masking-key", str(tmp_path / "mask.json"))
    assert _readers(web, "first-look") == _AT_A_TRIAL
    with launched() as chromium, served(web) as address:
        page = chromium.new_page(viewport={"width": 1366, "height": 768})
        sign_in(page, address, "statistician_a")
        page.goto(f"{address}/analyses")
        with page.expect_download() as taken:
            page.click("text=PDF >> nth=-1")
        assert taken.value.suggested_filename == f"{web.trial.study.id}-first-look-report.pdf"
        page.click("text=Report >> nth=-1")
        page.wait_for_url("**/analyses/first-look/index.html")
        photographed(page, "real-masked")
        told = page.inner_text("body")
        assert "Group A" in told or "Arm A" in told, told[:2000]
        assert not [label for label in labels if label in told]
        _a_number_is_opened_and_closed(page)
    op.unblind(web.trial, chain.MANAGER, reason="The plan is signed")
    opened = op.write_snapshot(web.trial, chain.STATISTICIAN, folder=tmp_path / "opened", blinded=False)
    _ran(web, opened.folder, "main-analysis")
    assert _readers(web, "main-analysis") == _AT_A_TRIAL | {Role.INVESTIGATOR}
    with Browser(web) as browser:
        browser.sign_in("statistician_a")
        shown = browser.get("/analyses/main-analysis/index.html").text
        assert all(label in shown for label in labels)
        assert "unblinded" in browser.get("/analyses").text.lower()
