"""Opening the study for its analysis: blinded roles may from now on see arms."""

from __future__ import annotations

from dataclasses import dataclass

from trialkit.access import Actor
from trialkit.access.acts.closing import UNBLIND
from trialkit.operations.errors import OperationError
from trialkit.operations.gate import acting
from trialkit.operations.trial import Trial
from trialkit.store.audit_chain import AuditStamp
from trialkit.store.models import Unblinding
from trialkit.store.reading.study import lock_stands


@dataclass(frozen=True, slots=True)
class StudyUnblinded:
    stamp: AuditStamp


def unblind(trial: Trial, actor: Actor, *, reason: str) -> StudyUnblinded:
    """Declare the study open for its analysis: blinded roles may see arms while this lock stands.

    Whoever lifts the lock closes the arms again; nobody is recruited from now on, locked or not.

    Parameters
    ----------
    reason
        Why.

    Raises
    ------
    AccessError, OperationError
        No right, signature or reason; the study is not locked.
    """
    with acting(trial, actor, UNBLIND, reason=reason) as progress:
        if not lock_stands(progress.reader):
            raise OperationError(
                expected="a locked study before it is opened for its analysis",
                found="no lock",
                next_step="Lock the study first. In an emergency, open the arm of the one subject.",
            )
        progress.add(
            Unblinding,
            id=next(progress.next_ids(Unblinding)),
            kind="analysis",
            subject_id=None,
            reason=reason.strip(),
        )
        progress.state(kind="analysis")
    return StudyUnblinded(progress.stamp)
