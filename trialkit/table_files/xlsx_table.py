"""Excel workbooks: one sheet, the header in its first filled row, each cell as its typist saw it."""

from __future__ import annotations

import datetime as dt
import io
import warnings
from array import array
from collections.abc import Callable, Iterable
from itertools import zip_longest
from pathlib import Path
from typing import Any

from trialkit.limits import LONGEST_CELL_CHARACTERS, MOST_CELLS, MOST_COLUMNS
from trialkit.table_files.archive import open_archive
from trialkit.table_files.errors import FileFormatError
from trialkit.table_files.shown_numbers import (
    counts_minutes,
    length_shown,
    shown,
    shows_a_month,
    shows_otherwise,
)
from trialkit.table_files.table_file import (
    BESIDE_SHEETS,
    GUIDE_SHEET,
    TableFile,
    check_header,
    column_name,
    counted,
)
from trialkit.wording import said

_ERROR_CELLS = frozenset({"#N/A", "#DIV/0!", "#REF!", "#NAME?", "#NULL!", "#NUM!", "#VALUE!"})
_Sheet = list[tuple[Any, ...]]
_Told = dict[int, tuple[str, str]]
"""Column, from 0 -> a text that its cells show and the number that is read."""
_OLE_MAGIC = bytes.fromhex("D0CF11E0A1B11AE1")


def read_xlsx(path: Path, raw: bytes, part: str | None = None, many_parts: str = "") -> TableFile:
    """Read one sheet of a workbook.

    Parameters
    ----------
    path
        For errors.
    raw
        The file's bytes.
    part
        Name of the sheet; None where the workbook has a single sheet with anything on it.
    many_parts
        What to do where the sheet cannot be told; empty: name it, with ``--part``.

    Raises
    ------
    FileFormatError
        Not a workbook, an old or password-protected one, several sheets and none chosen, a formula
        without a stored result, a value outside the named columns.
    """
    name, sheet, warned, told = _sheet(
        path, raw, lambda sheets: _choose_sheet(sheets, part, path, many_parts)
    )
    return _table(path, name, sheet, warned, told)


def first_sheet(
    path: Path, raw: bytes, wanted: Callable[[tuple[str, ...]], bool] = lambda header: True
) -> list[tuple[str, ...]]:
    """The rows of the first sheet whose first row is wanted, else of the first with anything on it; blank
    rows too, as texts. Errors as `read_xlsx`.
    """

    def choose(sheets: dict[str, _Sheet]) -> str:
        filled = _filled(sheets) or list(sheets)
        heads = {name: tuple(map(_text, sheets[name][0])) for name in filled if sheets[name]}
        return next((name for name, head in heads.items() if wanted(head)), filled[0])

    _, sheet, *_ = _sheet(path, raw, choose)
    return [tuple(_text(cell) for cell in row) for row in sheet]


def _sheet(
    path: Path, raw: bytes, choose: Callable[[dict[str, _Sheet]], str]
) -> tuple[str, _Sheet, list[str], _Told]:
    """The chosen sheet with its name, what the spreadsheet reader warned of, and what is shown otherwise."""
    if raw.startswith(_OLE_MAGIC):
        raise FileFormatError(
            expected="an .xlsx workbook without a password",
            found="an old .xls or an encrypted workbook",
            where=str(path),
            next_step="Open it in the spreadsheet program and save it as .xlsx without a password.",
        )
    with open_archive(raw, path, "an .xlsx workbook") as archive:
        parts = {name: archive.read(name) for name in archive.namelist() if name.endswith((".xml", ".rels"))}
    if any(b"<!DOCTYPE" in content for content in parts.values()):
        raise FileFormatError(
            expected="an .xlsx workbook without document type declarations",
            found="one, which a spreadsheet program never writes",
            where=str(path),
            next_step="Do not open this file; ask where it comes from.",
        )
    has_formulas = any(
        b"<f" in content for name, content in parts.items() if name.startswith("xl/worksheets/")
    )
    otherwise = shows_otherwise(parts.get("xl/styles.xml", b""))
    told: dict[str, _Told] = {}
    sheets, warned = _load(raw, path, formulas=False, told=told if otherwise else None)
    name = choose(sheets)
    if has_formulas:
        _refuse_uncalculated(_load(raw, path, formulas=True)[0][name], sheets[name], path, name)
    return name, sheets[name], warned, told.get(name, {})


def _load(
    raw: bytes, path: Path, *, formulas: bool, told: dict[str, _Told] | None = None
) -> tuple[dict[str, _Sheet], list[str]]:
    """All sheets as rows of Python values; openpyxl raises whatever it meets in a damaged part.

    With ``told``, numbers are read as their cells show them where a format makes an identifier of them; where
    it only might, ``told`` has the first such cell of each column.
    """
    import openpyxl

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            book = openpyxl.load_workbook(io.BytesIO(raw), read_only=True, data_only=not formulas)
            sheets: dict[str, _Sheet] = {}
            for sheet in book.worksheets:
                sheet.reset_dimensions()
                kept = _within_limits(sheet.iter_rows(values_only=True), path, sheet.title)
                if told is not None:
                    kept = _as_shown(sheet, kept, told.setdefault(sheet.title, {}))
                sheets[sheet.title] = kept
            book.close()
        except FileFormatError:
            raise
        except Exception as error:
            raise FileFormatError(
                expected="an .xlsx workbook",
                found=said("a damaged one ({name})", name=type(error).__name__),
                where=str(path),
                next_step="Open it in the spreadsheet program and save it again.",
            ) from None
    return sheets, [str(warning.message) for warning in caught]


def _within_limits(rows: Iterable[tuple[Any, ...]], path: Path, name: str) -> _Sheet:
    """Rows as they come, cut after their last value: one far cell would else fill a sheet with blanks.

    A far cell without a value is a spreadsheet's formatting and costs nothing; blank rows at the end too.
    """
    kept: _Sheet = []
    cells = 0
    for number, row in enumerate(rows, start=1):
        cells += len(row) + 1
        if cells > MOST_CELLS:
            raise _too_large("more, blank ones between included", path, name, number)
        length = len(row)
        while length and row[length - 1] is None:
            length -= 1
        if length > MOST_COLUMNS or any(
            isinstance(cell, str) and len(cell) > LONGEST_CELL_CHARACTERS for cell in row[:length]
        ):
            raise _too_large("a wider row or a longer text than any form has", path, name, number)
        kept.append(tuple(row[:length]))
    while kept and not kept[-1]:
        kept.pop()
    return kept


def _too_large(found: str, path: Path, name: str, row: int) -> FileFormatError:
    return FileFormatError(
        expected=said("a sheet of at most {cells:,} cells, rows times columns", cells=MOST_CELLS),
        found=found,
        where=f"{path}:{name}:{row}",
        next_step="Delete what stands far from the table (Ctrl-End shows the last cell), and save it again.",
    )


def _choose_sheet(sheets: dict[str, _Sheet], part: str | None, path: Path, many_parts: str) -> str:
    filled = _filled(sheets)
    if part is not None:
        named = [name for name in sheets if column_name(name) == column_name(part)]
        if part in sheets or len(named) == 1:
            return part if part in sheets else named[0]
    if part is None and len(filled) == 1:
        return filled[0]
    raise FileFormatError(
        expected="one sheet with data" if part is None else said("a sheet named {part!r}", part=part),
        found=said("the sheets {filled}", filled=", ".join(filled or sheets)) if filled or part else "none",
        where=str(path),
        next_step=many_parts or said("Name the sheet with --part."),
    )


def _filled(sheets: dict[str, _Sheet]) -> list[str]:
    """The sheets with anything on them; of a workbook that trialkit made, those to fill in."""
    beside = BESIDE_SHEETS if GUIDE_SHEET in sheets else ()
    filled = [name for name, rows in sheets.items() if any(_is_filled(row) for row in rows)]
    return [name for name in filled if name not in beside] or filled


def _is_filled(row: Iterable[Any]) -> bool:
    return any(cell is not None and str(cell).strip() for cell in row)


def _refuse_uncalculated(formulas: _Sheet, values: _Sheet, path: Path, name: str) -> None:
    """A formula whose result was never stored reads as blank, which would be a silent loss."""
    from openpyxl.utils import get_column_letter

    problems = [
        FileFormatError(
            expected="the stored result of a formula",
            found="none",
            where=f"{path}:{name}!{get_column_letter(column)}{number}",
            next_step="Open the workbook in the spreadsheet program and save it again.",
        )
        for number, (typed, stored) in enumerate(zip_longest(formulas, values, fillvalue=()), start=1)
        for column, (formula, value) in enumerate(zip_longest(typed, stored), start=1)
        if value is None and formula is not None
    ]
    if problems:
        raise FileFormatError.all_of(problems)


def _table(path: Path, name: str, sheet: _Sheet, warned: list[str], told: _Told) -> TableFile:
    header_index = next((index for index, row in enumerate(sheet) if _is_filled(row)), 0)
    header = [column_name(_text(cell)) for cell in (sheet[header_index] if sheet else ())]
    while header and not header[-1]:
        header.pop()
    check_header(header, path, header_index + 1)
    width = len(header)
    rows, numbers, blank, errors = [], [], 0, 0
    faults: list[FileFormatError] = []
    of_numbers, of_days = ([array("L") for _ in header] for _ in range(2))
    for number, row in enumerate(sheet[header_index + 1 :], start=header_index + 2):
        if not _is_filled(row):
            blank += 1
            continue
        if _is_filled(row[width:]):
            faults.append(_beside(width, f"{path}:{name}:{number}"))
            continue
        texts = tuple(_text(cell) for cell in row[:width]) + ("",) * (width - len(row))
        errors += sum(text in _ERROR_CELLS for text in texts)
        for cell, among_numbers, among_days in zip(row, of_numbers, of_days, strict=False):
            if isinstance(cell, int | float) and not isinstance(cell, bool):
                among_numbers.append(number)
            elif isinstance(cell, dt.date):
                among_days.append(number)
        rows.append(texts)
        numbers.append(number)
    notes = [f"The spreadsheet program's reader says: {message}" for message in dict.fromkeys(warned)]
    if blank and numbers and blank_between(numbers, header_index + 1):
        notes.append(f"{counted(blank_between(numbers, header_index + 1), 'blank row')} skipped.")
    if errors:
        notes.append(f"{counted(errors, 'cell')} with a spreadsheet error such as #N/A, read as text.")
    notes += [
        f"Column {header[column]!r} has cells that show {text!r} and are read as {number}: their number "
        "format adds the rest."
        for column, (text, number) in sorted(told.items())
        if column < len(header)
    ]
    return TableFile(
        columns=tuple(header),
        rows=tuple(rows),
        path=path,
        format="xlsx",
        encoding="utf-8",
        line_numbers=tuple(numbers),
        part=name,
        notes=tuple(notes),
        numbers={name: lines for name, lines in zip(header, of_numbers, strict=True) if lines},
        days={name: lines for name, lines in zip(header, of_days, strict=True) if lines},
        faults=tuple(faults),
    )


def _beside(width: int, where: str) -> FileFormatError:
    return FileFormatError(
        expected=said("values only in the {counted}", counted=counted(width, "named column")),
        found="one to the right of them",
        where=where,
        next_step="Name the column in the header, or delete the value.",
    )


def blank_between(numbers: list[int], header_row: int) -> int:
    """Blank rows above the last record; those below it are only the sheet's formatting."""
    return numbers[-1] - header_row - len(numbers)


def _as_shown(sheet: Any, kept: _Sheet, told: _Told) -> _Sheet:
    """The same rows, looked at once more for numbers that their format shows as an identifier.

    Only within the rows and columns that hold values: a far cell costs nothing here.
    """
    width = max((len(row) for row in kept), default=0)
    if not width:
        return kept
    cells = sheet.iter_rows(max_row=len(kept), max_col=width)
    return [
        tuple(_stored(cell, at, told) for at, cell in enumerate(row[: len(old)]))
        for row, old in zip(cells, kept, strict=False)
    ]


def _stored(cell: Any, column: int, told: _Told) -> Any:
    """A cell's value; as text where its format shows a whole number as an identifier (0041, X-007, 00-07), a
    length of time in minutes (90:00, 01:05.5) or one unit (90), or a month without a day (2019-05, kept as
    its first day). What is shown otherwise and read as a number is told.
    """
    value = cell.value
    if isinstance(value, dt.datetime) and value.day == 1 and value.time() == dt.time():
        return f"{value:%Y-%m}" if shows_a_month(cell.number_format or "") else value
    length = _length_of(value)
    if length is not None and length >= dt.timedelta(0):
        if counts_minutes(cell.number_format):
            seconds = round(length.total_seconds())
            return f"{seconds // 60}:{seconds % 60:02}"
        return length_shown(length.total_seconds(), cell.number_format or "") or value
    if isinstance(value, int | float) and not isinstance(value, bool):
        seen = shown(value, cell.number_format or "")
        if seen is not None and seen.taken:
            return seen.text
        if seen is not None:
            told.setdefault(column, (seen.text, _text(value)))
    return value


def _length_of(value: Any) -> dt.timedelta | None:
    """A time of day is a length below a day, as spreadsheets store both."""
    if isinstance(value, dt.time):
        return dt.datetime.combine(dt.date.min, value) - dt.datetime.min
    return value if isinstance(value, dt.timedelta) else None


def _text(cell: Any) -> str:
    """A cell as text: dates as ISO, whole numbers without ``.0``, TRUE and FALSE as the sheet shows them.

    A number has the 15 digits that a spreadsheet shows at most: 0.1 + 0.2 is 0.3. A length of time is
    hours and minutes, and seconds where there are any: 25:10.
    """
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return repr(float(f"{cell:.15g}")).removesuffix(".0")
    if isinstance(cell, dt.timedelta):
        return _length_of_time(cell)
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat() if cell.time() == dt.time() else cell.isoformat()
    if isinstance(cell, dt.date | dt.time):
        return cell.isoformat()
    return str(cell)


def _length_of_time(length: dt.timedelta) -> str:
    seconds = round(abs(length).total_seconds())
    sign = "-" if length < dt.timedelta(0) and seconds else ""
    text = f"{sign}{seconds // 3600}:{seconds % 3600 // 60:02}"
    return f"{text}:{seconds % 60:02}" if seconds % 60 else text
