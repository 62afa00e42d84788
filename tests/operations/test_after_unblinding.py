"""What the opening of arms ends, and what lifting the lock closes again."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from chain import COORDINATOR, MANAGER, STATISTICIAN

from trialkit import operations as op
from trialkit.access import AccessError
from trialkit.errors import OperationError


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
