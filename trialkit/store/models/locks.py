"""Locks below the study's, and the monitor's ticks at single values."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from trialkit.store.models.base import Clinical, Recorded


class PlaceLock(Recorded):
    """The lock of a form, a subject or a site set or lifted; the last row of a place is how it stands.

    ``content_sha256`` is of what its forms said then: what the signature is bound to.
    """

    __tablename__ = "place_lock"
    __table_args__ = (
        CheckConstraint("scope IN ('form', 'subject', 'site')", name="scope"),
        CheckConstraint("action IN ('set', 'lift')", name="action"),
        Index("ix_place_lock_scope_place", "scope", "place"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    scope: Mapped[str]
    place: Mapped[str]  # subject/visit/form, subject, or site
    action: Mapped[str]
    content_sha256: Mapped[str]
    reason: Mapped[str]


class SourceTick(Clinical):
    """A value of the final record held against its source. A later value is another row, without a tick."""

    __tablename__ = "source_tick"
    __table_args__ = (
        UniqueConstraint("final_value", "account"),
        Index("ix_source_tick_final_value", "final_value"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    final_value: Mapped[int] = mapped_column(ForeignKey("final_value.id"))
    account: Mapped[str] = mapped_column(ForeignKey("account.login"))
    at: Mapped[str]
