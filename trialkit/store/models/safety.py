"""Serious adverse events, as the site reports them at once; the adverse event form is entered beside."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from trialkit.store.models.base import NOTE, Recorded


class SeriousEvent(Recorded):
    """A serious event from the moment the site knew of it. The lock of the data does not close reporting."""

    __tablename__ = "serious_event"
    __table_args__ = (Index("ix_serious_event_subject_id", "subject_id"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    subject_id: Mapped[str] = mapped_column(ForeignKey("subject.subject_id"))
    term: Mapped[str]
    aware_at: Mapped[str]


class SafetyReport(Recorded):
    """A report of a serious event: number 0 is the initial one, the others follow up; the last one counts.

    ``visit`` and ``row_key`` are the line of the adverse event form that tells of the same event.
    """

    __tablename__ = "safety_report"
    __table_args__ = (UniqueConstraint("serious_event", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    serious_event: Mapped[int] = mapped_column(ForeignKey("serious_event.id"))
    number: Mapped[int]
    criteria: Mapped[str]
    severity: Mapped[str]
    related: Mapped[str]
    expected: Mapped[str]
    outcome: Mapped[str]
    started: Mapped[str]
    ended: Mapped[str]
    visit: Mapped[str]
    row_key: Mapped[str]
    narrative: Mapped[str] = mapped_column(info=NOTE)
    account: Mapped[str] = mapped_column(ForeignKey("account.login"))
    at: Mapped[str]
