"""Non-interference: what a blinded role can see does not depend on anybody's arm."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import chain
import pytest
from chain import ADMIN, COORDINATOR, FIRST, MANAGER, SECOND, STATISTICIAN
from test_randomize import STRATUM, screened

from trialkit import operations as op
from trialkit.access import AccessError
from trialkit.clock import SimulatedClock
from trialkit.errors import OperationError
from trialkit.snapshot import read_snapshot
from trialkit.store.reading.audit import audit_entries


def _trial_with_list(folder: Path, definition: Path, seed: int) -> tuple[op.Trial, list[str]]:
    """The same eight women at site A, randomized from the list of this seed."""
    trial = chain.found_study(folder / "study", definition)
    files = chain.make_list(trial.study, folder / "list", definition, seed=seed)
    op.load_schedule(trial, ADMIN, bundle=files.bundle, commitment=files.commitment, allocation_key=files.key)
    clock = trial.clock
    assert isinstance(clock, SimulatedClock)
    clock.advance_to(datetime(2024, 6, 1, tzinfo=UTC))
    arms = []
    for number in range(8):
        who = screened(trial, f"{number:04d}")
        arms.append(op.randomize(trial, COORDINATOR, subject_id=who, stratum_values=STRATUM).arm)
    return trial, arms


def _type_compliance_of_the_exercised(trial: op.Trial, arms: list[str]) -> None:
    """The form only one arm has, with a discrepancy for the adjudicator."""
    for number, arm in enumerate(arms):
        if arm == "exercise":
            for who, done in ((FIRST, "28"), (SECOND, "29")):
                row = op.EnteredRow({"compl_sessions_done": done, "compl_minutes_per_session": "35"})
                op.enter_pass(trial, who, entry=op.FormEntry(f"{number:04d}", "week_6", "compliance", (row,)))


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory, definition: Path) -> Iterator[list[op.Trial]]:
    """Two databases that are alike but for the arms."""
    folder = tmp_path_factory.mktemp("pair")
    made = [_trial_with_list(folder / str(seed), definition, seed) for seed in (1, 2)]
    assert made[0][1] != made[1][1], "two lists that happen to agree prove nothing"
    for trial, arms in made:
        _type_compliance_of_the_exercised(trial, arms)
    yield [trial for trial, _ in made]
    for trial, _ in made:
        trial.close()


def test_a_blinded_snapshot_is_the_same_whatever_the_arms(pair: list[op.Trial], tmp_path: Path) -> None:
    snapshots = [
        op.write_snapshot(trial, STATISTICIAN, folder=tmp_path / f"snapshot{n}", blinded=True).folder
        for n, trial in enumerate(pair)
    ]
    first, second = ({path.name: path.read_bytes() for path in folder.glob("*.csv")} for folder in snapshots)
    assert first == second
    assert len(first) == 7  # six tables and the dictionary
    manifests = [read_snapshot(folder).manifest for folder in snapshots]
    assert manifests[0].content_sha256 == manifests[1].content_sha256


def test_what_stands_against_a_lock_is_for_few_and_whoever_sees_forms_of_one_arm_is_on_record(
    pair: list[op.Trial],
) -> None:
    for trial in pair:
        with pytest.raises(AccessError, match="view_obstacles"):
            op.obstacles(trial, STATISTICIAN)
    seen = op.obstacles(pair[0], MANAGER)
    assert any("compliance" in line for line in seen)
    last = op.read_trail(pair[0], MANAGER)[-1]
    assert (last.operation, last.account) == ("view_obstacles", MANAGER.account)


def test_the_trail_of_two_trials_with_other_arms_tells_nothing_apart_but_the_closed_slots(
    pair: list[op.Trial],
) -> None:
    trails = []
    for trial in pair:
        with trial.store.reading() as reader:
            trails.append(
                [json.loads(e.payload_text) for e in audit_entries(reader) if e.operation == "randomize"]
            )
    salts = [record.pop("salt") for trail in trails for record in trail]
    assert len(set(salts)) == len(salts)
    assert trails[0] == trails[1]


def test_no_text_that_blinded_readers_are_shown_names_an_arm(trial: op.Trial) -> None:
    """Wherever a text goes in: a reason, the day of a visit, a value typed, corrected or decided."""
    who = screened(trial)
    day = datetime(2024, 5, 1, tzinfo=UTC).date()
    arm = "ＥＸＥＲＣＩＳＥ + nsaid"
    note = {"ae_line": "1", "ae_term": f"Fell after {arm}"}
    event = op.FormEntry(who, "week_6", "adverse_events", (op.EnteredRow(note, "1"),))
    seen = op.FormEntry(who, "week_6", "adverse_events", (op.EnteredRow({**note, "ae_term": "Fall"}, "1"),))
    for typist in (FIRST, SECOND):
        op.enter_pass(trial, typist, entry=seen)
    place = {"subject_id": who, "visit": "week_6", "form": "adverse_events", "row": "1", "item": "ae_term"}
    attempts = [
        lambda: op.enter_pass(trial, FIRST, entry=event),
        lambda: op.correct(trial, COORDINATOR, **place, value=arm, reason="Misread"),
        lambda: op.correct(trial, COORDINATOR, **place, value="Rash", reason=arm),
        lambda: op.withdraw(trial, COORDINATOR, subject_id=who, date=day, reason=arm),
        lambda: op.mark_not_done(trial, COORDINATOR, entries=[op.NotDone(who, "month_1", arm)]),
        lambda: op.open_query(
            trial, MANAGER, subject_id=who, visit="week_6", form="adverse_events", text=arm
        ),
        lambda: op.lock(trial, MANAGER, reason=arm),
        lambda: op.set_recruitment(
            trial, MANAGER, scope=op.RecruitmentScope.STUDY, state=op.RecruitmentState.PAUSED, reason=arm
        ),
    ]
    before = op.present_anchor(trial).number
    for attempt in attempts:
        with pytest.raises(OperationError, match="names no treatment") as refused:
            attempt()
        assert "xercise" not in str(refused.value).casefold()
    assert op.present_anchor(trial).number == before
