"""A workbook to type one form into: its columns, drop-downs for codes, ranges; `trialkit import` takes it."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

from trialkit.study.model import Form, Item, Study
from trialkit.table_files.table_file import CODES_SHEET, GUIDE_SHEET
from trialkit.vocabulary import ItemType

ROWS = 1000
_TEXT = "@"
_LONGEST_LIST = 250  # characters a drop-down holds by itself; a longer one is read from a sheet


def template_xlsx(study: Study, form: Form) -> bytes:
    """The workbook: a sheet to fill in, and a sheet that says what each column takes.

    Identifiers and texts are kept as they are typed (0041 stays 0041). Derived items have no column.
    """
    import openpyxl
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet.title = form.name[:31]
    codes = book.create_sheet(CODES_SHEET)
    codes.sheet_state = "hidden"
    items = [item for item in form.items if item.type is not ItemType.DERIVED]
    sheet.append([study.record_id, "visit", *(item.name for item in items)])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for place, item in enumerate([None, None, *items], start=1):
        letter = get_column_letter(place)
        sheet.column_dimensions[letter].width = max(12, len(str(sheet.cell(1, place).value)) + 2)
        cells = f"{letter}2:{letter}{ROWS + 1}"
        rule = _visits(codes, form) if place == 2 else None if item is None else _rule(codes, item)
        if rule is not None:
            rule.add(cells)
            sheet.add_data_validation(rule)
        if item is None or _is_text(item):
            for row in range(2, ROWS + 2):
                sheet[f"{letter}{row}"].number_format = _TEXT
    sheet.freeze_panes = "C2"
    _explain(book, form, items)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _is_text(item: Item) -> bool:
    return item.type not in (ItemType.INTEGER, ItemType.NUMBER)


def _visits(codes: Any, form: Form) -> Any:
    return _listed(codes, list(form.visits), "a visit of the form")


def _rule(codes: Any, item: Item) -> Any:
    """What the spreadsheet asks of a cell; None where anything may stand."""
    from openpyxl.worksheet.datavalidation import DataValidation

    if item.choices:
        missing = [f"@{code}" for code in item.missing_codes]
        return _listed(codes, [*(choice.code for choice in item.choices), *missing], item.label)
    if item.type not in (ItemType.INTEGER, ItemType.NUMBER):
        return None
    low, high = (_limit(bound) for bound in (item.minimum, item.maximum))
    kind: Any = "whole" if item.type is ItemType.INTEGER else "decimal"
    if low is None and high is None:
        rule = DataValidation(type=kind, operator="between", formula1="-1E+15", formula2="1E+15")
    elif low is None or high is None:
        operator: Any = "lessThanOrEqual" if low is None else "greaterThanOrEqual"
        rule = DataValidation(type=kind, operator=operator, formula1=low or high)
    else:
        rule = DataValidation(type=kind, operator="between", formula1=low, formula2=high)
    rule.errorStyle, rule.showErrorMessage = "warning", True  # asked about, as in entry
    rule.error = f"{item.label[:120]}: {_what(item)}"
    return rule


def _limit(bound: object) -> str | None:
    return f"{bound:g}" if isinstance(bound, float) else None


def _listed(codes: Any, values: list[str], label: str) -> Any:
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    formula = f'"{",".join(values)}"'
    if len(formula) > _LONGEST_LIST or any("," in value or '"' in value for value in values):
        column = codes.max_column + 1
        for row, value in enumerate(values, start=1):
            codes.cell(row, column, value).number_format = _TEXT
        letter = get_column_letter(column)
        formula = f"'{CODES_SHEET}'!${letter}$1:${letter}${len(values)}"
    rule = DataValidation(type="list", formula1=formula, allow_blank=True)
    rule.errorStyle, rule.showErrorMessage = "stop", True
    rule.error = f"{label[:120]}: choose from the list"
    return rule


def _what(item: Item) -> str:
    words = {
        ItemType.INTEGER: "a whole number", ItemType.NUMBER: "a number with a decimal point",
        ItemType.DATE: "a date YYYY-MM-DD", ItemType.DATETIME: "a date and time YYYY-MM-DD HH:MM",
        ItemType.TIME: "a time HH:MM", ItemType.TEXT: "a text",
    }.get(item.type, "a code")  # fmt: skip
    low, high = item.minimum, item.maximum
    ends = [
        f"from {_shown(low)}" if low is not None else "",
        f"to {_shown(high)}" if high is not None else "",
    ]
    return " ".join(filter(None, [words, *ends, item.unit or ""]))


def _shown(bound: object) -> str:
    return (
        f"{bound:g}"
        if isinstance(bound, float)
        else str(bound.isoformat() if isinstance(bound, date) else bound)
    )


def _explain(book: Any, form: Form, items: list[Item]) -> None:
    sheet = book.create_sheet(GUIDE_SHEET)
    sheet.append(["column", "question", "takes", "code", "means"])
    sheet.append(["visit", "", "a visit of the form", ", ".join(form.visits), ""])
    for item in items:
        first = [item.name, item.label, _what(item) + (", required" if item.required else "")]
        lines = [[choice.code, choice.label] for choice in item.choices] or [["", ""]]
        for number, line in enumerate(lines):
            sheet.append([*(first if not number else ["", "", ""]), *line])
    sheet.append([])
    sheet.append(["A blank cell is a blank field on paper. Why there is no value: @not_done, @unknown, ..."])
    for letter, width in zip("ABCDE", (24, 50, 34, 16, 40), strict=True):
        sheet.column_dimensions[letter].width = width
