"""The study's definition in force, and whether it is locked or unblinded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from trialkit.store.direct import rows_of
from trialkit.store.engine import Reader
from trialkit.store.models import (
    AuditTransaction,
    StudyActivation,
    StudyLock,
    StudyVersion,
    Unblinding,
)


@dataclass(frozen=True, slots=True)
class StudyVersionState:
    number: int
    study_id: str
    version: str
    definition_text: str
    dictionary_text: str
    sha256: str


@dataclass(frozen=True, slots=True)
class StudyStanding:
    """How the study stands: locked or not, unblinded for its analysis or not.

    ``unblinded`` while the lock stands under which it was opened; ``was_unblinded`` for good.
    """

    locked: bool
    lock_content_sha256: str
    unblinded: bool
    was_unblinded: bool


def study_version(reader: Reader) -> StudyVersionState | None:
    """The newest version; None in a database that holds no study."""
    query = select(StudyVersion).order_by(StudyVersion.number.desc()).limit(1)
    row = reader.execute(query).mappings().first()
    return None if row is None else StudyVersionState(**{k: row[k] for k in StudyVersionState.__slots__})


def study_versions(reader: Reader) -> list[StudyVersionState]:
    """Every version that was recorded, in their order."""
    rows = reader.execute(select(StudyVersion).order_by(StudyVersion.number)).mappings()
    return [StudyVersionState(**{k: row[k] for k in StudyVersionState.__slots__}) for row in rows]


@dataclass(frozen=True, slots=True)
class ActivationState:
    """A version activated at a site, by whom and when."""

    site: str
    number: int
    effective_on: date
    approval: str
    account: str
    at: str


def activations(reader: Reader) -> list[ActivationState]:
    """In the order in which they were made."""
    query = (
        select(
            StudyActivation.site,
            StudyActivation.study_version,
            StudyActivation.effective_on,
            StudyActivation.approval,
            AuditTransaction.account,
            AuditTransaction.at,
        )
        .join(AuditTransaction, AuditTransaction.number == StudyActivation.audit_number)
        .order_by(StudyActivation.id)
    )
    return [
        ActivationState(site, number, date.fromisoformat(day), approval, account, at)
        for site, number, day, approval, account, at in reader.execute(query)
    ]


_COUNTED = select(
    select(func.count()).select_from(StudyVersion).scalar_subquery(),
    select(func.count()).select_from(StudyActivation).scalar_subquery(),
)


def count_versions(reader: Reader) -> tuple[int, int]:
    """How many versions were recorded and how many activated: whoever has seen as many has seen all."""
    ((versions, activated),) = rows_of(reader, _COUNTED)
    return versions, activated


_LAST_LOCK = select(StudyLock.action, StudyLock.content_sha256).order_by(StudyLock.id.desc()).limit(1)
_OPENED_AND_LIFTED = select(
    select(func.max(Unblinding.audit_number)).where(Unblinding.kind == "analysis").scalar_subquery(),
    select(func.max(StudyLock.audit_number)).where(StudyLock.action == "lift").scalar_subquery(),
)


def lock_stands(reader: Reader) -> bool:
    """Whether the lock of the study stands: asked before every act that it closes."""
    last = next(rows_of(reader, _LAST_LOCK), None)
    return last is not None and last.action == "set"


def study_standing(reader: Reader) -> StudyStanding:
    last = next(rows_of(reader, _LAST_LOCK), None)
    ((opened, lifted),) = rows_of(reader, _OPENED_AND_LIFTED)
    locked = last is not None and last.action == "set"
    return StudyStanding(
        locked,
        last.content_sha256 if last and locked else "",
        (opened or 0) > (lifted or 0),
        opened is not None,
    )


def analysis_unblinding(reader: Reader) -> dict[str, str] | None:
    """Who signed the last opening of the arms for the analysis, when and why; None where nobody did."""
    query = (
        select(AuditTransaction.number, AuditTransaction.account, AuditTransaction.at, Unblinding.reason)
        .join(Unblinding, Unblinding.audit_number == AuditTransaction.number)
        .where(Unblinding.kind == "analysis")
        .order_by(AuditTransaction.number.desc())
        .limit(1)
    )
    row = reader.execute(query).first()
    if row is None:
        return None
    return {
        "audit_number": str(row.number),
        "signed_by": row.account,
        "signed_at": row.at,
        "reason": row.reason,
    }


def emergency_unblindings(reader: Reader) -> list[str]:
    """The subject of each, in their order; one may be unblinded twice."""
    query = select(Unblinding.subject_id).where(Unblinding.kind == "subject").order_by(Unblinding.id)
    return [str(subject) for subject in reader.scalars(query)]


def unblinded_subjects(reader: Reader) -> list[tuple[str, str, str]]:
    """Subject, time and account of each emergency unblinding, in their order."""
    query = (
        select(Unblinding.subject_id, AuditTransaction.at, AuditTransaction.account)
        .join(AuditTransaction, AuditTransaction.number == Unblinding.audit_number)
        .where(Unblinding.kind == "subject")
        .order_by(Unblinding.id)
    )
    return [(str(subject), at, account) for subject, at, account in reader.execute(query)]
