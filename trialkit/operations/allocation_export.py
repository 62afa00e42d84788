"""Every allocation with its arm, for the proof that the list used is the list committed to."""

from __future__ import annotations

from dataclasses import dataclass, field

from trialkit.access import Actor
from trialkit.access.acts.reading import EXPORT_ALLOCATIONS
from trialkit.operations.custody import open_arms
from trialkit.operations.gate import acting
from trialkit.operations.trial import Trial
from trialkit.store.audit_chain import AuditStamp
from trialkit.store.reading.recruitment import used_slots

COLUMNS = ("schedule_id", "subject_id", "stratum", "sequence_number", "arm", "allocated_at")


@dataclass(frozen=True, slots=True)
class AllocationsExported:
    """``rows`` have the cells of ``COLUMNS``, by subject; they do not show in the ``repr``."""

    rows: tuple[tuple[str, ...], ...] = field(repr=False)
    stamp: AuditStamp


def export_allocations(trial: Trial, actor: Actor) -> AllocationsExported:
    """Every slot taken from a list, with its arm.

    Raises
    ------
    AccessError
        No right at every site, or a blinded role before the study is unblinded.
    """
    with acting(trial, actor, EXPORT_ALLOCATIONS) as progress:
        arms = open_arms(trial, progress.reader)
        taken = used_slots(progress.reader)
        progress.state(allocations=len(taken))
    rows = tuple(
        (
            slot.schedule_id,
            slot.subject_id,
            slot.stratum,
            str(slot.sequence_number),
            arms[slot.subject_id],
            slot.allocated_at,
        )
        for slot in taken
    )
    return AllocationsExported(rows, progress.stamp)
