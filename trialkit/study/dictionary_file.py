"""The file a dictionary is kept in, as one CSV text: any encoding and line end, or a workbook."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from trialkit.errors.base import TrialkitError
from trialkit.limits import MOST_CELLS_OF_A_DICTIONARY
from trialkit.study.dictionary_header import known_columns
from trialkit.study.errors import StudyError
from trialkit.table_files.decoding import decode_table
from trialkit.table_files.errors import FileEncodingError, FileFormatError
from trialkit.table_files.xlsx_table import first_sheet
from trialkit.wording import said

WORKBOOK = ".xlsx"


def dictionary_text(path: Path, encoding: str | None = None) -> str:
    """The dictionary as CSV text with line feeds, whatever it is kept in.

    Parameters
    ----------
    path
        ``.xlsx``, or delimited text.
    encoding
        Of delimited text; None: by its byte order mark, else UTF-8.

    Raises
    ------
    StudyError
        It cannot be read: naming line, column and byte, or the cell of a formula without a stored result.
    """
    place = Path(path.name)
    try:
        raw = path.read_bytes()
        if path.suffix.casefold() == WORKBOOK:
            return _as_csv(first_sheet(place, raw, lambda head: known_columns(head) > 0), place)
        text = decode_table(raw, encoding, place).text.replace("\r\n", "\n").replace("\r", "\n")
    except (FileFormatError, FileEncodingError) as error:
        not_utf8 = isinstance(error, FileEncodingError) and encoding is None
        if not_utf8:
            error.next_step = "Save it as CSV UTF-8 and try again."
        raise StudyError.all_of([_of_the_study(one) for one in (error, *error.also)]) from None
    if text.lstrip().startswith("<"):
        raise StudyError(
            expected=said("a data dictionary"),
            found=said("XML, such as REDCap's project file, or a page of the web"),
            where=str(place),
            next_step="Export the dictionary from REDCap as CSV: Data Dictionary, Download.",
        )
    return text


def _of_the_study(error: TrialkitError) -> StudyError:
    return StudyError(
        expected=error.expected, found=error.found, where=error.where, next_step=error.next_step
    )


def _as_csv(rows: list[tuple[str, ...]], place: Path) -> str:
    """Rows of one width: a workbook keeps no trailing blank cells."""
    width = max((len(row) for row in rows), default=0)
    if len(rows) * width > MOST_CELLS_OF_A_DICTIONARY:
        raise StudyError(
            expected=said(
                "a sheet of at most {cells:,} cells, rows times columns", cells=MOST_CELLS_OF_A_DICTIONARY
            ),
            found=said("{rows:,} rows of {columns:,}", rows=len(rows), columns=width),
            where=f"{place}:{len(rows)}",
            next_step="Delete what stands far from the table (Ctrl-End shows the last cell), and "
            "save it again.",
        )
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows([*row, *[""] * (width - len(row))] for row in rows)
    return out.getvalue()
