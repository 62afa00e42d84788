"""Delimited text read strictly: a quote that is not closed, or closed rows later, swallows no row."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence

from trialkit.errors import TrialkitError
from trialkit.limits import LONGEST_CELL_CHARACTERS
from trialkit.wording import said

_FEWEST_COLUMNS_TO_TELL_BY = 4

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


def require_closed_quotes(text: str, delimiter: str, file: str) -> None:
    """Refuse what :func:`strict_rows` refuses, for readers that read by names.

    Raises
    ------
    CsvFormatError
    """
    for _ in strict_rows(text, delimiter, file):
        pass


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
