"""A listing by subject is whole in every document, however long; a screen shows it when asked."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import lxml.html
import pypdf
import pytest
import written_documents as reading

from trialkit.documents import Page, render_html, write_docx, write_pdf, write_rtf, write_xlsx
from trialkit.report import report_page

pytestmark = pytest.mark.analytic

SUBJECTS = [f"{number:04d}" for number in range(1, 201)]


@pytest.fixture(scope="module")
def page(by_hand: SimpleNamespace) -> Page:
    rows = [(who, "exercise", f"term {who}") for who in SUBJECTS]
    tables = {
        "listing": by_hand.frame("subject_id arm term", *rows),
        "heads": by_hand.frame("column label", ("term", "Event")),
        "section": by_hand.frame("section", ("16.2.7",)),
    }
    listing = by_hand.result("L7", "listing", tables, role="descriptive", title="Adverse events by subject")
    return report_page(by_hand.results(listing))


def test_every_document_has_every_subject(page: Page, tmp_path: Path) -> None:
    (table,) = [one for one in reading.tables(page) if one.kind == "Listing"]
    expected = reading.expected_rows(table)
    assert [row[0] for row in expected] == SUBJECTS
    assert expected in reading.docx_tables(write_docx(page, tmp_path / "report.docx"))
    in_rtf = reading.rtf_rows(write_rtf(page, tmp_path / "report.rtf"))
    assert [row for row in in_rtf if row in expected] == expected
    sheet = reading.xlsx_rows(write_xlsx(page, tmp_path / "tables.xlsx"), f"T {table.number}")
    assert [row for row in sheet if row in expected] == expected
    numbers = reading.xlsx_rows(
        tmp_path / "tables.xlsx", "Numbers"
    )  # of tables: a listing's sheet has its own
    assert not [row for row in numbers if "listing" in row]
    pages = pypdf.PdfReader(write_pdf(page, tmp_path / "report.pdf")).pages
    printed = " ".join(one.extract_text() for one in pages)
    assert all(f"term {who}" in printed for who in SUBJECTS)


def test_the_page_folds_what_is_long_and_paper_does_not(page: Page) -> None:
    tree = lxml.html.fromstring(render_html(page))
    (folded,) = tree.xpath("//details[@class='folded']")
    assert folded.xpath("string(summary)") == f"All {len(SUBJECTS)} lines"
    assert [th.text_content() for th in folded.xpath(".//tbody/tr/th")] == SUBJECTS
    assert not lxml.html.fromstring(render_html(page, paper=True)).xpath("//details[@class='folded']")
