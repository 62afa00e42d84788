"""The one look at a model's test set, in the study's audit trail: a second one only with its reason."""

from __future__ import annotations

from dataclasses import dataclass

from trialkit.access import Actor
from trialkit.access.acts.closing import LOOK_AT_TEST_SET
from trialkit.operations.errors import OperationError
from trialkit.operations.gate import Gate, acting, reading
from trialkit.operations.trial import Trial
from trialkit.store.audit_chain import AuditStamp
from trialkit.store.reading.audit import records_of
from trialkit.wording import said


@dataclass(frozen=True, slots=True)
class SetLook:
    """``earlier``: how many looks under the same plan the trail held before this one."""

    plan_id: str
    earlier: int
    stamp: AuditStamp


def require_unseen_test_set(
    trial: Trial, actor: Actor, *, plan_id: str, people_sha256: str = "", outcome: str = "", reason: str = ""
) -> None:
    """Refuse at once what :func:`look_at_test_set` would refuse after an hour's work.

    Raises
    ------
    AccessError
        No right.
    OperationError
        The trail holds a look under this plan, at these people's outcome or at an outcome of this name, and
        there is no reason for another.
    """
    with reading(trial, actor, LOOK_AT_TEST_SET, reason=reason) as gate:
        _require_first_or_reason(gate, plan_id, people_sha256, outcome)


def look_at_test_set(
    trial: Trial,
    actor: Actor,
    *,
    plan_id: str,
    plan_sha256: str,
    data_sha256: str,
    chosen: str,
    subjects: int,
    people_sha256: str = "",
    outcome: str = "",
    reason: str = "",
) -> SetLook:
    """Record that the test set is opened now; to be called before a risk is held against it.

    A look is one under a plan's id, whatever version, data or seed: another version of the same plan is the
    commonest way to look twice. Under another id it is one where the same people had the same outcome, or
    where the outcome has the same name: fewer people are no new test set. The record stands where what
    follows it breaks off.

    Parameters
    ----------
    plan_id, plan_sha256, data_sha256
        Which plan, and on which data.
    chosen
        The model chosen beforehand.
    subjects
        How many are in the test set.
    people_sha256
        Hash of who had which outcome; "" where nobody knows it.
    outcome
        What is predicted: the names of its columns; "" where nobody says.
    reason
        Why again; not asked of the first look.

    Raises
    ------
    AccessError
        No right.
    OperationError
        A second look without a reason, or a reason that names an arm.
    """
    with acting(trial, actor, LOOK_AT_TEST_SET, reason=reason, exclusive=True) as progress:
        earlier = _require_first_or_reason(progress, plan_id, people_sha256, outcome)
        told = {"people_sha256": people_sha256, "outcome": outcome}
        progress.state(
            plan_id=plan_id,
            plan_sha256=plan_sha256,
            data_sha256=data_sha256,
            chosen_before=chosen,
            subjects=subjects,
            earlier_looks=earlier,
            **{name: value for name, value in told.items() if value},
        )
    return SetLook(plan_id, earlier, progress.stamp)


def _require_first_or_reason(gate: Gate, plan_id: str, people_sha256: str, outcome: str) -> int:
    """How many earlier looks there are."""
    looks = [
        at
        for at, facts in records_of(gate.reader, gate.act.name)
        if facts["plan_id"] == plan_id
        or facts.get("people_sha256", "") == people_sha256 != ""
        or facts.get("outcome", "") == outcome != ""
    ]
    if looks and not gate.reason:
        raise OperationError(
            expected=said("one look at the test set of {plan}", plan=plan_id),
            found=said("one already, at {at}", at=looks[-1]),
            where=said("the audit trail"),
            next_step="Say why another is needed (--look-again REASON); it goes on record.",
        )
    return len(looks)
