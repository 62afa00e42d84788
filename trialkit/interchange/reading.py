"""One door for every table file: the reader is chosen by the file's suffix."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from trialkit.limits import LARGEST_FILE_BYTES
from trialkit.table_files.errors import FileFormatError
from trialkit.table_files.table_file import TableFile, refuse_faults
from trialkit.wording import said

READABLE_SUFFIXES = (".csv", ".tsv", ".txt", ".xlsx", ".rec", ".epx", ".epz")
ONE_PART = said("Keep one sheet or data file in it, and save it again.")


def read_table(
    path: str | os.PathLike[str],
    encoding: str | None = None,
    part: str | None = None,
    *,
    with_faults: bool = False,
    many_parts: str = "",
) -> TableFile:
    """Read a table file as texts.

    Parameters
    ----------
    path
        ``.csv`` (comma, semicolon or tab; also ``.tsv``, ``.txt``), ``.xlsx``, EpiData ``.rec``, ``.epx``
        or ``.epz``.
    encoding
        For delimited text and ``.rec``; None: UTF-8, and cp1252 for ``.rec``.
    part
        The sheet of a workbook or the data file of an EpiData project, where there are several.
    with_faults
        True: lines that cannot be read are in ``faults``, for a reader who names what else is wrong too.
    many_parts
        What to do about a file with several parts, or with none of that name, where whoever is told has no
        way to name one; empty: ``--part``.

    Returns
    -------
    TableFile
        Everything left out is counted in its notes.

    Raises
    ------
    FileFormatError, FileEncodingError
        The file cannot be read; one line says where and what to do.
    """
    from trialkit.interchange.epidata_chk import with_labels_of_check_file
    from trialkit.interchange.epidata_epx import read_epx
    from trialkit.interchange.epidata_rec import read_rec
    from trialkit.table_files.csv_table import read_csv
    from trialkit.table_files.xlsx_table import read_xlsx

    place = Path(path)
    suffix = place.suffix.casefold()
    if os.path.isdir(place):
        raise _unreadable(place, "a folder")
    if suffix not in READABLE_SUFFIXES:
        raise FileFormatError(
            expected=said(
                "a file of one of the kinds {readable_suffixes}",
                readable_suffixes=", ".join(READABLE_SUFFIXES),
            ),
            found=suffix or "no suffix",
            where=str(place),
            next_step="Save it as .csv or .xlsx.",
        )
    raw = bytes_of(place)
    readers: dict[str, Callable[[], TableFile]] = {
        ".xlsx": lambda: read_xlsx(place, raw, part, many_parts),
        ".rec": lambda: with_labels_of_check_file(read_rec(place, raw, encoding)),
        ".epx": lambda: read_epx(place, raw, part, many_parts),
        ".epz": lambda: read_epx(place, raw, part, many_parts),
    }
    table = readers.get(suffix, lambda: read_csv(place, raw, encoding))()
    if not with_faults:
        refuse_faults(table)
    unused = []
    if encoding and table.format in ("xlsx", "epx"):
        unused.append(f"The stated encoding does not apply: an {suffix} file names its own.")
    if part is not None and table.format in ("csv", "rec"):
        unused.append(f"The stated part does not apply: a {suffix} file has only one.")
    return replace(table, notes=(*table.notes, *unused))


def bytes_of(path: Path) -> bytes:
    try:
        if path.exists() and not path.is_file():
            raise _unreadable(path, "something that is no regular file")
        if path.stat().st_size > LARGEST_FILE_BYTES:
            raise _unreadable(path, said("one of more than {most} MB", most=LARGEST_FILE_BYTES // 1_000_000))
        raw = path.read_bytes()
    except FileNotFoundError:
        raise _unreadable(path, "no such file") from None
    except (OSError, ValueError) as error:
        raise _unreadable(path, getattr(error, "strerror", None) or "one that cannot be opened") from None
    if not raw:
        raise _unreadable(path, "an empty file")
    return raw


def _unreadable(path: Path, found: str) -> FileFormatError:
    return FileFormatError(
        expected="a readable file", found=found, where=str(path), next_step="Check the name and the place."
    )
