"""A form's table as CSV, XLSX, SPSS or Stata, with labels and missing codes."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from trialkit.documents.parts import library
from trialkit.free_text import for_spreadsheet
from trialkit.interchange.data_export import (
    MISSING_NUMBERS,
    NOT_ASKED_NUMBERS,
    Cell,
    ExportColumn,
    FormTable,
    NotAsked,
)
from trialkit.vocabulary import MissingCode

FORMATS = ("csv", "xlsx", "spss", "stata")
_Why = MissingCode | NotAsked
_STATA_MISSING: dict[_Why, str] = dict(zip([*MissingCode, *NotAsked], "abcdef", strict=True))
_SPSS_MISSING: dict[_Why, int] = dict([*MISSING_NUMBERS.items(), *NOT_ASKED_NUMBERS.items()])
_LONGEST_STATA_NAME, _LONGEST_STATA_LABEL, _LONGEST_SPSS_LABEL = 32, 80, 250


def export_bytes(table: FormTable, format_: str) -> tuple[str, bytes]:
    """The file's name and content.

    ``csv`` and ``xlsx`` hold what a typist would have typed (codes, ``@unknown``). ``spss``: codes with value
    labels, missing codes as -9996 to -9999, and -9995, -9994 for what was not asked (by branching, by the
    form's version), declared missing. ``stata``: the same with ``.a`` to ``.d``, ``.e`` and ``.f``; a coded
    item whose codes are no whole numbers is text, since Stata labels numbers only.
    """
    suffix, writer = _WRITERS[format_]
    return f"{table.form}{suffix}", writer(table)


def _csv(table: FormTable) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([*table.keys, *(column.name for column in table.columns)])
    for key, cells in table.rows:
        typed = [
            for_spreadsheet(cell.as_typed())
            if column.kind == "text" and not cell.missing
            else cell.as_typed()
            for column, cell in zip(table.columns, cells, strict=True)
        ]
        writer.writerow([*key, *typed])
    return ("\ufeff" + out.getvalue()).encode("utf-8")


def _xlsx(table: FormTable) -> bytes:
    import openpyxl

    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet.title = table.form[:31]
    sheet.append([*table.keys, *(column.name for column in table.columns)])
    for number, (key, cells) in enumerate(table.rows, start=2):
        values = [*key, *(_value(column, cell) for column, cell in zip(table.columns, cells, strict=True))]
        for place, value in enumerate(values, start=1):
            cell = sheet.cell(number, place, value)
            if isinstance(value, str):
                cell.data_type, cell.number_format = "s", "@"
    codes = book.create_sheet("items")
    codes.append(["item", "label", "code", "means"])
    for column in table.columns:
        for code, means in column.labels.items() or [("", "")]:
            codes.append([column.name, column.label, code, means])
    sheet.freeze_panes = "A2"
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _value(column: ExportColumn, cell: Cell) -> Any:
    if cell.missing:
        return cell.as_typed()
    if not cell.text:
        return None
    if column.kind == "number":
        return float(cell.text) if set(cell.text) & set(".eE") else int(cell.text)
    return date.fromisoformat(cell.text) if column.kind == "date" else cell.text


def _spss(table: FormTable) -> bytes:
    numbers = {column.name for column in table.columns if column.kind == "number"}
    frame = _frame(table, lambda column, code: float(_SPSS_MISSING[code]) if column.name in numbers else None)
    words = {float(number): str(code).replace("_", " ") for code, number in _SPSS_MISSING.items()}
    labels: dict[str, dict[Any, str]] = {}
    for column in table.columns:
        coded = {_code(column, code): label[:120] for code, label in column.labels.items()}
        found = coded | (words if column.name in numbers else {})
        if found:
            labels[column.name] = found
    low, high = min(_SPSS_MISSING.values()), max(_SPSS_MISSING.values())
    declared = {name: [{"lo": low, "hi": high}] for name in sorted(numbers)}
    return _written(
        "write_sav", ".sav", frame,
        file_label=table.label[:60], column_labels=_labels(table, _LONGEST_SPSS_LABEL),
        variable_value_labels=labels,
        missing_ranges=declared,
        variable_format=_whole(table),
    )  # fmt: skip


def _whole(table: FormTable) -> dict[str, str]:
    """Whole numbers and codes without decimals: SPSS else shows 1.00."""
    found = {}
    for place, column in enumerate(table.columns):
        texts = [cells[place].text for _, cells in table.rows if cells[place].text]
        if column.kind == "number" and all(
            set(text) <= set("+-0123456789") for text in [*texts, *column.labels]
        ):
            found[column.name] = "F8.0"
    return found


def _stata(table: FormTable) -> bytes:
    numbers = {column.name for column in table.columns if column.kind == "number"}
    used = {column.name: set[_Why]() for column in table.columns}
    for _, cells in table.rows:
        for column, cell in zip(table.columns, cells, strict=True):
            if why := cell.missing or cell.not_asked:
                used[column.name].add(why)
    frame = _frame(table, lambda column, code: _STATA_MISSING[code] if column.name in numbers else None)
    labels: dict[str, dict[Any, str]] = {}
    for column in table.columns:
        if column.name in numbers and all(float(code).is_integer() for code in column.labels):
            found: dict[Any, str] = {int(float(code)): label[:120] for code, label in column.labels.items()}
            found |= {_STATA_MISSING[code]: str(code).replace("_", " ") for code in sorted(used[column.name])}
            if found:
                labels[column.name] = found
    names = stata_names(list(frame.columns))
    frame = frame.rename(columns=names)
    declared = {
        names[name]: sorted(_STATA_MISSING[code] for code in used[name])
        for name in sorted(numbers)
        if used[name]
    }
    return _written(
        "write_dta", ".dta", frame, version=15,
        file_label=table.label[:80], column_labels=_labels(table, _LONGEST_STATA_LABEL),
        variable_value_labels={names[name]: found for name, found in labels.items()},
        missing_user_values=declared,
    )  # fmt: skip


def names_cut(table: FormTable, format_: str) -> dict[str, str]:
    """Names that are others in the file, and what they are there: Stata takes no more than 32 characters."""
    if format_ != "stata":
        return {}
    names = stata_names([*table.keys, *(column.name for column in table.columns)])
    return {name: short for name, short in names.items() if name != short}


def stata_names(names: list[str]) -> dict[str, str]:
    """Names of at most 32 characters, each once: cut ones end with their number."""
    made: dict[str, str] = {}
    for number, name in enumerate(names):
        short = name[:_LONGEST_STATA_NAME]
        if short in made.values():
            short = f"{name[: _LONGEST_STATA_NAME - len(str(number)) - 1]}_{number}"
        made[name] = short
    return made


def _labels(table: FormTable, longest: int) -> list[str]:
    return [*table.keys, *(" ".join(column.label.split())[:longest] for column in table.columns)]


def _code(column: ExportColumn, code: str) -> float | str:
    return float(code) if column.kind == "number" else code


def _frame(table: FormTable, missing: Callable[[ExportColumn, _Why], Any]) -> Any:
    """The table as a frame of numbers, days and texts; ``missing`` says what stands for a missing code."""
    import pandas as pd

    data: dict[str, Any] = {
        name: [key[place] for key, _ in table.rows] for place, name in enumerate(table.keys)
    }
    for place, column in enumerate(table.columns):
        values = [_stored(column, cells[place], missing) for _, cells in table.rows]
        mixed = any(isinstance(value, str) for value in values)
        data[column.name] = pd.Series(
            values, dtype=float if column.kind == "number" and not mixed else object
        )
    return pd.DataFrame(data)


def _stored(column: ExportColumn, cell: Cell, missing: Callable[[ExportColumn, _Why], Any]) -> Any:
    if why := cell.missing or cell.not_asked:
        found = missing(column, why)
        return found if found is not None or column.kind == "date" else cell.as_typed()
    if column.kind == "text":
        return cell.text
    if not cell.text:
        return None
    return float(cell.text) if column.kind == "number" else date.fromisoformat(cell.text)


def _written(function: str, suffix: str, frame: Any, **options: Any) -> bytes:
    """pyreadstat writes to a path only."""
    pyreadstat = library("pyreadstat", "a file for SPSS or Stata")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"export{suffix}"
        getattr(pyreadstat, function)(frame, str(path), **options)
        return path.read_bytes()


_WRITERS: dict[str, tuple[str, Callable[[FormTable], bytes]]] = {
    "csv": (".csv", _csv),
    "xlsx": (".xlsx", _xlsx),
    "spss": (".sav", _spss),
    "stata": (".dta", _stata),
}
