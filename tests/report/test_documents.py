"""The documents of a whole report, parsed back: every cell says what the page says."""

from __future__ import annotations

from pathlib import Path

import pytest
import written_documents as reading

from trialkit.analysis.results import Results
from trialkit.documents import Page, write_docx, write_rtf, write_xlsx
from trialkit.documents.workbook import sheet_names
from trialkit.report import TrialFacts, report_page

pytestmark = pytest.mark.analytic


@pytest.fixture
def page(trial: Results, facts: TrialFacts) -> Page:
    return report_page(trial, facts=facts)


def test_every_cell_of_the_report_in_word_and_rtf_is_that_of_the_page(page: Page, tmp_path: Path) -> None:
    tables = reading.tables(page)
    word = reading.docx_tables(write_docx(page, tmp_path / "report.docx"))
    assert word == [reading.expected_rows(table) for table in tables]
    rows = reading.rtf_rows(write_rtf(page, tmp_path / "report.rtf"))
    for table in tables:
        for row in reading.expected_rows(table, mark=" ({})"):
            assert row + [""] * (len(table.columns) - len(row)) in rows


def test_every_cell_of_the_workbook_is_the_page_s_and_has_its_number(page: Page, tmp_path: Path) -> None:
    path = write_xlsx(page, tmp_path / "tables.xlsx")
    tables = reading.tables(page)
    for table, sheet in zip(tables, sheet_names(tables), strict=True):
        rows = reading.xlsx_rows(path, sheet)[5 + bool(table.column_groups) :]
        for row, expected in zip(rows, reading.expected_rows(table, mark=" {}"), strict=False):
            assert row == expected + [""] * (len(row) - len(expected))
    numbers = reading.xlsx_rows(path, "Numbers")[1:]
    references = sum(len(c.references) for table in tables for row in table.rows for c in row.cells)
    assert len(numbers) == references > 200
    without = {row[3] for row in numbers if row[-1] == ""}
    assert all("not reached" in printed for printed in without), without
