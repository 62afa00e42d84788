"""Emergency unblinding: one subject's arm, for whoever treats that subject now."""

from __future__ import annotations

from dataclasses import dataclass, field

from trialkit.access import Actor
from trialkit.access.acts.reading import LIST_UNBLINDINGS
from trialkit.access.acts.safety import EMERGENCY_UNBLIND
from trialkit.operations.custody import open_arm
from trialkit.operations.errors import OperationError, TrialError
from trialkit.operations.gate import acting, reading, unknown_subject
from trialkit.operations.trial import Trial
from trialkit.operations.unnamed_arms import require_no_arm_named
from trialkit.store.audit_chain import AuditStamp
from trialkit.store.engine import Reader
from trialkit.store.models import Unblinding
from trialkit.store.reading.allocations import allocations, mistakes


@dataclass(frozen=True, slots=True)
class EmergencyUnblinded:
    """``arm`` as allocated; ``received`` is the other one that was given by mistake, where that is recorded.

    ``received_unreadable``: another one was given, and the key of that record is lost. No arm shows in the
    ``repr``.
    """

    subject_id: str
    site: str
    arm: str = field(repr=False)
    received: str | None = field(repr=False)
    received_unreadable: bool
    stamp: AuditStamp


def emergency_unblind(trial: Trial, actor: Actor, *, subject_id: str, reason: str) -> EmergencyUnblinded:
    """Open one subject's arm; nobody else's is told, and the study stays as blinded as it was.

    Parameters
    ----------
    subject_id
        Randomized, at a site that the actor's right reaches.
    reason
        Why the treatment must be known, in words that name no treatment.

    Raises
    ------
    AccessError, OperationError
        No right, signature or reason; a reason that names an arm; no such subject, or one who was not
        randomized.
    """
    with acting(trial, actor, EMERGENCY_UNBLIND, reason=reason) as progress:
        site = progress.known_sites([subject_id])[subject_id]
        sealed = allocations(progress.reader, trial.study.id, [subject_id]).get(subject_id)
        if sealed is None:
            raise OperationError(expected="a randomized subject", found="none", where=subject_id)
        arm = open_arm(trial, sealed)
        received, unreadable = _received(trial, progress.reader, subject_id)
        progress.add(
            Unblinding,
            id=next(progress.next_ids(Unblinding)),
            kind="subject",
            subject_id=subject_id,
            reason=reason.strip(),
        )
        progress.state(kind="subject", subject=subject_id)
    return EmergencyUnblinded(subject_id, site, arm, received, unreadable, progress.stamp)


def require_may_be_opened(trial: Trial, actor: Actor, *, subject_id: str, reason: str) -> None:
    """Refuse, before anybody signs, what :func:`emergency_unblind` would refuse; nothing is opened.

    Raises
    ------
    AccessError, OperationError
        No right; a reason that names an arm; no such subject, or one who was not randomized.
    """
    with reading(trial, actor, LIST_UNBLINDINGS) as gate:
        if subject_id not in gate.subjects([subject_id]):
            raise unknown_subject(subject_id)
        if subject_id not in allocations(gate.reader, trial.study.id, [subject_id]):
            raise OperationError(expected="a randomized subject", found="none", where=subject_id)
    require_no_arm_named(trial, reason)


def _received(trial: Trial, reader: Reader, subject_id: str) -> tuple[str | None, bool]:
    """The treatment given by mistake. A lost key of that record must not keep back the allocated arm."""
    for mistake in mistakes(reader, trial.study.id):
        if mistake.subject_id == subject_id and mistake.received is not None:
            try:
                return open_arm(trial, mistake.received), False
            except TrialError:
                return None, True
    return None, False
