"""Runs of the analysis on screen: who may read which, what was altered, and what a page of one may do."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from browsing import Browser
from chromium import launched, photographed, served, sign_in

from trialkit import operations as op
from trialkit.analysis import Mode
from trialkit.documents import write_html
from trialkit.documents.page import Page
from trialkit.operations.analysis_runs import ACT_OF, FOLDER
from trialkit.operations.web_desk import act_in_session
from trialkit.vocabulary import Role
from trialkit.web import Web
from trialkit.web.views.analyses import MODES

READERS = {
    "dry-run": {"statistician", "unblinded_statistician", "data_manager", "dsmb"},
    "masked": {"statistician", "unblinded_statistician", "data_manager", "dsmb"},
    "blinded": {"statistician", "unblinded_statistician", "data_manager", "dsmb"},
    "coded": {"unblinded_statistician", "dsmb"},
    "unblinded": set(),  # to nobody before the unblinding
}


def _write_run(web: Web, mode: str, content_sha256: str, *, study: str = "") -> Path:
    """A run with a real page, as the analysis wing writes its folder."""
    folder = web.trial.folder / FOLDER / f"run-{mode}"
    page = Page("A report", "Words of the report.", "draft", "draft", (("Fact", "1"),), ())
    write_html(page, folder / "report" / "index.html")
    (folder / "results.json").write_text(json.dumps({"mode": mode}), encoding="utf-8")
    outputs = {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest()
        for name in ("results.json", "report/index.html")
    }
    made_of = {
        "study_id": study or web.trial.study.id,
        "plan_id": "A",
        "plan_version": "1",
        "snapshot_state": "draft",
        "snapshot_content_sha256": content_sha256,
    }
    manifest = {"mode": mode, "outputs": outputs, "provenance": made_of, "seed": 1}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder


@pytest.fixture
def snapshot(web: Web, tmp_path: Path) -> str:
    actor = act_in_session("statistician_a", Role.STATISTICIAN, None, "")
    written = op.write_snapshot(web.trial, actor, folder=tmp_path / "snapshot", blinded=True)
    return written.manifest.content_sha256


def test_every_mode_of_a_run_is_an_act_and_has_words() -> None:
    assert set(ACT_OF) == set(Mode) == set(READERS) == set(MODES) - {""}


def test_who_may_read_a_run_is_told_by_what_it_says_of_the_arms(web: Web, snapshot: str) -> None:
    for mode in ACT_OF:
        _write_run(web, mode, snapshot)
    for role in Role:
        with Browser(web) as browser:
            browser.sign_in(f"{role}_a")
            listed = browser.get("/analyses")
            for mode, readers in READERS.items():
                answer = browser.get(f"/analyses/run-{mode}/index.html")
                if role in readers:
                    assert answer.status_code == 200 and "Words of the report." in answer.text
                    assert f"run-{mode}" in listed.text
                else:
                    none = browser.get("/analyses/run-none/index.html")
                    assert answer.status_code == 404 and answer.content == none.content, (role, mode)
                    assert f"run-{mode}" not in listed.text


def test_true_arms_are_read_after_the_unblinding_and_no_longer_when_the_lock_is_lifted(
    web: Web, snapshot: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from trialkit.operations import analysis_runs, gate
    from trialkit.store.reading.study import StudyStanding

    _write_run(web, "unblinded", snapshot)
    for opened in (False, True):
        standing = StudyStanding(opened, "x" if opened else "", opened, opened)
        for module in (analysis_runs, gate):
            monkeypatch.setattr(module, "study_standing", lambda _, standing=standing: standing)
        for role in Role:
            with Browser(web) as browser:
                browser.sign_in(f"{role}_a")
                readers = {"statistician", "unblinded_statistician", "data_manager", "dsmb", "investigator"}
                expected = 200 if opened and role in readers else 404
                assert browser.get("/analyses/run-unblinded/index.html").status_code == expected, role


def _alter_page(folder: Path) -> None:
    with (folder / "report" / "index.html").open("ab") as file:
        file.write(b" ")


def _alter_mode(folder: Path) -> None:
    text = (folder / "manifest.json").read_text(encoding="utf-8")
    (folder / "manifest.json").write_text(text.replace('"coded"', '"masked"'), encoding="utf-8")


def _lose_page(folder: Path) -> None:
    (folder / "report" / "index.html").unlink()


def _link_elsewhere(folder: Path) -> None:
    page = folder / "report" / "index.html"
    shutil.move(page, folder / "moved.html")
    page.symlink_to(folder / "moved.html")


@pytest.mark.parametrize("alter", [_alter_page, _alter_mode, _lose_page, _link_elsewhere])
def test_what_is_not_as_the_manifest_says_is_refused(anybody: Browser, snapshot: str, alter: Any) -> None:
    alter(_write_run(anybody.web, "coded", snapshot))
    anybody.sign_in("dsmb_a")
    answer = anybody.get("/analyses/run-coded/index.html")
    assert answer.status_code == 409 and "Words of the report" not in answer.text
    assert "another one than its manifest names" in answer.text


def test_a_run_of_another_study_or_of_unknown_data_is_refused(anybody: Browser, snapshot: str) -> None:
    _write_run(anybody.web, "masked", snapshot, study="ELSEWHERE")
    _write_run(anybody.web, "blinded", "0" * 64)
    anybody.sign_in("statistician_a")
    assert anybody.get("/analyses/run-masked/index.html").status_code == 404
    answer = anybody.get("/analyses/run-blinded/index.html")
    assert answer.status_code == 409 and "a snapshot that its audit trail does not know" in answer.text


@pytest.mark.parametrize("text", ["", "{", "[]", '{"mode": 1}', "[" * 5000])
def test_a_manifest_that_is_none_is_told_and_hands_out_nothing(anybody: Browser, text: str) -> None:
    folder = anybody.web.trial.folder / FOLDER / "broken"
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text(text, encoding="utf-8")
    anybody.sign_in("statistician_a")
    assert "a manifest that is missing or cannot be read" in anybody.get("/analyses").text
    assert anybody.get("/analyses/broken/index.html").status_code == 409


@pytest.mark.parametrize("name", ["../study.toml", "..%2f..%2fstudy.toml", "results.json", "index.html%00"])
def test_no_other_file_is_reached(anybody: Browser, snapshot: str, name: str) -> None:
    _write_run(anybody.web, "masked", snapshot)
    anybody.sign_in("statistician_a")
    assert anybody.get(f"/analyses/run-masked/{name}").status_code == 404


def test_a_page_works_in_its_sandbox_and_may_do_nothing_else(web: Web, snapshot: str) -> None:
    _write_run(web, "masked", snapshot)
    with launched() as chromium, served(web) as address:
        page = chromium.new_page(viewport={"width": 1366, "height": 768})
        said: list[str] = []
        sign_in(page, address, "statistician_a")
        page.goto(f"{address}/analyses")
        photographed(page, "analyses")
        page.on("console", lambda message: said.append(message.text))
        page.click("text=Report >> nth=-1")
        page.wait_for_url("**/index.html")
        photographed(page, "analysis-report")
        assert page.locator("h1").first.inner_text() == "A report"
        assert "serif" in page.evaluate("getComputedStyle(document.body).fontFamily")
        assert not said, said
        assert page.evaluate("() => { try { return document.cookie } catch { return 'none' } }") == "none"
        reached = page.evaluate(f"fetch('{address}/me').then(() => true, () => false)")
        assert reached is False
        page.click("text=Back to the analyses")
        page.wait_for_url(f"{address}/analyses")
        page.click("text=中文")
        page.goto(f"{address}/analyses/run-masked/index.html")
        photographed(page, "analysis-report-zh")
        bar = page.locator("nav.way-back")
        assert bar.inner_text() == "返回分析列表首页报告本身为英文。"
        bar.locator("a").first.focus()
        page.keyboard.press("Enter")
        page.wait_for_url(f"{address}/analyses")
