"""Whether recruitment is open, and how far the list is used up."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import bindparam, func, select

from trialkit.store import models as m
from trialkit.store.direct import rows_of
from trialkit.store.engine import Reader


@dataclass(frozen=True, slots=True)
class StratumUse:
    """Slots of one stratum over all lists, used and in all."""

    label: str
    used: int
    slots: int


@dataclass(frozen=True, slots=True)
class UsedSlot:
    """Which slot a subject has; what is in it stays closed."""

    schedule_id: str
    subject_id: str
    stratum: str
    sequence_number: int
    allocated_at: str


_CHANGES = select(m.RecruitmentChange.scope, m.RecruitmentChange.name, m.RecruitmentChange.state).order_by(
    m.RecruitmentChange.id
)


def recruitment_changes(reader: Reader) -> dict[tuple[str, str], str]:
    """(scope, name) -> state, as last set; what is not among them is open."""
    return {(scope, name): state for scope, name, state in rows_of(reader, _CHANGES)}


def stratum_labels(reader: Reader) -> frozenset[str]:
    return frozenset(reader.scalars(select(m.Stratum.label).distinct()))


def stratum_use(reader: Reader) -> list[StratumUse]:
    """One entry a stratum, by label."""
    query = (
        select(m.Stratum.label, func.count(m.Allocation.slot), func.count(m.Slot.id))
        .select_from(m.Stratum)
        .join(m.Slot, m.Slot.stratum == m.Stratum.id)
        .outerjoin(m.Allocation, m.Allocation.slot == m.Slot.id)
        .group_by(m.Stratum.label)
        .order_by(m.Stratum.label)
    )
    return [StratumUse(label, used, slots) for label, used, slots in reader.execute(query)]


def used_slots(reader: Reader) -> list[UsedSlot]:
    """Every slot that somebody has, by subject."""
    query = (
        select(
            m.Schedule.schedule_id,
            m.Allocation.subject_id,
            m.Stratum.label,
            m.Slot.sequence_number,
            m.Allocation.allocated_at,
        )
        .select_from(m.Allocation)
        .join(m.Slot, m.Slot.id == m.Allocation.slot)
        .join(m.Stratum, m.Stratum.id == m.Slot.stratum)
        .join(m.Schedule, m.Schedule.id == m.Stratum.schedule)
        .order_by(m.Allocation.subject_id)
    )
    return [UsedSlot(*row) for row in reader.execute(query)]


_LAST_TAKEN = select(func.max(m.Allocation.allocated_at)).where(
    m.Allocation.stratum_label == bindparam("of_stratum")
)


def last_allocated_at(reader: Reader, label: str) -> str | None:
    """When the stratum's last slot was taken (UTC, ISO 8601)."""
    ((last,),) = rows_of(reader, _LAST_TAKEN, of_stratum=label)
    return None if last is None else str(last)
