"""The list of queries, as a workbook and as a page."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Protocol

from trialkit.free_text import for_spreadsheet

HEADS = ("No.", "Site", "Subject", "Visit", "Form", "Line", "Item", "Status", "With", "Age (days)", "Thread")
_STYLE = (
    "body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:72rem;padding:0 1rem;color:#1c2430}"
    "table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.35rem .6rem;"
    "border-bottom:1px solid #d5dbe3}th{border-bottom:2px solid #1c2430}td.n{text-align:right}"
    ".wide{overflow-x:auto}ol{margin:0;padding-left:1.1rem}"
)


class Listed(Protocol):
    """What a list of queries shows of one."""

    @property
    def number(self) -> int: ...
    @property
    def site(self) -> str: ...
    @property
    def subject_id(self) -> str: ...
    @property
    def visit(self) -> str: ...
    @property
    def form(self) -> str: ...
    @property
    def row(self) -> str: ...
    @property
    def item(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def owner(self) -> str: ...
    @property
    def age_days(self) -> int: ...
    @property
    def thread(self) -> tuple[str, ...]: ...


def _cells(query: Listed) -> list[str]:
    place = [query.site, query.subject_id, query.visit, query.form, query.row, query.item]
    return [*place, str(query.status), query.owner]


def write_query_xlsx(found: Sequence[Listed], path: Path) -> None:
    """One row a query; the thread in one cell, a line a step. Ages are numbers, texts never formulas."""
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Queries"
    sheet.append(HEADS)
    for query in found:
        texts = [for_spreadsheet(text) for text in _cells(query)]
        thread = for_spreadsheet("\n".join(query.thread))
        sheet.append([query.number, *texts, query.age_days, thread])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for row in sheet.iter_rows(min_row=2):
        row[-1].alignment = Alignment(wrap_text=True, vertical="top")
    for place, width in enumerate((6, 6, 12, 12, 18, 6, 22, 11, 16, 10, 80), start=1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions
    book.save(path)


def write_query_html(found: Sequence[Listed], study_id: str, path: Path) -> None:
    """A page that prints: one row a query, its thread below each other."""
    lines = []
    for query in found:
        cells = "".join(f"<td>{escape(text)}</td>" for text in _cells(query))
        steps = "".join(f"<li>{escape(step)}</li>" for step in query.thread)
        lines.append(
            f'<tr id="query-{query.number}"><td class="n">{query.number}</td>{cells}'
            f'<td class="n">{query.age_days}</td><td><ol>{steps}</ol></td></tr>'
        )
    heads = "".join(f'<th scope="col">{escape(head)}</th>' for head in HEADS)
    title = f"Queries of study {escape(study_id)}"
    path.write_text(
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head>'
        f"<body><main><h1>{title}</h1><p>{len(found)} in the list.</p>"
        f'<div class="wide"><table><thead><tr>{heads}</tr></thead>'
        f"<tbody>{''.join(lines)}</tbody></table></div>"
        "</main></body></html>\n",
        encoding="utf-8",
    )
