"""Discrepancies taken along as a workbook, decided on paper's word, and read back as a whole on the web."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from browsing import Browser
from openpyxl import load_workbook
from test_after_entry import subject

from trialkit.store.reading.audit import audit_head
from trialkit.web import Web

__all__ = ["subject"]  # a fixture: somebody whose two ODI entries differ in two items

_PAGE = "/discrepancies/workbook"


def _records(web: Web) -> int:
    with web.trial.store.reading() as reader:
        return audit_head(reader)[0]


def _downloaded(browser: Browser) -> Any:
    page = browser.get(_PAGE).text
    found = re.search(rf'href="({_PAGE}/[^"]+)" download', page)
    assert found, page
    answer = browser.get(found[1])
    assert answer.headers["content-type"].startswith("application/vnd.openxmlformats")
    return load_workbook(io.BytesIO(answer.content))


def _sent(browser: Browser, content: bytes, name: str = "decided.xlsx") -> Any:
    form = browser.form_at(_PAGE)
    form.pop("file")
    return browser.client.post(_PAGE, data=form, files={"file": (name, content)})


def _decided(book: Any, *decisions: tuple[str, str]) -> bytes:
    sheet = book["discrepancies"]
    heads = {cell.value: cell.column for cell in sheet[1]}
    for row, (decision, reason) in enumerate(decisions, start=2):
        sheet.cell(row, heads["decision"]).value = decision
        sheet.cell(row, heads["reason"]).value = reason
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_workbook_goes_out_and_comes_back_decided(anybody: Browser, web: Web, subject: str) -> None:
    anybody.sign_in("adjudicator_a")
    assert f'href="{_PAGE}"' in anybody.get("/discrepancies").text
    book = _downloaded(anybody)
    rows = [[cell.value for cell in row] for row in book["discrepancies"].iter_rows(min_row=2)]
    assert {row[0] for row in rows} == {subject} and len(rows) == 2
    before = _records(web)
    done = _sent(anybody, _decided(book, ("first", "misread"), ("second", "typing_error")))
    assert done.status_code == 303
    told = anybody.get(done.headers["location"]).text
    assert "decided.xlsx is in" in told and "2 decided" in told
    assert _records(web) == before + 1
    assert "0 undecided" in anybody.get("/discrepancies").text


def test_one_wrong_row_is_named_and_nothing_is_decided(anybody: Browser, web: Web, subject: str) -> None:
    anybody.sign_in("adjudicator_a")
    before = _records(web)
    answer = _sent(anybody, _decided(_downloaded(anybody), ("third", "misread"), ("second", "guessed")))
    assert answer.status_code == 409 and "Nothing was decided: 2 rows cannot be taken." in answer.text
    cells = re.findall(r"<td[^>]*>([^<]*)</td>", answer.text)
    assert {"2", "3", "decision", "reason"} <= set(cells), cells
    assert _records(web) == before and "/tmp/" not in answer.text


@pytest.mark.parametrize(
    ("name", "content"), [("decided.exe", b"MZ"), ("decided.xlsx", b"subject_id\n"), ("x.csv", b"")]
)
def test_what_is_no_such_table_is_refused(
    anybody: Browser, web: Web, subject: str, name: str, content: bytes
) -> None:
    anybody.sign_in("adjudicator_a")
    before = _records(web)
    answer = _sent(anybody, content, name)
    assert answer.status_code == 409 and "Not done." in answer.text and "/tmp/" not in answer.text
    assert _records(web) == before


def test_a_reader_takes_the_workbook_and_decides_nothing(anybody: Browser, web: Web, subject: str) -> None:
    anybody.sign_in("data_manager_a")
    book = _downloaded(anybody)
    assert "Decide as the file says" not in anybody.get(_PAGE).text
    form = {"csrf": anybody.token(), "request_key": "k"}
    content = _decided(book, ("first", "misread"))
    answer = anybody.client.post(_PAGE, data=form, files={"file": ("decided.xlsx", content)})
    assert answer.status_code == 404
