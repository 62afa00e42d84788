"""What every reader returns: a table of texts as they stand in the file, and what was left out of it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from trialkit.errors.base import TrialkitError
from trialkit.table_files.errors import FileFormatError
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd

EPIDATA_FORMATS = frozenset({"rec", "epx"})

GUIDE_SHEET, CODES_SHEET = "how to fill in", "lists to choose from"  # no form can be named so
BESIDE_SHEETS = (GUIDE_SHEET, CODES_SHEET)
"""Sheets of a workbook to fill in that hold no records."""


@dataclass(frozen=True)
class TableFile:
    """One table of one file.

    Attributes
    ----------
    columns
        Column names, each once.
    rows
        One tuple of texts a record, as long as ``columns``; an empty text is a missing value. Numbers
        have a decimal point and dates are ISO where the file itself says that it holds them.
    path, format, part, encoding
        Where it was read from: ``format`` is ``csv``, ``xlsx``, ``rec`` or ``epx``, ``part`` the sheet
        or data file.
    line_numbers
        For each row, its line, sheet row or record number in the file.
    notes
        What a reader of the result must know, a sentence each: everything left out is counted here.
    text_columns
        Columns that the file itself declares as text.
    value_labels
        Column -> code -> label, where the file carries them.
    numbers, days
        Column -> the ``line_numbers`` at which a workbook's cell holds a number, or a date: what was typed
        there is not known, since 0041 is kept as 41 and 3-4 as a day.
    faults
        Lines that could not be read and are not among ``rows``: an importer names them with all else that
        is wrong with the file, and takes nothing.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    path: Path
    format: str
    encoding: str
    line_numbers: tuple[int, ...]
    part: str = ""
    notes: tuple[str, ...] = ()
    text_columns: frozenset[str] = frozenset()
    value_labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    numbers: Mapping[str, Sequence[int]] = field(default_factory=dict)
    days: Mapping[str, Sequence[int]] = field(default_factory=dict)
    faults: tuple[FileFormatError, ...] = ()

    @property
    def line_word(self) -> str:
        """What ``line_numbers`` count."""
        return {"csv": "line", "xlsx": "row"}.get(self.format, "record")

    @property
    def names_ignore_case(self) -> bool:
        """EpiData takes ``ID`` and ``id`` for one field."""
        return self.format in EPIDATA_FORMATS

    def to_frame(self) -> pd.DataFrame:
        """The rows as a data frame of texts."""
        import pandas as pd

        return pd.DataFrame(list(self.rows), columns=list(self.columns), dtype=object)


@contextmanager
def with_its_faults(file: TableFile) -> Iterator[None]:
    """Whatever is refused of a file inside is refused together with the lines that could not be read."""
    try:
        yield
    except TrialkitError as error:
        error.also = (*error.also, *file.faults)
        raise
    refuse_faults(file)


def refuse_faults(file: TableFile) -> None:
    """Refuse a file with lines that could not be read, naming all of them."""
    if file.faults:
        raise FileFormatError.all_of(file.faults)


def column_name(cell: str) -> str:
    """A header's cell as the name it is: no outer space, and a letter with its accent one letter (NFC)."""
    return unicodedata.normalize("NFC", cell.strip())


def check_header(columns: Sequence[str], path: Path, line: int, *, ignore_case: bool = False) -> None:
    """Refuse a column without a name and a name that stands twice.

    Raises
    ------
    FileFormatError
        As said, with the line of the header and the number of the column.
    """
    seen: dict[str, int] = {}
    for number, name in enumerate(columns, start=1):
        where = said("{path}:{line}:column {number}", path=path, line=line, number=number)
        if not name:
            raise FileFormatError(
                expected="a name for every column",
                found="none",
                where=where,
                next_step="Name the column in the header, or delete it.",
            )
        known = name.casefold() if ignore_case else name
        if known in seen:
            raise FileFormatError(
                expected="each column name once",
                found=said(
                    "{name!r} in columns {seen} and {number}", name=name, seen=seen[known], number=number
                ),
                where=where,
                next_step="Rename one of them.",
            )
        seen[known] = number
    if not columns:
        raise FileFormatError(
            expected="a header with column names",
            found="no columns",
            where=str(path),
            next_step="Check that this is the file you meant.",
        )


def counted(number: int, one: str, many: str | None = None) -> str:
    """``1 record``, ``2 records``."""
    return f"{number} {one if number == 1 else many or one + 's'}"
