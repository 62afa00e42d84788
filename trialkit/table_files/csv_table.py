"""Delimited text: comma, semicolon or tab; every row as long as the header; nothing padded or cut."""

from __future__ import annotations

from pathlib import Path

from trialkit.limits import MOST_CELLS, MOST_COLUMNS
from trialkit.strict_csv import without_excel_hint
from trialkit.table_files.decoding import decode_table
from trialkit.table_files.delimited import delimiter_of, rows_with_lines
from trialkit.table_files.errors import FileFormatError
from trialkit.table_files.table_file import TableFile, check_header, column_name, counted
from trialkit.wording import said


def read_csv(path: Path, raw: bytes, encoding: str | None = None) -> TableFile:
    """Read delimited text.

    Parameters
    ----------
    path
        For errors.
    raw
        The file's bytes.
    encoding
        None: by byte order mark, else UTF-8.

    Raises
    ------
    FileEncodingError
        The bytes are not text in that encoding.
    FileFormatError
        No header, a quote that is not closed. Rows longer or shorter than the header are the table's faults.

    Degenerate cases
    ----------------
    A header alone is a table without rows. Blank lines are skipped and counted in the notes.
    """
    decoded = decode_table(raw, encoding, path)
    hinted = without_excel_hint(decoded.text)
    text = hinted.text
    delimiter = hinted.delimiter or delimiter_of(text)
    lines = rows_with_lines(text, delimiter, str(path), hinted.skipped)
    header_line, header = next(lines, (1, []))
    columns = [column_name(cell) for cell in header]
    named = len(columns)
    while named and not columns[named - 1]:
        named -= 1
    check_header(columns[:named], path, header_line)
    rows: list[tuple[str, ...]] = []
    numbers: list[int] = []
    faults: list[FileFormatError] = []
    blank = 0
    most_rows = _most_rows(len(columns), path)
    for number, row in lines:
        if not any(cell.strip() for cell in row):
            blank += 1
            continue
        if len(row) != len(columns):
            faults.append(_of_another_length(len(columns), len(row), f"{path}:{number}"))
            continue
        if len(rows) == most_rows:
            raise _too_large(
                said("more than {rows:,} rows of {columns:,} columns", rows=most_rows, columns=len(columns)),
                path,
            )
        if any(cell.strip() for cell in row[named:]):
            check_header(columns, path, header_line)
        rows.append(tuple(row[:named]))
        numbers.append(number)
    notes = [f"{counted(blank, 'blank line')} skipped."] if blank else []
    replaced = text.count("\ufffd")
    if replaced:
        notes.append(
            f"{counted(replaced, 'replacement character')} in the file: text was damaged before it came here."
        )
    return TableFile(
        columns=tuple(columns[:named]),
        rows=tuple(rows),
        path=path,
        format="csv",
        encoding=decoded.encoding,
        line_numbers=tuple(numbers),
        notes=tuple(notes),
        faults=tuple(faults),
    )


def _of_another_length(wanted: int, found: int, where: str) -> FileFormatError:
    return FileFormatError(
        expected=said("{counted} as in the header", counted=counted(wanted, "field")),
        found=counted(found, "field"),
        where=where,
        next_step="Look for a stray or missing delimiter, or an unquoted one inside a text.",
    )


def _most_rows(columns: int, path: Path) -> int:
    if columns > MOST_COLUMNS:
        raise _too_large(said("{columns:,} columns", columns=columns), path)
    return MOST_CELLS // max(columns, 1)


def _too_large(found: str, path: Path) -> FileFormatError:
    return FileFormatError(
        expected=said(
            "a table of at most {cells:,} cells and {columns:,} columns",
            cells=MOST_CELLS,
            columns=MOST_COLUMNS,
        ),
        found=found,
        where=str(path),
        next_step="Split the file.",
    )
