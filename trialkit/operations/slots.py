"""The next free slot of a stratum, over a list and the extensions that follow it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from trialkit.operations.custody import schedules_in_use
from trialkit.operations.errors import OperationError
from trialkit.operations.gate import OpenAct
from trialkit.operations.trial import Trial
from trialkit.randomization import SealedSlot
from trialkit.randomization.errors import UnknownLevelError
from trialkit.store.engine import Reader
from trialkit.store.models import Allocation
from trialkit.store.reading.allocations import ScheduleState, SealedAllocation, next_slot, stratum_row
from trialkit.study.model import Study
from trialkit.wording import said


@dataclass(frozen=True, slots=True)
class HeldStratum:
    """A stratum that this act holds: its label, and its row in each list that has it, in order."""

    label: str
    places: tuple[tuple[ScheduleState, int], ...]


@dataclass(frozen=True, slots=True)
class FreeSlot:
    """A slot nobody has, closed; ``id`` is its row."""

    schedule: ScheduleState
    id: int
    slot: SealedSlot

    def sealed_for(self, subject_id: str) -> SealedAllocation:
        return SealedAllocation(subject_id, self.schedule.schedule_id, self.schedule.key_id, self.slot)


def hold_stratum(
    trial: Trial, progress: OpenAct, stratum_values: Mapping[str, str], subject_id: str
) -> HeldStratum:
    """Lock the stratum that the values name, in the first list that has it: one lock for all lists.

    Raises
    ------
    UnknownLevelError
        A factor or level that the list does not have.
    OperationError
        No list.
    """
    _require_levels(trial.study, stratum_values)
    in_use = schedules_in_use(trial, progress.reader)
    label: str = in_use[-1][1].stratum_of(stratum_values)
    rows = [(schedule, stratum_row(progress.reader, schedule.id, label)) for schedule, _ in in_use]
    places = tuple((schedule, row) for schedule, row in rows if row is not None)
    if not places:
        raise OperationError(expected="a stratum of the list", found=repr(label), where=subject_id)
    progress.lock_stratum(places[0][1])
    return HeldStratum(label, places)


def _require_levels(study: Study, stratum_values: Mapping[str, str]) -> None:
    """Told as people read them, each code with its label, before the list tells them as codes alone."""
    for factor in study.factors:
        level = stratum_values.get(factor.name)
        if level is not None and level.strip() not in factor.levels:
            shown = ", ".join(study.level_shown(factor.name, known) for known in factor.levels)
            raise UnknownLevelError(
                expected=said("a level of {name}: {levels}", name=factor.name, levels=shown),
                found=repr(level),
                next_step="Type the level as it stands before its label.",
            )


def next_free(reader: Reader, held: HeldStratum, subject_id: str) -> FreeSlot:
    """The first free slot; an earlier list is used up before the one that extends it.

    Raises
    ------
    OperationError
        The stratum is exhausted.
    """
    for schedule, row in held.places:
        taken = next_slot(reader, row)
        if taken is not None:
            return FreeSlot(schedule, *taken)
    raise OperationError(
        expected="a slot left in the stratum",
        found="none: the stratum is exhausted",
        where=subject_id,
        next_step="Ask the list maker for an extension of the list.",
    )


def write_allocation(
    trial: Trial,
    progress: OpenAct,
    account: str,
    subject_id: str,
    held: HeldStratum,
    free: FreeSlot,
    values_as_used: str,
    allocated_at: str,
) -> None:
    progress.add(
        Allocation,
        subject_id=subject_id,
        slot=free.id,
        stratum_label=held.label,
        values_as_used=values_as_used,
        study_version=trial.version_number,
        allocated_by=account,
        allocated_at=allocated_at,
    )
    progress.state(subject=subject_id, stratum=held.label, sequence_number=free.slot.sequence_number)
