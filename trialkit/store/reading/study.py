"""The study's definition in force, and whether it is locked or unblinded."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from trialkit.store.engine import Reader
from trialkit.store.models import StudyLock, StudyVersion, Unblinding


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
    """How the study stands: locked or not, unblinded for its analysis or not."""

    locked: bool
    lock_content_sha256: str
    unblinded: bool


def study_version(reader: Reader) -> StudyVersionState | None:
    """The newest version; None in a database that holds no study."""
    query = select(StudyVersion).order_by(StudyVersion.number.desc()).limit(1)
    row = reader.execute(query).mappings().first()
    return None if row is None else StudyVersionState(**{k: row[k] for k in StudyVersionState.__slots__})


def study_standing(reader: Reader) -> StudyStanding:
    last = reader.execute(
        select(StudyLock.action, StudyLock.content_sha256).order_by(StudyLock.id.desc()).limit(1)
    ).first()
    opened = reader.execute(select(Unblinding.id).where(Unblinding.kind == "analysis").limit(1)).first()
    locked = last is not None and last.action == "set"
    return StudyStanding(locked, last.content_sha256 if last and locked else "", opened is not None)
