"""Is the audit trail whole? Verification, and anchors to hold it against."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from trialkit.access.acts.lists import RESUME_RANDOMIZATION
from trialkit.operations.anchor_folder import anchor_name
from trialkit.operations.custody import check_slots
from trialkit.operations.trial import Trial
from trialkit.randomization.errors import TamperedBundleError
from trialkit.safe_files import write_new
from trialkit.store.engine import Reader
from trialkit.store.errors import AuditError
from trialkit.store.reading.allocations import sealings
from trialkit.store.reading.audit import audit_entries, audit_entry, audit_head
from trialkit.store.verification import check_chain
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

    Degenerate cases: a record lost to a restore stays lost, and its anchor a problem; where randomization was
    resumed over it, the next problem names the record that says so.
    """
    known = read_anchor(anchor) if isinstance(anchor, (str, Path)) else anchor
    if known is not None and known.study_id != trial.study.id:
        raise AuditError(
            expected=said("an anchor of study {id}", id=trial.study.id),
            found=said("one of study {study_id}", study_id=known.study_id),
        )
    with trial.store.reading() as reader:
        point = None if known is None else (known.number, known.hash)
        check = check_chain(reader, trial.keys.audit_key, point)
        problems = [str(finding) for finding in check.findings]
        if known is not None:
            problems += _settled(reader, known)
        for sealing in sealings(reader):
            try:
                check_slots(reader, sealing)
            except TamperedBundleError:
                which = "committed to" if sealing.resealing is None else "sealed again"
                problems.append(f"schedule {sealing.schedule_id}: its slots are not those {which}")
    return AuditVerification(
        records=check.records,
        rows=check.rows,
        head_hash=check.head_hash,
        codes_checked=check.macs_checked,
        anchored=known is not None,
        problems=tuple(problems),
    )


def _settled(reader: Reader, anchor: Anchor) -> list[str]:
    """What became of an anchor that the database was behind, beside the problem that its record is lost."""
    name = anchor_name(anchor.number, anchor.hash)
    return [
        f"record {entry.number} says so: after a restore, randomization was resumed over this anchor"
        for entry in audit_entries(reader)
        if entry.operation == RESUME_RANDOMIZATION.name and name in entry.payload_text
    ]


def present_anchor(trial: Trial) -> Anchor:
    """Where the trail stands now."""
    with trial.store.reading() as reader:
        number, link = audit_head(reader)
        last = audit_entry(reader, number)
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
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        pass
    raise AuditError(
        expected="a file written by 'audit anchor'", found="another file, or none", where=str(path)
    )
