"""The spreadsheet writer: a sheet a table as printed, and one sheet with every number beside its row."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trialkit.documents.fixed_zip import without_times
from trialkit.documents.page import Page
from trialkit.documents.table import LISTING, Cell, Column, ResultReference, Row, Table

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font
    from openpyxl.worksheet.worksheet import Worksheet

_TITLE_LENGTH = 31  # of a sheet, as Excel allows
_WIDEST, _NARROWEST = 60, 8
_FIRST = 5  # row of the first head; above it band, title, population
_NUMBER_HEADS = (
    "table",
    "row",
    "column",
    "printed",
    "analysis",
    "results table",
    "results row",
    "field",
    "value",
)


def write_xlsx(page: Page, path: Path | str) -> Path:
    """Write the tables of a page as a workbook.

    Parameters
    ----------
    page
        What to print.
    path
        The file; its folder is made where it is absent.

    Returns
    -------
    The path written. The same page gives the same bytes.

    The first sheet lists the tables with links; then a sheet a table, its cells as printed; last ``Numbers``,
    a row for every number behind a cell of a table, with its place in ``results.json`` and, where the page
    carries evidence, its value at full precision. The band (DRAFT and the like) stands on every sheet and in
    the header of every printed page.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(render_xlsx(page))
    return path


def render_xlsx(page: Page) -> bytes:
    """The bytes of the workbook."""
    from openpyxl import Workbook

    book = Workbook()
    tables = list(tables_of(page))
    names = sheet_names(tables)
    _contents(book, page, tables, names)
    for table, name in zip(tables, names, strict=True):
        _sheet(_new_sheet(book, name, page), table, page)
    _numbers(_new_sheet(book, "Numbers", page), tables, page)
    book.properties.title, book.properties.creator = page.title, "trialkit"
    buffer = io.BytesIO()
    book.save(buffer)
    return without_times(buffer.getvalue())


def tables_of(page: Page) -> Iterator[Table]:
    """The tables of a page from the first to the last."""
    for section in page.sections:
        for entry in section.entries:
            yield from (block for block in entry.blocks if isinstance(block, Table))


def sheet_names(tables: list[Table]) -> list[str]:
    """A name a table that Excel takes and that is its alone: its number where it has one."""
    names: list[str] = []
    for table in tables:
        wanted = re.sub(r"[\[\]:*?/\\]", " ", f"T {table.number}" if table.number else table.title)
        wanted = wanted.strip()[:_TITLE_LENGTH]
        name, again = wanted, 1
        while name.lower() in {taken.lower() for taken in names}:
            again += 1
            name = f"{wanted[: _TITLE_LENGTH - 4]} ({again})"
        names.append(name)
    return names


def _new_sheet(book: Workbook, name: str, page: Page) -> Worksheet:
    sheet: Worksheet = book.create_sheet(name)
    _printing(sheet, page)
    return sheet


def _printing(sheet: Any, page: Page) -> None:
    """A4, as wide as the paper; the band above and the page number below what is printed."""
    sheet.page_setup.paperSize = 9
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.oddHeader.left.text = _band(page).replace("&", "&&")
    sheet.oddFooter.right.text = "Page &P of &N"


def _band(page: Page) -> str:
    return " · ".join(part for part in (page.watermark, page.state) if part)


def _contents(book: Workbook, page: Page, tables: list[Table], names: list[str]) -> None:
    sheet: Any = book.active
    sheet.title = "Contents"
    _printing(sheet, page)
    _say(sheet, 1, 1, _band(page), bold=True)
    _say(sheet, 2, 1, page.title, bold=True)
    for place, (label, value) in enumerate(page.facts, 3):
        _say(sheet, place, 1, label)
        _say(sheet, place, 2, value)
    first = 4 + len(page.facts)
    for place, (table, name) in enumerate(zip(tables, names, strict=True), first):
        _say(sheet, place, 1, table.called).hyperlink = f"#'{name}'!A1"
        _say(sheet, place, 2, table.title)
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 18, 90


def _sheet(sheet: Worksheet, table: Table, page: Page) -> None:
    _say(sheet, 1, 1, _band(page), bold=True)
    _say(sheet, 2, 1, f"{table.called}  {table.title}", bold=True)
    _say(sheet, 3, 1, table.population)
    last_head = _heads(sheet, table)
    place = last_head
    for place, row in enumerate(table.rows, last_head + 1):
        _line(sheet, place, row, table)
    reasons = [f"{table.footnote_mark(reason)} {reason}" for reason in table.reasons]
    about = [f"Method: {table.method}"] if table.method else []
    about += [f"Source: {table.source}"] if table.source else []
    for below, note in enumerate([*reasons, *table.footnotes, *about], place + 2):
        _say(sheet, below, 1, note)
    for column in range(1, len(table.columns) + 1):
        sheet.column_dimensions[_letter(column)].width = _width(table, column - 1)
    sheet.freeze_panes = f"B{last_head + 1}"
    sheet.print_title_rows = f"{_FIRST}:{last_head}"


def _heads(sheet: Worksheet, table: Table) -> int:
    """Heads from the fifth row on; returns the last one's row."""
    row = _FIRST
    if table.column_groups:
        column = 1
        for group, span in table.column_groups:
            _say(sheet, row, column, group, bold=True, centred=True)
            if span > 1:
                sheet.merge_cells(
                    start_row=row, end_row=row, start_column=column, end_column=column + span - 1
                )
            column += span
        row += 1
    for place, head in enumerate(table.columns, 1):
        _say(sheet, row, place, _in_one_line(head), bold=True, centred=place > 1)
    return row


def _in_one_line(head: Column) -> str:
    """A head and its note, in brackets unless it has some."""
    if not head.note or head.note.startswith("("):
        return f"{head.label} {head.note}".strip()
    return f"{head.label}, {head.note}" if "(" in head.note else f"{head.label} ({head.note})"


def _line(sheet: Worksheet, place: int, row: Row, table: Table) -> None:
    label: Any = _say(sheet, place, 1, row.label, bold=row.section)
    label.alignment = _indented(row.indent)
    for column, cell in enumerate(row.cells, 2):
        mark = f" {table.footnote_mark(cell.reason)}" if cell.reason else ""
        _say(sheet, place, column, cell.text + mark, centred=table.columns[column - 1].align != "left")


def _say(
    sheet: Worksheet, row: int, column: int, text: str, *, bold: bool = False, centred: bool = False
) -> Any:
    """Write a text as a text: nothing that starts with ``=`` becomes a formula."""
    cell: Any = sheet.cell(row, column)
    cell.value = text
    cell.data_type = "s" if text else "n"
    cell.font = _font(bold)
    if centred:
        cell.alignment = _centred()
    return cell


@cache
def _font(bold: bool) -> Font:
    """Made once: a style is dearer to make than the cell that wears it."""
    from openpyxl.styles import Font

    return Font(name="Arial", size=10, bold=bold)


@cache
def _indented(levels: int) -> Alignment:
    from openpyxl.styles import Alignment

    return Alignment(indent=levels, vertical="top", wrap_text=True)


@cache
def _centred() -> Alignment:
    from openpyxl.styles import Alignment

    return Alignment(horizontal="center", vertical="top", wrap_text=True)


def _width(table: Table, column: int) -> float:
    head = table.columns[column]
    texts = [head.label, head.note]
    for row in table.rows:
        if column == 0:
            texts.append("  " * row.indent + row.label)
        elif row.cells and not row.spanning:
            texts.append(row.cells[column - 1].text)
    return min(_WIDEST, max(_NARROWEST, 2 + max(map(len, texts))))


def _letter(column: int) -> str:
    from openpyxl.utils import get_column_letter

    return get_column_letter(column)


def _numbers(sheet: Worksheet, tables: list[Table], page: Page) -> None:
    """Every number behind a printed cell; the values as text at full precision, as results.csv has them.

    Of listings none: their sheets are what results.csv has.
    """
    for column, head in enumerate(_NUMBER_HEADS, 1):
        _say(sheet, 1, column, head, bold=True)
        sheet.column_dimensions[_letter(column)].width = 18
    place = 1
    for table in (one for one in tables if one.kind != LISTING):
        for row, head, cell in _cells(table):
            for reference in cell.references:
                place += 1
                _number(sheet, place, (table.number, row, head, cell.text), reference, page)
    sheet.freeze_panes = "A2"
    sheet.print_title_rows = "1:1"
    sheet.auto_filter.ref = f"A1:{_letter(len(_NUMBER_HEADS))}{place}"


def _number(
    sheet: Any, place: int, where: tuple[str, str, str, str], reference: ResultReference, page: Page
) -> None:
    found = page.value_of(reference)
    values = (*where, reference.analysis, reference.table, reference.row, reference.column, found)
    for column, value in enumerate(values, 1):
        cell: Any = sheet.cell(place, column)
        cell.value = value
        if isinstance(value, str) and value.startswith("="):
            cell.data_type = "s"


def _cells(table: Table) -> Iterator[tuple[str, str, Cell]]:
    """(label of the row, head of the column, cell), with the section a row stands in."""
    section = ""
    for row in table.rows:
        if row.section:
            section = row.label
        label = f"{section}: {row.label}" if section and row.indent and not row.section else row.label
        for column, cell in zip(table.columns[1:], row.cells, strict=False):
            head = f"{column.group}: {column.label}" if column.group else column.label
            yield label, head, cell
