"""Whether what guards the trial is in place: keys, anchors, and a backup that is not old."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from trialkit.access import Actor
from trialkit.access.acts.reading import VIEW_CUSTODY
from trialkit.errors import TrialkitError
from trialkit.operations.anchor_folder import HASH_BEGINS, record_of
from trialkit.operations.anchoring import suspension
from trialkit.operations.gate import reading
from trialkit.operations.own_trail import own_number
from trialkit.operations.recruitment import not_open
from trialkit.operations.trial import Trial, read_settings
from trialkit.store.reading.allocations import sealings
from trialkit.store.reading.audit import audit_head


@dataclass(frozen=True, slots=True)
class CustodyState:
    """Parameters
    ----------
    audit_key, keys_closed
        Whether the audit key is on this machine; whether nobody else on it may read the key folder.
    allocation_keys
        Name of each key that a list in use is sealed under -> whether it is on this machine.
    records
        Number of the last audit record.
    anchors, anchored
        How many anchors are kept, and how the hash in the newest begins; None where there is none or they
        are out of reach.
    suspended
        Why nobody is randomized; None where that is not so.
    not_open
        Scope, name and state of each part of recruitment that is paused or closed.
    backup_at
        When the newest file of the backup folder was written; None without a folder or a file.
    """

    audit_key: bool
    keys_closed: bool
    allocation_keys: dict[str, bool]
    records: int
    anchors: int | None
    anchored: str | None
    suspended: str | None
    not_open: tuple[tuple[str, str, str], ...]
    backup_folder: bool
    backup_at: datetime | None


def custody_state(trial: Trial, actor: Actor) -> CustodyState:
    """How keys, anchors and backups stand. Nothing is opened; no key is shown.

    Raises
    ------
    AccessError
        No right.
    """
    with reading(trial, actor, VIEW_CUSTODY) as gate:
        lists = sealings(gate.reader)
        records = own_number(gate.reader, gate.sight, audit_head(gate.reader)[0])
        suspended = suspension(trial, gate.reader)
        closed = not_open(gate.reader)
    names = _anchors(trial)
    backups = read_settings(trial.folder).backups
    return CustodyState(
        audit_key=_holds(lambda: trial.keys.audit_key is not None),
        keys_closed=_holds(trial.keys.require_closed),
        allocation_keys={
            one.key_id: (trial.keys.path / f"allocation-{one.key_id}.json").is_file() for one in lists
        },
        records=records,
        anchors=None if names is None else len(names),
        anchored=record_of(names[-1])[1][:HASH_BEGINS] if names else None,
        suspended=suspended,
        not_open=tuple((scope, name, state) for (scope, name), state in sorted(closed.items())),
        backup_folder=backups is not None,
        backup_at=_newest(backups),
    )


def _holds(look: Callable[[], object]) -> bool:
    try:
        return look() is not False
    except TrialkitError:
        return False


def _anchors(trial: Trial) -> list[str] | None:
    try:
        return trial.anchors.names()
    except TrialkitError:
        return None


def _newest(folder: Path | None) -> datetime | None:
    if folder is None or not folder.is_dir():
        return None
    times = [entry.stat().st_mtime for entry in folder.iterdir() if entry.is_file()]
    return datetime.fromtimestamp(max(times), UTC) if times else None
