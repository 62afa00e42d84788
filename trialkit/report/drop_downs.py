"""Cells of a workbook that somebody fills in: a colour, text as typed, and a list to choose from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

_TO_FILL = "FFF6DA"
_TEXT = "@"


def to_fill_in(sheet: Any, column: int, rows: int) -> None:
    """Mark the cells of a column under its head as to be filled in; what is typed there stays text."""
    from openpyxl.styles import PatternFill

    fill = PatternFill("solid", fgColor=_TO_FILL)
    for row in range(2, rows + 2):
        cell = sheet.cell(row, column)
        cell.fill, cell.number_format = fill, _TEXT


def choose_from(sheet: Any, name: str, column: int, rows: int, words: Sequence[str]) -> None:
    """Give the cells of a column a drop-down: nothing but these words, or nothing."""
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    rule = DataValidation(type="list", formula1=f'"{",".join(words)}"', allow_blank=True)
    rule.errorStyle, rule.showErrorMessage = "stop", True
    rule.error = f"{name}: choose from the list"
    letter = get_column_letter(column)
    rule.add(f"{letter}2:{letter}{max(rows + 1, 2)}")
    sheet.add_data_validation(rule)
