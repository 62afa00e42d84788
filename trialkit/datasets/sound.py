"""Whether a snapshot's tables are what a trial writes: a hash tells of a change, not of a false table."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

from trialkit.datasets.errors import DatasetError
from trialkit.snapshot.content import TABLES
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd

_DATES = {"subjects": ("consent_date", "randomization_date"), "visits": ("date",)}
_OF_SUBJECTS = ("visits", "forms", "values", "mistakes", "allocations")
_FIRST_YEAR, _LAST_YEAR = 1900, 2199
_HEADER_ROWS = 2  # the first row below the header is row 2 of the file


_A_DATE = said("a date YYYY-MM-DD that exists, of the years 1900 to 2199, or none")


def require_sound(tables: Mapping[str, pd.DataFrame]) -> None:
    """Refuse keys that repeat, dates that do not exist, and rows of subjects who are not there.

    Raises
    ------
    DatasetError
        Naming file, row and column.
    """
    subjects = set(tables["subjects"]["subject_id"]) if "subjects" in tables else set()
    for name, table in tables.items():
        columns, key_length = TABLES[name]
        key = list(columns[:key_length])
        repeated = table.duplicated(key)
        if repeated.any():
            place = int(repeated.to_numpy().argmax())
            _refuse(name, place, ", ".join(key), "each key once", "one twice")
        for column in _DATES.get(name, ()):
            for place, text in enumerate(table[column]):
                if text and not _is_date(text):
                    _refuse(name, place, column, _A_DATE, repr(text[:40]))
        if name in _OF_SUBJECTS:
            unknown = ~table["subject_id"].isin(subjects)
            if unknown.any():
                place = int(unknown.to_numpy().argmax())
                _refuse(name, place, "subject_id", "a subject of subjects.csv", "another")


def _is_date(text: str) -> bool:
    """Of a century in which a trial may run; days are counted in nanoseconds from 1677 to 2262 alone."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return False
    return day.isoformat() == text and _FIRST_YEAR <= day.year <= _LAST_YEAR


def _refuse(table: str, place: int, column: str, expected: str, found: str) -> None:
    raise DatasetError(
        expected=expected,
        found=found,
        where=said("{table}.csv:{row}:{column}", table=table, row=place + _HEADER_ROWS, column=column),
        next_step="Take the snapshot again: trialkit writes no such table.",
    )
