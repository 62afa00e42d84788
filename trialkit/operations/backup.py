"""Backup and restore: one state of the database and its definition in a folder, verified on both ways."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trialkit.access import Actor
from trialkit.access.acts.closing import BACK_UP
from trialkit.operations.definition_files import definition_files, is_definition_file
from trialkit.operations.errors import OperationError, TrialError
from trialkit.operations.founding import refuse_password
from trialkit.operations.gate import acting
from trialkit.operations.keys import KeyFolder
from trialkit.operations.own_trail import own_number
from trialkit.operations.sight import sight_of
from trialkit.operations.trial import SETTINGS_FILE, Trial, file_sha256, read_settings, settings_text
from trialkit.safe_files import (
    new_folder,
    private_folder,
    refuse_present,
    require_place_for_folder,
    write_new,
)
from trialkit.store.audit_chain import AuditStamp
from trialkit.store.copying import copy_rows, copy_to_file, settle
from trialkit.store.engine import Store
from trialkit.store.migrations import newest_revision, upgrade
from trialkit.store.verification import ChainCheck, check_chain
from trialkit.wording import said

FORMAT = "trialkit backup 1"
MANIFEST = "manifest.json"
DATABASE = "database.sqlite"
_FIELDS = {"format": str, "study": str, "audit_number": int, "audit_hash": str, "files": dict}


@dataclass(frozen=True, slots=True)
class BackupWritten:
    """``audit_number`` and ``audit_hash``: the last record that is in it, that of this act.

    The number is that in the trail which the actor is shown; the backup has the stored one.
    """

    folder: Path
    audit_number: int
    audit_hash: str
    stamp: AuditStamp


@dataclass(frozen=True, slots=True)
class Restored:
    """A study folder made of a backup; ``codes_checked`` is None where the audit key was not there yet."""

    folder: Path
    key_folder: Path
    records: int
    head_hash: str
    codes_checked: int | None


def back_up(trial: Trial, actor: Actor, *, folder: Path | str) -> BackupWritten:
    """Write a backup: the database as it is at one moment, and the definition. Writers go on meanwhile.

    The keys are not in it: whoever had both could read the list. Its database is one SQLite file, whichever
    engine the study runs on, and can be restored to either. It is verified before it appears.

    Parameters
    ----------
    folder
        Where; it must not exist yet.

    Raises
    ------
    AccessError
        No right at every site.
    OperationError
        The folder is in that of the keys; or the copy's trail is not whole: nothing was written. Look at
        `audit verify` of the study.
    FileError
        The folder exists, or cannot be written.
    """
    folder = Path(folder)
    _require_apart_from_keys(trial, folder)
    require_place_for_folder(folder)
    with acting(trial, actor, BACK_UP) as progress:
        progress.state(folder=folder.name, engine=trial.store.dialect)
    with new_folder(folder, private=True) as making:
        copy_to_file(trial.store, making / DATABASE)
        checked = _checked(making / DATABASE, trial.keys.audit_key, None)
        for file in definition_files(trial.folder):
            _put(making / file.relative_to(trial.folder), file.read_bytes())
        facts = {
            "format": FORMAT,
            "study": trial.study.id,
            "version": trial.study.version,
            "taken_at": trial.clock.now().isoformat(),
            "revision": newest_revision(),
            "audit_number": checked.records,
            "audit_hash": checked.head_hash,
            "files": {
                path.relative_to(making).as_posix(): file_sha256(path)
                for path in sorted(making.rglob("*"))
                if path.is_file()
            },
        }
        write_new(making / MANIFEST, json.dumps(facts, indent=1) + "\n", private=True)
    with trial.store.reading() as reader:
        number = own_number(reader, sight_of(trial, reader, actor), checked.records)
    return BackupWritten(folder, number, checked.head_hash, progress.stamp)


def _require_apart_from_keys(trial: Trial, folder: Path) -> None:
    """Whoever finds a backup beside the keys reads the list; and what takes the one takes the other."""
    if folder.resolve().is_relative_to(trial.keys.path.resolve()):
        raise OperationError(
            expected="a folder apart from the keys",
            found="one in the key folder",
            where=str(folder),
            next_step="Name a folder on another disk. Nothing was written.",
        )


def restore(
    backup: Path | str,
    folder: Path | str,
    *,
    database_url: str = "sqlite:///trial.sqlite",
    key_folder: str = "keys",
    anchor_folder: str | None = None,
) -> Restored:
    """Make a study folder of a backup, on either engine, and verify it before it is handed over.

    Parameters
    ----------
    backup
        As :func:`back_up` wrote it, of this version or an earlier one.
    folder
        Of the study; it must not exist yet.
    database_url
        As for founding a study: a file in the folder, or an empty PostgreSQL database.
    key_folder, anchor_folder
        Where the keys and anchors are, or will be put back.

    Raises
    ------
    OperationError
        No backup, a file of it that was changed, or a trail that is not whole. Nothing is left behind but, on
        PostgreSQL, empty tables.
    StoreError, FileError
        A database that is not empty; a folder that exists.
    """
    backup, folder = Path(backup), Path(folder)
    facts = _read_manifest(backup)
    refuse_password(database_url)
    refuse_present(folder)
    private_folder(folder)
    try:
        for name in facts["files"]:
            if name != DATABASE:
                _put(folder / name, (backup / name).read_bytes())
        write_new(
            folder / SETTINGS_FILE, settings_text(database_url, key_folder, anchor_folder), private=True
        )
        settings = read_settings(folder)
        _fill(backup / DATABASE, settings.database_url, folder)
        key = KeyFolder(settings.key_folder).audit_key if settings.key_folder.is_dir() else None
        checked = _checked(settings.database_url, key, (facts["audit_number"], facts["audit_hash"]))
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)  # it was not there before
        raise
    return Restored(folder, settings.key_folder, checked.records, checked.head_hash, checked.macs_checked)


def _put(file: Path, data: bytes) -> None:
    """Beside the files there, for the account's own eyes, as the folder it is in."""
    for folder in reversed(file.parents):
        if not folder.exists():
            private_folder(folder)
    write_new(file, data, private=True)


def _fill(database: Path, url: str, folder: Path) -> None:
    """The rows of a backup in a database of this revision, whatever revision they were written under."""
    embedded = url.startswith("sqlite:///")
    file = Path(url.removeprefix("sqlite:///")) if embedded else folder / f".{DATABASE}"
    refuse_present(file)
    shutil.copyfile(database, file)
    settle(file)
    source = Store(f"sqlite:///{file}")
    try:
        upgrade(source)
        if not embedded:
            target = Store(url)
            try:
                with source.reading() as reader:
                    copy_rows(reader, target)
            finally:
                target.close()
    finally:
        source.close()
    if not embedded:
        file.unlink()


def _checked(database: Path | str, key: bytes | None, anchor: tuple[int, str] | None) -> ChainCheck:
    """The trail of a copy, walked and replayed; one that is not whole is refused."""
    store = Store(f"sqlite:///{database}" if isinstance(database, Path) else database)
    try:
        with store.reading() as reader:
            found = check_chain(reader, key, anchor)
    finally:
        store.close()
    if isinstance(database, Path):
        settle(database)
    if found.findings:
        raise OperationError(
            expected="a copy whose audit trail is whole",
            found=str(found.findings[0]),
            where=str(database) if isinstance(database, Path) else "the database",
            next_step="Look at the study with `trialkit audit verify`, and take an earlier backup.",
        )
    return found


def _read_manifest(backup: Path) -> dict[str, Any]:
    """What a backup says of itself, after its files were held against it."""
    path = backup / MANIFEST
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
        fits = all(type(facts[name]) is kind for name, kind in _FIELDS.items()) and facts["format"] == FORMAT
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        fits = False
    if not fits or DATABASE not in facts["files"] or not all(map(is_definition_file, facts["files"])):
        raise TrialError(
            expected=said("a backup folder with its {manifest}", manifest=MANIFEST),
            found="none, or another file",
            where=str(backup),
            next_step="Name a folder that `trialkit backup` wrote.",
        )
    for name, digest in facts["files"].items():
        if not (backup / name).is_file() or file_sha256(backup / name) != digest:
            raise OperationError(
                expected="the file as the backup wrote it",
                found="another, or none",
                where=str(backup / name),
                next_step="Take another copy of the backup, or an earlier one.",
            )
    return dict(facts)
