"""Anchors beside the keys: a database that is behind one was restored, and randomizes nobody.

Each confirmation leaves the head of the audit trail in a folder beside the keys, which is backed up apart
from the database. A slot that was told to a clinic and then lost with the database would otherwise be
given to somebody else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from trialkit.access import Actor
from trialkit.operations.acting import acting
from trialkit.operations.auditing import Anchor
from trialkit.operations.errors import OperationError
from trialkit.operations.trial import Trial
from trialkit.store.audit_chain import AuditStamp
from trialkit.store.engine import Reader
from trialkit.store.errors import AuditError
from trialkit.store.reading.audit import record_hashes

FOLDER, SETTLED = "anchors", "settled"
_NAME = re.compile(r"(\d{12})-([0-9a-f]{64})")
_KEPT = 20  # the newest few; an older one could only say less


@dataclass(frozen=True, slots=True)
class Resumed:
    """How many anchors were ahead of the database and are settled now."""

    settled: int
    stamp: AuditStamp


def keep_anchor(trial: Trial, number: int, link: str) -> None:
    """Leave an anchor beside the keys. Two desks at once leave two; the higher number counts."""
    folder = trial.keys.path / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    (folder / f"{number:012d}-{link}").touch()
    for old in _kept(folder)[:-_KEPT]:
        old.unlink(missing_ok=True)


def suspension(trial: Trial, reader: Reader) -> str | None:
    """Why nobody may be randomized: the trail lacks an anchor's record. None where it holds them."""
    missing = _missing(trial, reader)
    if not missing:
        return None
    number = int(missing[-1].name[:12])
    return f"the database does not hold audit record {number}, which an anchor proves: it was restored"


def require_not_suspended(trial: Trial, reader: Reader) -> None:
    """Refuse to randomize from a database that is behind an anchor.

    Raises
    ------
    OperationError
        It is.
    """
    why = suspension(trial, reader)
    if why is not None:
        raise OperationError(
            expected="a database that holds every allocation that was told",
            found=why,
            next_step="Re-enter the allocations from the paper confirmations, then resume.",
        )


def declare_anchor(trial: Trial, anchor: Anchor) -> bool:
    """Keep an anchor that came from elsewhere; True where the database is behind it.

    Raises
    ------
    AuditError
        The anchor is of another study, or no record has such a number or hash.
    """
    name = f"{anchor.number:012d}-{anchor.hash}"
    if anchor.study_id != trial.study.id or not _NAME.fullmatch(name):
        raise AuditError(
            expected=f"an anchor of study {trial.study.id}", found="another one, or none", where="the anchor"
        )
    with trial.store.reading() as reader:
        if record_hashes(reader, [anchor.number]).get(anchor.number) == anchor.hash:
            return False
    folder = trial.keys.path / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    (folder / name).touch()
    return True


def resume_randomization(trial: Trial, actor: Actor, *, reason: str) -> Resumed:
    """Declare that every allocation on a paper confirmation is in the database again.

    Parameters
    ----------
    reason
        What was re-entered, and from where.

    Raises
    ------
    AccessError, OperationError
        No right or reason; nothing is suspended.
    """
    with acting(trial, actor, "resume_randomization", reason=reason, exclusive=True) as progress:
        missing = _missing(trial, progress.reader)
        if not missing:
            raise OperationError(expected="a suspended randomization", found="one that is not")
        progress.state(anchors=[path.name for path in missing])
    settled = trial.keys.path / FOLDER / SETTLED
    settled.mkdir(mode=0o700, exist_ok=True)
    for path in missing:
        path.replace(settled / path.name)
    return Resumed(len(missing), progress.stamp)


def _kept(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted((path for path in folder.iterdir() if _NAME.fullmatch(path.name)), key=lambda p: p.name)


def _missing(trial: Trial, reader: Reader) -> list[Path]:
    """Anchors whose record the database does not have, or has with another hash."""
    kept = _kept(trial.keys.path / FOLDER)
    if not kept:
        return []
    present = record_hashes(reader, [int(path.name[:12]) for path in kept])
    return [path for path in kept if present.get(int(path.name[:12])) != path.name[13:]]
