"""How outputs lie on A4: nothing is cut, listings lie across, and short tables stay upright."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pypdf
import pytest

from trialkit.documents import Cell, Column, Entry, Page, Row, Section, Table, write_pdf
from trialkit.documents.measure import sheet_for

pytestmark = pytest.mark.analytic

A4_SHORT, A4_LONG, MARGIN = 595, 842, 15 / 25.4 * 72  # points


def _beginnings(sheet: pypdf.PageObject) -> list[float]:
    """Where every piece of text begins, in points from the left edge."""
    found: list[float] = []

    def note(text: str, current: list[float], at: list[float], *_: object) -> None:
        if text.strip():
            found.append(current[0] * at[4] + current[4])

    sheet.extract_text(visitor_text=note)
    return found


def listing(columns: int, rows: int = 30) -> Table:
    heads = tuple(Column(f"Heading number {i} in words", align="left") for i in range(columns))
    cells = tuple(Cell(f"cell {i} of one event") for i in range(columns - 1))
    return Table("16.2.7", "Adverse events", heads, tuple(Row(f"{i:04d}", cells) for i in range(rows)))


def page_of(table: Table, page: Page) -> Page:
    entry = Entry("listing", "Adverse events by subject", (table,))
    return replace(page, sections=(Section("chapter-listings", "Listings", (entry,)),), highlight=None)


def test_a_wide_listing_lies_across_with_its_headings_and_no_word_is_cut(page: Page, tmp_path: Path) -> None:
    table = listing(13)
    assert sheet_for(table).wide
    read = pypdf.PdfReader(write_pdf(page_of(table, page), tmp_path / "report.pdf"))
    across = [sheet for sheet in read.pages if sheet.mediabox.width > sheet.mediabox.height]
    assert across and "Listings" in across[0].extract_text()
    assert float(read.pages[0].mediabox.width) == pytest.approx(A4_SHORT, abs=1)
    for sheet in across:
        assert max(_beginnings(sheet)) < A4_LONG - MARGIN, "a cell begins in the margin"
    everything = " ".join(" ".join(sheet.extract_text().split()) for sheet in read.pages)
    assert everything.count("cell 11 of one event") == 30


def test_a_table_that_fits_stays_upright() -> None:
    assert not sheet_for(listing(4)).wide
