"""How outputs lie on A4: nothing is cut, listings lie across, and short tables stay upright."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pypdf
import pytest

from trialkit.documents import Cell, Column, Entry, Page, Row, Section, Table, write_pdf
from trialkit.documents.measure import LANDSCAPE_POINTS, PADDING, fit, sheet_for
from trialkit.figures.lettering import text_width_points

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


def test_an_upright_listing_breaks_no_word_of_its_texts(page: Page, tmp_path: Path) -> None:
    """Left to themselves, columns of text beside long heads shrank to a few letters."""
    visit = "End of intervention (week 6)"
    heads = (
        Column("Subject"), Column("Arm"), Column("Visit", align="left"),
        *(Column(f"Mean length of a session, of diary {i}", align="left") for i in range(4)),
    )  # fmt: skip
    rows = tuple(
        Row(f"{i:04d}", (Cell("Exercise + NSAID"), Cell(visit), *(Cell("37.1") for _ in range(4))))
        for i in range(20)
    )
    table = Table("16.2.5", "Compliance", heads, rows, kind="Listing")
    assert not sheet_for(table).wide
    read = pypdf.PdfReader(write_pdf(page_of(table, page), tmp_path / "report.pdf"))
    text = " ".join(" ".join(sheet.extract_text().split()) for sheet in read.pages)
    assert text.count(visit) == 20
    assert "Listing 16.2.5" in text


def test_heads_of_many_visits_break_at_their_hyphens_and_in_no_word() -> None:
    """Each visit twice, as a listing of two scores has them; a hyphen at which a line ends needs no room."""
    visits = (
        "Baseline", "End of intervention (week 6)", "1 month post-intervention", "3 months post-intervention",
        "6 months post-intervention", "12 months after randomization",
    )  # fmt: skip
    heads = (Column("Subject"), Column("Arm"), *(Column(visit) for visit in (*visits, *visits)))
    rows = tuple(
        Row(f"{i:04d}", (Cell("Exercise + NSAID"), *(Cell("37.1") for _ in range(12)))) for i in range(20)
    )
    sizes = fit(Table("16.2.6.1", "Scores", heads, rows, kind="Listing"), LANDSCAPE_POINTS)
    for place, head in enumerate(heads):
        for word in head.label.replace("-", "- ").split():
            assert text_width_points(word, sizes.size, bold=True) + PADDING <= sizes.widths[place], head.label


def test_two_tables_of_an_effect_lie_on_one_page(tmp_path: Path) -> None:
    """Each as long as the plan's sensitivity analyses print them; a third goes to the next page."""
    heads = tuple(Column(text, "N = 157") for text in ("", "Exercise + NSAID", "NSAID alone", "Difference"))
    rows = tuple(
        Row(f"Line {i} of the table", tuple(Cell("−12.6 (−15.1 to −9.9)") for _ in range(3)))
        for i in range(20)
    )
    about = {
        "population": "Full analysis set",
        "method": "ANCOVA of the change. " * 12,
        "source": "Plan. " * 30,
    }
    entries = tuple(
        Entry(
            f"e{i}",
            f"Sensitivity analysis {i}",
            (Table(f"14.2.{i}", f"ODI, analysis {i}", heads, rows, **about),),
        )
        for i in range(1, 4)
    )
    section = Section("chapter-x", "S", entries)
    whole = Page("T", kicker="k", state="s", state_tone="draft", facts=(), sections=(section,))
    read = pypdf.PdfReader(write_pdf(whole, tmp_path / "report.pdf"))
    on = [
        [i for i in range(1, 4) if f"Table 14.2.{i} ODI" in " ".join(s.extract_text().split())]
        for s in read.pages
    ]
    assert max(on, key=len) == [1, 2]


def test_labels_take_fewer_lines_with_letters_a_little_smaller() -> None:
    """On Word's paper the primary table fits in neither size; in 9 points its labels took more lines."""
    interval = Cell("\N{MINUS SIGN}11.81 (\N{MINUS SIGN}14.55 to \N{MINUS SIGN}9.07)")
    heads = (
        Column("Exercise + NSAID", "N = 75"),
        Column("NSAID", "N = 75"),
        Column("Difference", "test minus"),
    )
    labels = ("Subjects observed", "Difference in LS means (95% CI)", "p, one-sided (H\u2081: below 0)")
    rows = tuple(Row(label, (interval,) * 3, indent=1) for label in labels)
    found = fit(Table("14.2.1", "Change in ODI", (Column(""), *heads), rows), 490)
    assert found.size == 8.0
    assert max(found.lines(label, 0) for label in labels) <= 2


def test_letters_are_no_smaller_than_whole_words_need() -> None:
    narrow = Table("1", "Narrow", (Column("Site"), Column("n")), (Row("A", (Cell("1"),)),))
    assert fit(narrow, 482).size == 9.0
