"""Emergency unblinding: one arm, signed, and told to nobody else."""

from __future__ import annotations

import pytest
from chain import COORDINATOR, INVESTIGATOR
from test_randomize import STRATUM, screened

from trialkit import operations as op
from trialkit.access import AccessError, Actor
from trialkit.errors import OperationError
from trialkit.vocabulary import Role


def test_emergency_unblinding_opens_one_arm_and_is_recorded(trial: op.Trial) -> None:
    subject_id = screened(trial)
    told = op.randomize(trial, COORDINATOR, subject_id=subject_id, stratum_values=STRATUM)
    opened = op.emergency_unblind(trial, INVESTIGATOR, subject_id=subject_id, reason="Gastric bleeding")
    assert (opened.arm, opened.received) == (told.arm, None)
    assert told.arm not in repr(opened)
    with pytest.raises(AccessError, match="reason"):
        op.emergency_unblind(trial, INVESTIGATOR, subject_id=subject_id, reason=" ")


def test_the_reason_of_an_emergency_names_no_arm_in_the_trail(trial: op.Trial) -> None:
    subject_id = screened(trial)
    op.randomize(trial, COORDINATOR, subject_id=subject_id, stratum_values=STRATUM)
    before = op.present_anchor(trial).number
    for arm in trial.study.arms:
        with pytest.raises(OperationError, match="names no treatment") as refused:
            op.emergency_unblind(
                trial, INVESTIGATOR, subject_id=subject_id, reason=f"Bleeding; was on {arm.label.upper()}"
            )
        assert arm.label not in str(refused.value)
    assert op.present_anchor(trial).number == before
    plain = op.emergency_unblind(trial, INVESTIGATOR, subject_id=subject_id, reason="Loss of bladder control")
    assert plain.subject_id == subject_id


def test_an_emergency_also_tells_the_treatment_that_was_given_by_mistake(trial: op.Trial) -> None:
    subject_id = screened(trial)
    told = op.randomize(trial, COORDINATOR, subject_id=subject_id, stratum_values=STRATUM)
    other = {"exercise": "control", "control": "exercise"}[told.arm]
    op.record_mistake(
        trial, COORDINATOR, subject_id=subject_id, kind=op.MistakeKind.WRONG_TREATMENT, received_arm=other,
        reason="Wrong sheet in the folder",
    )  # fmt: skip
    opened = op.emergency_unblind(trial, INVESTIGATOR, subject_id=subject_id, reason="Gastric bleeding")
    assert (opened.arm, opened.received) == (told.arm, other)
    assert other not in repr(opened)


def test_a_signed_act_is_refused_to_an_account_that_was_only_declared(trial: op.Trial) -> None:
    subject_id = screened(trial)
    op.randomize(trial, COORDINATOR, subject_id=subject_id, stratum_values=STRATUM)
    records = op.present_anchor(trial).number
    declared = Actor("investigator", Role.INVESTIGATOR)
    with pytest.raises(AccessError, match="a signature for emergency_unblind"):
        op.emergency_unblind(trial, declared, subject_id=subject_id, reason="Gastric bleeding")
    with pytest.raises(AccessError, match="a signature for lock"):
        op.lock(trial, Actor("manager", Role.DATA_MANAGER), reason="Clean")
    assert op.present_anchor(trial).number == records
