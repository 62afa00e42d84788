"""Delimited text read strictly: a quote that is not closed, or closed rows later, swallows no row; and what
Excel writes in place of commas, a semicolon or a line ``sep=;`` of its own, is read as it is meant."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trialkit.errors import TrialkitError
from trialkit.limits import LONGEST_CELL_CHARACTERS
from trialkit.wording import said

_FEWEST_COLUMNS_TO_TELL_BY = 4
_EXCEL_HINT = re.compile(
    r"(?P<quote>\"?)sep=(?P<mark>[,;\t|:]?)(?P=quote)[,;\t ]*(?:\r\n|\r|\n|\Z)", re.IGNORECASE
)
_MARKS = ",;\t"

if TYPE_CHECKING:
    _Reader = csv.DictReader[str]
else:
    _Reader = csv.DictReader  # which takes no type at run time before Python 3.12

csv.field_size_limit(LONGEST_CELL_CHARACTERS)


class CsvFormatError(TrialkitError):
    """A quote that is not closed or not doubled; it names the line where that opens."""


def strict_rows(text: str, delimiter: str, file: str, skipped: int = 0) -> Iterator[tuple[int, list[str]]]:
    """Rows with the line each begins on.

    Parameters
    ----------
    file, skipped
        For errors: the file, and how many lines of it stand before the text.

    Raises
    ------
    CsvFormatError
        A quote that is not closed or not doubled; a cell longer than ``LONGEST_CELL_CHARACTERS``; a quoted
        cell over several lines each of which, its quotes aside, is a row of its own: a quote was closed rows
        later.

    Degenerate cases
    ----------------
    The last is told of tables with four columns or more, and not where a delimiter is followed by a space: a
    remark of several lines may hold commas.
    """
    lines = list(io.StringIO(text, newline=""))
    reader = csv.reader(iter(lines), delimiter=delimiter, strict=True)
    begins, columns = 1, 0
    try:
        for row in reader:
            there = lines[begins - 1 : reader.line_num]
            columns = columns or len(row)
            if len(there) > 1 and len(row) == columns and _are_rows(there, delimiter, columns):
                opens = begins + _openings(there, delimiter)[0]
                raise CsvFormatError(
                    expected="a quoted text without rows of the table in it",
                    found=said("{n_lines} rows in one text", n_lines=len(there)),
                    where=f"{file}:{opens + skipped}",
                    next_step="Close the quote that opens there, or double it if it belongs to the text.",
                )
            yield begins + skipped, row
            begins = reader.line_num + 1
    except csv.Error as error:
        opens = begins + _openings(lines[begins - 1 : reader.line_num], delimiter)[1]
        if "field larger" in str(error):
            raise CsvFormatError(
                expected=said("cells of at most {most:,} characters", most=LONGEST_CELL_CHARACTERS),
                found="a longer one",
                where=f"{file}:{opens + skipped}",
                next_step="Close the quote that opens there, if one does; else split the text.",
            ) from None
        raise CsvFormatError(
            expected="well-formed delimited text",
            found=str(error),
            where=f"{file}:{opens + skipped}",
            next_step="Close the quote that opens there, or double it if it belongs to the text.",
        ) from None


@dataclass(frozen=True, slots=True)
class Hinted:
    """A delimited text without the line ``sep=;`` that Excel reads, and writes, above the header.

    ``delimiter`` is the one that line states, empty where there is none; ``skipped`` the lines taken away.
    """

    text: str
    delimiter: str = ""
    skipped: int = 0

    @property
    def mark(self) -> str:
        """The delimiter of a table whose column names hold none: as stated, else that of the first line."""
        header = re.split(r"[\r\n]", self.text.lstrip("\r\n"), maxsplit=1)[0]
        return self.delimiter or max(_MARKS, key=header.count)


def without_excel_hint(text: str) -> Hinted:
    """The text below Excel's own first line; the text itself where it begins with a header."""
    found = _EXCEL_HINT.match(text)
    return Hinted(text[found.end() :], found["mark"], 1) if found else Hinted(text)


class NamedRows(_Reader):
    """The rows of a table by its column names, whose ``line_num`` is that of the file.

    Parameters
    ----------
    text
        Commas, semicolons or tabs between the cells, told by the line of names, which hold none of these;
        Excel's own first line may stand above it.
    file
        For errors.
    **options
        As :class:`csv.DictReader` takes them.

    Raises
    ------
    CsvFormatError
        As :func:`strict_rows`.
    """

    def __init__(self, text: str, file: str, **options: Any) -> None:
        hinted = without_excel_hint(text)
        self._skipped, self._read = hinted.skipped, 0
        for _ in strict_rows(hinted.text, hinted.mark, file, hinted.skipped):
            pass
        super().__init__(io.StringIO(hinted.text, newline=""), delimiter=hinted.mark, **options)

    @property
    def line_num(self) -> int:
        """The last line read, counted from 1 in the file."""
        return self._read + self._skipped

    @line_num.setter
    def line_num(self, read: int) -> None:
        self._read = read


def _are_rows(lines: Sequence[str], delimiter: str, columns: int) -> bool:
    """Whether each line, its quotes aside, has the table's fields, and none that begins like prose."""
    if columns < _FEWEST_COLUMNS_TO_TELL_BY:
        return False
    cut = [line.split(delimiter) for line in lines]
    return all(len(fields) == columns for fields in cut) and not any(
        field[:1] == " " for fields in cut[1:] for field in fields
    )


def _openings(lines: Sequence[str], delimiter: str) -> tuple[int, int]:
    """On which lines, from 0, the first quote opens that is not closed on its line, and the last of all."""
    first, opened, quoted = None, 0, False
    marks = re.compile(f'["{re.escape(delimiter)}]')
    for place, line in enumerate(lines):
        begins, at = -1 if quoted else 0, 0  # where a field begins, which alone can open a quote
        while mark := marks.search(line, at):
            here = mark.start()
            at = here + 1
            if line[here] == delimiter:
                begins = begins if quoted else at
            elif not quoted:
                if here == begins:
                    quoted, opened = True, place
            elif line[at : at + 1] == '"':
                at += 1
            else:
                quoted, begins = False, -1
        if quoted and first is None:
            first = opened
    return opened if first is None else first, opened
