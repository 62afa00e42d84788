"""Subjects: who they are, what happened to them, when they came."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from trialkit.store.models.base import Clinical


class Subject(Clinical):
    __tablename__ = "subject"

    subject_id: Mapped[str] = mapped_column(primary_key=True)
    site: Mapped[str] = mapped_column(index=True)


class Consent(Clinical):
    __tablename__ = "consent"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    subject_id: Mapped[str] = mapped_column(ForeignKey("subject.subject_id"), index=True)
    consent_version: Mapped[str]
    signed_date: Mapped[str]


class SubjectEvent(Clinical):
    """A screening failure or a withdrawal; each at most once."""

    __tablename__ = "subject_event"
    __table_args__ = (
        UniqueConstraint("subject_id", "kind"),
        CheckConstraint("kind IN ('screen_failed', 'withdrawn')", name="kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    subject_id: Mapped[str] = mapped_column(ForeignKey("subject.subject_id"))
    kind: Mapped[str]
    date: Mapped[str]
    reason: Mapped[str]


class DepartureCorrection(Clinical):
    """A departure recorded wrongly: its day and reason, or neither where nobody left; the last counts."""

    __tablename__ = "departure_correction"
    __table_args__ = (CheckConstraint("(date IS NULL) = (reason IS NULL)", name="whole"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    subject_event: Mapped[int] = mapped_column(ForeignKey("subject_event.id"))
    date: Mapped[str | None]
    reason: Mapped[str | None]
    why: Mapped[str]


class VisitOccurrence(Clinical):
    """A visit as it took place or not; a correction is a further row, and the last one counts."""

    __tablename__ = "visit_occurrence"
    __table_args__ = (
        UniqueConstraint("subject_id", "visit", "revision"),
        CheckConstraint("status IN ('done', 'not_done')", name="status"),
        CheckConstraint("(status = 'done') = (date <> '')", name="dated"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    subject_id: Mapped[str] = mapped_column(ForeignKey("subject.subject_id"))
    visit: Mapped[str]
    revision: Mapped[int]
    date: Mapped[str]
    status: Mapped[str]
    reason: Mapped[str]
