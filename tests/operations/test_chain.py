"""The reference trial in small, from founding to the snapshot."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from chain import COORDINATOR, INVESTIGATOR, MANAGER, STATISTICIAN, ChainRun

from trialkit import operations as op
from trialkit.access import AccessError
from trialkit.errors import OperationError
from trialkit.simulation import residual_errors
from trialkit.snapshot import read_snapshot
from trialkit.store import StoreError
from trialkit.store.reading.discrepancies import discrepancies


def test_the_discrepancies_found_are_the_ones_the_simulator_planted(finished: ChainRun) -> None:
    with finished.trial.store.reading() as reader:
        found = {(d.subject_id, d.visit, d.form, d.row, d.item) for d in discrepancies(reader)}
    planted = {(f.subject_id, f.visit, f.form, f.row, f.item) for f in finished.passes.discordant}
    assert found == planted
    assert found


def test_the_final_record_is_the_paper_but_for_the_errors_no_comparison_can_find(
    finished: ChainRun, tmp_path: Path
) -> None:
    written = op.write_snapshot(finished.trial, MANAGER, folder=tmp_path / "snapshot", blinded=True)
    values = read_snapshot(written.folder).tables["values"]
    final = {
        (r.subject_id, r.visit, r.form, r.row, r.item): r.value
        or (f"@{r.missing_code}" if r.missing_code else "")
        for r in values.itertuples()
    }
    wrong = {
        (row.subject_id, row.visit, row.form, row.row, item)
        for row in finished.paper.rows
        for item, text in row.values.items()
        if (key := (row.subject_id, row.visit, row.form, row.row, item)) in final and final[key] != text
    }
    residual = residual_errors(finished.passes, finished.decisions)
    assert wrong == {(f.subject_id, f.visit, f.form, f.row, f.item) for f in residual}


def test_a_locked_study_refuses_every_clinical_write_and_can_be_unlocked(finished_copy: op.Trial) -> None:
    locked = op.lock(finished_copy, MANAGER, reason="All data are in and clean")
    someone = _somebody(finished_copy)
    with pytest.raises(StoreError, match="unlocked study"):
        op.correct(
            finished_copy, COORDINATOR, subject_id=someone, visit="baseline", form="vas", item="vas_mm",
            value="99", reason="Misread", second_person=INVESTIGATOR,
        )  # fmt: skip
    op.unlock(finished_copy, MANAGER, reason="A laboratory value was wrong")
    corrected = op.correct(
        finished_copy, COORDINATOR, subject_id=someone, visit="baseline", form="vas", item="vas_mm",
        value="99", reason="Misread", second_person=INVESTIGATOR,
    )  # fmt: skip
    assert corrected.new == "99"
    again = op.lock(finished_copy, MANAGER, reason="Clean again")
    assert again.content_sha256 != locked.content_sha256


def test_whoever_acts_at_one_site_does_not_lock_the_whole_study(finished_copy: op.Trial) -> None:
    with pytest.raises(AccessError, match="at every site"):
        op.lock(finished_copy, replace(MANAGER, site="A"), reason="Site A is clean")
    assert op.lock(finished_copy, MANAGER, reason="Every site is clean")


def test_a_blinded_role_gets_arms_only_after_the_study_is_unblinded(
    finished_copy: op.Trial, tmp_path: Path
) -> None:
    with pytest.raises(OperationError, match="a locked study"):
        op.unblind(finished_copy, MANAGER, reason="Too early")
    op.lock(finished_copy, MANAGER, reason="Clean")
    with pytest.raises(AccessError, match="one of the roles data_manager"):
        op.unblind(finished_copy, INVESTIGATOR, reason="Curious")
    with pytest.raises(AccessError, match="blinded"):
        op.write_snapshot(finished_copy, STATISTICIAN, folder=tmp_path / "early", blinded=False)
    blinded = op.write_snapshot(finished_copy, STATISTICIAN, folder=tmp_path / "blinded", blinded=True)
    assert not (blinded.folder / "allocations.csv").exists()
    op.unblind(finished_copy, MANAGER, reason="The plan is signed")
    opened = op.write_snapshot(finished_copy, STATISTICIAN, folder=tmp_path / "open", blinded=False)
    assert (opened.folder / "allocations.csv").exists()
    assert opened.manifest.state == "locked"


def test_the_snapshot_carries_the_arm_that_was_told_at_randomization(
    finished: ChainRun, finished_copy: op.Trial, tmp_path: Path
) -> None:
    from chain import UNBLINDED

    written = op.write_snapshot(finished_copy, UNBLINDED, folder=tmp_path / "open", blinded=False)
    allocations = read_snapshot(written.folder).tables["allocations"]
    told = dict(zip(allocations["subject_id"], allocations["planned_arm"], strict=True))
    assert told == finished.arm_of


def _somebody(trial: op.Trial) -> str:
    from trialkit.store.reading.subjects import subjects

    with trial.store.reading() as reader:
        return next(s for s, state in subjects(reader).items() if state.allocated)
