"""Loading the sealed list. The seed never comes here; bundle and key come separately."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from trialkit.access import Actor
from trialkit.access.acts.lists import LOAD_EXTENSION, LOAD_SCHEDULE
from trialkit.operations.errors import OperationError
from trialkit.operations.gate import OpenAct, acting
from trialkit.operations.trial import Trial
from trialkit.randomization import AllocationKey, Commitment, SealedBundle, about_file, read_custody_file
from trialkit.randomization.bundle import check_key
from trialkit.randomization.commitment import check_bundle
from trialkit.store.audit_chain import AuditStamp
from trialkit.store.models import Schedule, Slot, Stratum
from trialkit.store.reading.allocations import schedules
from trialkit.wording import said


@dataclass(frozen=True, slots=True)
class ScheduleLoaded:
    """Public facts of the list that is now in use."""

    schedule_id: str
    commitment: str
    strata: int
    stamp: AuditStamp


def load_schedule(
    trial: Trial, actor: Actor, *, bundle: Path | str, commitment: Path | str, allocation_key: Path | str
) -> ScheduleLoaded:
    """Load a sealed list, after it was held against its key, its commitment and the study.

    Parameters
    ----------
    bundle, commitment
        Files of the list maker.
    allocation_key
        Its key file; a copy is kept in the study's key folder, never in the database.

    Raises
    ------
    RandomizationError
        A tampered bundle, another key, another commitment.
    OperationError
        The list's arms or factors are not the study's, a list is loaded already, or this one extends another.
    """
    sealed, promise, key = _read(trial, bundle, commitment, allocation_key)
    with acting(trial, actor, LOAD_SCHEDULE) as progress:
        if schedules(progress.reader):
            raise OperationError(
                expected="a study without a list",
                found="one that has a list",
                next_step="Nothing to do; an extension is an act of its own.",
            )
        if promise.previous is not None:
            raise OperationError(
                expected="a first list, whose commitment follows none",
                found=said("one that follows {previous}", previous=promise.previous[:12]),
                next_step="Load the list before it first; this one is its extension.",
            )
        strata = _write(trial, progress, sealed, promise, key)
    return ScheduleLoaded(sealed.header.schedule_id, promise.value, strata, progress.stamp)


def load_extension(
    trial: Trial, actor: Actor, *, bundle: Path | str, commitment: Path | str, allocation_key: Path | str
) -> ScheduleLoaded:
    """Load the list that follows one that runs out; slots left in the earlier list are used first.

    Parameters
    ----------
    bundle, commitment, allocation_key
        As for :func:`load_schedule`; a list with a seed of its own, whose commitment names the one before.

    Raises
    ------
    RandomizationError
        A tampered bundle, another key, another commitment.
    OperationError
        No list to extend; the commitment does not name the last list's; not a list of this study.
    """
    sealed, promise, key = _read(trial, bundle, commitment, allocation_key)
    with acting(trial, actor, LOAD_EXTENSION) as progress:
        before = schedules(progress.reader)
        last = before[-1].commitment if before else None
        if last is None or promise.previous != last:
            raise OperationError(
                expected=said("a list whose commitment follows {last}", last=last[:12])
                if last
                else "a list to extend",
                found="one that follows another list" if last else "none",
                next_step="Generate the extension with --previous and the last commitment."
                if last
                else "Load the first list.",
            )
        strata = _write(trial, progress, sealed, promise, key)
    return ScheduleLoaded(sealed.header.schedule_id, promise.value, strata, progress.stamp)


def _read(
    trial: Trial, bundle: Path | str, commitment: Path | str, allocation_key: Path | str
) -> tuple[SealedBundle, Commitment, AllocationKey]:
    with about_file(bundle):
        sealed = SealedBundle.from_json(read_custody_file(bundle))
    with about_file(commitment):
        promise = Commitment.from_json(read_custody_file(commitment))
    with about_file(allocation_key):
        key = AllocationKey.from_json(read_custody_file(allocation_key))
    with about_file(bundle):
        check_bundle(sealed, promise)
        check_key(sealed, key, {arm.name: arm.ratio for arm in trial.study.arms})
    _require_fit(trial, sealed)
    return sealed, promise, key


def _write(
    trial: Trial, progress: OpenAct, sealed: SealedBundle, promise: Commitment, key: AllocationKey
) -> int:
    """The list's rows; how many strata it has."""
    trial.keys.keep(key)
    schedule = next(progress.next_ids(Schedule))
    progress.add(
        Schedule,
        id=schedule,
        schedule_id=sealed.header.schedule_id,
        key_id=sealed.header.key_id,
        header_json=sealed.header.to_json(),
        bundle_digest=sealed.digest,
        commitment=promise.value,
        previous_commitment=promise.previous,
    )
    stratum_ids, slot_ids = progress.next_ids(Stratum), progress.next_ids(Slot)
    labels = sorted({slot.stratum for slot in sealed.slots})
    strata = {label: next(stratum_ids) for label in labels}
    for label, stratum in strata.items():
        progress.add(Stratum, id=stratum, schedule=schedule, label=label)
    for slot in sealed.slots:
        progress.add(
            Slot,
            id=next(slot_ids),
            stratum=strata[slot.stratum],
            sequence_number=slot.sequence_number,
            nonce=slot.nonce,
            sealed=slot.sealed,
        )
    progress.state(schedule=sealed.header.schedule_id, commitment=promise.value, bundle_digest=sealed.digest)
    return len(strata)


def _require_fit(trial: Trial, sealed: SealedBundle) -> None:
    study = trial.study
    if study.randomization.method == "external":
        raise _unfit("a study that randomizes with a list", "one whose allocations are made outside")
    arms = sorted(arm.name for arm in study.arms)
    if sorted(sealed.header.arms) != arms:
        raise _unfit(said("a list with the study's {n_arms} arms", n_arms=len(arms)), "other arms")
    wanted: Mapping[str, tuple[str, ...]] = {
        factor.name: tuple(sorted(factor.levels)) for factor in study.factors
    }
    found = {name: tuple(sorted(levels)) for name, levels in sealed.header.factors}
    if found != wanted:
        raise _unfit(said("a list over {words}", words=_words(wanted)), _words(found))
    restriction = study.randomization.restriction_sha256
    if restriction is None and not study.demonstration:
        raise OperationError(
            expected="restriction_sha256 in the study definition: it binds the list to the list maker's file",
            found="none",
            where="study.toml: [randomization]",
            next_step="Ask the list maker for the digest, and found the study with it.",
        )
    if restriction is not None and sealed.header.restriction_digest != restriction:
        raise _unfit("a list made under the study's restriction", "one made under another")


def _words(factors: Mapping[str, tuple[str, ...]]) -> str:
    return "; ".join(f"{name} ({', '.join(levels)})" for name, levels in sorted(factors.items())) or "nothing"


def _unfit(expected: str, found: str) -> OperationError:
    return OperationError(
        expected=expected, found=found, next_step="Ask the list maker for a list of this study."
    )
