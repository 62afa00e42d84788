"""The sealed list and what was taken from it. No table here, or anywhere, holds an arm that can be read."""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from trialkit.store.models.base import DOCUMENT, Clinical, Recorded


class Schedule(Clinical):
    """One sealed list: its public header, and the digest its slots must still have."""

    __tablename__ = "schedule"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    schedule_id: Mapped[str] = mapped_column(unique=True)
    key_id: Mapped[str]
    header_json: Mapped[str] = mapped_column(info=DOCUMENT)
    bundle_digest: Mapped[str]
    commitment: Mapped[str] = mapped_column(unique=True)
    previous_commitment: Mapped[str | None] = mapped_column(unique=True)


class Stratum(Clinical):
    """The row that is locked while a slot of its list is taken; the next slot is the first not yet used."""

    __tablename__ = "stratum"
    __table_args__ = (UniqueConstraint("schedule", "label"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    schedule: Mapped[int] = mapped_column(ForeignKey("schedule.id"))
    label: Mapped[str]


class Slot(Clinical):
    """Arm, block and length stand only inside ``sealed``."""

    __tablename__ = "slot"
    __table_args__ = (UniqueConstraint("stratum", "sequence_number"),)
    digested: ClassVar[bool] = True

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    stratum: Mapped[int] = mapped_column(ForeignKey("stratum.id"))
    sequence_number: Mapped[int]
    nonce: Mapped[bytes]
    sealed: Mapped[bytes]


class Resealing(Recorded):
    """A list sealed again after its key was lost; the last one of a list is in use, the earlier are kept.

    Not closed by the lock: without a key nobody could open the arms for the analysis.
    """

    __tablename__ = "resealing"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    schedule: Mapped[int] = mapped_column(ForeignKey("schedule.id"))
    key_id: Mapped[str] = mapped_column(unique=True)
    header_json: Mapped[str] = mapped_column(info=DOCUMENT)
    bundle_digest: Mapped[str]
    reason: Mapped[str]


class ResealedSlot(Recorded):
    """A slot under the key of a resealing; which slot it is, and who has it, stays as it was."""

    __tablename__ = "resealed_slot"
    digested: ClassVar[bool] = True

    resealing: Mapped[int] = mapped_column(ForeignKey("resealing.id"), primary_key=True)
    slot: Mapped[int] = mapped_column(ForeignKey("slot.id"), primary_key=True)
    nonce: Mapped[bytes]
    sealed: Mapped[bytes]


class Allocation(Clinical):
    """A slot given to a subject: each subject at most one, each slot at most once."""

    __tablename__ = "allocation"

    subject_id: Mapped[str] = mapped_column(ForeignKey("subject.subject_id"), primary_key=True)
    slot: Mapped[int] = mapped_column(ForeignKey("slot.id"), unique=True)
    stratum_label: Mapped[str]
    values_as_used: Mapped[str]  # canonical JSON, factor -> level
    study_version: Mapped[int] = mapped_column(ForeignKey("study_version.number"))
    allocated_by: Mapped[str] = mapped_column(ForeignKey("account.login"))
    allocated_at: Mapped[str]


class ExternalAllocation(Clinical):
    """An allocation made outside trialkit: never a slot, and its arm sealed like one."""

    __tablename__ = "external_allocation"

    subject_id: Mapped[str] = mapped_column(ForeignKey("subject.subject_id"), primary_key=True)
    key_id: Mapped[str]
    nonce: Mapped[bytes]
    sealed: Mapped[bytes]
    allocated_on: Mapped[str]  # date, or empty where the source does not say
    source: Mapped[str]


class AllocationMistake(Clinical):
    """Something that went wrong at a randomization: kept beside it, never undone."""

    __tablename__ = "allocation_mistake"
    __table_args__ = (
        UniqueConstraint("subject_id", "kind"),
        CheckConstraint(
            "kind IN ('wrong_stratum', 'ineligible', 'duplicate', 'wrong_treatment')", name="kind"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    subject_id: Mapped[str] = mapped_column(ForeignKey("subject.subject_id"))
    kind: Mapped[str]
    detail: Mapped[str]
    duplicate_of: Mapped[str | None] = mapped_column(ForeignKey("subject.subject_id"))
    key_id: Mapped[str | None]  # with nonce and sealed: the treatment received, where it was another one
    nonce: Mapped[bytes | None]
    sealed: Mapped[bytes | None]


class ReceivedAgain(Recorded):
    """The treatment of a wrong_treatment record, stated again after its key was lost; the last one counts.

    Not closed by the lock, as a resealing is not.
    """

    __tablename__ = "received_again"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    mistake: Mapped[int] = mapped_column(ForeignKey("allocation_mistake.id"))
    key_id: Mapped[str]
    nonce: Mapped[bytes]
    sealed: Mapped[bytes]
    reason: Mapped[str]
