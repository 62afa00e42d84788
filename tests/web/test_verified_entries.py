"""Verification of second entries in the page: told at a field, decided by one key, and blind all the same."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import chain
import pytest
from browsing import Browser
from chromium import launched, photographed, served, sign_in
from screening import entry_path
from small_trial import found

from trialkit import operations as op
from trialkit.clock import SimulatedClock
from trialkit.operations.web_desk import open_web_desk
from trialkit.store.reading.challenges import challenge_counts
from trialkit.web import Web


@pytest.fixture(scope="module")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("verifying")
    found(folder, definition=chain.verifying_definition(folder)).close()
    return folder / "study"


@pytest.fixture
def trial(_folder: Path, tmp_path: Path) -> Iterator[op.Trial]:
    import shutil

    shutil.copytree(_folder, tmp_path / "study")
    with op.open_trial(tmp_path / "study", clock=SimulatedClock(datetime(2027, 6, 1, tzinfo=UTC))) as opened:
        yield opened


@pytest.fixture
def web(trial: op.Trial) -> Web:
    return Web(trial, open_web_desk(trial))


def _first_entry(web: Web, vas: str = "55") -> str:
    """A baseline VAS form entered once; its path."""
    with Browser(web) as first:
        first.sign_in("first_entry_a")
        subject = re.search(r"/subjects/([^/]+)/visits/", first.get("/").text)
        assert subject
        path = entry_path(subject[1], "vas")
        assert first.post(path, first.form_at(path) | {"r0.vas_mm": vas}).status_code == 303
    return path


def _second(web: Web) -> Browser:
    second = Browser(web)
    second.__enter__()
    second.sign_in("second_entry_a")
    return second


def _asks(browser: Browser, path: str, text: str) -> dict[str, Any]:
    form = browser.form_at(path) | {"r0.vas_mm": text, "item": "vas_mm", "line": "0"}
    answer = browser.post(f"{path}/comparison", form)
    assert answer.status_code == 200
    told: dict[str, Any] = answer.json()
    return told


def test_a_field_is_told_of_once_and_stays_told_after_a_reload(web: Web) -> None:
    path = _first_entry(web)
    second = _second(web)
    assert second.get(path).text.count("data-told hidden") == 1
    assert _asks(second, path, "55") == {"differs": False}
    assert _asks(second, path, "65") == {"differs": True}
    assert [_asks(second, path, str(n)) for n in range(50, 60)] == [{"differs": False}] * 10
    page = second.get(path).text
    assert "data-told hidden" not in page and ">55<" not in page and 'value="55"' not in page


def test_without_scripts_complete_tells_and_the_box_keeps(web: Web) -> None:
    path = _first_entry(web)
    second = _second(web)
    form = second.form_at(path) | {"r0.vas_mm": "65"}
    refused = second.post(path, form)
    assert refused.status_code == 409 and "data-told hidden" not in refused.text
    assert "55" not in re.sub(
        r'name="(csrf|request_key|draft_version)" value="[^"]*"|\?v=\w+', "", refused.text
    )
    done = second.post(path, second.form_at(path) | {"r0.vas_mm": "65", "r0.vas_mm.keep": "yes"})
    assert done.status_code == 303
    with web.trial.store.reading() as reader:
        assert challenge_counts(reader) == {("vas", "vas_mm", "kept"): 1}


def test_the_report_says_that_it_was_verified_and_has_no_empty_table(web: Web) -> None:
    path = _first_entry(web)
    second = _second(web)
    second.post(path, second.form_at(path) | {"r0.vas_mm": "65"})
    second.post(path, second.form_at(path) | {"r0.vas_mm": "65", "r0.vas_mm.keep": "yes"})
    with Browser(web) as manager:
        manager.sign_in("data_manager_a")
        page = manager.get("/reports/errors").text
    assert "1 line was verified: the second typist was told" in page and "1 discrepancy is undecided" in page
    assert "No form that was entered twice has a final record yet" in page
    assert page.count("<table") == 1 and "/reports/errors.svg" not in page


def test_a_first_entry_has_the_same_page_and_the_same_answer(web: Web) -> None:
    path = _first_entry(web)
    other = path.replace("baseline", "week_6")
    second = _second(web)
    places = r'value="[^"]*"|baseline|week_6|Baseline|End of intervention[^<]*'
    masked = [re.sub(places, "", second.get(one).text) for one in (path, other)]
    assert masked[0] == masked[1]
    assert _asks(second, other, "65") == {"differs": False}


def test_what_is_no_field_of_a_verified_form_is_not_there(web: Web) -> None:
    path = _first_entry(web)
    second = _second(web)
    for changed in ({"item": "none"}, {"line": "x"}, {"line": "9999"}):
        form = second.form_at(path) | {"item": "vas_mm", "line": "0"} | changed
        assert second.post(f"{path}/comparison", form).status_code == 404
    readings = path.replace("/vas/", "/mri/")
    form = second.form_at(readings) | {"item": "mri_reader", "line": "0"}
    assert second.post(f"{readings}/comparison", form).status_code == 404
    assert "data-compare" not in second.get(readings).text


def test_told_at_the_field_and_decided_by_one_key(web: Web) -> None:
    path = _first_entry(web)
    with launched() as browser, served(web) as address:
        page = browser.new_page(viewport={"width": 1366, "height": 768})
        sign_in(page, address, "second_entry_a")
        page.goto(address + path)
        page.keyboard.type("65")
        page.keyboard.press("Enter")
        page.wait_for_selector("dialog[data-differs][open]")
        photographed(page, "verification")
        page.keyboard.press("Enter")  # decides nothing
        page.keyboard.type("7")  # nor does what was meant for the next field
        assert page.input_value("[name='r0.vas_mm']") == "65"
        page.wait_for_timeout(500)
        page.keyboard.press("r")
        page.wait_for_selector("dialog[data-differs]", state="hidden")
        page.keyboard.type("56")
        page.keyboard.press("Enter")
        page.wait_for_timeout(200)
        assert not page.locator("dialog[data-differs]").is_visible()
        photographed(page, "verification-retyped")
        page.keyboard.press("Enter")
        page.wait_for_url("**/done/**")
        page.close()
    with web.trial.store.reading() as reader:
        assert challenge_counts(reader) == {("vas", "vas_mm", "retyped"): 1}
