"""ZIP containers (.xlsx, .epz), opened with a limit on what may come out of them."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from trialkit.table_files.errors import FileFormatError

LARGEST_CONTENT = 1_000_000_000
"""Bytes. A million typed cells take about 50 MB; what unpacks to more than this is no data file."""


@contextmanager
def open_archive(raw: bytes, path: Path, kind: str) -> Iterator[zipfile.ZipFile]:
    """Open a ZIP container; anything wrong with it while it is open becomes one clear error.

    Raises
    ------
    FileFormatError
        Not a ZIP, damaged, encrypted, or far too large when unpacked.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            members = archive.infolist()
            if sum(member.file_size for member in members) > LARGEST_CONTENT:
                _refuse(kind, "one that unpacks to more than 1 GB", path)
            if any(member.flag_bits & 1 for member in members):
                _refuse(kind, "one with a password", path)
            yield archive
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError, KeyError):
        _refuse(kind, "a damaged file or another format", path)


def _refuse(kind: str, found: str, path: Path) -> None:
    raise FileFormatError(
        expected=kind,
        found=found,
        where=str(path),
        next_step="Check that the file is complete and save it again.",
    )
