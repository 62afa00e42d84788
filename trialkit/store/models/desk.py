"""What happens at the door: no act of the trial, and outside the chain of its records."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from trialkit.store.models.base import Base


class SignInAttempt(Base):
    """A password given for a login, right or wrong; or given before its wait was over, and not looked at."""

    __tablename__ = "sign_in_attempt"
    __table_args__ = (
        CheckConstraint("outcome IN ('right', 'wrong', 'too_soon')", name="outcome"),
        Index("ix_sign_in_attempt_login_at", "login", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[str]  # UTC, ISO 8601
    login: Mapped[str]  # as typed, in a study that may have no such account; cut to what a login can be
    host: Mapped[str]
    os_user: Mapped[str]
    outcome: Mapped[str]
