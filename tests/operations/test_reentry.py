"""Suspension and re-entry as acts, on both engines."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import chain
import pytest
from chain import ADMIN, COORDINATOR, MANAGER
from test_randomize import STRATUM, screened

from trialkit import operations as op
from trialkit.clock import SimulatedClock
from trialkit.errors import OperationError
from trialkit.operations.custody import code_of, open_arm
from trialkit.operations.slots import hold_stratum, next_free
from trialkit.store.ledger import transaction

TOLD = datetime(2024, 6, 2, tzinfo=UTC)


@pytest.fixture
def recruiting(either: op.Trial, definition: Path, tmp_path: Path) -> op.Trial:
    files = chain.make_list(either.study, tmp_path / "list", definition, per_stratum=8)
    op.load_schedule(
        either, ADMIN, bundle=files.bundle, commitment=files.commitment, allocation_key=files.key
    )
    assert isinstance(either.clock, SimulatedClock)
    either.clock.advance_to(datetime(2024, 6, 1, tzinfo=UTC))
    return either


def _suspend(trial: op.Trial) -> op.Suspended:
    ahead = op.Anchor(trial.study.id, 10_000, "a" * 64, "")
    return op.suspend_randomization(trial, MANAGER, anchor=ahead, reason="An anchor from the safe")


def _paper_of_the_next_slot(trial: op.Trial, subject_id: str) -> tuple[str, str]:
    """Arm and code as a confirmation of the next slot would have shown them."""

    class _Enough(Exception):
        pass

    found = ("", "")
    with pytest.raises(_Enough), transaction(trial.store, trial.clock, ADMIN, "look") as progress:
        progress.lock_study()
        held = hold_stratum(trial, progress, STRATUM, subject_id)
        sealed = next_free(progress.reader, held, subject_id).sealed_for(subject_id)
        arm = open_arm(trial, sealed)
        found = arm, code_of(trial, sealed, arm, TOLD.isoformat(timespec="microseconds"))
        raise _Enough
    return found


def _reenter(trial: op.Trial, subject_id: str, arm: str, code: str) -> op.Reentered:
    return op.reenter_allocation(
        trial, ADMIN, subject_id=subject_id, stratum_values=STRATUM, arm=arm, allocated_at=TOLD,
        code=code, reason="From the paper",
    )  # fmt: skip


def test_a_suspension_is_recorded_and_stops_every_desk(recruiting: op.Trial) -> None:
    who = screened(recruiting, "0001")
    done = _suspend(recruiting)
    assert done.behind
    assert done.stamp is not None
    assert op.present_anchor(recruiting).number == done.stamp.number
    with pytest.raises(OperationError, match="hash begins aaaaaaaaaaaaaaaa"):
        op.randomize(recruiting, COORDINATOR, subject_id=who, stratum_values=STRATUM)


def test_a_paper_of_somebody_blinded_holds_though_its_number_is_their_own(recruiting: op.Trial) -> None:
    """Acts out of their sight have no number to them; the hash names the record."""
    held = op.present_anchor(recruiting)
    screened(recruiting, "0001")
    paper = op.Anchor(recruiting.study.id, held.number - 1, held.hash, "")
    done = op.suspend_randomization(recruiting, MANAGER, anchor=paper, reason="A paper from the desk")
    assert (done.behind, done.stamp) == (False, None)


def test_guesses_are_refused_alike_and_recorded_and_the_paper_is_taken(recruiting: op.Trial) -> None:
    who, later = screened(recruiting, "0001"), screened(recruiting, "0002")
    arm, code = _paper_of_the_next_slot(recruiting, who)
    _suspend(recruiting)
    said = []
    for guess in ("exercise", "control"):
        with pytest.raises(OperationError, match="as it is printed") as refused:
            _reenter(recruiting, who, guess, "0000-0000-0000-0000")
        said.append(str(refused.value).rpartition("audit record")[0])
    assert said[0] == said[1]
    _reenter(recruiting, who, arm, code)
    done = op.resume_randomization(recruiting, ADMIN, reason="All papers are in")
    assert (done.settled, done.reentered, done.refused) == (1, 1, 2)
    again = op.randomize(recruiting, COORDINATOR, subject_id=who, stratum_values=STRATUM)
    assert (again.arm, again.code, again.repeated) == (arm, code, True)
    assert isinstance(recruiting.clock, SimulatedClock)
    recruiting.clock.advance_to(again.allocated_at)  # the paper was told on the day before the restore
    assert not op.randomize(recruiting, COORDINATOR, subject_id=later, stratum_values=STRATUM).repeated
    assert op.verify_audit(recruiting).problems == ()
    _suspend(recruiting)
    assert op.resume_randomization(recruiting, ADMIN, reason="A false alarm").refused == 0


def test_an_anchor_that_was_settled_stays_a_problem_and_names_the_record_that_says_so(
    recruiting: op.Trial,
) -> None:
    ahead = op.Anchor(recruiting.study.id, 10_000, "a" * 64, "")
    _suspend(recruiting)
    assert len(op.verify_audit(recruiting, anchor=ahead).problems) == 1
    resumed = op.resume_randomization(recruiting, ADMIN, reason="The backup of Monday")
    lost, settled = op.verify_audit(recruiting, anchor=ahead).problems
    assert "10000" in lost
    assert settled.startswith(f"record {resumed.stamp.number} ")
