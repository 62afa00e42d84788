"""Is the audit trail whole? Verification, and anchors to hold it against."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from trialkit.access import Actor
from trialkit.access.acts.lists import RESUME_RANDOMIZATION
from trialkit.errors import TrialkitError
from trialkit.operations.anchor_folder import anchor_name
from trialkit.operations.custody import check_slots
from trialkit.operations.definition_files import changed_labels, changed_texts
from trialkit.operations.keys import AUDIT_KEY_FILE, KeyFolder
from trialkit.operations.own_trail import own_number
from trialkit.operations.sight import sight_of
from trialkit.operations.trial import Trial, read_settings, require_database_file
from trialkit.randomization.errors import TamperedBundleError
from trialkit.safe_files import write_new
from trialkit.store.engine import Reader, Store, translated_errors
from trialkit.store.errors import AuditError, RightsError, StoreError
from trialkit.store.migrations import require_known_revision
from trialkit.store.postgres_drift import loose_rights
from trialkit.store.reading.allocations import schedules, sealings
from trialkit.store.reading.audit import audit_entries, audit_entry, audit_head
from trialkit.store.reading.study import study_version, study_versions
from trialkit.store.verification import UNREADABLE, ChainCheck, check_chain
from trialkit.study.load import load_study, study_from_texts
from trialkit.wording import said

NOT_DETECTED = (
    "a false entry made through a valid account",
    "a rewrite of the whole trail, after the last anchor, by somebody with database and audit key",
)


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where the trail stood at some moment: to be kept where nobody who holds the database can reach it."""

    study_id: str
    number: int
    hash: str
    at: str


@dataclass(frozen=True, slots=True)
class AuditVerification:
    """``whole`` only where no problem was found; ``problems`` in the order of the records."""

    records: int
    rows: int
    head_hash: str
    codes_checked: int | None  # None: the audit key is not on this machine
    anchored: bool
    problems: tuple[str, ...]
    redactions: tuple[str, ...] = ()  # what was taken out, by which record
    warnings: tuple[str, ...] = ()  # who could pass the guards unseen, labels mended; nothing is broken by it
    not_detected: tuple[str, ...] = NOT_DETECTED

    @property
    def whole(self) -> bool:
        return not self.problems

    def require_whole(self) -> None:
        """Raise where it is not.

        Raises
        ------
        AuditError
            Naming the first broken record.
        """
        if self.problems:
            raise AuditError(
                expected="an audit trail that is whole",
                found=said(
                    "{problem} ({n_more} more)", problem=self.problems[0], n_more=len(self.problems) - 1
                )
                if len(self.problems) > 1
                else str(self.problems[0]),
                next_step="Change nothing; compare with the last backup and the last anchor.",
            )


@dataclass(frozen=True)
class Audited:
    """A study folder opened as far as its audit needs it, whatever else of it can no longer be read.

    ``study_id`` is empty where the database does not say; ``problems`` are those met on the way.
    """

    store: Store
    keys: KeyFolder
    study_id: str
    problems: tuple[str, ...] = ()
    folder: Path | None = None  # None: its files are not looked at


@contextmanager
def opened_for_audit(folder: Path | str) -> Iterator[Audited]:
    """Open a study folder whose trail may be broken.

    Raises
    ------
    TrialError, StoreError
        No study folder, no database file, a server that does not answer, a file that is no database, or a
        database of another revision of trialkit.
    """
    folder = Path(folder)
    settings = read_settings(folder)
    require_database_file(settings.database_url)
    store = Store(settings.database_url)
    keys = KeyFolder(settings.key_folder)
    try:
        with store.reading() as reader:
            require_known_revision(reader)
        study_id, problem = _stated_study(store)
        problems = (problem, "" if problem else _folder_problem(folder, store))
        yield Audited(store, keys, study_id, tuple(filter(None, problems)), folder)
    finally:
        store.close()


def _stated_study(store: Store) -> tuple[str, str]:
    """The study's id as the database has it, and why its definition cannot be read."""
    study_id = ""
    try:
        with store.reading() as reader:
            version = study_version(reader)
        if version is None:
            return "", "the database holds no study"
        study_id = str(version.study_id)
        study_from_texts(version.definition_text, version.dictionary_text)
    except (TrialkitError, *UNREADABLE) as problem:
        return study_id, f"the study's definition cannot be read: {problem}"
    return study_id, ""


def _folder_problem(folder: Path, store: Store) -> str:
    """Why the definition in the study folder is not the one that the study was founded with."""
    with store.reading() as reader:
        founded = study_versions(reader)[0]
    try:
        present = load_study(folder).sha256
    except TrialkitError as problem:
        return f"the definition in the study folder cannot be read: {problem}"
    if present != founded.sha256:
        return (
            f"the definition in the study folder (sha256 {present[:12]}) is not the one of the "
            f"founding ({founded.sha256[:12]}): study.toml or the dictionary was changed by hand"
        )
    return ""


def verify_audit(trial: Trial, *, anchor: Path | str | Anchor | None = None) -> AuditVerification:
    """Walk the trail from its first record and replay it against the tables and the sealed list.

    Parameters
    ----------
    anchor
        A file of :func:`write_anchor`, or its content: the trail must hold that record. Without one, a cut
        tail or a restored older copy cannot be told from a younger trail.

    Returns
    -------
    AuditVerification
        Its problems name the record they concern.

    Raises
    ------
    AuditError
        The anchor is of another study, or is no anchor.
    RightsError
        On PostgreSQL: the role may not read all tables, and in what it may read nothing is wrong.

    Degenerate cases: a record lost to a restore stays lost, and its anchor a problem; where randomization was
    resumed over it, the next problem names the record that says so. A trail that cannot be read at all is
    not whole, and no error.
    """
    return verify_opened(Audited(trial.store, trial.keys, trial.study.id, folder=trial.folder), anchor=anchor)


def verify_opened(audited: Audited, *, anchor: Path | str | Anchor | None = None) -> AuditVerification:
    """The same for a study that was opened for its audit only."""
    known = read_anchor(anchor) if isinstance(anchor, (str, Path)) else anchor
    if known is not None and audited.study_id and known.study_id != audited.study_id:
        raise AuditError(
            expected=said("an anchor of study {id}", id=audited.study_id),
            found=said("one of study {id}", id=known.study_id),
        )
    point = None if known is None else (known.number, known.hash)
    check = ChainCheck(0, 0, None, "", ())
    problems: list[str] = [*audited.problems]
    warnings: list[str] = []
    denied: list[RightsError] = []
    with audited.store.reading() as reader:

        def ask(told: list[str], question: Callable[[], Iterable[object]]) -> None:
            try:
                told += _answered(reader, question)
            except RightsError as error:
                denied.append(error)

        def chain() -> Iterable[object]:
            nonlocal check
            check = check_chain(reader, audited.keys.audit_key, point)
            return check.findings

        ask(problems, chain)
        if known is not None:
            ask(problems, lambda: _settled(reader, known))
        ask(problems, lambda: _sealing_problems(reader))
        ask(warnings, lambda: loose_rights(reader))
        ask(warnings, lambda: _absent_keys(reader, audited.keys))
        if audited.folder is not None:
            folder = audited.folder
            ask(problems, lambda: _changed_texts(reader, folder))
            ask(warnings, lambda: _changed_labels(reader, folder))
    warnings += _damaged_keys(audited.keys)
    if denied and not problems:
        raise denied[0]  # who may not look cannot say that it is broken
    problems += map(_unread, denied)
    return AuditVerification(
        records=check.records,
        rows=check.rows,
        head_hash=check.head_hash,
        codes_checked=check.macs_checked,
        anchored=known is not None,
        problems=tuple(dict.fromkeys(problems)),
        warnings=tuple(dict.fromkeys(warnings)),
        redactions=tuple(_redactions(check)),
    )


def _redactions(check: ChainCheck) -> Iterator[str]:
    for by, places, records in check.redactions:
        yield (
            f"{places} place{'s' if places != 1 else ''} redacted by record {by}, in {records} "
            f"record{'s' if records != 1 else ''} (values, reasons and statements in which a text stood)"
        )


def _answered(reader: Reader, question: Callable[[], Iterable[object]]) -> list[str]:
    """What one question of the verification found; one that cannot be answered says so, and hides no other.

    A damaged page of the file, a column of another type, a table that is gone.
    """
    try:
        with translated_errors(), reader.begin_nested():
            return [str(answer) for answer in question()]
    except RightsError:
        raise
    except StoreError as problem:
        return [_unread(problem)]
    except UNREADABLE:
        return ["the database holds values that cannot be read"]


def _unread(problem: StoreError) -> str:
    return f"the database cannot be read to its end: {problem}"


def _sealing_problems(reader: Reader) -> list[str]:
    """Sealed lists whose slots are no longer those that were loaded."""
    problems = []
    try:
        for sealing in sealings(reader):
            try:
                check_slots(reader, sealing)
            except TamperedBundleError:
                which = "committed to" if sealing.resealing is None else "sealed again"
                problems.append(f"schedule {sealing.schedule_id}: its slots are not those {which}")
    except (TrialkitError, *UNREADABLE):
        problems.append("a sealed list cannot be read")
    return problems


def _changed_texts(reader: Reader, folder: Path) -> list[str]:
    try:
        return list(changed_texts(reader, folder))
    except (OSError, TrialkitError, *UNREADABLE) as problem:
        return [f"the files of a later version cannot be read: {problem}"]


def _changed_labels(reader: Reader, folder: Path) -> list[str]:
    try:
        return list(changed_labels(reader, folder))
    except OSError as problem:
        return [f"a file of labels cannot be read: {problem}"]


def _damaged_keys(keys: KeyFolder) -> list[str]:
    return [
        said(
            "{file} in the key folder is damaged: put it back from its backup before anybody is randomized",
            file=name,
        )
        for name in keys.damaged_keys()
    ]


def _absent_keys(reader: Reader, keys: KeyFolder) -> list[str]:
    """Lists that cannot be opened where the study's own keys are; a copy of the database alone has none."""
    if not (keys.path / AUDIT_KEY_FILE).is_file():
        return []
    return [
        said(
            "allocation-{key_id}.json is not in the key folder: put it back before anybody is randomized",
            key_id=sealing.key_id,
        )
        for sealing in schedules(reader)
        if not keys.holds(sealing.key_id)
    ]


def _settled(reader: Reader, anchor: Anchor) -> list[str]:
    """What became of an anchor that the database was behind, beside the problem that its record is lost."""
    name = anchor_name(anchor.number, anchor.hash)
    return [
        f"record {entry.number} says so: after a restore, randomization was resumed over this anchor"
        for entry in audit_entries(reader)
        if entry.operation == RESUME_RANDOMIZATION.name and name in str(entry.payload_text)
    ]


def present_anchor(trial: Trial, actor: Actor | None = None) -> Anchor:
    """Where the trail stands now; with ``actor`` under the number that it has in the trail they are shown."""
    with trial.store.reading() as reader:
        number, link = audit_head(reader)
        last = audit_entry(reader, number)
        if actor is not None:
            number = own_number(reader, sight_of(trial, reader, actor), number)
    return Anchor(trial.study.id, number, link, last.at if last else "")


def write_anchor(trial: Trial, path: Path | str) -> Anchor:
    """Write the head of the trail to a new file.

    Raises
    ------
    FileError
        The file is there already: anchors are kept, not overwritten.
    """
    anchor = present_anchor(trial)
    write_new(path, json.dumps({"kind": "audit-anchor", **asdict(anchor)}, indent=2) + "\n")
    return anchor


def read_anchor(path: Path | str) -> Anchor:
    """The anchor in a file.

    Raises
    ------
    AuditError
        The file is no anchor.
    """
    try:
        content: dict[str, Any] = json.loads(Path(path).read_text(encoding="utf-8"))
        if content.pop("kind") == "audit-anchor":
            return Anchor(**content)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        pass
    raise AuditError(
        expected="a file written by 'audit anchor'", found="another file, or none", where=str(path)
    )
