"""What stands against a lock: the list of reasons, before anybody signs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from trialkit.entry.form_life import FormStatus


class ObstacleKind(StrEnum):
    CORRECTION_NOT_ENDORSED = "correction_not_endorsed"
    DEATH_NOT_RECORDED = "death_not_recorded"
    FORM_NOT_COMPLETE = "form_not_complete"
    IMPORT_UNFINISHED = "import_unfinished"
    OPEN_DISCREPANCY = "open_discrepancy"
    OPEN_QUERY = "open_query"
    SIGNATURE_MISSING = "signature_missing"
    STILL_SCREENED = "still_screened"
    VISIT_NOT_RECORDED = "visit_not_recorded"


@dataclass(frozen=True, slots=True)
class FormStanding:
    """One expected form as a lock looks at it.

    Parameters
    ----------
    open_discrepancies
        Discrepancies and unmatched rows without a decision.
    open_queries
        Queries that are not closed: open, answered or reopened.
    """

    subject_id: str
    visit: str
    form: str
    status: FormStatus
    open_discrepancies: int = 0
    open_queries: int = 0
    signature_required: bool = False
    signed: bool = False

    @property
    def where(self) -> str:
        return f"{self.subject_id}/{self.visit}/{self.form}"


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One reason why a lock is refused: what, where, how many."""

    kind: ObstacleKind
    where: str
    count: int = 1
    detail: str = ""

    def __str__(self) -> str:
        words = self.kind.replace("_", " ")
        return f"{self.where}: {words}{f' ({self.detail})' if self.detail else ''}"


_SETTLED = frozenset({FormStatus.COMPLETE, FormStatus.NOT_DONE})


def lock_obstacles(forms: Iterable[FormStanding]) -> list[Obstacle]:
    """Everything that stands against freezing or locking these forms, in their order.

    Parameters
    ----------
    forms
        Every form that is expected in the scope of the lock: a form, a subject, a site or the study.

    Returns
    -------
    list of Obstacle
        Empty where the lock may be set: every form is complete or "not done", no discrepancy or query is
        open, every required signature stands.

    Degenerate cases
    ----------------
    No forms: nothing stands against it. A form that was not done needs no signature.
    """
    obstacles = []
    for form in forms:
        if form.status not in _SETTLED:
            obstacles.append(Obstacle(ObstacleKind.FORM_NOT_COMPLETE, form.where, detail=str(form.status)))
        if form.open_discrepancies:
            obstacles.append(_counted(ObstacleKind.OPEN_DISCREPANCY, form.where, form.open_discrepancies))
        if form.open_queries:
            obstacles.append(_counted(ObstacleKind.OPEN_QUERY, form.where, form.open_queries))
        if form.signature_required and not form.signed and form.status is not FormStatus.NOT_DONE:
            obstacles.append(Obstacle(ObstacleKind.SIGNATURE_MISSING, form.where))
    return obstacles


def _counted(kind: ObstacleKind, where: str, count: int) -> Obstacle:
    return Obstacle(kind, where, count, detail=str(count))
