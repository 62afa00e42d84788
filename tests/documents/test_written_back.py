"""Every written document, parsed back: each cell says what the table says; the same page, the same bytes."""

from __future__ import annotations

import io
import re
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import written_documents as reading

from trialkit.documents import (
    Cell,
    Column,
    DocumentError,
    Entry,
    Evidence,
    Page,
    ResultReference,
    Row,
    Section,
    Table,
    rich_text_pages,
    write_documents,
    write_docx,
    write_pdf,
    write_rtf,
    write_xlsx,
)
from trialkit.documents.measure import LANDSCAPE_POINTS, fit
from trialkit.documents.page import Figure
from trialkit.documents.rich_text_pages import page_breaks
from trialkit.documents.word import render_docx
from trialkit.documents.workbook import sheet_names

pytestmark = pytest.mark.analytic

CHINESE = "运动联合非甾体抗炎药"  # with letters on both sides of U+8000
WRITERS: dict[str, Callable[[Page, Path], Path]] = {
    "docx": write_docx,
    "rtf": write_rtf,
    "pdf": write_pdf,
    "xlsx": write_xlsx,
}


def long_table() -> Table:
    """Forty visits with a heading each, more than a page of any document."""
    rows: list[Row] = []
    for visit in range(40):
        rows.append(Row(f"Visit {visit}", section=True))
        rows += [
            Row(f"Mean {visit}.{n}", (Cell(f"{visit}{n}.5 (0.1)"), Cell("–", reason="none")), 1) for n in "ab"
        ]
    columns = (Column(""), Column("Exercise", "N = 157", group="Arms"), Column("Control", group="Arms"))
    return Table("14.2.2", "A long one", columns, tuple(rows), source="Plan A.")


def odd_table() -> Table:
    """Letters and signs that one format or another takes for its own."""
    reference = ResultReference("P1", "contrasts", 0, "estimate")
    rows = (
        Row(CHINESE, (Cell("−6.56 (−9.31 to −3.81)", (reference,)), Cell("=1+1"))),
        Row(r"Braces {x} and C:\path", (Cell("p < 0.001 & more"), Cell("≥ 10 𝑝²"))),
        Row("Spanning", (Cell("χ²(1) = 5.94"),), spanning=True),
    )
    return Table("14.2.3", f"<Odd> {CHINESE}", (Column("Term"), Column("Estimate"), Column("Note")), rows)


@pytest.fixture(scope="module")
def full(page: Page) -> Page:
    entry = Entry("more", "More", (long_table(), odd_table()), notes=(Cell("A closing note."),))
    evidence = Evidence("P1", "Primary", "ANCOVA", 'id = "P1"', {("contrasts", 0): {"estimate": -6.5594}})
    return replace(page, sections=(*page.sections, Section("more", "More", (entry,))), evidence=(evidence,))


@pytest.fixture(scope="module")
def written(full: Page, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("written")
    return {kind: write(full, folder / f"report.{kind}") for kind, write in WRITERS.items()}


def test_every_cell_of_the_word_document_equals_the_table(full: Page, written: dict[str, Path]) -> None:
    expected = [reading.expected_rows(table) for table in reading.tables(full)]
    assert reading.docx_tables(written["docx"]) == expected


def test_heads_of_word_tables_repeat_and_rows_never_split(written: dict[str, Path]) -> None:
    import docx

    for table in docx.Document(str(written["docx"])).tables:
        heads = [row for row in table._tbl.tr_lst if row.xpath("./w:trPr/w:tblHeader")]
        assert heads == table._tbl.tr_lst[: len(heads)]
        assert heads
        assert all(row.xpath("./w:trPr/w:cantSplit") for row in table._tbl.tr_lst)


def test_every_cell_of_the_rtf_document_equals_the_table(full: Page, written: dict[str, Path]) -> None:
    rows = reading.rtf_rows(written["rtf"])
    for table in reading.tables(full):
        width = len(table.columns)
        expected = [row + [""] * (width - len(row)) for row in reading.expected_rows(table, mark=" ({})")]
        for row in expected:
            assert row in rows, row
        places = [rows.index(row) for row in expected]
        assert places == sorted(places)


def test_every_row_of_the_pdf_reads_in_order(full: Page, written: dict[str, Path]) -> None:
    text = "".join(reading.pdf_text(written["pdf"].read_bytes()))
    for table in reading.tables(full):
        at = text.index(f"Table{table.number}")
        for row in reading.expected_rows(table):
            at = text.find(re.sub(r"\s+", "", "".join(row)), at)
            assert at >= 0, row


def test_every_cell_of_the_workbook_equals_the_table(full: Page, written: dict[str, Path]) -> None:
    found = reading.tables(full)
    for table, sheet in zip(found, sheet_names(found), strict=True):
        rows = reading.xlsx_rows(written["xlsx"], sheet)
        first = 5 + bool(table.column_groups)
        for row, expected in zip(rows[first:], reading.expected_rows(table, mark=" {}"), strict=False):
            assert row == expected + [""] * (len(row) - len(expected))


def test_the_workbook_sets_the_number_beside_what_was_printed(written: dict[str, Path]) -> None:
    rows = reading.xlsx_rows(written["xlsx"], "Numbers")
    (row,) = [row for row in rows if row[0] == "14.2.3"]
    assert row[3:] == ["−6.56 (−9.31 to −3.81)", "P1", "contrasts", "0", "estimate", "-6.5594"]


def test_a_cell_that_looks_like_a_formula_is_text_in_the_workbook(written: dict[str, Path]) -> None:
    import openpyxl

    book = openpyxl.load_workbook(written["xlsx"])
    kinds = {cell.data_type for row in book["T 14.2.3"].iter_rows() for cell in row if cell.value == "=1+1"}
    assert kinds == {"s"}


@pytest.mark.parametrize("kind", WRITERS)
def test_two_runs_write_the_same_bytes(
    kind: str, full: Page, written: dict[str, Path], tmp_path: Path
) -> None:
    assert WRITERS[kind](full, tmp_path / "again").read_bytes() == written[kind].read_bytes()


def test_office_files_carry_no_hour_of_writing(written: dict[str, Path]) -> None:
    for kind in ("docx", "xlsx"):
        with zipfile.ZipFile(written[kind]) as archive:
            assert {member.date_time for member in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
            core = archive.read("docProps/core.xml").decode()
        assert set(re.findall(r">(\d{4}-[^<]*)<", core)) <= {"1980-01-01T00:00:00Z"}


def test_the_watermark_stands_on_every_page_and_sheet(written: dict[str, Path]) -> None:
    import docx
    import openpyxl

    assert all("DRAFT" in page for page in reading.pdf_text(written["pdf"].read_bytes()))
    header = docx.Document(str(written["docx"])).sections[0].header
    assert header.paragraphs[0].text.startswith("DRAFT")
    assert 'string="DRAFT"' in header._element.xml
    assert r"{\header" in written["rtf"].read_text(encoding="ascii").partition(r"\paperw")[0]
    assert "DRAFT" in written["rtf"].read_text(encoding="ascii").partition(r"\paperw")[0]
    for sheet in openpyxl.load_workbook(written["xlsx"]):
        assert "DRAFT" in str(sheet.oddHeader.left.text)


def test_the_pdf_is_a4_and_has_a_bookmark_for_every_output(full: Page, written: dict[str, Path]) -> None:
    import pypdf

    reader = pypdf.PdfReader(io.BytesIO(written["pdf"].read_bytes()))
    sizes = {tuple(round(float(side)) for side in page.mediabox[2:]) for page in reader.pages}
    assert sizes == {(595, 842)}

    def titles(outline: list[object]) -> list[str]:
        return [t for one in outline for t in (titles(one) if isinstance(one, list) else [str(one.title)])]  # type: ignore[attr-defined]

    marked = titles(list(reader.outline))
    assert {f"{table.called} {table.title}" for table in reading.tables(full)} <= set(marked)


def test_the_heads_of_a_long_table_stand_on_each_of_its_pdf_pages(written: dict[str, Path]) -> None:
    pages = reading.pdf_text(written["pdf"].read_bytes())
    with_rows = [page for page in pages if re.search(r"Visit\d", page)]
    assert len(with_rows) > 1
    assert all("ExerciseN=157" in page for page in with_rows)


def test_no_group_of_an_rtf_table_is_parted_and_no_row_lost() -> None:
    table = long_table()
    pages = page_breaks(table)
    assert [row for page in pages for row in page] == list(table.rows)
    assert len(pages) > 1
    assert all(page[0].section for page in pages)


def test_columns_fit_the_paper_whatever_the_table() -> None:
    wide = Table(
        "1",
        "Wide",
        (Column("Term"), *(Column(f"Column {n}", "N = 100") for n in range(14))),
        (Row("A rather long label that has to wrap", tuple(Cell("−12.34 (5.6)") for _ in range(14))),),
    )
    for table in (wide, long_table(), odd_table()):
        assert sum(fit(table, 481).widths) <= 481.01


def test_all_documents_are_written_at_once_and_told(full: Page, tmp_path: Path) -> None:
    told: list[str] = []
    paths = write_documents(full, tmp_path / "report", told.append)
    assert told == [path.name for path in paths]
    assert told == ["index.html", "report.docx", "report.rtf", "report.pdf", "tables.xlsx"]
    assert all(path.stat().st_size > 1000 for path in paths)


@pytest.mark.parametrize(("kind", "module"), [("docx", "docx"), ("rtf", "rtflite"), ("pdf", "weasyprint")])
def test_a_library_that_is_absent_is_named_with_what_to_install(
    kind: str, module: str, full: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(DocumentError, match=rf"library {module}.*trialkit\[documents\]"):
        WRITERS[kind](full, tmp_path / "report")


def test_a_table_too_wide_for_an_upright_word_page_lies_across_with_its_heading(page: Page) -> None:
    import docx
    from docx.oxml.ns import qn

    heads = (Column("Subject"), *(Column(f"{n} months after randomization") for n in range(1, 15)))
    rows = tuple(Row(f"{n:04d}", tuple(Cell("100.0") for _ in heads[1:])) for n in range(3))
    wide = Entry("wide", "Each visit", (Table("16.2.1", "Each visit", heads, rows, kind="Listing"),))
    more = replace(page, sections=(*page.sections, Section("l", "Listings", (wide,)), *page.sections))
    document = docx.Document(io.BytesIO(render_docx(more)))
    ways = [section.page_width > section.page_height for section in document.sections]
    assert ways == [False, True, False]
    lying = document.sections[1]
    room = lying.page_width.pt - lying.left_margin.pt - lying.right_margin.pt
    assert room == pytest.approx(LANDSCAPE_POINTS, abs=1)
    body = list(document.element.body)
    ends = [i for i, one in enumerate(body) if one.find(f".//{qn('w:sectPr')}") is not None]
    across = body[ends[0] + 1 : ends[1] + 1]
    words = "".join(text.text or "" for one in across for text in one.iter(qn("w:t")))
    assert words.startswith("ListingsEach visitListing 16.2.1")
    assert sum(one.tag == qn("w:tbl") for one in across) == 1
    head = next(one for one in across if one.tag == qn("w:tbl")).iter(qn("w:tcW"))
    assert max(int(cell.get(qn("w:w"))) for cell in head) > 0


def test_the_letter_before_a_reason_is_raised_in_word(page: Page) -> None:
    import docx

    document = docx.Document(io.BytesIO(render_docx(page)))
    raised = [
        (paragraph.text, run.text)
        for paragraph in document.paragraphs
        for run in paragraph.runs
        if run.font.superscript
    ]
    assert ("a not reached", "a") in raised


def test_a_page_that_goes_on_has_room_to_say_so() -> None:
    """Rows of one line each are as tall as is counted: what is left of a page holds the line below it."""
    rows = tuple(Row(f"Subject {n}", (Cell("1"),)) for n in range(200))
    table = Table("16.2.1", "t", (Column("Subject"), Column("n")), rows)
    row_points = rich_text_pages._row_points(rows[0], fit(table, rich_text_pages.WIDTH_POINTS))
    head = rich_text_pages._head_points(table, fit(table, rich_text_pages.WIDTH_POINTS))
    pages = page_breaks(table)
    left = [
        rich_text_pages.PAGE_POINTS - rich_text_pages._TITLE_POINTS - head - len(page) * row_points
        for page in pages[:-1]
    ]
    assert len(pages) > 2
    assert min(left) >= rich_text_pages.CONTINUED_POINTS


def test_the_picture_of_the_key_result_is_in_word_and_rtf_with_its_words(page: Page, tmp_path: Path) -> None:
    (entry,) = (one for one in page.sections[0].entries if one.anchor == "entry-p1")
    drawn = next(block for block in entry.blocks if isinstance(block, Figure))
    ruler = replace(drawn, number="", title="", alt="The estimate and its interval on a line")
    assert page.highlight is not None
    bare, above = (replace(page, highlight=replace(page.highlight, figure=one)) for one in (None, ruler))
    words, pictures = [], []
    for one in (bare, above):
        with zipfile.ZipFile(io.BytesIO(render_docx(one))) as packed:
            text = packed.read("word/document.xml").decode()
        words.append(text)
        pictures.append(text.count("</pic:pic>"))
    assert pictures[1] == pictures[0] + 1
    assert words[1].index("Difference.") < words[1].index(ruler.alt) < words[1].index("14.2.1")
    rtf = [write_rtf(one, tmp_path / "one.rtf").read_text(encoding="latin-1") for one in (bare, above)]
    assert rtf[1].count("\\pict") == rtf[0].count("\\pict") + 1
    assert "Figure }" not in rtf[1]
