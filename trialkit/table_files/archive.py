"""ZIP containers (.xlsx, .epz), opened with a limit on what may come out of them."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from trialkit.limits import HIGHEST_UNPACKED_RATIO, LARGEST_UNPACKED_BYTES, RATIO_APPLIES_FROM_BYTES
from trialkit.table_files.errors import FileFormatError
from trialkit.wording import said


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
            unpacked = sum(member.file_size for member in members)
            if unpacked > LARGEST_UNPACKED_BYTES:
                _refuse(
                    kind, said("one that unpacks to {megabytes:,} MB", megabytes=unpacked // 1_000_000), path
                )
            if unpacked > max(RATIO_APPLIES_FROM_BYTES, HIGHEST_UNPACKED_RATIO * len(raw)):
                _refuse(
                    kind,
                    said("one that unpacks to {ratio:,} times its size", ratio=unpacked // max(len(raw), 1)),
                    path,
                )
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
