"""Columns that a dictionary needs, told by what stands in them where their name does not say it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from trialkit.study.dictionary_header import (
    ANNOTATION,
    BRANCHING,
    CHOICES,
    COLUMNS,
    TYPE,
    VALIDATION,
    Refuse,
    letters_of,
)
from trialkit.study.validations import is_validation
from trialkit.wording import said

_FEWEST_LETTERS = 7  # of a part of a name that tells it: "choices", "required"
_CHOICES = re.compile(r"\s*[\w.\-]+\s*,[^|]*(\|\s*[\w.\-]+\s*,[^|]*)+\|?\s*", re.ASCII)
_LOGIC = re.compile(r".*\[\w+\].*[<>=].*", re.ASCII | re.DOTALL)
_TAGS = re.compile(r".*(?<![\w.@])@[A-Z]{2}.*", re.ASCII | re.DOTALL)
_CONTENT: Mapping[str, Callable[[str], object]] = {
    VALIDATION: is_validation,
    CHOICES: _CHOICES.fullmatch,
    BRANCHING: _LOGIC.fullmatch,
    ANNOTATION: _TAGS.fullmatch,
}
_WITH_CHOICES = frozenset({"radio", "dropdown", "checkbox", "calc"})


def refuse_needed_columns_unknown(
    places: Mapping[str, int], header: Sequence[str], rows: Sequence[Sequence[str]], refuse: Refuse
) -> None:
    """Refuse a dictionary that would be read without a column it holds, or cannot do without.

    Parameters
    ----------
    places
        REDCap's column -> its place in the rows, of those that were found.
    header, rows
        As they stand in the file.
    refuse
        Called with the column's number from 1, what was expected and found, and the next step.
    """
    absent = [column for column in COLUMNS if column not in places]
    for place, cell in enumerate(header):
        filled = [row[place].strip() for row in rows if len(row) > place and row[place].strip()]
        if place in places.values() or not filled:
            continue
        meant = _by_part_of_name(cell, absent) or _by_content(filled, absent)
        if meant:
            refuse(
                place + 1,
                "a column of REDCap's",
                repr(cell.strip()),
                said("Did you mean {known!r}? Name it so, or delete the column.", known=meant),
            )
    kinds = {row[places[TYPE]].strip().lower() for row in rows if len(row) > places[TYPE]}
    if CHOICES in absent and kinds & _WITH_CHOICES:
        refuse(
            0,
            said("the column {column!r}", column=CHOICES),
            "no such column",
            "Export the dictionary from REDCap again.",
        )


def _by_part_of_name(cell: str, absent: Sequence[str]) -> str:
    part = letters_of(cell)
    long_enough = len(part) >= _FEWEST_LETTERS
    return next((column for column in absent if long_enough and part in letters_of(column)), "")


def _by_content(filled: Sequence[str], absent: Sequence[str]) -> str:
    """The first absent column whose content stands there: in every filled cell, or in one amid prose."""
    for column, looks_like in _CONTENT.items():
        enough = all if column is VALIDATION else any
        if column in absent and enough(looks_like(cell) for cell in filled):
            return column
    return ""
