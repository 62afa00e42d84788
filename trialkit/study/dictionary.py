"""A REDCap data dictionary (18 columns, CSV or XLSX) as items."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NoReturn
from zipfile import BadZipFile

from trialkit.nearest import advice
from trialkit.study.errors import StudyError
from trialkit.study.fields import FieldError, items_of_field
from trialkit.study.model import Item, SkippedField
from trialkit.wording import said

COLUMNS = (
    "Variable / Field Name",
    "Form Name",
    "Section Header",
    "Field Type",
    "Field Label",
    "Choices, Calculations, OR Slider Labels",
    "Field Note",
    "Text Validation Type OR Show Slider Number",
    "Text Validation Min",
    "Text Validation Max",
    "Identifier?",
    "Branching Logic (Show field only if...)",
    "Required Field?",
    "Custom Alignment",
    "Question Number (surveys only)",
    "Matrix Group Name",
    "Matrix Ranking?",
    "Field Annotation",
)
_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Dictionary:
    """The items of a dictionary in its order, and where each stands in the file."""

    file: str
    record_id: str
    items: tuple[Item, ...]
    rows: dict[str, int]  # item -> row of the file, the header being row 1
    skipped: tuple[SkippedField, ...]

    def forms(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(item.form for item in self.items))

    def where(self, item: str, column: str = "") -> str:
        place = f"{self.file}:{self.rows[item]}"
        return f"{place}:{column}" if column else place


def dictionary_text(path: Path) -> str:
    """The dictionary as CSV text, whichever of the two formats it is kept in."""
    if path.suffix.lower() == ".xlsx":
        return _csv_of_workbook(path)
    try:
        return path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise StudyError(
            expected="a dictionary in UTF-8",
            found=said("a byte that is not UTF-8 on line {line}", line=line),
            where=path.name,
            next_step="Save it as CSV UTF-8 and try again.",
        ) from None


def _csv_of_workbook(path: Path) -> str:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    try:
        book = load_workbook(io.BytesIO(path.read_bytes()), data_only=True)
    except (BadZipFile, InvalidFileException, KeyError):
        raise StudyError(expected="an XLSX workbook", found="another kind of file", where=path.name) from None
    for row in book.worksheets[0].iter_rows(values_only=True):
        cells = [_cell_text(cell) for cell in row]
        writer.writerow(cells + [""] * (len(COLUMNS) - len(cells)))
    return out.getvalue()


def _cell_text(cell: object) -> str:
    """A workbook keeps dates as moments and whole numbers as decimals; the dictionary wants neither."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def read_dictionary(text: str, file: str = "dictionary.csv") -> Dictionary:
    """Read a dictionary from its CSV text.

    Parameters
    ----------
    text
        The file's text: a header of REDCap's 18 columns, then a row a field, the first the record id.
    file
        The name used in error messages.

    Returns
    -------
    Dictionary
        Checkbox fields become one yes/no item a choice, named ``field___code`` as REDCap exports them.

    Raises
    ------
    StudyError
        Naming file, row and column, for anything that cannot be read.
    """
    items: list[Item] = []
    rows: dict[str, int] = {}
    skipped: list[SkippedField] = []
    fields = _fields(text, file)
    _, first = next(fields, (0, None))
    if first is None:
        _wrong(
            file,
            2,
            COLUMNS[0],
            "the record id",
            "no row",
            "Add a row for the subject's number.",
        )
    record_id = first[COLUMNS[0]]
    if first["Field Type"] != "text":
        _wrong(file, 2, "Field Type", "'text' for the record id", repr(first["Field Type"]))
    for row, cells in fields:
        try:
            made = items_of_field(cells)
        except FieldError as error:
            _wrong(file, row, error.column, error.expected, error.found, error.next_step)
        if isinstance(made, SkippedField):
            skipped.append(made)
            continue
        for item in made:
            if item.name in rows or item.name == record_id:
                earlier = rows.get(item.name, 2)
                _wrong(
                    file,
                    row,
                    COLUMNS[0],
                    "a name used once in the study",
                    said("{name!r}, as on row {earlier}", name=item.name, earlier=earlier),
                )
            rows[item.name] = row
            items.append(item)
    return Dictionary(file, record_id, tuple(items), rows, tuple(skipped))


def _fields(text: str, file: str) -> Iterator[tuple[int, dict[str, str]]]:
    reader = csv.reader(io.StringIO(text), strict=True)
    try:
        header = next(reader, [])
        _check_header(header, file)
        for row, cells in enumerate(reader, start=2):
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(COLUMNS):
                _wrong(
                    file,
                    row,
                    "",
                    said("{n_columns} columns", n_columns=len(COLUMNS)),
                    f"{len(cells)}",
                    "Look for a missing quote.",
                )
            named = dict(zip(COLUMNS, (cell.strip() for cell in cells), strict=True))
            _check_name(named, file, row)
            yield row, named
    except csv.Error as error:
        _wrong(file, reader.line_num, "", "a well-formed CSV file", str(error))


def _check_header(header: list[str], file: str) -> None:
    found = [cell.strip() for cell in header]
    spelled = {re.sub(r"\W", "", column).casefold() for column in COLUMNS}
    for position, cell in enumerate(found, start=1):
        if re.sub(r"\W", "", cell).casefold() not in spelled:
            _wrong(
                file,
                1,
                f"column {position}",
                "one of REDCap's 18 columns",
                repr(cell),
                advice(
                    cell,
                    COLUMNS,
                    otherwise="Copy the header of sample_data/dictionary.csv.",
                ),
            )
    for position, column in enumerate(COLUMNS, start=1):
        same = position <= len(found) and (
            re.sub(r"\W", "", found[position - 1]).casefold() == re.sub(r"\W", "", column).casefold()
        )
        if not same:
            there = repr(found[position - 1]) if position <= len(found) else "no such column"
            _wrong(
                file,
                1,
                f"column {position}",
                repr(column),
                there,
                "Keep REDCap's 18 columns in order.",
            )


def _check_name(cells: dict[str, str], file: str, row: int) -> None:
    for column in COLUMNS[:2]:
        if not _NAME.fullmatch(cells[column]):
            _wrong(
                file,
                row,
                column,
                "a name of lower-case letters, digits and underscores, starting with a letter",
                repr(cells[column]),
            )


def _wrong(file: str, row: int, column: str, expected: str, found: str, next_step: str = "") -> NoReturn:
    where = f"{file}:{row}:{column}" if column else f"{file}:{row}"
    raise StudyError(expected=expected, found=found, where=where, next_step=next_step)
