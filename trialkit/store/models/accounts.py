"""What becomes of an account: roles taken back, closing, a second factor, tokens for programs."""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from trialkit.store.models.base import Recorded


class RoleWithdrawal(Recorded):
    """A grant that counts no longer. The role may be given again: that is a new grant."""

    __tablename__ = "role_withdrawal"

    role_grant: Mapped[int] = mapped_column(
        ForeignKey("role_grant.id"), primary_key=True, autoincrement=False
    )


class AccountStanding(Recorded):
    """An account closed, or opened again; the last row is how it stands."""

    __tablename__ = "account_standing"
    __table_args__ = (CheckConstraint("standing IN ('closed', 'open')", name="standing"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    login: Mapped[str] = mapped_column(ForeignKey("account.login"), index=True)
    standing: Mapped[str]


class SecondFactor(Recorded):
    """The secret of an account's second factor, sealed; the last row counts, and NULL is none."""

    __tablename__ = "second_factor"
    digested: ClassVar[bool] = True

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    login: Mapped[str] = mapped_column(ForeignKey("account.login"), index=True)
    sealed: Mapped[str | None]


class ApiToken(Recorded):
    """A token with which a program acts for an account: its digest, never itself."""

    __tablename__ = "api_token"
    digested: ClassVar[bool] = True

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    login: Mapped[str] = mapped_column(ForeignKey("account.login"), index=True)
    role: Mapped[str]
    site: Mapped[str | None]
    label: Mapped[str]
    scopes: Mapped[str]  # names of acts, separated by blanks
    sha256: Mapped[str] = mapped_column(unique=True)
    ends_at: Mapped[str]


class ApiTokenEnd(Recorded):
    """A token that was revoked before its time."""

    __tablename__ = "api_token_end"

    api_token: Mapped[int] = mapped_column(ForeignKey("api_token.id"), primary_key=True, autoincrement=False)
