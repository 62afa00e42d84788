"""A list sealed again after its allocation key was lost: the same slots, under a new key."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from trialkit.access import Actor
from trialkit.access.acts.lists import LOAD_RESEALED
from trialkit.operations.custody import check_slots
from trialkit.operations.errors import OperationError
from trialkit.operations.gate import OpenAct, acting
from trialkit.operations.trial import Trial
from trialkit.randomization import (
    AllocationKey,
    BundleHeader,
    SealedBundle,
    about_file,
    check_key,
    check_resealed,
    read_custody_file,
)
from trialkit.store.audit_chain import AuditStamp
from trialkit.store.models import ResealedSlot, Resealing
from trialkit.store.reading.allocations import ScheduleState, schedules, sealings, slot_rows
from trialkit.wording import said


@dataclass(frozen=True, slots=True)
class Resealed:
    """Public facts of the sealing that is now in use."""

    schedule_id: str
    commitment: str
    bundle_digest: str
    slots: int
    stamp: AuditStamp


def load_resealed(
    trial: Trial, actor: Actor, *, bundle: Path | str, allocation_key: Path | str, reason: str
) -> Resealed:
    """Load a list that its maker sealed again, after it was proved to be the list committed to.

    The proof needs neither the seed nor the lost key: the bundle that was committed to bears a mark of what
    its slots hold; the new slots are opened with the new key and must give the same mark. Allocations stay
    with their slots; the old sealing is kept.

    Parameters
    ----------
    bundle, allocation_key
        Files of the list maker, from ``randomize reseal``; a copy of the key is kept in the key folder.
    reason
        How the key was lost.

    Raises
    ------
    RandomizationError
        A tampered bundle, another key, another list.
    AccessError, OperationError
        No right, signature or reason; no such list is loaded; this sealing, or an earlier one with this key,
        is loaded already.
    """
    with about_file(bundle):
        sealed = SealedBundle.from_json(read_custody_file(bundle))
    with about_file(allocation_key):
        key = AllocationKey.from_json(read_custody_file(allocation_key))
    check_key(sealed, key)
    with acting(trial, actor, LOAD_RESEALED, reason=reason, exclusive=True) as progress:
        loaded = _loaded(progress, sealed)
        check_slots(progress.reader, loaded)
        check_resealed(sealed, BundleHeader.from_json(loaded.header_json))
        _write(progress, sealed, loaded, reason)
        trial.keys.keep(key)
    return Resealed(loaded.schedule_id, loaded.commitment, sealed.digest, len(sealed.slots), progress.stamp)


def _loaded(progress: OpenAct, sealed: SealedBundle) -> ScheduleState:
    header = sealed.header
    found = [state for state in schedules(progress.reader) if state.schedule_id == header.schedule_id]
    if not found:
        raise OperationError(
            expected="the schedule of a list that is loaded",
            found=header.schedule_id,
            next_step="Reseal from the seed file of the list that lost its key.",
        )
    if any(known.key_id == header.key_id for known in sealings(progress.reader)):
        raise OperationError(
            expected="a list sealed under a new key",
            found=said("the key {key_id}, under which it is loaded already", key_id=header.key_id),
            next_step=said(
                "Put the key file into the key folder as allocation-{key_id}.json.", key_id=header.key_id
            ),
        )
    return found[0]


def _write(progress: OpenAct, sealed: SealedBundle, loaded: ScheduleState, reason: str) -> None:
    resealing = next(progress.next_ids(Resealing))
    progress.add(
        Resealing,
        id=resealing,
        schedule=loaded.id,
        key_id=sealed.header.key_id,
        header_json=sealed.header.to_json(),
        bundle_digest=sealed.digest,
        reason=reason.strip(),
    )
    rows = slot_rows(progress.reader, loaded.id)
    for slot in sealed.slots:
        progress.add(
            ResealedSlot,
            resealing=resealing,
            slot=rows[slot.stratum, slot.sequence_number],
            nonce=slot.nonce,
            sealed=slot.sealed,
        )
    progress.state(
        schedule=loaded.schedule_id,
        commitment=loaded.commitment,
        bundle_digest=sealed.digest,
        key_id=sealed.header.key_id,
        instead_of=loaded.key_id,
    )
