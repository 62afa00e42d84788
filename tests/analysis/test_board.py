"""The reports of a monitoring board: what the open one never reads, what the closed one shows, the day."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.written_documents import pdf_text
from trialkit.analysis.errors import AnalysisError
from trialkit.analysis.methods.conditional_power import GOES_ON, conditional_power
from trialkit.analysis.monitoring import Board, cut, monitoring_plan
from trialkit.plan import Plan
from trialkit.report.monitoring import deliver_board
from trialkit.snapshot import Snapshot, read_snapshot

CUTOFF = date(2025, 3, 31)
CRITERION = "able to exercise"  # of eligibility: no arm
FEW = ("D2", "D11", "A1", "A2", "L11", "P1")
# A fresh process that notes every file it opens, from its first line on.
WATCHED = """
import json, sys
opened = []
sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == "open" else None)
from datetime import date
from dataclasses import replace
from pathlib import Path
from trialkit.analysis import load_plan
from trialkit.analysis.monitoring import Board
from trialkit.report.monitoring import deliver_board
from trialkit.snapshot import read_snapshot
plan = load_plan(Path(sys.argv[1]))
plan = replace(plan, analyses=tuple(e for e in plan.analyses if e.id in sys.argv[4].split(",")))
snapshot = read_snapshot(Path(sys.argv[2]), allocations=False)
deliver_board(plan, snapshot, Path(sys.argv[3]), board=Board.OPEN, cutoff=date(2025, 3, 31), print_too=False)
print(json.dumps([path for path in opened if sys.argv[2] in path]))
"""


def few(plan: Plan) -> Plan:
    return replace(plan, analyses=tuple(e for e in plan.analyses if e.id in FEW))


@pytest.fixture(scope="module")
def closed(plan: Plan, snapshot: Snapshot, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("board") / "closed"
    deliver_board(few(plan), snapshot, folder, board=Board.CLOSED, cutoff=CUTOFF)
    return folder


@pytest.fixture(scope="module")
def opened(plan: Plan, snapshot: Snapshot, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("board") / "open"
    blinded = read_snapshot(snapshot.folder, allocations=False)
    deliver_board(few(plan), blinded, folder, board=Board.OPEN, cutoff=CUTOFF, print_too=False)
    return folder


def numbers_of(folder: Path, analysis: str, table: str) -> pd.DataFrame:
    results = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    return pd.DataFrame(next(a for a in results["analyses"] if a["id"] == analysis)["tables"][table])


def test_the_process_that_builds_the_open_report_never_opens_the_allocations(
    snapshot: Snapshot,
    tmp_path: Path,
):
    from trialkit import resources

    arguments = [
        str(resources.folder("sap") / "study_a.toml"),
        str(snapshot.folder),
        str(tmp_path / "open"),
        "D11,A1",
    ]
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, *arguments], capture_output=True, text=True, check=True
    )
    read = {Path(path).name for path in json.loads(done.stdout.splitlines()[-1])}
    assert {"subjects.csv", "values.csv", "manifest.json"} <= read
    assert "allocations.csv" not in read


def test_without_the_file_of_allocations_the_open_report_is_the_same(
    plan: Plan,
    snapshot: Snapshot,
    opened: Path,
    tmp_path: Path,
):
    copy = tmp_path / "snapshot"
    shutil.copytree(snapshot.folder, copy)
    (copy / "allocations.csv").write_text("not a list of arms\n", encoding="utf-8")
    again = read_snapshot(copy, allocations=False)
    deliver_board(few(plan), again, tmp_path / "again", board=Board.OPEN, cutoff=CUTOFF, print_too=False)
    assert (tmp_path / "again" / "results.csv").read_bytes() == (opened / "results.csv").read_bytes()


def test_double_entry_of_the_whole_snapshot_is_not_told_of_an_earlier_day(snapshot: Snapshot):
    assert "quality" not in cut(snapshot, CUTOFF).tables
    assert "quality" in cut(snapshot, date(2026, 1, 1)).tables


def test_the_open_report_names_no_arm_and_no_group(opened: Path):
    text = (opened / "results.csv").read_text(encoding="utf-8").lower().replace(CRITERION, "")
    assert "exercise" not in text
    assert "nsaid" not in text
    assert set(numbers_of(opened, "A1", "overview")["arm"]) == {"all"}


@pytest.mark.independent_reimplementation
def test_a_board_reads_recruitment_first_then_who_they_are_and_who_stayed(opened: Path, closed: Path):
    for folder in (opened, closed):
        text = (folder / "report" / "index.html").read_text(encoding="utf-8")
        places = [text.index(f'id="{name}"') for name in ("recruitment", "entry-d2", "entry-d11", "entry-a1")]
        assert places == sorted(places)


def test_nothing_later_than_the_cut_off_counts(snapshot: Snapshot, opened: Path):
    last = CUTOFF.isoformat()
    subjects, visits = snapshot.tables["subjects"], snapshot.tables["visits"]
    drawn = subjects[(subjects["randomization_date"] != "") & (subjects["randomization_date"] <= last)]
    enrolled = numbers_of(opened, "D11", "enrolment").set_index("measure")["count"]
    assert enrolled["Randomized"] == len(drawn)
    assert enrolled["Assessed for eligibility"] == int((subjects["consent_date"] <= last).sum())
    seen = visits[(visits["date"] != "") & (visits["date"] <= last) & (visits["status"] == "done")]
    at_week_6 = seen[(seen["visit"] == "week_6") & seen["subject_id"].isin(drawn["subject_id"])]
    table = numbers_of(opened, "D11", "visits").set_index("visit")
    assert table["done"].iloc[0] == len(at_week_6)
    # Due: 57 days after randomization have passed, or the subject came before.
    closed_window = pd.to_datetime(drawn["randomization_date"]) + pd.Timedelta(days=57) <= pd.Timestamp(
        CUTOFF
    )
    due = set(drawn.loc[closed_window, "subject_id"]) | set(at_week_6["subject_id"])
    assert table["due"].iloc[0] == len(due)
    values = snapshot.tables["values"]
    events = values[(values["form"] == "adverse_events") & (values["item"] == "ae_term")]
    mine = events.merge(seen[["subject_id", "visit"]], on=["subject_id", "visit"])
    overview = numbers_of(opened, "A1", "overview").set_index("measure")
    assert overview.loc["Any", "n_events"] == len(mine) > 0


def test_the_closed_report_adds_up_to_the_open_one_and_codes_the_arms(opened: Path, closed: Path):
    for analysis, table, count in (
        ("A1", "overview", "n_events"),
        ("D11", "visits", "due"),
        ("D11", "left", "count"),
    ):
        label = {"overview": "measure", "visits": "visit", "left": "reason"}[table]
        both = numbers_of(closed, analysis, table)
        assert set(both["arm"]) == {"A", "B"}
        whole = numbers_of(opened, analysis, table).set_index(label)[count]
        pd.testing.assert_series_equal(
            both.groupby(label)[count].sum().loc[whole.index], whole, check_dtype=False
        )
    key = json.loads((closed.parent / "closed.masking-key.json").read_text(encoding="utf-8"))
    assert sorted(key["groups"].values()) == ["control", "exercise"]
    text = (closed / "results.csv").read_text(encoding="utf-8").lower().replace(CRITERION, "")
    assert "exercise" not in text


@pytest.mark.parametrize("seen", [True, False])
def test_the_board_sees_how_many_stopped_for_an_event_where_the_plan_lets_it(
    plan: Plan, snapshot: Snapshot, tmp_path: Path, seen: bool
):
    chosen = replace(plan, analyses=(plan.analysis("A6").saying(closed_report=seen), plan.analysis("D9")))
    folder = tmp_path / "closed"
    deliver_board(chosen, snapshot, folder, board=Board.CLOSED, cutoff=CUTOFF, print_too=False)
    results = json.loads((folder / "results.json").read_text(encoding="utf-8"))["analyses"]
    found = {one["id"]: one for one in results}
    assert found["D9"]["withheld"]
    assert found["A6"]["withheld"] is not seen
    page = (folder / "report" / "index.html").read_text(encoding="utf-8")
    assert "it would tell which group is which" in page
    assert "available after unblinding" not in page
    text = (folder / "results.csv").read_text(encoding="utf-8").lower().replace(CRITERION, "")
    assert "exercise" not in text
    assert "nsaid" not in text
    if seen:
        values = cut(snapshot, CUTOFF).tables["values"]
        reasons = values[(values["item"] == "ts_reason") & (values["value"] == "1")]
        counted = numbers_of(folder, "A6", "overview")
        assert set(counted["arm"]) == {"A", "B"}
        assert counted["n_subjects"].sum() == reasons["subject_id"].nunique() > 0
        assert found["A6"]["tables"]["by_category"] == []
        assert "by the group allocated; as a whole" in found["A6"]["method"]


def test_the_cut_off_and_the_kind_stand_on_every_page(closed: Path):
    pages = pdf_text((closed / "report" / "report.pdf").read_bytes())
    assert len(pages) > 3
    for text in pages:
        flat = "".join(text.split())
        assert f"CLOSED·Datacut-off{CUTOFF.isoformat()}" in flat


def test_a_day_after_the_snapshot_or_a_plan_without_safety_is_refused(plan: Plan, snapshot: Snapshot):
    with pytest.raises(AnalysisError, match="up to the day of the snapshot, 2026-01-01"):
        cut(snapshot, date(2026, 1, 2))
    with pytest.raises(AnalysisError, match="entries on conduct and safety"):
        monitoring_plan(replace(plan, analyses=(plan.analysis("P1"),)))


def test_a_closed_report_needs_the_arms(plan: Plan, snapshot: Snapshot, tmp_path: Path):
    blinded = read_snapshot(snapshot.folder, allocations=False)
    with pytest.raises(AnalysisError, match="with allocations"):
        deliver_board(few(plan), blinded, tmp_path / "closed", board=Board.CLOSED, cutoff=CUTOFF)
    assert not (tmp_path / "closed").exists()


@pytest.mark.independent_reimplementation
@pytest.mark.parametrize(("z", "information", "drift"), [(1.2, 0.4, 1.9), (-0.5, 0.7, 0.0), (2.1, 0.5, 3.0)])
def test_conditional_power_is_how_often_the_rest_of_a_trial_ends_beyond_the_critical_value(
    z: float, information: float, drift: float
):
    """The rest played 400,000 times: a normal step with mean drift x (1 - t) and variance 1 - t."""
    rng = np.random.default_rng(4)
    rest = 1 - information
    final = z * information**0.5 + drift * rest + rest**0.5 * rng.standard_normal(400_000)
    share = (final > 1.959963984540054).mean()
    assert conditional_power(z, information, drift, 0.025) == pytest.approx(share, abs=4 * 0.5 / 400_000**0.5)


@pytest.mark.analytic
def test_conditional_power_averages_to_the_level_where_there_is_no_difference():
    """Over all looks that chance gives (by Gauss-Hermite quadrature) a false claim is as planned."""
    looks, weights = np.polynomial.hermite_e.hermegauss(120)
    power = [conditional_power(z, 0.5, 0.0, 0.025) for z in looks]
    assert np.dot(weights, power) / weights.sum() == pytest.approx(0.025, rel=1e-6)


def test_an_outcome_that_is_not_due_is_not_called_missing(harmed: Path, snapshot: Snapshot):
    results = json.loads((harmed / "results.json").read_text(encoding="utf-8"))["analyses"]
    counted = pd.DataFrame(next(one for one in results if one["id"] == "CP")["counts"])
    subjects, values = snapshot.tables["subjects"], snapshot.tables["visits"]
    drawn = subjects[(subjects["randomization_date"] != "")].set_index("subject_id")["randomization_date"]
    drawn = pd.to_datetime(drawn[drawn <= CUTOFF.isoformat()])
    open_still = drawn[drawn + pd.Timedelta(days=425) > pd.Timestamp(CUTOFF)]
    here = values[
        (values["visit"] == "month_12") & (values["date"] != "") & (values["date"] <= CUTOFF.isoformat())
    ]
    waiting = set(open_still.index) - set(here["subject_id"])
    told = 0
    for row in counted.to_dict("records"):
        alone = row["reason"] == "not due yet"  # of several reasons each has its number
        found = re.findall("([0-9]+) not due yet", row["reason"])
        told += int(row["n_excluded"]) if alone else sum(map(int, found))
    assert told == len(waiting) > 0, counted


@pytest.fixture(scope="module")
def harmed(plan: Plan, snapshot: Snapshot, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The closed report of the trial in which every third adverse event is a serious one."""
    values = snapshot.tables["values"].copy()
    rows = values.index[values["item"] == "ae_serious"]
    values.loc[rows, "value"] = ["1" if i % 3 == 0 else "0" for i in range(len(rows))]
    folder = tmp_path_factory.mktemp("harmed") / "closed"
    chosen = replace(plan, analyses=tuple(e for e in plan.analyses if e.id in ("L11", "P1")))
    worse = replace(snapshot, tables={**snapshot.tables, "values": values})
    deliver_board(chosen, worse, folder, board=Board.CLOSED, cutoff=CUTOFF, print_too=False)
    return folder


def test_the_closed_report_tells_conditional_power_and_every_serious_event(harmed: Path, opened: Path):
    power = numbers_of(harmed, "CP", "conditional_power")
    assert set(power["arm"]) == {"A", "B"}
    assert power["percent"].between(0, 100).all()
    trend = power.loc[power["assumption"] == GOES_ON, "percent"]
    assert trend.min() < 50 < trend.max()  # one is ahead
    told = numbers_of(harmed, "SN", "listing")
    events = numbers_of(harmed, "L11", "listing")
    serious = events[events["ae_serious"] == "Yes"]
    assert len(told) == len(serious) > 3
    assert list(told["subject_id"]) == list(serious["subject_id"])
    for text, term in zip(told["narrative"], serious["ae_term"], strict=True):
        assert term in text
        assert "day" in text
    assert told["narrative"].str.contains("days? [0-9]+ after randomization").any()
    text = (harmed / "report" / "index.html").read_text(encoding="utf-8")
    assert "Narratives of serious adverse events" in text
    opens = json.loads((opened / "results.json").read_text(encoding="utf-8"))["analyses"]
    assert not {"CP", "SN"} & {one["id"] for one in opens}
