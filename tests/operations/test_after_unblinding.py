"""What the opening of arms ends, and what lifting the lock closes again."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from chain import COORDINATOR, MANAGER, STATISTICIAN, UNBLINDED

from trialkit import operations as op
from trialkit.access import AccessError
from trialkit.errors import OperationError
from trialkit.snapshot import read_snapshot


def test_lifting_the_lock_closes_the_arms_again_and_recruitment_is_over(
    trial: op.Trial, tmp_path: Path
) -> None:
    op.lock(trial, MANAGER, reason="complete")
    op.unblind(trial, MANAGER, reason="analysis")
    op.write_snapshot(trial, STATISTICIAN, folder=tmp_path / "open", blinded=False)
    op.unlock(trial, MANAGER, reason="a form was found")
    with pytest.raises(AccessError, match="blinded"):
        op.write_snapshot(trial, STATISTICIAN, folder=tmp_path / "again", blinded=False)
    with pytest.raises(AccessError, match="blinded"):
        op.balance_of(trial, STATISTICIAN)
    with pytest.raises(OperationError, match="never opened"):
        op.enrol(trial, COORDINATOR, site="A", consent_date=date(2024, 5, 1))
    op.lock(trial, MANAGER, reason="complete")
    with pytest.raises(AccessError, match="blinded"):
        op.balance_of(trial, STATISTICIAN)
    op.unblind(trial, MANAGER, reason="analysis")
    op.balance_of(trial, STATISTICIAN)


def test_recruitment_is_not_opened_again_after_the_arms_were(trial: op.Trial) -> None:
    paused = {"scope": op.RecruitmentScope.STUDY, "reason": "the last subject is in"}
    op.set_recruitment(trial, MANAGER, state=op.RecruitmentState.PAUSED, **paused)
    op.lock(trial, MANAGER, reason="complete")
    op.unblind(trial, MANAGER, reason="analysis")
    op.unlock(trial, MANAGER, reason="a form was found")
    with pytest.raises(OperationError, match="never opened"):
        op.set_recruitment(trial, MANAGER, state=op.RecruitmentState.OPEN, **paused)


def test_a_snapshot_with_arms_says_who_signed_their_opening(trial: op.Trial, tmp_path: Path) -> None:
    """And one of before, or of a lock that was lifted since, says nothing: no run on it is unblinded."""
    early = op.write_snapshot(trial, UNBLINDED, folder=tmp_path / "early", blinded=False)
    assert "unblinding" not in read_snapshot(early.folder).tables
    op.lock(trial, MANAGER, reason="complete")
    signed = op.unblind(trial, MANAGER, reason="analysis")
    later = op.write_snapshot(trial, UNBLINDED, folder=tmp_path / "later", blinded=False)
    (row,) = read_snapshot(later.folder).tables["unblinding"].to_dict("records")
    assert row["audit_number"] == str(signed.stamp.number)
    assert (row["signed_by"], row["reason"]) == (MANAGER.account, "analysis")
    blinded = op.write_snapshot(trial, MANAGER, folder=tmp_path / "blinded", blinded=True)
    assert "unblinding" not in read_snapshot(blinded.folder).tables
    op.unlock(trial, MANAGER, reason="a form was found")
    closed = op.write_snapshot(trial, UNBLINDED, folder=tmp_path / "closed", blinded=False)
    assert "unblinding" not in read_snapshot(closed.folder).tables
