"""The audit trail and its head."""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from trialkit.store.models.base import DOCUMENT, Base


class AuditTransaction(Base):
    """One act. ``payload_text`` is what was hashed; the other columns repeat parts of it for searching."""

    __tablename__ = "audit_transaction"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    previous_hash: Mapped[str] = mapped_column(unique=True)
    hash: Mapped[str] = mapped_column(unique=True)
    mac: Mapped[str | None]
    at: Mapped[str]  # UTC, ISO 8601
    account: Mapped[str]
    role: Mapped[str]
    site: Mapped[str | None]
    authentication: Mapped[str]
    os_user: Mapped[str]
    host: Mapped[str]
    operation: Mapped[str]
    reason: Mapped[str]
    payload_text: Mapped[str] = mapped_column(info=DOCUMENT)


class AuditHead(Base):
    """The one row that is locked last: where the chain ends."""

    __tablename__ = "audit_head"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)
    changing: ClassVar[bool] = True

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int]
    hash: Mapped[str]
