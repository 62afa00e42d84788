"""The manifest: one row a scan, with the files it is made of."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from trialkit import __version__
from trialkit.imaging.errors import ImageFileError
from trialkit.strict_csv import NamedRows
from trialkit.wording import said

_NEEDED = ("scan", "image", "segmentation")
_ALSO = ("water", "labels")


@dataclass(frozen=True)
class Task:
    """One scan: its name and files (absolute paths; empty where there is none)."""

    scan: str
    image: str
    segmentation: str
    water: str = ""
    labels: str = ""

    def fingerprint(self, settings: str) -> str:
        """Changes with the row, the settings, the version, and with size or time of a file."""
        files = [path for path in (self.image, self.segmentation, self.water, self.labels) if path]
        told = (asdict(self), settings, __version__, [_state(Path(path)) for path in files])
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:24]


def _state(path: Path) -> object:
    if path.is_dir():
        return sorted((file.name, file.stat().st_size, file.stat().st_mtime_ns) for file in path.iterdir())
    try:
        return path.stat().st_size, path.stat().st_mtime_ns
    except OSError:
        return None


def read_manifest(path: Path) -> list[Task]:
    """Read ``scan,image,segmentation`` and, where there are any, ``water,labels``.

    Paths are relative to the manifest's folder.

    Raises
    ------
    ImageFileError
        Not a CSV file in UTF-8, columns missing, no row, a blank, or a scan named twice. That a file of a
        scan is missing is no error here: it becomes a row of the error table.
    """
    table, columns = _table(path)
    missing = [name for name in _NEEDED if name not in columns]
    if missing:
        raise ImageFileError(
            expected=said("columns {needed} (also {also})", needed=", ".join(_NEEDED), also=", ".join(_ALSO)),
            found=", ".join(columns) or "no columns",
            where=str(path),
        )
    tasks: dict[str, Task] = {}
    for row in table:
        cells = {name: (row.get(name) or "").strip() for name in (*_NEEDED, *_ALSO)}
        blank = [name for name in _NEEDED if not cells[name]]
        if blank or cells["scan"] in tasks:
            raise ImageFileError(
                expected="scan, image and segmentation in every row, each scan once",
                found=said("{blank} empty", blank=blank[0])
                if blank
                else said("{cells} again", cells=cells["scan"]),
                where=f"{path}:{table.line_num}",
            )
        files = {name: str((path.parent / cells[name]).resolve()) if cells[name] else "" for name in cells}
        tasks[cells["scan"]] = Task(**{**files, "scan": cells["scan"]})
    if not tasks:
        raise ImageFileError(expected="at least one scan", found="none", where=str(path))
    return list(tasks.values())


def read_column(path: Path, column: str, *, needed: bool = True) -> dict[str, str]:
    """Scan -> what another column of the manifest says of it; blanks are empty texts.

    Raises
    ------
    ImageFileError
        Not a CSV file, or no such column where it is ``needed``.
    """
    table, columns = _table(path)
    if column not in columns and needed:
        raise ImageFileError(
            expected=said("a column {column!r}", column=column), found=", ".join(columns), where=str(path)
        )
    return {(row.get("scan") or "").strip(): (row.get(column) or "").strip() for row in table}


def _table(path: Path) -> tuple[NamedRows, list[str]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise ImageFileError(expected="a manifest in CSV", found="none that reads", where=str(path)) from None
    table = NamedRows(text, str(path))
    columns = [name.strip() for name in table.fieldnames or ()]
    table.fieldnames = columns
    return table, columns
