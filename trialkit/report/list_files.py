"""A list with heads and rows, as CSV, as a workbook to filter, and as a page that prints."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from html import escape
from pathlib import Path

from trialkit.free_text import for_spreadsheet
from trialkit.numbers import plain
from trialkit.report.drop_downs import choose_from, to_fill_in
from trialkit.safe_files import write_new

Cell = str | int | float | date | None

_STYLE = (
    "body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:72rem;padding:0 1rem;color:#1c2430}"
    "table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.35rem .6rem;"
    "border-bottom:1px solid #d5dbe3}th{border-bottom:2px solid #1c2430}"
    "td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}"
    "td.d{white-space:nowrap}table.many{font-size:12px}table.many th,table.many td{padding:.25rem .4rem}"
    "table.many td:last-child{min-width:16em}body:has(table.many){max-width:none}"
    ".wide{overflow-x:auto}@media screen{.wide{background:"
    "linear-gradient(to right,#fff 45%,transparent) left/44px 100% no-repeat local,"
    "linear-gradient(to left,#fff 45%,transparent) right/44px 100% no-repeat local,"
    "linear-gradient(to right,rgba(26,29,33,.3),transparent) left/13px 100% no-repeat scroll,"
    "linear-gradient(to left,rgba(26,29,33,.3),transparent) right/13px 100% no-repeat scroll}}"
    "ol{margin:0;padding-left:1.1rem}p.note{color:#4a5568}"
    "@page{size:landscape}@media print{.wide{overflow:visible}table.many{font-size:7px}"
    "body{margin:0;max-width:none;font-size:11px}thead{display:table-header-group}}"
)
_WIDEST = 80
_MANY = 14  # columns: more are set smaller
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}( \d{2}:\d{2})?")
_SOME_ROWS = 500


@dataclass(frozen=True)
class ListTable:
    """One list: numbers stay numbers, days stay days, ``None`` is an empty cell.

    A word of a vocabulary (a ``StrEnum``) is shown with spaces, and written as it is for programs.

    ``columns`` are the names a program reads, in CSV; the heads where there are none. ``filled_in`` are those
    of them that somebody fills in, in a workbook: with the words to choose from, or none for a text.
    """

    title: str
    heads: tuple[str, ...]
    rows: Sequence[Sequence[Cell]]
    columns: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    filled_in: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def write_list_csv(table: ListTable, path: Path) -> None:
    """Heads and rows; a text that a spreadsheet would take for a formula is marked as text."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table.columns or table.heads)
    writer.writerows([for_spreadsheet(_raw(cell)) for cell in row] for row in table.rows)
    write_new(path, text.getvalue(), private=True)


def write_list_xlsx(tables: Sequence[ListTable], path: Path) -> None:
    """One sheet a list, with a filter over its heads. No cell is a formula."""
    write_new(path, list_workbook(tables), private=True)


def list_workbook(tables: Sequence[ListTable]) -> bytes:
    """The workbook's bytes."""
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    book.remove(book.worksheets[0])
    for table in tables:
        sheet = book.create_sheet(table.title[:31])
        sheet.append(table.heads)
        for row in table.rows:
            sheet.append([for_spreadsheet(_text(cell)) if isinstance(cell, str) else cell for cell in row])
        for cell in sheet[1]:
            cell.font = Font(bold=True)
            cell.alignment = Alignment(wrap_text=True, vertical="bottom")
        for place, width in enumerate(_widths(table), start=1):
            sheet.column_dimensions[get_column_letter(place)].width = width
        for cells in sheet.iter_rows(min_row=2):
            for cell in cells:
                cell.alignment = Alignment(wrap_text=True, vertical="top")
        for name, words in table.filled_in.items():
            place = table.columns.index(name) + 1
            to_fill_in(sheet, place, len(table.rows))
            if words:
                choose_from(sheet, name, place, len(table.rows), words)
        sheet.freeze_panes = "A2"
        sheet.auto_filter.ref = sheet.dimensions
        sheet.page_setup.orientation, sheet.page_setup.fitToHeight = "landscape", 0
        sheet.sheet_properties.pageSetUpPr.fitToPage = True
        sheet.print_title_rows = "1:1"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _widths(table: ListTable) -> list[int]:
    heads = tuple("\n".join(head.split(" ")) for head in table.heads)  # a long head wraps at its words
    rows = [heads, *([_text(cell) for cell in row] for row in table.rows[:_SOME_ROWS])]
    columns = zip(*rows, strict=True)
    longest = (max(len(line) for text in column for line in text.split("\n")) for column in columns)
    return [min(max(width + 2, 6), _WIDEST) for width in longest]


def write_list_html(tables: Sequence[ListTable], title: str, path: Path, *, picture: str = "") -> None:
    """A page that prints; ``picture`` is an SVG element that stands above the lists."""
    parts = [f"<h1>{escape(title)}</h1>", picture]
    for table in tables:
        parts.append(list_html(table, headed=len(tables) > 1))
    write_new(path, list_page(title, "".join(parts)), private=True)


def list_page(title: str, body: str) -> str:
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head>'
        f"<body><main>{body}</main></body></html>\n"
    )


def list_html(table: ListTable, *, headed: bool) -> str:
    """One list, with its notes and how many rows it has."""
    numeric = [
        all(isinstance(row[place], (int, float, type(None))) for row in table.rows) and bool(table.rows)
        for place in range(len(table.heads))
    ]
    mark = [' class="n"' if number else "" for number in numeric]
    heads = "".join(
        f'<th scope="col"{kind}>{escape(head)}</th>' for head, kind in zip(table.heads, mark, strict=True)
    )
    lines = [
        "<tr>"
        + "".join(
            f"<td{kind or _day_class(cell)}>{_lines(_text(cell))}</td>"
            for cell, kind in zip(row, mark, strict=True)
        )
        + "</tr>"
        for row in table.rows
    ]
    many = ' class="many"' if len(table.heads) > _MANY else ""
    title = f"<h2>{escape(table.title)}</h2>" if headed else ""
    notes = "".join(f'<p class="note">{escape(note)}</p>' for note in table.notes)
    return (
        f"{title}{notes}<p>{len(table.rows)} in the list.</p>"
        f'<div class="wide"><table{many}><thead><tr>{heads}</tr></thead>'
        f"<tbody>{''.join(lines)}</tbody></table></div>"
    )


def _day_class(cell: Cell) -> str:
    return ' class="d"' if _DAY.fullmatch(_text(cell)) else ""


def _lines(text: str) -> str:
    return "<br>".join(escape(line) for line in text.split("\n"))


def _text(cell: Cell) -> str:
    if isinstance(cell, StrEnum):
        return cell.replace("_", " ")
    return f"{plain(cell, 2)}" if isinstance(cell, float) else _raw(cell)


def _raw(cell: Cell) -> str:
    if cell is None:
        return ""
    return cell.isoformat() if isinstance(cell, date) else str(cell)
