"""When the time at risk of recurrence ends, in the model of the first episode and in that of all."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from trialkit import resources
from trialkit.analysis import Results, load_plan
from trialkit.analysis.methods import all_methods
from trialkit.analysis.run import prepared_run
from trialkit.datasets import Datasets
from trialkit.datasets.episodes import episode_dataset
from trialkit.datasets.times import TimedEvents, time_dataset
from trialkit.documents.table import Table
from trialkit.plan import Plan
from trialkit.plan.check import plan_problems
from trialkit.report.page import report_page
from trialkit.snapshot import Snapshot, read_snapshot
from trialkit.study import load_study

HERE = Path("tests/reference/study_a")
TOLERANCE = 1e-6  # relative; fixed before the numbers were compared
ENDS = {
    "again": "Recurrence of low-back pain",
    "Death": "Death",
    "Spinal surgery": "Spinal surgery",
    "contact": "last contact with recurrence status assessed",
    "horizon": "end of the period, day 365",
}
ORIGIN = date(2024, 1, 1)
PLAN = Path(str(resources.folder("sap"))) / "study_a.toml"


def day(number: int) -> date:
    return date.fromordinal(ORIGIN.toordinal() + number)


@pytest.fixture(scope="module")
def operated(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """The stored trial, with every spinal intervention a surgery."""
    folder = tmp_path_factory.mktemp("operated")
    with zipfile.ZipFile(HERE / "snapshot.zip") as archive:
        archive.extractall(folder)
    snapshot = read_snapshot(folder)
    values = snapshot.tables["values"].copy()
    values.loc[values["item"] == "si_type", "value"] = "surgery"
    return replace(snapshot, tables={**snapshot.tables, "values": values})


@pytest.fixture(scope="module")
def found(operated: Snapshot) -> tuple[Results, Datasets]:
    plan = load_plan(HERE / "plan.toml")
    chosen = tuple(entry for entry in plan.analyses if entry.id in ("R1", "R2", "R4", "R5", "R6", "R7"))
    alike = tuple(entry.saying(horizon_days=365) if entry.id == "R4" else entry for entry in chosen)
    results, prepared = prepared_run(replace(plan, analyses=alike), operated)
    return results, prepared.datasets


@pytest.fixture(scope="module")
def theirs() -> dict[str, Any]:
    return dict(json.loads((HERE / "time_at_risk.json").read_text(encoding="utf-8")))


@pytest.mark.external_reference
def test_the_time_at_risk_of_a_first_episode_ends_as_in_r(
    found: tuple[Results, Datasets], theirs: dict[str, Any]
):
    for entry in ("R1", "R6"):
        ended = found[0][entry].tables["ended"].set_index(["arm", "reason"])["n"]
        assert {
            arm: {why: ended[arm, words] for why, words in ENDS.items()} for arm in theirs["first"]
        } == theirs["first"]
        hazard = found[0][entry].tables["hazard_ratios"].iloc[0]
        assert dict(hazard[["estimate", "log_standard_error"]]) == pytest.approx(theirs["cox"], rel=TOLERANCE)


@pytest.mark.external_reference
@pytest.mark.parametrize("entry", ["R4", "R7"])
def test_a_model_without_curves_prints_how_the_time_of_whoever_is_in_it_ended(
    found: tuple[Results, Datasets], theirs: dict[str, Any], entry: str
):
    """All events are in it, and all who reached the horizon; who is not was lost or operated early."""
    result = found[0][entry]
    ended = result.tables["ended"].set_index(["arm", "reason"])["n"]
    counts = result.counts.set_index("arm")
    for arm, ends in theirs["first"].items():
        assert ended[arm].sum() == counts.loc[arm, "n_observed"]
        for why, words in ENDS.items():
            missing = ends[why] - ended[arm, words]
            whole = ("again", "horizon") if entry == "R4" else ("again", "horizon", "Death", "Spinal surgery")
            assert missing == 0 if why in whole else 0 <= missing <= counts.loc[arm, "n_excluded"], (arm, why)
    tables = [one for one in printed(result, found[0]) if "how the time at risk ended" in one.title]
    (shown,) = [[(row.label, [cell.text for cell in row.cells]) for row in one.rows] for one in tables]
    for why, words in ENDS.items():
        label = words[:1].upper() + words[1:]
        assert (label, [str(ended[arm, words]) for arm in counts.index]) in shown, why


def printed(result: Any, results: Results) -> list[Table]:
    page = report_page(replace(results, analyses=(result,)))
    blocks = (block for section in page.sections for entry in section.entries for block in entry.blocks)
    return [block for block in blocks if isinstance(block, Table)]


@pytest.mark.external_reference
def test_the_time_at_risk_of_all_episodes_ends_as_in_r(
    found: tuple[Results, Datasets], theirs: dict[str, Any]
):
    told = found[0]["R5"].tables["episodes"].set_index(["arm", "measure"])["n"]
    for arm, ends in theirs["episodes"].items():
        for why, words in ENDS.items():
            assert told[arm, f"At risk until {words[:1].lower()}{words[1:]}"] == ends[why], (arm, why)
        assert told[arm, "Episodes"] == theirs["events"][arm]
        assert told[arm, "Days at risk"] == theirs["days_at_risk"][arm]
    hazard = found[0]["R5"].tables["hazard_ratios"].iloc[0]
    assert dict(hazard[["estimate", "log_standard_error"]]) == pytest.approx(
        theirs["andersen_gill"], rel=TOLERANCE
    )


def test_what_came_first_is_told_alike_in_every_analysis_of_the_endpoint(found: tuple[Results, Datasets]):
    results = found[0]
    first = results["R1"].tables["ended"].set_index(["reason", "arm"])["n"]
    incidence = results["R2"].tables["events"].set_index(["cause", "arm"])["n"]
    for cause, arm in incidence.index:
        if cause != "censored":
            assert incidence[cause, arm] == first[cause, arm]
    subjects = results["R5"].tables["episodes"].set_index(["measure", "arm"])["n"]
    for arm in ("exercise", "control"):
        assert subjects["Subjects with an episode", arm] == first[ENDS["again"], arm]


def test_whoever_was_not_yet_at_the_horizon_has_one_time_to_the_first_episode(
    found: tuple[Results, Datasets],
):
    times = found[1].times.set_index("subject_id")
    first = found[1].episodes.groupby("subject_id").head(1).set_index("subject_id")
    both = times.join(first[["stop_days"]], how="inner")
    assert len(both) > 100
    assert (both["time_days"] == both["stop_days"]).all()


def test_competing_events_are_said_where_they_end_the_time_at_risk(found: tuple[Results, Datasets]):
    for entry in ("R1", "R5", "R6"):
        result = found[0][entry]
        assert "cause-specific: death and spinal surgery end the time at risk" in result.method
        assert any("at death or spinal surgery" in note for note in result.notes), result.notes


@pytest.mark.analytic
@pytest.mark.parametrize(
    ("episodes", "contact", "other", "first", "all_of_them"),
    [
        # Surgery before the last contact; recurrence after it; death after the last contact; the same day.
        ([], 371, 327, (327, 0, "Spinal surgery"), [(0, 327, 0)]),
        ([94, 163], 371, 48, (48, 0, "Spinal surgery"), [(0, 48, 0)]),
        ([], 137, 176, (176, 0, "Spinal surgery"), [(0, 176, 0)]),
        ([94], 137, 94, (94, 1, "Recurrence of low-back pain"), [(0, 94, 1)]),
        ([9, 16], 371, 20, (9, 1, "Recurrence of low-back pain"), [(0, 9, 1), (9, 16, 1), (16, 20, 0)]),
        ([94], 137, None, (94, 1, "Recurrence of low-back pain"), [(0, 94, 1), (94, 137, 0)]),
    ],
)  # fmt: skip
def test_a_competing_event_ends_the_time_of_the_first_and_of_all_episodes(
    episodes: list[int], contact: int, other: int | None, first: Any, all_of_them: Any
):
    endpoint = load_plan(PLAN).endpoints["recurrence"]
    competing = {} if other is None else {"1": (day(other), "Spinal surgery", "row")}
    timed = TimedEvents(
        {"1": ORIGIN},
        {"1": [(day(one), 1, "day", "row") for one in episodes]},
        {"1": (day(contact), 0, "day", "row")},
        {"1": [day(contact)]},
        competing,
        0,
    )
    frame, _ = time_dataset(endpoint, timed)
    row = frame.iloc[0]
    assert (row["time_days"], row["event"], row["event_description"]) == first
    periods = episode_dataset(endpoint, timed)[["start_days", "stop_days", "event"]]
    assert list(periods.itertuples(index=False, name=None)) == all_of_them


def asked(plan: Plan) -> list[str]:
    study = load_study(resources.folder("sample_data"))
    problems = plan_problems(plan, study, all_methods())
    return [str(one) for one in problems if "time at risk" in str(one)]


def test_a_competing_event_without_a_strategy_is_asked_about(tmp_path: Path):
    text = PLAN.read_text(encoding="utf-8")
    assert asked(load_plan(PLAN)) == []
    line = next(one for one in text.splitlines(keepends=True) if '"spinal surgery"' in one)
    (tmp_path / "plan.toml").write_text(text.replace(line, ""), encoding="utf-8")
    (one,) = asked(load_plan(tmp_path / "plan.toml"))
    assert "a strategy for Spinal surgery" in one
    assert "spinal_interventions.si_date where si_type = 'surgery'" in one
    policy = line.replace('"hypothetical"', '"treatment-policy"')
    (tmp_path / "plan.toml").write_text(text.replace(line, policy), encoding="utf-8")
    (one,) = asked(load_plan(tmp_path / "plan.toml"))
    assert "treatment-policy, by which events after it count" in one


def test_the_rows_of_the_datasets_name_what_ended_the_time(found: tuple[Results, Datasets]):
    episodes: pd.DataFrame = found[1].episodes
    assert set(episodes["event_description"]) <= {*ENDS.values()}
