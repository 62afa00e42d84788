"""A REDCap data dictionary as items."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from typing import NoReturn

from trialkit.strict_csv import without_excel_hint
from trialkit.study.dictionary_header import COLUMNS, NAME, Header, known_columns, read_header
from trialkit.study.errors import StudyError
from trialkit.study.fields import FIELD_TYPES, VALIDATION, FieldError, items_of_field
from trialkit.study.model import Item, SkippedField
from trialkit.study.needed_columns import refuse_needed_columns_unknown
from trialkit.study.validations import todays_name
from trialkit.table_files.decoding import DELIMITERS
from trialkit.table_files.delimited import delimiter_of, rows_with_lines
from trialkit.table_files.errors import FileFormatError
from trialkit.wording import said, written

_NAMED = re.compile(r"[a-z][a-z0-9_]*")
_LONGEST_HEADER = 20_000


@dataclass(frozen=True, slots=True)
class Dictionary:
    """The items of a dictionary in its order, and where each stands in the file."""

    file: str
    record_id: str
    items: tuple[Item, ...]
    rows: dict[str, int]  # item -> row of the file, the header being row 1
    skipped: tuple[SkippedField, ...]
    notes: tuple[str, ...] = ()  # what was read otherwise than it stands, a sentence each

    def forms(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(item.form for item in self.items))

    def where(self, item: str, column: str = "") -> str:
        place = f"{self.file}:{self.rows[item]}"
        return f"{place}:{column}" if column else place


def read_dictionary(text: str, file: str = "dictionary.csv") -> Dictionary:
    """Read a dictionary from its CSV text.

    Parameters
    ----------
    text
        The file's text: REDCap's header in any language, or its API's, cut by comma, semicolon or tab; then
        a row a field, the first the record id.
    file
        The name used in error messages.

    Returns
    -------
    Dictionary
        Checkbox fields become one yes/no item a choice, named ``field___code`` as REDCap exports them.

    Raises
    ------
    StudyError
        Naming file, row and column of the first that cannot be read, the others in ``also``.
    """
    items: list[Item] = []
    rows: dict[str, int] = {}
    skipped: list[SkippedField] = []
    notes: list[str] = []
    header, filled = open_dictionary(text, file)
    if not filled:
        _wrong(
            file,
            2,
            COLUMNS[0],
            "the record id",
            "no row",
            "Add a row for the subject's number.",
        )
    _, first = filled[0]
    problems: list[StudyError] = []
    record_id = first[COLUMNS[0]]
    for row, cells in filled:
        try:
            _check_name(cells, file, row)
            if row != filled[0][0]:
                _take_field(cells, file, row, record_id, items, rows, skipped, notes)
            elif first["Field Type"] != "text":
                _wrong(file, row, "Field Type", "'text' for the record id", repr(first["Field Type"]))
        except StudyError as problem:
            problems.append(problem)
    if problems:
        raise StudyError.all_of(problems)
    return Dictionary(file, record_id, tuple(items), rows, tuple(skipped), (*header.notes, *notes))


def _take_field(
    cells: dict[str, str],
    file: str,
    row: int,
    record_id: str,
    items: list[Item],
    rows: dict[str, int],
    skipped: list[SkippedField],
    notes: list[str],
) -> None:
    """The items of one row join the others; a name that stands twice is refused."""
    try:
        made = items_of_field(cells, notes)
    except FieldError as error:
        _wrong(file, row, error.column, error.expected, error.found, error.next_step)
    if isinstance(made, SkippedField):
        skipped.append(made)
        return
    for item in made:
        if item.name in rows or item.name == record_id:
            earlier = rows.get(item.name, 2)
            found = said("{name!r}, as on row {earlier}", name=item.name, earlier=earlier)
            _wrong(file, row, COLUMNS[0], "a name used once in the study", found)
        rows[item.name] = row
        items.append(item)


def date_orders(text: str, file: str = "dictionary.csv") -> dict[str, str]:
    """The order in which each item of a dictionary has its days typed: ``ymd``, ``dmy`` or ``mdy``."""
    _, filled = open_dictionary(text, file)
    named = {cells[NAME]: todays_name(cells[VALIDATION]) for _, cells in filled}
    return {
        item: name[-3:]
        for item, name in named.items()
        if name.startswith("date") and name[-4:] in ("_ymd", "_dmy", "_mdy")
    }


def open_dictionary(text: str, file: str) -> tuple[Header, list[tuple[int, dict[str, str]]]]:
    """The header, and the filled rows below it by REDCap's column names, with their numbers in the file.

    Raises
    ------
    StudyError
        No dictionary, or a row with fewer or more cells than the header.
    """
    header, *rows = cut_dictionary(text, file) or [[]]

    def refuse(column: int, expected: str, found: str, next_step: str) -> NoReturn:
        _wrong(file, 1, f"column {column}" if column else "", expected, found, next_step)

    found = read_header(header, rows, FIELD_TYPES, refuse)
    refuse_needed_columns_unknown(found.places, header[: found.width], rows, refuse)
    filled = [(number, row) for number, row in enumerate(rows, start=2) if any(cell.strip() for cell in row)]
    narrow = [wrong for number, row in filled if (wrong := _of_another_width(found, row, number, file))]
    if narrow:
        raise StudyError.all_of(narrow)
    return found, [(number, found.cells(row)) for number, row in filled]


def cut_dictionary(text: str, file: str = "dictionary.csv") -> list[list[str]]:
    """The rows of a dictionary as they stand, its header first, whatever delimiter cuts them.

    Raises
    ------
    StudyError
        A quote that is not closed.
    """
    hinted = without_excel_hint(text)
    delimiter = hinted.delimiter or max(
        DELIMITERS, key=lambda mark: known_columns(_first_row(hinted.text, mark))
    )
    if not hinted.delimiter and not known_columns(_first_row(hinted.text, delimiter)):
        delimiter = delimiter_of(hinted.text)
    try:
        return [row for _, row in rows_with_lines(hinted.text, delimiter, file, hinted.skipped)]
    except FileFormatError as error:
        raise StudyError(
            expected=error.expected, found=error.found, where=error.where, next_step=error.next_step
        ) from None


def _first_row(text: str, delimiter: str) -> list[str]:
    return next(csv.reader(io.StringIO(text[:_LONGEST_HEADER]), delimiter=delimiter), [])


def _of_another_width(header: Header, cells: list[str], row: int, file: str) -> StudyError | None:
    if len(cells) >= header.width and not any(cell.strip() for cell in cells[header.width :]):
        return None
    return StudyError(
        expected=said("{n_columns} columns as in the header", n_columns=header.width),
        found=written(len(cells)),
        where=f"{file}:{row}",
        next_step="Look for a missing quote.",
    )


def _check_name(cells: dict[str, str], file: str, row: int) -> None:
    for column in COLUMNS[:2]:
        if not _NAMED.fullmatch(cells[column]):
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
