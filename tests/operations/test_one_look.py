"""One look at a model's test set: in the audit trail, and a second one only with its reason."""

from __future__ import annotations

import pytest
from chain import ADMIN, COORDINATOR, MANAGER, UNBLINDED

from trialkit import operations as op
from trialkit.access import AccessError, Actor

ABOUT = {"plan_sha256": "a" * 64, "data_sha256": "b" * 64, "chosen": "logistic", "subjects": 94}


def _look(trial: op.Trial, plan: str = "A-response", reason: str = "") -> op.SetLook:
    return op.look_at_test_set(trial, UNBLINDED, plan_id=plan, reason=reason, **ABOUT)


def test_a_look_is_a_record_that_says_what_was_looked_at(either: op.Trial) -> None:
    op.require_unseen_test_set(either, UNBLINDED, plan_id="A-response")
    look = _look(either)
    (line,) = op.read_trail(either, ADMIN, operation="look_at_test_set")
    assert line.number == look.stamp.number
    assert line.account == UNBLINDED.account
    assert line.facts == {"plan_id": "A-response", "earlier_looks": 0, **{
        "plan_sha256": "a" * 64, "data_sha256": "b" * 64, "chosen_before": "logistic", "subjects": 94,
    }}  # fmt: skip
    assert op.verify_audit(either).problems == ()


def test_a_second_look_is_refused_until_there_is_a_reason(either: op.Trial) -> None:
    _look(either)
    before = op.present_anchor(either)
    for refused in (lambda: _look(either), lambda: _look(either, reason="  ")):
        with pytest.raises(op.OperationError, match="one look at the test set of A-response"):
            refused()
    with pytest.raises(op.OperationError, match="one already, at 20"):
        op.require_unseen_test_set(either, UNBLINDED, plan_id="A-response")
    assert op.present_anchor(either) == before
    again = _look(either, reason="The first run lost its disk")
    assert again.earlier == 1
    assert op.read_trail(either, ADMIN, operation="look_at_test_set")[-1].reason == (
        "The first run lost its disk"
    )
    assert _look(either, plan="A-recurrence").earlier == 0  # another model, another test set


@pytest.mark.parametrize("actor", [ADMIN, COORDINATOR, MANAGER])
def test_only_statisticians_look(either: op.Trial, actor: Actor) -> None:
    with pytest.raises(AccessError):
        op.look_at_test_set(either, actor, plan_id="A-response", **ABOUT)


@pytest.mark.parametrize("same", [{"people_sha256": "c" * 64}, {"outcome": "response"}])
def test_another_id_hides_no_second_look(same: dict[str, str], either: op.Trial) -> None:
    """The same people with the same outcome, or an outcome of the same name."""
    op.look_at_test_set(either, UNBLINDED, plan_id="A", people_sha256="c" * 64, outcome="response", **ABOUT)
    with pytest.raises(op.OperationError, match="one look at the test set of B"):
        op.require_unseen_test_set(either, UNBLINDED, plan_id="B", **same)
    with pytest.raises(op.OperationError, match="one look at the test set of B"):
        op.look_at_test_set(either, UNBLINDED, plan_id="B", **same, **ABOUT)
    others = {"people_sha256": "d" * 64, "outcome": "recurrence"}
    op.require_unseen_test_set(either, UNBLINDED, plan_id="B", **others)
    assert op.look_at_test_set(either, UNBLINDED, plan_id="B", **others, **ABOUT).earlier == 0
