"""A pass in a file, on the web: looked at with every wrong row named, and taken once, as one audited act."""

from __future__ import annotations

import hashlib
import io
import json
import re
from datetime import date
from html import unescape
from typing import Any

import pytest
from browsing import Browser, fields_in
from chain import COORDINATOR, FIRST
from openpyxl import Workbook

from trialkit import operations as op
from trialkit.errors import StoreError
from trialkit.operations import import_parts, read_trail
from trialkit.operations.import_upload import LARGEST_UPLOAD_BYTES, file_name_of
from trialkit.operations.web_desk import act_in_session
from trialkit.store.reading.audit import audit_head
from trialkit.store.reading.subjects import subjects
from trialkit.table_files.errors import FileFormatError
from trialkit.vocabulary import Role
from trialkit.web import Web

_OPTIONS = {"form": "vas", "visit": "baseline", "typist": ""}


def _numbers(web: Web) -> list[str]:
    with web.trial.store.reading() as reader:
        return sorted(number for number, state in subjects(reader).items() if state.allocated)


def _records(web: Web) -> int:
    with web.trial.store.reading() as reader:
        return audit_head(reader)[0]


def _csv(web: Web, *values: str) -> bytes:
    key = web.trial.study.record_id
    item = next(one for one in web.trial.study.form("vas").items if one.name == "vas_mm").name
    rows = [f"{number},{text}" for number, text in zip(_numbers(web), values, strict=False)]
    return "\n".join([f"{key},{item}", *rows, ""]).encode()


def _upload(browser: Browser, content: bytes, name: str = "vas_pass_1.csv", **options: str) -> Any:
    form = {"csrf": browser.token(), **_OPTIONS, **options}
    return browser.client.post("/imports", data=form, files={"file": (name, content)})


def _shown(text: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text.partition("<main")[2])).split())


def _taking(browser: Browser, path: str) -> dict[str, str]:
    """The form that takes the file in; the page's other one vouches for it."""
    return {name: text for name, text in browser.form_at(path).items() if name not in ("step", "password")}


@pytest.fixture
def clerk(anybody: Browser) -> Browser:
    anybody.sign_in("first_entry_a")
    return anybody


def test_a_file_is_looked_at_and_then_taken_as_one_audited_act(clerk: Browser, web: Web) -> None:
    content, before = _csv(web, "41", "52", "63"), _records(web)
    place = _upload(clerk, content)
    assert place.status_code == 303
    path = place.headers["location"]
    page = clerk.get(path)
    digest = hashlib.sha256(content).hexdigest()
    assert "3 forms would go in; nothing was written yet." in page.text and digest in page.text
    assert "second entries" not in page.text and _records(web) == before
    done = clerk.post(path, _taking(clerk, path))
    told = _shown(clerk.get(done.headers["location"]).text)
    assert "3 forms of vas_pass_1.csv are in" in told and digest in told
    assert _records(web) == before + 1 and f"audit record {before + 1}" in told
    manager = act_in_session("data_manager_a", Role.DATA_MANAGER, None, "")
    last = read_trail(web.trial, manager, last=1)[0]
    assert last.operation == "import_pass" and last.facts is not None
    assert (last.facts["file"], last.facts["file_sha256"]) == ("vas_pass_1.csv", digest)
    assert clerk.get(path).status_code == 404


def test_pressed_twice_it_is_taken_once(clerk: Browser, web: Web) -> None:
    path = _upload(clerk, _csv(web, "41", "52")).headers["location"]
    form, before = _taking(clerk, path), _records(web)
    answers = {clerk.post(path, form).headers["location"] for _ in range(3)}
    assert len(answers) == 1 and _records(web) == before + 1


def test_every_row_that_is_refused_is_named_with_its_column(clerk: Browser, web: Web) -> None:
    before = _records(web)
    content = _csv(web, "41", "fifty") + b"Z-999,12\n"
    page = clerk.get(_upload(clerk, content).headers["location"])
    rows = [_shown("<main" + row) for row in page.text.partition("<tbody>")[2].split("<tr>")[1:]]
    assert "2 things are wrong. Nothing was written." in page.text
    assert any(row.startswith("> 3 vas_mm 'fifty'") or row.startswith("3 vas_mm 'fifty'") for row in rows), (
        rows
    )
    assert any("4 subject_id 'Z-999'" in row for row in rows), rows
    numbers = [int(row.strip(" >").split()[0]) for row in rows if row.strip(" >")]
    assert numbers == sorted(numbers), "in the order of the file"
    assert "/tmp/" not in page.text and "Import these forms" not in page.text
    assert _records(web) == before


def test_a_file_that_is_in_already_is_told(clerk: Browser, web: Web) -> None:
    content = _csv(web, "41", "52")
    for _ in range(2):
        path = _upload(clerk, content).headers["location"]
        page = clerk.get(path)
        if "Import these forms" in page.text:
            clerk.post(path, _taking(clerk, path))
    assert "This file is in: nothing is to be done." in page.text
    with Browser(web) as second:
        second.sign_in("second_entry_a")
        path = _upload(second, content).headers["location"]
        assert (
            "exactly these bytes" not in second.get(path).text and "first_entry" not in second.get(path).text
        )
        second.post(path, _taking(second, path))
    with Browser(web) as manager:
        manager.sign_in("data_manager_a")
        assert "Files with the same bytes as both entries" in manager.get("/").text
        told = manager.get("/discrepancies").text
        assert "2 forms have both entries from a file with exactly the same bytes" in told


def test_a_workbook_a_wrong_visit_and_words_of_the_page(clerk: Browser, web: Web) -> None:
    book, out = Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    sheet.append([web.trial.study.record_id, "visit", "vas_mm"])
    sheet.append([_numbers(web)[0], "baseline", 41])
    book.save(out)
    both = clerk.get(_upload(clerk, out.getvalue(), "vas.xlsx").headers["location"]).text
    assert "“Visit”" in _shown(both) and "--visit" not in both
    fine = clerk.get(_upload(clerk, out.getvalue(), "vas.xlsx", visit="").headers["location"]).text
    assert "1 form would go in" in fine


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("pass.exe", b"MZ", "a file .csv, .tsv, .txt or .xlsx"),
        ("", b"", "a file .csv, .tsv, .txt or .xlsx"),
        ("pass.csv", b"PK\x03\x04zip", "content with its ending"),
        ("pass.xlsx", b"subject_id,vas_mm\n", "content with its ending"),
        ("pass.csv", b"", "wrong"),
    ],
)
def test_what_is_no_table_is_refused(clerk: Browser, name: str, content: bytes, told: str) -> None:
    answer = _upload(clerk, content, name or "x") if name else _upload(clerk, content, "x")
    page = answer if answer.status_code == 409 else clerk.get(answer.headers["location"])
    expected = "a file that is what its ending says" if told.startswith("content") else told
    assert expected in unescape(page.text)


def test_a_name_is_a_name_and_no_path() -> None:
    assert file_name_of("../../etc/pass 1.csv") == "pass 1.csv"
    assert file_name_of("C:\\data\\第一次录入.XLSX") == "第一次录入.XLSX"
    assert file_name_of("a\x00<b>.csv") == "a__b_.csv"
    with pytest.raises(FileFormatError):
        file_name_of("..csv/")


def test_large_bodies_are_taken_there_alone_and_of_nobody_unknown(clerk: Browser, web: Web) -> None:
    big = b"x" * (300 * 1024)
    assert _upload(clerk, big, "big.csv").status_code == 303
    form = {"csrf": clerk.token(), "consent_date": "x" * (300 * 1024)}
    assert clerk.post("/subjects/new", form).status_code == 413
    assert clerk.post("/imports/none", form).status_code == 413
    over = {"content-length": str(LARGEST_UPLOAD_BYTES * 2)}
    assert clerk.client.post("/imports", content=b"x", headers=over).status_code == 413
    with Browser(web) as stranger:
        answer = stranger.client.post("/imports", data={}, files={"file": ("big.csv", big)})
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")


def test_a_file_is_its_senders_alone_and_may_be_let_go(clerk: Browser, web: Web) -> None:
    path = _upload(clerk, _csv(web, "41")).headers["location"]
    with Browser(web) as other:
        other.sign_in("second_entry_a")
        assert other.get(path).status_code == 404
        assert other.post(path, {"csrf": other.token(), "request_key": "k", "seen": ""}).status_code == 404
    assert clerk.post(path, {"csrf": clerk.token(), "step": "let_go"}).headers["location"] == "/imports"
    assert clerk.get(path).status_code == 404


def test_single_forms_are_confirmed_before_they_are_taken(coordinator: Browser, web: Web) -> None:
    from screening import CONFIRMED, CONSENT, enrolled

    number = enrolled(coordinator)
    head = ",".join([web.trial.study.record_id, *CONSENT])
    content = f"{head}\n{number},{','.join(CONSENT.values())}\n".encode()
    path = _upload(coordinator, content, form="consent").headers["location"]
    form = _taking(coordinator, path)
    assert "The investigator confirmed these values" in coordinator.get(path).text
    refused = coordinator.post(path, form)
    assert refused.status_code == 409 and "the investigator" in refused.text
    assert coordinator.post(path, form | CONFIRMED).status_code == 303


def test_a_confirmation_names_the_file_that_was_looked_at(clerk: Browser, web: Web) -> None:
    path = _upload(clerk, _csv(web, "41")).headers["location"]
    form = _taking(clerk, path) | {"seen": "0" * 64}
    answer = clerk.post(path, form)
    assert answer.status_code == 409 and "the file that was looked at" in answer.text


def test_the_rehearsal_of_a_large_file_writes_nothing(
    clerk: Browser, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trialkit.operations.import_parts.LARGEST_ACT", 1)
    before = _records(web)
    path = _upload(clerk, _csv(web, "41", "52")).headers["location"]
    assert "2 forms would go in" in clerk.get(path).text and _records(web) == before
    assert clerk.post(path, _taking(clerk, path)).status_code == 303
    assert _records(web) > before


def test_what_is_kept_of_a_file_is_json(clerk: Browser, web: Web) -> None:
    path = _upload(clerk, _csv(web, "41")).headers["location"]
    kept = web.desk.upload("first_entry_a", path.rpartition("/")[2])
    assert kept is not None and json.loads(kept[0])["form"] == "vas"


def test_an_import_that_broke_off_is_told_and_given_up_on_its_page(
    anybody: Browser, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_parts, "LARGEST_ACT", 1)
    entered = import_parts.write_checked

    def once_only(progress, checked, terms):
        monkeypatch.setattr(import_parts, "write_checked", _no_room)
        return entered(progress, checked, terms)

    monkeypatch.setattr(import_parts, "write_checked", once_only)
    trial = web.trial
    new = [op.enrol(trial, COORDINATOR, site="A", consent_date=date(2024, 1, 1)).subject_id for _ in "ab"]
    file = web.trial.folder / "vas.csv"
    file.write_text("subject_id,vas_mm\n" + "".join(f"{n},5{n[-1]}\n" for n in new), encoding="utf-8")
    with pytest.raises(StoreError):
        op.import_pass(trial, FIRST, path=file, visit="baseline", form="vas")
    anybody.sign_in("first_entry_a")
    assert "vas.csv" not in anybody.get("/imports").text, "another typist's"
    anybody.sign_in("data_manager_a")
    assert "Imports that broke off" in anybody.get("/").text
    page = anybody.get("/imports").text
    assert "vas.csv" in page and "1 of 2 forms are in" in page
    sent = fields_in(page) | {"reason": ""}
    path = "/imports/unfinished/1"
    assert anybody.post(path, sent).status_code == 409
    assert anybody.post("/imports/unfinished/7", sent | {"reason": "typed by hand"}).status_code == 409
    assert anybody.post("/imports/unfinished/x", sent | {"reason": "typed by hand"}).status_code == 409
    done = anybody.post(path, sent | {"reason": "the file was the wrong one"})
    told = anybody.get(done.headers["location"]).text
    assert "The rest of vas.csv is given up" in told
    assert "1 form is in and stands" in told and "1 form never came in" in told
    assert "vas.csv" not in anybody.get("/imports").text


def _no_room(progress, checked, terms):
    raise StoreError(expected="room on the disk", found="none", next_step="Make room.")
