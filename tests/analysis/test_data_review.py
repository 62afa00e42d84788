"""The blind data review: what it lists, that no arm is in it, and that its decisions enter the sets."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from trialkit.analysis import run_plan
from trialkit.analysis.data_review import DataReview, review_data
from trialkit.analysis.modes import Mode, prepare
from trialkit.datasets import build_datasets
from trialkit.datasets.sets import reasons_against
from trialkit.documents.table import Table
from trialkit.plan import Plan
from trialkit.report.data_review import write_review
from trialkit.snapshot import Snapshot, read_snapshot
from trialkit.snapshot.content import TABLES
from trialkit.study import load_study
from trialkit.study.model import Study


@pytest.fixture(scope="module")
def review(plan: Plan, snapshot: Snapshot) -> DataReview:
    return review_data(plan, read_snapshot(snapshot.folder, allocations=False))


def decided(snapshot: Snapshot, *rows: tuple[str, str, str]) -> Snapshot:
    """The snapshot with decisions: subject, set, what."""
    columns, _ = TABLES["review"]
    lines = [(s, n, what, "Seen too late", "stat", "2025-12-01T10:00:00") for s, n, what in rows]
    return replace(snapshot, tables={**snapshot.tables, "review": pd.DataFrame(lines, columns=list(columns))})


@pytest.mark.independent_reimplementation
def test_it_lists_every_visit_outside_its_window_and_every_missing_primary_outcome(
    review: DataReview, snapshot: Snapshot
):
    subjects = snapshot.tables["subjects"].set_index("subject_id")["randomization_date"]
    windows = {
        "week_6": (28, 57), "month_1": (58, 93), "month_3": (103, 178),
        "month_6": (179, 285), "month_12": (305, 425),
    }  # fmt: skip
    late = []
    for row in snapshot.tables["visits"].itertuples():
        if row.visit in windows and row.date and row.status == "done" and subjects[row.subject_id]:
            day = (pd.Timestamp(row.date) - pd.Timestamp(subjects[row.subject_id])).days
            low, high = windows[row.visit]
            late += [(row.subject_id, str(day))] if not low <= day <= high else []
    found = review.out_of_window
    assert sorted(zip(found["subject_id"], found["day"], strict=True)) == sorted(late)
    assert late
    results = run_plan(replace(review_plan(), analyses=(review_plan().analysis("P2"),)), snapshot)
    assert len(review.missing_primary) == results["P2"].counts["n_excluded"].sum()
    said = review.missing_primary.set_index("subject_id")["why"]
    long = build_datasets(snapshot, load_study(snapshot.folder), review_plan()).assessments
    scored = long[(long["parameter"] == "odi") & (long["visit"] == "baseline") & long["value"].notna()]
    without_baseline = set(said.index) - set(scored["subject_id"])
    assert set(said.index[said.str.startswith("no baseline value")]) <= without_baseline
    assert said.str.contains("there is one on day").any()


def review_plan() -> Plan:
    from trialkit import resources
    from trialkit.analysis import load_plan

    return load_plan(resources.folder("sap") / "study_a.toml")


def test_no_arm_is_in_it_and_the_allocations_change_nothing(
    plan: Plan, snapshot: Snapshot, review: DataReview, tmp_path: Path
):
    with_arms = review_data(plan, snapshot)
    for name in ("out_of_window", "missing_primary", "deviations", "candidates"):
        pd.testing.assert_frame_equal(getattr(review, name), getattr(with_arms, name))
    _, page = write_review(plan, read_snapshot(snapshot.folder, allocations=False), tmp_path)
    table = (tmp_path / "candidates.csv").read_text(encoding="utf-8").lower()
    assert "exercise" not in table
    assert "control" not in table
    text = page.read_text(encoding="utf-8")
    for title in ("Primary outcome missing", "Visits outside their windows", "Candidates for exclusion"):
        assert title in text
    for caption in ("a row an analysis set", "a row a subject", "a row a visit", "a row a subject and set"):
        assert caption in text, caption  # a table tells what a row of it is, and does not repeat its heading
    assert "of a kind that may tell an arm" in text  # a deviation of treatment says which was stopped


@pytest.mark.independent_reimplementation
def test_deviations_of_a_kind_that_tells_no_arm_are_listed_and_the_others_counted(
    review: DataReview, snapshot: Snapshot
):
    values = snapshot.tables["values"]
    kinds = values.loc[values["item"] == "dev_kind", "value"].value_counts()
    assert kinds["treatment"] > 0
    assert len(review.deviations) == kinds.get("visit", 0) > 0
    assert set(review.deviations["category"]) == {"Visit or window"}
    assert review.withheld[0].startswith(
        f"Protocol deviations: {kinds['treatment'] + kinds['other']} records"
    )
    about = review.candidates[review.candidates["analysis_set"] == "per_protocol"].set_index("subject_id")[
        "why"
    ]
    assert all("deviation: Visit or window" in about[who] for who in review.deviations["subject_id"])


def test_a_blinded_snapshot_says_who_can_list_the_deviations(plan: Plan, snapshot: Snapshot):
    values = snapshot.tables["values"]
    tables = {name: table for name, table in snapshot.tables.items() if name != "allocations"}
    without = replace(
        snapshot,
        manifest=replace(snapshot.manifest, blinded=True),
        tables={**tables, "values": values[values["form"] != "deviations"]},
    )
    review = review_data(plan, without)
    assert review.deviations.empty
    assert "a blinded snapshot does not hold it" in review.withheld[0]


def test_everybody_with_something_to_decide_is_a_candidate(review: DataReview):
    mine = set(review.candidates["subject_id"])
    assert set(review.missing_primary["subject_id"]) <= mine
    assert set(review.out_of_window["subject_id"]) <= mine
    assert set(review.candidates["decision"]) == {""}


def test_decisions_enter_the_sets_and_are_printed_with_name_and_reason(
    plan: Plan, study: Study, snapshot: Snapshot
):
    before = prepare(Mode.UNBLINDED, plan, study, snapshot).datasets.subjects
    inside = before.loc[before["set_per_protocol"], "subject_id"].tolist()
    one, other = inside[:2]
    marked = decided(
        snapshot, (one, "per_protocol", "exclude"), (other, "per_protocol", "keep"), (one, "nobody", "keep")
    )
    after = prepare(Mode.UNBLINDED, plan, study, marked).datasets.subjects
    now_inside = set(after.loc[after["set_per_protocol"], "subject_id"])
    assert now_inside == set(inside) - {one}
    assert set(after["set_full"]) == set(before["set_full"])
    reasons = dict(reasons_against(after, plan.sets["per_protocol"]))
    assert reasons[one] == "blind review: Seen too late (stat)"
    results = run_plan(replace(plan, analyses=(plan.analysis("L4"), plan.analysis("P12"))), marked)
    printed = results["L4"].tables["decisions"]
    assert set(zip(printed["subject_id"], printed["decision"], strict=True)) == {
        (one, "left out"), (other, "kept"), (one, "kept"),
    }  # fmt: skip
    assert set(printed["decided_by"]) == {"stat"}
    assert any("nobody, which is no set" in note for note in results["L4"].notes)
    assert results["P12"].counts["n_set"].sum() == len(now_inside)


def test_a_decision_that_stands_is_shown_beside_its_candidate(
    plan: Plan, snapshot: Snapshot, review: DataReview
):
    one = review.missing_primary["subject_id"].iloc[0]
    again = review_data(plan, decided(snapshot, (one, "per_protocol", "exclude"))).candidates
    mine = again[(again["subject_id"] == one) & (again["analysis_set"] == "per_protocol")]
    assert mine[["decision", "reason", "decided_by"]].to_numpy().tolist() == [
        ["exclude", "Seen too late", "stat"]
    ]


def test_the_page_counts_what_is_to_be_decided_and_calls_things_by_their_labels(
    plan: Plan, snapshot: Snapshot, tmp_path: Path
):
    from trialkit.report.data_review import review_page

    people = snapshot.tables["subjects"].query("randomization_date != ''")["subject_id"].tolist()
    first, second, *_ = review_data(plan, snapshot).candidates["subject_id"]
    marked = decided(snapshot, (first, "per_protocol", "exclude"), (second, "per_protocol", "keep"))
    review = review_data(plan, marked)
    page = review_page(review, plan, marked)
    tables = {
        section.anchor: block
        for section in page.sections
        for entry in section.entries
        for block in entry.blocks
        if isinstance(block, Table)
    }
    rows = {row.label: [cell.text for cell in row.cells[:4]] for row in tables["to-decide"].rows}
    of_set = review.candidates[review.candidates["analysis_set"] == "per_protocol"]
    n = len(of_set)
    assert rows["Per-protocol set"] == [str(n), "1", "1", str(n - 2)]
    assert ("Randomized", str(len(people))) in page.facts
    candidates = {row.label: row.cells[-1].text for row in tables["candidates"].rows}
    assert candidates[first] == "leave out: Seen too late (stat)"
    assert "open" in candidates.values()
    printed = "\n".join(c.text for table in tables.values() for row in table.rows for c in row.cells)
    assert "month_12" not in printed
    assert "per_protocol" not in printed
    marks = review.deviations[review.deviations["flags"] == "Important"]
    assert len(marks)
    why = of_set.set_index("subject_id")["why"]
    assert all("(important)" in why[who] for who in marks["subject_id"])
    assert set(review.deviations["site"]) <= set(snapshot.tables["subjects"]["site"])


@pytest.mark.independent_reimplementation
def test_the_last_value_of_who_has_no_primary_outcome_is_named(review: DataReview, snapshot: Snapshot):
    values = snapshot.tables["values"]
    answered = values[(values["form"] == "odi") & (values["value"] != "")].groupby(["subject_id", "visit"])
    seen = answered.size()[lambda n: n >= 9].reset_index()  # one section in ten may be left out
    visits = snapshot.tables["visits"].set_index(["subject_id", "visit"])["date"]
    dates = snapshot.tables["subjects"].set_index("subject_id")["randomization_date"]
    for row in review.missing_primary.to_dict("records"):
        who = row["subject_id"]
        days = [
            (pd.Timestamp(visits[(who, visit)]) - pd.Timestamp(dates[who])).days
            for visit in seen.loc[seen["subject_id"] == who, "visit"].unique()
        ]
        assert row["last"].endswith(f"day {max(days)}" if days else "none"), row


@pytest.mark.parametrize(
    ("name", "told"), [("per_protocoll", "per_protocol"), ("Full", "full"), ("bogus", "Known:")]
)
def test_a_decision_about_a_set_the_plan_does_not_have_is_refused_with_the_nearest(name: str, told: str):
    from click.testing import CliRunner

    from trialkit import resources
    from trialkit.cli.decide_set import _require_known, command
    from trialkit.errors import TrialkitError

    plan = resources.folder("sap") / "study_a.toml"
    with pytest.raises(TrialkitError, match=told):
        _require_known(name, plan)
    _require_known("per_protocol", plan)
    about = ["x", "--as", "dm", "--subject", "0001", "--set", name, "--exclude", "--reason", "no diary"]
    without = CliRunner().invoke(command, about)
    assert without.exit_code == 2
    assert "--plan" in without.output
