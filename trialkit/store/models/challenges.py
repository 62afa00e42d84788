"""Verification of a second entry: where its typist was told that it differs, and what she made of it."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from trialkit.store.models.base import NOTE, Clinical


class EntryChallenge(Clinical):
    """An account was told that what it had typed differs from the other entry, once for a field.

    ``typed`` is what stood there then, a missing code as ``@unknown`` and a blank as nothing.
    """

    __tablename__ = "entry_challenge"
    __table_args__ = (UniqueConstraint("form_instance", "row_key", "item", "account"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    form_instance: Mapped[int] = mapped_column(ForeignKey("form_instance.id"))
    row_key: Mapped[str]
    item: Mapped[str]
    account: Mapped[str] = mapped_column(ForeignKey("account.login"))
    typed: Mapped[str] = mapped_column(info=NOTE)


class ChallengeOutcome(Clinical):
    """What became of a challenge when the entry was complete: another value, or the same one kept."""

    __tablename__ = "challenge_outcome"
    __table_args__ = (CheckConstraint("outcome IN ('retyped', 'kept')", name="outcome"),)

    challenge: Mapped[int] = mapped_column(
        ForeignKey("entry_challenge.id"), primary_key=True, autoincrement=False
    )
    outcome: Mapped[str]


class VerifiedPass(Clinical):
    """A pass that was held against the other one while it was typed: the two are not independent."""

    __tablename__ = "verified_pass"

    form_pass: Mapped[int] = mapped_column(ForeignKey("form_pass.id"), primary_key=True, autoincrement=False)
