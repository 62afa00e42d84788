"""The sealed list and what was taken from it. What is returned is as closed as what is stored."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, bindparam, func, select

from trialkit.randomization import SealedSlot
from trialkit.store import models as m
from trialkit.store.direct import rows_of
from trialkit.store.engine import Reader
from trialkit.store.reading.batches import rows_for


@dataclass(frozen=True, slots=True)
class ScheduleState:
    """The public part of a loaded list, as it is sealed; ``resealing`` is None for the first sealing."""

    id: int
    schedule_id: str
    key_id: str
    header_json: str
    bundle_digest: str
    commitment: str
    resealing: int | None = None


@dataclass(frozen=True, slots=True)
class SealedAllocation:
    """A subject's allocation, still closed: ``schedule_id`` and ``key_id`` say what opens it."""

    subject_id: str
    schedule_id: str
    key_id: str
    slot: SealedSlot


@dataclass(frozen=True, slots=True)
class MistakeState:
    """``received`` is the treatment really received, sealed, where it was another one."""

    subject_id: str
    kind: str
    detail: str
    duplicate_of: str | None
    received: SealedAllocation | None
    id: int


def external_place(subject_id: str, study_id: str) -> tuple[str, str]:
    """Schedule and stratum names that an allocation made outside is sealed under: never those of a slot."""
    return f"external/{study_id}", f"external/{subject_id}"


def received_place(subject_id: str, study_id: str) -> tuple[str, str]:
    """The same for a treatment received in place of the allocated one."""
    return f"received/{study_id}", f"received/{subject_id}"


_LISTS = select(
    m.Schedule.id,
    m.Schedule.schedule_id,
    m.Schedule.key_id,
    m.Schedule.header_json,
    m.Schedule.bundle_digest,
    m.Schedule.commitment,
)
_SEALED_AGAIN = select(
    m.Schedule.id,
    m.Schedule.schedule_id,
    m.Resealing.key_id,
    m.Resealing.header_json,
    m.Resealing.bundle_digest,
    m.Schedule.commitment,
    m.Resealing.id,
).join(m.Resealing, m.Resealing.schedule == m.Schedule.id)


def schedules(reader: Reader) -> list[ScheduleState]:
    """Loaded lists as they are sealed now, the newest list last."""
    return list({sealing.id: sealing for sealing in sealings(reader)}.values())


def sealings(reader: Reader) -> list[ScheduleState]:
    """Every sealing: a list as it was loaded, then as it was sealed again, then the next list."""
    found = [ScheduleState(*row) for query in (_LISTS, _SEALED_AGAIN) for row in rows_of(reader, query)]
    return sorted(found, key=lambda sealing: (sealing.id, sealing.resealing or 0))


def slots_of(reader: Reader, sealing: ScheduleState) -> list[SealedSlot]:
    """Every slot of a list under one sealing, to hold against its digest."""
    query = (
        select(m.Stratum.label, m.Slot.sequence_number, m.Slot.nonce, m.Slot.sealed)
        .join(m.Stratum, m.Stratum.id == m.Slot.stratum)
        .where(m.Stratum.schedule == sealing.id)
    )
    if sealing.resealing is not None:
        again = m.ResealedSlot
        query = (
            select(m.Stratum.label, m.Slot.sequence_number, again.nonce, again.sealed)
            .select_from(m.Slot)
            .join(m.Stratum, m.Stratum.id == m.Slot.stratum)
            .join(again, again.slot == m.Slot.id)
            .where(again.resealing == sealing.resealing)
        )
    return [SealedSlot(*row) for row in reader.execute(query)]


def slot_rows(reader: Reader, schedule: int) -> dict[tuple[str, int], int]:
    """(stratum, sequence number) -> row of the slot."""
    query = (
        select(m.Stratum.label, m.Slot.sequence_number, m.Slot.id)
        .join(m.Stratum, m.Stratum.id == m.Slot.stratum)
        .where(m.Stratum.schedule == schedule)
    )
    return {(label, number): row for label, number, row in reader.execute(query)}


_NONCE = func.coalesce(m.ResealedSlot.nonce, m.Slot.nonce)
_SEALED = func.coalesce(m.ResealedSlot.sealed, m.Slot.sealed)
_KEY_ID = func.coalesce(m.Resealing.key_id, m.Schedule.key_id)


def _as_sealed_now(query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """A query over slots, their strata and lists, with the sealing of each that is in use."""
    last = (
        select(func.max(m.Resealing.id))
        .where(m.Resealing.schedule == m.Stratum.schedule)
        .correlate(m.Stratum)
        .scalar_subquery()
    )
    slot = m.ResealedSlot
    return query.outerjoin(m.Resealing, m.Resealing.id == last).outerjoin(
        slot, (slot.resealing == m.Resealing.id) & (slot.slot == m.Slot.id)
    )


_STRATUM = select(m.Stratum.id).where(
    m.Stratum.schedule == bindparam("of_schedule"), m.Stratum.label == bindparam("of_label")
)
_USED = (
    select(func.coalesce(func.max(m.Slot.sequence_number), 0))
    .join(m.Allocation, m.Allocation.slot == m.Slot.id)
    .where(m.Slot.stratum == bindparam("of_stratum"))
    .scalar_subquery()
)
_NEXT_SLOT = _as_sealed_now(
    select(m.Slot.id, m.Stratum.label, m.Slot.sequence_number, _NONCE, _SEALED)
    .select_from(m.Slot)
    .join(m.Stratum, m.Stratum.id == m.Slot.stratum)
    .where(m.Slot.stratum == bindparam("of_stratum"), m.Slot.sequence_number == _USED + 1)
)
_ALLOCATED = _as_sealed_now(
    select(
        m.Allocation.subject_id,
        m.Schedule.schedule_id,
        _KEY_ID.label("key_id"),
        m.Stratum.label,
        m.Slot.sequence_number,
        _NONCE.label("nonce"),
        _SEALED.label("sealed"),
    )
    .select_from(m.Allocation)
    .join(m.Slot, m.Slot.id == m.Allocation.slot)
    .join(m.Stratum, m.Stratum.id == m.Slot.stratum)
    .join(m.Schedule, m.Schedule.id == m.Stratum.schedule)
    .order_by(m.Allocation.subject_id)
)
_ALLOCATED_OUTSIDE = select(
    m.ExternalAllocation.subject_id,
    m.ExternalAllocation.key_id,
    m.ExternalAllocation.nonce,
    m.ExternalAllocation.sealed,
)
_ALLOCATION_RECORD = (
    select(m.AuditTransaction.number, m.AuditTransaction.hash)
    .join(m.Allocation, m.Allocation.audit_number == m.AuditTransaction.number)
    .where(m.Allocation.subject_id == bindparam("of_subject"))
)


def stratum_row(reader: Reader, schedule: int, label: str) -> int | None:
    return next((row.id for row in rows_of(reader, _STRATUM, of_schedule=schedule, of_label=label)), None)


def next_slot(reader: Reader, stratum: int) -> tuple[int, SealedSlot] | None:
    """The first slot of a stratum that nobody has; None where the stratum is exhausted.

    Call it with the stratum's row locked.
    """
    row = next(rows_of(reader, _NEXT_SLOT, of_stratum=stratum), None)
    return None if row is None else (row.id, SealedSlot(*row[1:]))


def allocations(
    reader: Reader, study_id: str, subject_ids: Collection[str] | None = None
) -> dict[str, SealedAllocation]:
    """Every allocation, of our list or made outside, still sealed."""
    found = {
        row.subject_id: SealedAllocation(
            row.subject_id,
            row.schedule_id,
            row.key_id,
            SealedSlot(row.label, row.sequence_number, row.nonce, row.sealed),
        )
        for row in rows_for(reader, _ALLOCATED, m.Allocation.subject_id, subject_ids)
    }
    for row in rows_for(reader, _ALLOCATED_OUTSIDE, m.ExternalAllocation.subject_id, subject_ids):
        schedule_id, stratum = external_place(row.subject_id, study_id)
        slot = SealedSlot(stratum, 1, row.nonce, row.sealed)
        found[row.subject_id] = SealedAllocation(row.subject_id, schedule_id, row.key_id, slot)
    return found


def allocation_record(reader: Reader, subject_id: str) -> tuple[int, str]:
    """Number and hash of the audit record of a subject's allocation."""
    number, link = reader.execute(_ALLOCATION_RECORD, {"of_subject": subject_id}).one()
    return int(number), str(link)


def mistakes(reader: Reader, study_id: str) -> list[MistakeState]:
    """What went wrong at randomizations, in the order in which it was recorded."""
    again = {row["mistake"]: row for row in reader.execute(_received_again()).mappings()}
    found = []
    for row in reader.execute(select(m.AllocationMistake).order_by(m.AllocationMistake.id)).mappings():
        received = None
        if row["sealed"] is not None:
            schedule_id, stratum = received_place(row["subject_id"], study_id)
            stated = again.get(row["id"], row)
            slot = SealedSlot(stratum, 1, stated["nonce"], stated["sealed"])
            received = SealedAllocation(row["subject_id"], schedule_id, stated["key_id"], slot)
        said = row["subject_id"], row["kind"], row["detail"], row["duplicate_of"]
        found.append(MistakeState(*said, received, row["id"]))
    return found


def _received_again() -> Select[*tuple[Any, ...]]:
    return select(m.ReceivedAgain).order_by(m.ReceivedAgain.id)
