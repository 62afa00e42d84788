"""The study's definition, its accounts, its lock and its unblinding."""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from trialkit.store.models.base import DOCUMENT, Clinical, Recorded


class StudyVersion(Clinical):
    """A definition the data are captured under; its first row is also what writers and the lock lock."""

    __tablename__ = "study_version"
    digested: ClassVar[bool] = True

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    study_id: Mapped[str]
    version: Mapped[str]
    definition_text: Mapped[str] = mapped_column(info=DOCUMENT)
    dictionary_text: Mapped[str] = mapped_column(info=DOCUMENT)
    sha256: Mapped[str] = mapped_column(unique=True)


class StudyActivation(Clinical):
    """From which day on a site works by a version; until its first one, by the version founded on."""

    __tablename__ = "study_activation"
    __table_args__ = (UniqueConstraint("site", "study_version"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    study_version: Mapped[int] = mapped_column(ForeignKey("study_version.number"))
    site: Mapped[str]
    effective_on: Mapped[str]
    approval: Mapped[str]


class Account(Recorded):
    """A person. Never deleted, never another person's."""

    __tablename__ = "account"

    login: Mapped[str] = mapped_column(primary_key=True)
    person_name: Mapped[str]


class AccountCredential(Recorded):
    """A password set for an account; the last one counts."""

    __tablename__ = "account_credential"
    digested: ClassVar[bool] = True

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    login: Mapped[str] = mapped_column(ForeignKey("account.login"))
    argon2: Mapped[str]


class RoleGrant(Recorded):
    """A role given to an account, at one site or (NULL) at all."""

    __tablename__ = "role_grant"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    login: Mapped[str] = mapped_column(ForeignKey("account.login"), index=True)
    role: Mapped[str]
    site: Mapped[str | None]


class StudyLock(Recorded):
    """The lock set or lifted; the last row is how it stands."""

    __tablename__ = "study_lock"
    __table_args__ = (CheckConstraint("action IN ('set', 'lift')", name="action"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    action: Mapped[str]
    content_sha256: Mapped[str]
    reason: Mapped[str]


class Unblinding(Recorded):
    """An opening of arms: of one subject, or of all for the analysis."""

    __tablename__ = "unblinding"
    __table_args__ = (
        CheckConstraint("kind IN ('subject', 'analysis')", name="kind"),
        CheckConstraint("(kind = 'subject') = (subject_id IS NOT NULL)", name="whose"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str]
    subject_id: Mapped[str | None] = mapped_column(ForeignKey("subject.subject_id"))
    reason: Mapped[str]
