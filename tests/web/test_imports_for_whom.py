"""Uploaded passes: of whose subjects, for whose eyes, in which of two worlds; and drawn for everybody."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from browsing import Browser
from chromium import launched, photographed, served, sign_in
from test_accessibility import _axe, _findings
from test_rights import PAGES
from test_twin_worlds import _arms, _plain, worlds

from trialkit.store.reading.audit import audit_head
from trialkit.store.reading.subjects import subjects
from trialkit.vocabulary import Role
from trialkit.web import Web

__all__ = ["worlds"]  # a fixture of the twin worlds

_IMPORTERS = PAGES["/imports"].split()
_HIDDEN = ("compliance", "week_6", "compl_sessions_done")


def _at(web: Web, site: str) -> str:
    with web.trial.store.reading() as reader:
        return next(n for n, state in subjects(reader).items() if state.site == site and state.allocated)


def _records(web: Web) -> int:
    with web.trial.store.reading() as reader:
        return audit_head(reader)[0]


def _file(web: Web, number: str, item: str = "vas_mm", value: str = "41") -> bytes:
    return f"{web.trial.study.record_id},{item}\n{number},{value}\n".encode()


def _uploaded(browser: Browser, content: bytes, **options: str) -> Any:
    form = {"csrf": browser.token(), "form": "vas", "visit": "baseline", "typist": "", **options}
    return browser.client.post("/imports", data=form, files={"file": ("pass.csv", content)})


def _files(web: Web, number: str) -> dict[str, tuple[bytes, dict[str, str]]]:
    """What an assessor may try: own work, forms that only one arm has, words of an arm, other people."""
    form, visit, item = _HIDDEN
    hidden = {"form": form, "visit": visit}
    return {
        "own": (_file(web, number), {}),
        "another site": (_file(web, _at(web, "B")), {}),
        "nobody": (_file(web, "Z-999"), {}),
        "hidden form": (_file(web, number, item, "12"), hidden),
        "hidden form, nobody": (_file(web, "Z-999", item, "12"), hidden),
        "hidden form, wrong value": (_file(web, number, item, "many"), hidden),
        "hidden item": (_file(web, number, f"vas_mm,{item}", "41,12"), {}),
        "no such form": (_file(web, number, item, "12"), {"form": "nothing", "visit": visit}),
        "whole export": (
            f"{web.trial.study.record_id},redcap_event_name,{item}\n{number},{visit}_arm_1,12\n".encode(),
            {"form": "", "visit": ""},
        ),
    }


def test_no_answer_to_an_upload_of_the_blinded_depends_on_an_arm(worlds: tuple[Web, Web]) -> None:
    first, second = (_arms(web.trial) for web in worlds)
    flipped = next(number for number in first if first[number] != second[number])
    seen = []
    for web in worlds:
        found = {}
        with Browser(web) as browser:
            browser.sign_in("outcome_assessor_a")
            for what, (content, options) in _files(web, flipped).items():
                sent = _uploaded(browser, content, **options)
                path = sent.headers.get("location", "")
                headers = {**sent.headers, "location": "/imports/N" if path else ""}
                headers.pop("set-cookie", None)
                found[what] = [(sent.status_code, sorted(headers.items()))]
                if path:
                    page = browser.get(path)
                    found[what].append(_named_alike(_plain(web, page), path))
                    if "Import these forms" in page.text:
                        taken = browser.post(path, browser.form_at(path))
                        found[what].append((taken.status_code, []))
        seen.append(found)
    assert seen[0] == seen[1]
    told = {what: answers[-1][2] for what, answers in seen[0].items() if len(answers[-1]) == 3}
    hidden = worlds[0].trial.study.form(_HIDDEN[0])
    for what, content in told.items():
        for label in (hidden.label, *(item.label for item in hidden.items)):
            assert label.encode() not in content, (what, label)
    assert told["hidden form"] == told["no such form"].replace(b"nothing", hidden.name.encode())
    rows = {
        what: content.partition(b"<tbody>")[2].partition(b"</tbody>")[0] for what, content in told.items()
    }
    assert rows["hidden form"] == rows["hidden form, nobody"] == rows["hidden form, wrong value"] != b""


def _named_alike(
    plain: tuple[int, list[tuple[str, str]], bytes], path: str
) -> tuple[int, list[tuple[str, str]], bytes]:
    status, headers, content = plain
    return status, headers, content.replace(path.encode(), b"/imports/N")


@pytest.mark.parametrize("role", list(Role))
def test_an_upload_is_its_senders_in_a_role_that_imports(anybody: Browser, web: Web, role: Role) -> None:
    """Everybody else, and whoever may not import, is told what a number is told that never was."""
    anybody.sign_in(f"{role}_a")
    never = anybody.get("/imports/never")
    assert never.status_code == 404
    with Browser(web) as other:
        sender = "second_entry_a" if role is Role.FIRST_ENTRY else "first_entry_a"
        other.sign_in(sender)
        theirs = _uploaded(other, _file(web, _at(web, "A"))).headers["location"]
    before = _records(web)
    for answer in (anybody.get(theirs), anybody.post(theirs, {"csrf": anybody.token(), "seen": ""})):
        assert (answer.status_code, answer.text) == (404, never.text)
    own = _uploaded(anybody, _file(web, _at(web, "A")))
    if role not in _IMPORTERS:
        assert (own.status_code, own.text) == (404, never.text)
        assert anybody.get("/imports").text == never.text
    else:
        assert anybody.get(own.headers["location"]).status_code == 200
    assert _records(web) == before


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.OUTCOME_ASSESSOR])
def test_a_row_about_another_sites_subject_is_refused_as_about_nobody(
    anybody: Browser, web: Web, role: Role
) -> None:
    anybody.sign_in(f"{role}_a")
    told, before = [], _records(web)
    for number in (_at(web, "B"), "Z-999"):
        path = _uploaded(anybody, _file(web, number)).headers["location"]
        page = anybody.get(path).text
        assert "This file cannot go in" in page
        told.append(page.partition("<tbody>")[2].partition("</tbody>")[0].replace(number, "NUMBER"))
        refused = anybody.post(path, anybody.form_at(path) | {"request_key": f"k{number}", "step": "take"})
        assert refused.status_code == 409
    assert told[0] == told[1] and "NUMBER" in told[0]
    assert _records(web) == before


@pytest.mark.parametrize("language", ["en", "zh"])
def test_axe_finds_nothing_on_a_file_that_was_looked_at(web: Web, language: str, tmp_path: Path) -> None:
    axe, found, number = _axe(), {}, _at(web, "A")
    head = web.trial.study.record_id
    files = {
        "fine": ("vas", _file(web, number)),
        "refused": ("vas", io.BytesIO(f"{head},vas_mm\n{number},fifty\nZ-999,12\n".encode()).getvalue()),
        "to confirm": (
            "consent",
            f"{head},consent_given,consent_date,consent_version\n{number},1,2027-05-31,2.1\n".encode(),
        ),
    }
    with launched() as browser, served(web) as address:
        page = browser.new_context(locale={"en": "en-GB", "zh": "zh-CN"}[language]).new_page()
        sign_in(page, address, "coordinator_a")
        for what, (form, content) in files.items():
            file = tmp_path / "pass.csv"
            file.write_bytes(content)
            page.goto(f"{address}/imports")
            found[f"{what}, asked"] = _findings(page, axe)
            page.set_input_files("#file", file)
            page.select_option("#form", form)
            page.select_option("#visit", "baseline")
            page.click("button.main")
            page.wait_for_url(f"{address}/imports/*")
            found[what] = _findings(page, axe)
            photographed(page, f"import-{what}-{language}".replace(" ", "-"))
            assert page.locator("html").get_attribute("lang") == {"en": "en", "zh": "zh-Hans"}[language]
    assert not {what: findings for what, findings in found.items() if findings}
