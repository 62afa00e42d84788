"""A snapshot on disk: written whole or not at all, and believed only after its hashes are checked."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trialkit.safe_files import write_new_folder
from trialkit.snapshot.content import TABLES, VERSIONS, SnapshotContent, columns_of, content_sha256
from trialkit.snapshot.errors import SnapshotError
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd

FORMAT = 1
MANIFEST = "manifest.json"
ALLOCATIONS = "allocations.csv"
_FIELDS: dict[str, type] = {
    "format": int,
    "study_id": str,
    "study_version": str,
    "study_sha256": str,
    "factors": list,
    "state": str,
    "blinded": bool,
    "taken_at": str,
    "audit_number": int,
    "audit_hash": str,
    "content_sha256": str,
    "files": dict,
}


@dataclass(frozen=True)
class Manifest:
    format: int
    study_id: str
    study_version: str
    study_sha256: str
    factors: tuple[str, ...]
    state: str
    blinded: bool
    taken_at: str
    audit_number: int
    audit_hash: str
    content_sha256: str
    files: Mapping[str, str]  # file name -> sha256


@dataclass(frozen=True)
class Snapshot:
    """A snapshot that was read and whose every hash held.

    ``tables`` are text frames: nothing is a number until an analysis dataset says what it is.
    """

    folder: Path
    manifest: Manifest
    tables: Mapping[str, pd.DataFrame]

    @property
    def blinded(self) -> bool:
        return self.manifest.blinded


@dataclass(frozen=True)
class PreparedSnapshot:
    """A snapshot in memory: what it will say of itself, and the text of each file."""

    manifest: Manifest
    texts: Mapping[str, str]

    def write(self, folder: Path) -> None:
        """Write it into a new folder, whole or not at all.

        Raises
        ------
        FileError
            Something is there already (a snapshot is never overwritten), or it cannot be written.
        """
        write_new_folder(folder, self.texts, private=not self.manifest.blinded)


def prepare_snapshot(content: SnapshotContent) -> PreparedSnapshot:
    """Sort and hash what a snapshot holds; nothing is written yet."""
    tables = content.sorted_tables()
    texts = {
        "study.toml": content.definition_text,
        "dictionary.csv": content.dictionary_text,
        **content.earlier,
    }
    columns = {name: columns_of(name, content.factors, amended=content.amended) for name in tables}
    texts |= {f"{name}.csv": _csv_text(columns[name], rows) for name, rows in tables.items()}
    manifest = Manifest(
        format=FORMAT,
        study_id=content.study_id,
        study_version=content.study_version,
        study_sha256=content.study_sha256,
        factors=content.factors,
        state=content.state,
        blinded=content.blinded,
        taken_at=content.taken_at.isoformat(),
        audit_number=content.audit_number,
        audit_hash=content.audit_hash,
        content_sha256=content_sha256(content.study_sha256, tables),
        files={name: _sha256(text.encode()) for name, text in sorted(texts.items())},
    )
    return PreparedSnapshot(manifest, {**texts, MANIFEST: json.dumps(asdict(manifest), indent=2) + "\n"})


def write_snapshot(folder: Path | str, content: SnapshotContent) -> Manifest:
    """Write a snapshot into a new folder; one with arms can be entered by its owner only.

    Parameters
    ----------
    folder
        Where; it must not exist yet.
    content
        What; see :class:`~trialkit.snapshot.content.SnapshotContent`.

    Returns
    -------
    Manifest
        With the hash of every file and of the clinical content.

    Raises
    ------
    FileError
        The folder exists already (a snapshot is never overwritten), or cannot be written.
    """
    folder = Path(folder)
    prepared = prepare_snapshot(content)
    prepared.write(folder)
    return prepared.manifest


def read_snapshot(folder: Path | str, *, allocations: bool = True) -> Snapshot:
    """Read a snapshot and check every hash in it.

    Parameters
    ----------
    folder
        As ``write_snapshot`` or ``trialkit snapshot`` made it.
    allocations
        False: the file of allocations is never opened, and the snapshot is as a blinded one. Its own hash
        and that of the whole content, which covers it, are then not checked; every other file's is.

    Returns
    -------
    Snapshot
        ``tables``: one frame of texts a file; ``manifest``; ``folder``.

    Raises
    ------
    SnapshotError
        The folder is no snapshot, a file is missing or changed, or a file stands there that the manifest
        does not name.
    """
    folder = Path(folder)
    import pandas as pd

    manifest = _read_manifest(folder)
    present = {path.name for path in folder.iterdir() if path.name != MANIFEST}
    for name in sorted(present - set(manifest.files)):
        raise _broken(folder / name, "no file beside those of the manifest", "one it does not name")
    amended = f"{VERSIONS}.csv" in manifest.files
    tables: dict[str, pd.DataFrame] = {}
    lines: dict[str, list[list[str]]] = {}
    for name, expected in manifest.files.items():
        if name == ALLOCATIONS and not allocations:
            continue
        path = folder / name
        if not path.is_file():
            raise _broken(path, "a file the manifest names", "none")
        data = path.read_bytes()
        if _sha256(data) != expected:
            raise _broken(path, said("sha256 {expected}…", expected=expected[:12]), f"{_sha256(data)[:12]}…")
        table = name.removesuffix(".csv")
        if table in TABLES:
            header, *rows = _lines_of(path, data, columns_of(table, manifest.factors, amended=amended))
            lines[table] = rows
            tables[table] = pd.DataFrame(rows, columns=header, dtype=object).astype(str)
    if not allocations and ALLOCATIONS in manifest.files:
        return Snapshot(folder=folder, manifest=replace(manifest, blinded=True), tables=tables)
    if content_sha256(manifest.study_sha256, lines) != manifest.content_sha256:
        raise _broken(folder / MANIFEST, "the hash of the content", "another")
    return Snapshot(folder=folder, manifest=manifest, tables=tables)


def _read_manifest(folder: Path) -> Manifest:
    path = folder / MANIFEST
    if not path.is_file():
        raise _broken(folder, said("a snapshot folder with {manifest}", manifest=MANIFEST), "none")
    try:
        facts: Any = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError, OSError):
        raise _broken(path, "a readable manifest in JSON", "something else") from None
    if not isinstance(facts, dict) or set(facts) != set(_FIELDS):
        raise _broken(path, "the fields of a manifest and no other", "missing or unknown ones")
    if facts["format"] != FORMAT:
        raise _broken(path, said("snapshot format {format}", format=FORMAT), repr(facts["format"])[:40])
    for name, kind in _FIELDS.items():
        if type(facts[name]) is not kind:
            raise _broken(path, said("a field {name!r} of its type", name=name), "another")
    texts = [*facts["factors"], *facts["files"].values()]
    plain_names = all(name == Path(name).name and name not in ("", MANIFEST) for name in facts["files"])
    if not plain_names or not all(isinstance(text, str) for text in texts):
        raise _broken(path, "plain names of files and factors, with hashes as texts", "something else")
    return Manifest(**{**facts, "factors": tuple(facts["factors"])})


def _lines_of(path: Path, data: bytes, columns: tuple[str, ...]) -> list[list[str]]:
    """Header and rows of one table, every row as long as the header."""
    try:
        lines = list(csv.reader(io.StringIO(data.decode("utf-8"), newline=""), strict=True))
    except (ValueError, csv.Error):
        raise _broken(path, "a table in UTF-8 with commas", "something else") from None
    if not lines or tuple(lines[0]) != columns:
        raise _broken(path, said("the columns {columns}", columns=", ".join(columns)), "others")
    for number, line in enumerate(lines, start=1):
        if len(line) != len(columns):
            raise _broken(
                path,
                said("{n} cells a row", n=len(columns)),
                said("{n} in row {row}", n=len(line), row=number),
            )
    return lines


def _csv_text(columns: tuple[str, ...], rows: Sequence[Sequence[str]]) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue()


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _broken(path: Path, expected: str, found: str) -> SnapshotError:
    return SnapshotError(
        expected=expected,
        found=found,
        where=str(path),
        next_step="Take the snapshot again, or fetch an unchanged copy of it.",
    )
