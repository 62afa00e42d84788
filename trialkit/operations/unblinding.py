"""Unblinding: one subject in an emergency, or the study for its analysis."""

from __future__ import annotations

from dataclasses import dataclass, field

from trialkit.access import Actor
from trialkit.operations.acting import acting, known_subjects
from trialkit.operations.custody import open_arm
from trialkit.operations.errors import OperationError
from trialkit.operations.trial import Trial
from trialkit.store.audit_chain import AuditStamp
from trialkit.store.models import Unblinding
from trialkit.store.reading.allocations import allocations
from trialkit.store.reading.study import study_standing


@dataclass(frozen=True, slots=True)
class Unblinded:
    """``arm`` only for one subject; it does not show in the ``repr``."""

    kind: str
    subject_id: str | None
    arm: str | None = field(repr=False)
    stamp: AuditStamp


def unblind(
    trial: Trial, actor: Actor, *, kind: str, reason: str, subject_id: str | None = None
) -> Unblinded:
    """Open one subject's arm, or declare the study open for its analysis.

    Parameters
    ----------
    kind
        ``"subject"`` (with ``subject_id``): the answer holds that arm and nobody else's.
        ``"analysis"``: blinded roles may from now on write unblinded snapshots; the study must be locked.
    reason
        Why.

    Raises
    ------
    AccessError, OperationError
        No right or reason; no such allocation; an analysis of a study that is not locked.
    """
    if kind not in ("subject", "analysis") or (kind == "subject") != (subject_id is not None):
        raise OperationError(
            expected="kind 'subject' with a subject, or 'analysis' without one", found="another combination"
        )
    arm = None
    with acting(trial, actor, "unblind", reason=reason) as progress:
        if subject_id is None:
            if not study_standing(progress.reader).locked:
                raise OperationError(
                    expected="a locked study before it is opened for its analysis",
                    found="no lock",
                    next_step="Lock the study first.",
                )
        else:
            known_subjects(trial, progress, actor, "unblind", [subject_id], reason=reason)
            sealed = allocations(progress.reader, trial.study.id, [subject_id]).get(subject_id)
            if sealed is None:
                raise OperationError(expected="a randomized subject", found="none", where=subject_id)
            arm = open_arm(trial, sealed)
        progress.add(
            Unblinding,
            id=next(progress.next_ids(Unblinding)),
            kind=kind,
            subject_id=subject_id,
            reason=reason.strip(),
        )
        progress.state(kind=kind, subject=subject_id)
    return Unblinded(kind, subject_id, arm, progress.stamp)
