"""The blind data review: who is left out of an analysis set, or kept in, decided before the lock."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from trialkit.access import Actor
from trialkit.access.acts.closing import DECIDE_SET
from trialkit.operations.errors import OperationError
from trialkit.operations.gate import OpenAct, acting
from trialkit.operations.trial import Trial
from trialkit.store.audit_chain import AuditStamp
from trialkit.store.models import SetDecision
from trialkit.store.reading.review import set_decisions
from trialkit.store.reading.study import study_standing
from trialkit.store.reading.subjects import SubjectState
from trialkit.wording import said


class Decision(StrEnum):
    EXCLUDE = "exclude"
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class SetDecided:
    subject_id: str
    analysis_set: str
    decision: Decision
    stamp: AuditStamp


def decide_set(
    trial: Trial, actor: Actor, *, subject_id: str, analysis_set: str, decision: Decision, reason: str
) -> SetDecided:
    """Decide about a subject and an analysis set of the plan; a later decision takes the place of this one.

    Parameters
    ----------
    subject_id
        Randomized.
    analysis_set
        As the plan names it (``per_protocol``); the plan is not known here, and a run says where a name is
        none of its sets.
    decision
        Leave out, or keep.
    reason
        Why, in words that name no arm: it is printed with the name of who decided.

    Raises
    ------
    AccessError, OperationError
        No right or reason; not randomized; the data are locked or the arms were opened: a review is blind.
    """
    with acting(trial, actor, DECIDE_SET, reason=reason) as progress:
        require_blind(progress, subject_id)
        name = require_decidable(progress.known_subjects([subject_id])[subject_id], analysis_set)
        before = set_decisions(progress.reader).get((subject_id, name))
        if before is not None and before.decision == decision.value:
            raise OperationError(
                expected="another decision than the one that stands",
                found=said("{decision}, by {login}", decision=before.decision, login=before.account),
                where=said("{subject_id}, {name}", subject_id=subject_id, name=name),
            )
        write_decision(trial, progress, actor, subject_id, name, decision, reason)
        progress.state(subject=subject_id, analysis_set=name, decision=decision.value)
    return SetDecided(subject_id, name, decision, progress.stamp)


def require_blind(progress: OpenAct, where: str) -> None:
    if study_standing(progress.reader).was_unblinded:
        raise OperationError(
            expected="arms that were never opened",
            found="opened arms",
            where=where,
            next_step="The review is blind: none is taken up again after the arms were opened.",
        )


def require_decidable(person: SubjectState, analysis_set: str) -> str:
    """The name of the set, of a subject whom a set can have."""
    if not person.allocated:
        raise OperationError(expected="a randomized subject", found="one who is not", where=person.subject_id)
    name = analysis_set.strip()
    if not name.isidentifier():
        raise OperationError(
            expected="the name of an analysis set, such as per_protocol",
            found=repr(analysis_set),
            where=person.subject_id,
            next_step="Write it as the plan does, in [sets.NAME].",
        )
    return name


def write_decision(
    trial: Trial,
    progress: OpenAct,
    actor: Actor,
    subject_id: str,
    name: str,
    decision: Decision,
    reason: str,
) -> None:
    progress.add(
        SetDecision,
        id=next(progress.next_ids(SetDecision)),
        subject_id=subject_id,
        analysis_set=name,
        decision=decision.value,
        reason=reason.strip(),
        account=actor.account,
        at=trial.clock.now().isoformat(),
    )
