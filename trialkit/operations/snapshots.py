"""Crossing the wall: a snapshot for the analysis wing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from trialkit.access import Actor
from trialkit.access.acts.reading import WRITE_SNAPSHOT, WRITE_UNBLINDED_SNAPSHOT
from trialkit.operations.errors import OperationError
from trialkit.operations.gate import acting, reading
from trialkit.operations.snapshot_content import snapshot_content
from trialkit.operations.trial import Trial
from trialkit.safe_files import require_place_for_folder
from trialkit.snapshot import Manifest, prepare_snapshot
from trialkit.store.audit_chain import AuditStamp
from trialkit.wording import said


@dataclass(frozen=True, slots=True)
class SnapshotWritten:
    """``manifest.audit_number`` is the last record that the snapshot holds; that of this act comes later."""

    folder: Path
    manifest: Manifest
    stamp: AuditStamp


def write_snapshot(
    trial: Trial, actor: Actor, *, folder: Path | str, blinded: bool, identifiers: Sequence[str] = ()
) -> SnapshotWritten:
    """Write a snapshot of the trial as it is.

    The whole content is one state of the database: that after record ``manifest.audit_number``. The record of
    this act is written before the files are, so that arms are never on a disk unrecorded; where the files
    cannot be written the record stands, and says what was about to be written.

    Parameters
    ----------
    folder
        Where; it must not exist yet.
    blinded
        True: no allocations, and no form or item that tells an arm. False: with everybody's arm, for roles
        that are not blinded, or after the study was unblinded for its analysis.

    identifiers
        Items marked as identifiers that are to be in it: none by default, and none that the study definition
        does not let out by name (``identifiers_may_leave``).

    Raises
    ------
    OperationError
        An identifier that the study does not let out.
    AccessError
        No right at every site, or a blinded role that asks for arms.
    FileError
        The folder exists, or cannot be written.
    """
    act = WRITE_SNAPSHOT if blinded else WRITE_UNBLINDED_SNAPSHOT
    folder = Path(folder)
    require_place_for_folder(folder)
    _require_let_out(trial, identifiers)
    with reading(trial, actor, act) as gate:
        eyes = gate.with_blinded_eyes() if blinded else gate
        content = snapshot_content(eyes, taken_at=trial.clock.now(), identifiers=identifiers)
    prepared = prepare_snapshot(content)
    manifest = prepared.manifest
    with acting(trial, actor, act) as progress:
        progress.state(
            content_sha256=manifest.content_sha256,
            blinded=blinded,
            snapshot_state=manifest.state,
            holds_record=manifest.audit_hash,
        )
        if identifiers:
            progress.state(identifiers=sorted(identifiers))
    prepared.write(folder)
    return SnapshotWritten(folder, manifest, progress.stamp)


def _require_let_out(trial: Trial, identifiers: Sequence[str]) -> None:
    permitted = trial.study.identifiers_may_leave
    for name in identifiers:
        if name not in permitted:
            raise OperationError(
                expected=said(
                    "identifiers that the study lets out: {names}", names=", ".join(permitted) or "none"
                ),
                found=repr(name),
                where="study.toml: [study] identifiers_may_leave",
                next_step="Leave it out; what identifies a person leaves only where the protocol says so.",
            )
