"""The discrepancy list as a workbook to decide in: drop-downs for decision and reason, a cell for a value."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from trialkit.entry import AdjudicationChoice, ReasonCode
from trialkit.free_text import for_spreadsheet
from trialkit.operations.reconciliation import COLUMNS, DECIDED, SHEET, ReconciliationRow, as_cells
from trialkit.report.drop_downs import choose_from, to_fill_in
from trialkit.table_files.table_file import GUIDE_SHEET

_WIDTHS = (12, 12, 16, 6, 24, 40, 36, 18, 14, 14, 16, 16, 18)
_TEXT = "@"
_HOW = (
    ("decision", "first or second: that pass is right. new_value: neither is; type what stands on paper."),
    ("", "cannot_decide: the paper does not say; the site is asked, and the discrepancy stays open."),
    ("reason", "Why the passes differ, as the paper shows it; cannot_decide goes with that decision alone."),
    ("new_value", "With the decision new_value only: as on paper. Empty: a blank. @unknown: a missing code."),
    ("", "A row without a decision stays open. Leave the other columns as they are."),
    ("", "Read it back under Discrepancies, or: trialkit adjudicate STUDY --file FILE. All rows, or none."),
)


def reconciliation_workbook(rows: Sequence[ReconciliationRow]) -> bytes:
    """One row a discrepancy; every cell is text, none a formula."""
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    sheet: Any = book.active
    sheet.title = SHEET
    sheet.append(COLUMNS)
    for row in rows:
        sheet.append([for_spreadsheet(text) for text in as_cells(row)])
    for cells in sheet.iter_rows(min_row=2):
        for cell in cells:
            cell.number_format = _TEXT
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for place, width in enumerate(_WIDTHS, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    _add_lists(sheet, len(rows))
    sheet.freeze_panes = "F2"
    sheet.auto_filter.ref = sheet.dimensions
    sheet.page_setup.orientation, sheet.page_setup.fitToHeight = "landscape", 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = "1:1"
    _explain(book)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _add_lists(sheet: Any, rows: int) -> None:
    for name in DECIDED:
        to_fill_in(sheet, COLUMNS.index(name) + 1, rows)
    for name, words in (("decision", AdjudicationChoice), ("reason", ReasonCode)):
        choose_from(sheet, name, COLUMNS.index(name) + 1, rows, [str(word) for word in words])


def _explain(book: Any) -> None:
    from openpyxl.styles import Font

    sheet = book.create_sheet(GUIDE_SHEET)
    for line in _HOW:
        sheet.append(line)
    for row in sheet.iter_rows(max_col=1):
        row[0].font = Font(bold=True)
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 14, 100
