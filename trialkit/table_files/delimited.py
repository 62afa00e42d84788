"""Delimited text cut into rows: which delimiter, and each row with the line it begins on."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from trialkit.limits import LONGEST_CELL_CHARACTERS
from trialkit.strict_csv import CsvFormatError, strict_rows
from trialkit.table_files.decoding import DELIMITERS
from trialkit.table_files.errors import FileFormatError

_ROWS_TO_JUDGE_BY = 50
_CHARACTERS_TO_JUDGE_BY = 4 * LONGEST_CELL_CHARACTERS


def delimiter_of(text: str) -> str:
    """The delimiter that cuts the first rows into equally many fields, and into most."""
    head = "\n".join(text[:_CHARACTERS_TO_JUDGE_BY].split("\n", _ROWS_TO_JUDGE_BY)[:_ROWS_TO_JUDGE_BY])

    def judge(delimiter: str) -> tuple[int, int]:
        try:
            widths = [
                len(row) for row in csv.reader(io.StringIO(head, newline=""), delimiter=delimiter) if row
            ]
        except csv.Error:
            return 0, 0
        first = widths[0] if widths else 0
        if first < 2:
            return 0, 0
        return sum(width == first for width in widths), first

    return max(DELIMITERS, key=judge)


def rows_with_lines(
    text: str, delimiter: str, file: str, skipped: int = 0
) -> Iterator[tuple[int, list[str]]]:
    """Rows with the line each begins on.

    Raises
    ------
    FileFormatError
        As :func:`trialkit.strict_csv.strict_rows`: a quote that is not closed, or closed rows later.
    """
    try:
        yield from strict_rows(text, delimiter, file, skipped)
    except CsvFormatError as error:
        raise FileFormatError(
            expected=error.expected, found=error.found, where=error.where, next_step=error.next_step
        ) from None
