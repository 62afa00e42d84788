"""Crossing the wall: a snapshot for the analysis wing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from trialkit.access import Actor
from trialkit.operations.acting import acting
from trialkit.operations.snapshot_content import snapshot_content
from trialkit.operations.trial import Trial
from trialkit.snapshot import Manifest, write_snapshot as write_files
from trialkit.store.audit_chain import AuditStamp


@dataclass(frozen=True, slots=True)
class SnapshotWritten:
    """``manifest.audit_number`` is the record before the one of this act."""

    folder: Path
    manifest: Manifest
    stamp: AuditStamp


def write_snapshot(trial: Trial, actor: Actor, *, folder: Path | str, blinded: bool) -> SnapshotWritten:
    """Write a snapshot of the trial as it is.

    Parameters
    ----------
    folder
        Where; it must not exist yet.
    blinded
        True: no allocations, and no form or item that tells an arm. False: with everybody's arm, for roles
        that are not blinded, or after the study was unblinded for its analysis.

    Raises
    ------
    AccessError
        No right at every site, or a blinded role that asks for arms.
    SnapshotError
        The folder exists.
    """
    act = "write_snapshot" if blinded else "write_unblinded_snapshot"
    with acting(trial, actor, act) as progress:
        taken_at = datetime.fromisoformat(progress.at)
        content = snapshot_content(trial, progress.reader, blinded=blinded, taken_at=taken_at)
        manifest = write_files(Path(folder), content)
        progress.state(content_sha256=manifest.content_sha256, blinded=blinded, snapshot_state=manifest.state)
    return SnapshotWritten(Path(folder), manifest, progress.stamp)
