"""Opening and closing allocations. The clear arm lives in what these return, and is written nowhere."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping

from trialkit.operations.errors import OperationError
from trialkit.operations.trial import Trial
from trialkit.randomization import (
    AllocationKey,
    BundleHeader,
    SealedSlot,
    Slot,
    bundle_digest,
    confirmation_code,
    open_slot,
    seal_slot,
)
from trialkit.randomization.errors import TamperedBundleError
from trialkit.store.engine import Reader
from trialkit.store.reading.allocations import (
    ScheduleState,
    SealedAllocation,
    allocations,
    schedules,
    slots_of,
)
from trialkit.wording import said


def schedules_in_use(trial: Trial, reader: Reader) -> list[tuple[ScheduleState, BundleHeader]]:
    """The list that slots are taken from and its extensions, in order; each is held against its digest once
    a handle.

    Raises
    ------
    OperationError
        No list is loaded.
    TamperedBundleError
        A slot was replaced.
    """
    loaded = schedules(reader)
    if not loaded:
        raise OperationError(
            expected="a loaded randomization list", found="none", next_step="Load the sealed list first."
        )
    for schedule in loaded:
        if schedule.bundle_digest not in trial.checked_bundles:
            check_slots(reader, schedule)
            trial.checked_bundles.add(schedule.bundle_digest)
    return [(schedule, BundleHeader.from_json(schedule.header_json)) for schedule in loaded]


def check_slots(reader: Reader, schedule: ScheduleState) -> None:
    """Refuse a list whose stored slots are not those of the bundle that was loaded."""
    if bundle_digest(schedule.header_json, slots_of(reader, schedule)) != schedule.bundle_digest:
        raise TamperedBundleError(
            expected=said(
                "the slots of the bundle with digest {bundle_digest}",
                bundle_digest=schedule.bundle_digest[:12],
            ),
            found="others",
            where="the database",
            next_step="Randomize nobody; find out who changed the database.",
        )


def open_arm(trial: Trial, sealed: SealedAllocation) -> str:
    """The arm of one allocation. Hand it to whoever may know it, and to nothing else."""
    key = trial.keys.allocation_key(sealed.key_id)
    arm: str = open_slot(sealed.slot, key, sealed.schedule_id).arm
    return arm


def code_of(trial: Trial, sealed: SealedAllocation, arm: str, allocated_at: str) -> str:
    """The code of a paper confirmation; empty where the audit key is not on this machine."""
    key = trial.keys.audit_key
    if key is None:
        return ""
    code: str = confirmation_code(
        key,
        subject_id=sealed.subject_id,
        schedule_id=sealed.schedule_id,
        slot=sealed.slot,
        arm=arm,
        allocated_at=allocated_at,
    )
    return code


def open_arms(trial: Trial, reader: Reader, subject_ids: Collection[str] | None = None) -> Mapping[str, str]:
    """Every allocated subject's arm."""
    keys: dict[str, AllocationKey] = {}
    found = {}
    for subject_id, sealed in allocations(reader, trial.study.id, subject_ids).items():
        if sealed.key_id not in keys:
            keys[sealed.key_id] = trial.keys.allocation_key(sealed.key_id)
        found[subject_id] = open_slot(sealed.slot, keys[sealed.key_id], sealed.schedule_id).arm
    return found


def seal_arm(key: AllocationKey, place: tuple[str, str], arm: str) -> SealedSlot:
    """Close an arm that comes from no list, under a schedule and stratum name that no list has."""
    schedule_id, stratum = place
    return seal_slot(Slot(stratum, 1, 0, 0, arm), key, schedule_id, os.urandom)
