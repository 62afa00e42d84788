"""Which column of a dictionary is which: REDCap's names, its API's, any language, any number of columns."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import NoReturn

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
NAME, FORM, TYPE, LABEL, CHOICES = COLUMNS[0], COLUMNS[1], COLUMNS[3], COLUMNS[4], COLUMNS[5]
VALIDATION, BRANCHING, ANNOTATION = COLUMNS[7], COLUMNS[11], COLUMNS[17]
UNITS = "Field Units"
"""A column of REDCap before its version 4; what stands in it is read as ``@UNIT`` of the annotation."""
_NEEDED = (NAME, FORM, TYPE, LABEL)
# As the API, and every client of it, names the same columns in the same order.
_API_NAMES = (
    "field_name",
    "form_name",
    "section_header",
    "field_type",
    "field_label",
    "select_choices_or_calculations",
    "field_note",
    "text_validation_type_or_show_slider_number",
    "text_validation_min",
    "text_validation_max",
    "identifier",
    "branching_logic",
    "required_field",
    "custom_alignment",
    "question_number",
    "matrix_group_name",
    "matrix_ranking",
    "field_annotation",
)
# As REDCap named them before its version 4.
_OLD_NAMES = {"Choices OR Calculations": CHOICES, "Text Validation Type": VALIDATION, UNITS: UNITS}
_FEWEST_BY_PLACE = 6  # up to the choices: what an item cannot do without

Refuse = Callable[[int, str, str, str], NoReturn]
"""Column number from 1 (0: the whole header), expected, found, next step."""


def letters_of(cell: str) -> str:
    """A column's name without its marks and capitals, as it is compared."""
    return re.sub(r"[\W_]", "", cell).casefold()


_BY_LETTERS = {letters_of(column): column for column in COLUMNS} | {
    letters_of(api): column for api, column in zip(_API_NAMES, COLUMNS, strict=True)
}
_BY_LETTERS |= {letters_of(old): column for old, column in _OLD_NAMES.items()}


def known_columns(header: Sequence[str]) -> int:
    """How many cells of a header are REDCap's: what tells a comma from a semicolon."""
    return sum(letters_of(cell) in _BY_LETTERS for cell in header)


@dataclass(frozen=True, slots=True)
class Header:
    """Place of each column that is there, and what a reader of the dictionary should know."""

    places: dict[str, int]
    width: int
    notes: tuple[str, ...]

    def cells(self, row: Sequence[str]) -> dict[str, str]:
        """The row by REDCap's English names; a column that is not there is empty."""
        cells = {
            column: row[place].strip() if (place := self.places.get(column)) is not None else ""
            for column in (*COLUMNS, UNITS)
        }
        unit, annotation = cells.pop(UNITS), cells[ANNOTATION]
        if unit and "@UNIT" not in annotation.upper():
            mark = "'" if '"' in unit else '"'
            cells[ANNOTATION] = f"{annotation} @UNIT={mark}{unit}{mark}".strip()
        return cells


def read_header(
    header: Sequence[str], rows: Sequence[Sequence[str]], types: Sequence[str], refuse: Refuse
) -> Header:
    """Find the columns.

    By name where the names are REDCap's or its API's, in any order. REDCap writes the header in the
    language of the project and always in one order: where the names are of no language known here, and the
    rows below look like a dictionary's, columns are taken by their place.
    """
    found = [cell.strip() for cell in header]
    while found and not found[-1]:
        found.pop()
    if known_columns(found) >= len(_NEEDED):
        return _by_name(found, refuse)
    looks_right = len(found) >= _FEWEST_BY_PLACE and _is_dictionary(rows, types)
    if looks_right and found[3] in types:
        refuse(0, "REDCap's header in the first row", "a field", "Put REDCap's column names above it.")
    if not looks_right:
        refuse(
            1,
            said("REDCap's header: {columns}, ...", columns=", ".join(COLUMNS[:4])),
            repr(found[0]) if found else "nothing",
            "Export the data dictionary from REDCap, or copy the header of sample_data/dictionary.csv.",
        )
    return _by_place(found)


def _is_dictionary(rows: Sequence[Sequence[str]], types: Sequence[str]) -> bool:
    """Whether the fourth column of every row is a field type."""
    filled = [row for row in rows if any(cell.strip() for cell in row)]
    return bool(filled) and all(len(row) > 3 and row[3].strip() in types for row in filled)


def _by_name(found: list[str], refuse: Refuse) -> Header:
    places: dict[str, int] = {}
    extra = []
    for place, cell in enumerate(found):
        column = _BY_LETTERS.get(letters_of(cell))
        if column is None:
            extra.append((place, cell))
        elif column in places:
            refuse(place + 1, "each column once", said("{name!r} again", name=cell), "Remove one of them.")
        else:
            places[column] = place
    absent = [column for column in COLUMNS if column not in places]
    for place, cell in extra:
        meant = get_close_matches(
            letters_of(cell), [letters_of(column) for column in absent], n=1, cutoff=0.85
        )
        if meant:
            column = _BY_LETTERS[meant[0]]
            refuse(
                place + 1, "a column of REDCap's", repr(cell), said("Did you mean {known!r}?", known=column)
            )
    for column in _NEEDED:
        if column in absent:
            refuse(
                0,
                said("the column {column!r}", column=column),
                "no such column",
                "Export the dictionary from REDCap again.",
            )
    notes = [f"The column {cell!r} is not REDCap's and was passed over." for _, cell in extra if cell]
    return Header(places, len(found), tuple(notes))


def _by_place(found: list[str]) -> Header:
    places = {column: place for place, column in enumerate(COLUMNS[: len(found)])}
    notes = ["The header is in a language trialkit does not know; columns were taken in REDCap's order."]
    notes += [
        f"The column {cell!r} is beyond REDCap's and was passed over."
        for cell in found[len(COLUMNS) :]
        if cell
    ]
    return Header(places, len(found), tuple(notes))
