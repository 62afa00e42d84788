"""Analysis sets, a second way of choosing for a visit, and events by grade: each counted a second time."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

import pandas as pd
import pytest

from trialkit.analysis import Results, run_plan
from trialkit.analysis.modes import Mode, prepare
from trialkit.datasets import Datasets
from trialkit.datasets.sets import reasons_against
from trialkit.plan import Plan
from trialkit.snapshot import Snapshot
from trialkit.study.model import Study

CHOSEN = ("P11", "P12", "A2", "A3", "A4", "A6", "A8")


@pytest.fixture(scope="module")
def results(plan: Plan, snapshot: Snapshot) -> Results:
    return run_plan(replace(plan, analyses=tuple(e for e in plan.analyses if e.id in CHOSEN)), snapshot)


@pytest.fixture(scope="module")
def datasets(plan: Plan, study: Study, snapshot: Snapshot) -> Datasets:
    return prepare(Mode.UNBLINDED, plan, study, snapshot).datasets


def rows_of(snapshot: Snapshot, form: str) -> dict[tuple[str, str, str], dict[str, str]]:
    values = snapshot.tables["values"]
    found: dict[tuple[str, str, str], dict[str, str]] = defaultdict(dict)
    for row in values[(values["form"] == form) & (values["state"] == "value")].itertuples():
        found[row.subject_id, row.visit, row.row][row.item] = row.value
    return found


@pytest.mark.independent_reimplementation
def test_who_followed_the_protocol_is_counted_from_the_forms(datasets: Datasets, snapshot: Snapshot):
    important = {
        key[0] for key, row in rows_of(snapshot, "deviations").items() if row["dev_important"] == "1"
    }
    complied = set()
    for (subject_id, _, _), row in rows_of(snapshot, "compliance").items():
        parts = {
            "compl_sessions_done": (30, 0.4), "compl_minutes_per_session": (30, 0.2),
            "compl_diary_days": (42, 0.2), "compl_calls_attended": (6, 0.2),
        }  # fmt: skip
        if set(parts) <= set(row):
            share = sum(weight * min(1, float(row[i]) / planned) for i, (planned, weight) in parts.items())
            complied |= {subject_id} if 100 * share >= 75 else set()
    arms = snapshot.tables["allocations"].set_index("subject_id")["planned_arm"]
    by_hand = {
        one for one, arm in arms.items() if one not in important and (arm == "control" or one in complied)
    }
    subjects = datasets.subjects
    assert set(subjects.loc[subjects["set_per_protocol"], "subject_id"]) == by_hand
    assert 0 < len(by_hand) < len(arms)


def test_everybody_left_out_of_a_set_has_a_reason(datasets: Datasets, plan: Plan):
    subjects = datasets.subjects
    reasons = dict(reasons_against(subjects, plan.sets["per_protocol"]))
    out = subjects[subjects["randomized"] & ~subjects["set_per_protocol"]]
    assert set(reasons) == set(out["subject_id"])
    assert all(reasons.values())
    assert any("compliance below 75 %" in why for why in reasons.values())
    assert any(why == "deviations: Important" for why in reasons.values())


def test_a_per_protocol_comparison_says_that_it_is_not_randomized(results: Results):
    assert any("not a comparison of randomized groups" in note for note in results["P12"].notes)
    assert not any("not a comparison" in note for note in results["P11"].notes)


@pytest.mark.independent_reimplementation
def test_a_second_choice_for_a_visit_takes_nothing_from_the_first(datasets: Datasets, snapshot: Snapshot):
    visits = snapshot.tables["visits"].merge(
        snapshot.tables["subjects"], on="subject_id", suffixes=("", "_s")
    )
    dated = visits[(visits["date"] != "") & (visits["randomization_date"] != "")]
    day = (pd.to_datetime(dated["date"]) - pd.to_datetime(dated["randomization_date"])).dt.days
    late = set(dated[(day >= 42 + 320) & (day <= 42 + 425)]["subject_id"])
    odi = datasets.assessments[datasets.assessments["parameter"] == "odi"]
    again = odi[odi["visit"] == "year_after_treatment"]
    assert set(again["subject_id"]) <= late
    assert again["subject_id"].is_unique
    at_month_12 = odi[(odi["visit"] == "month_12") & odi["analysis_flag"]]
    in_both = again[again["day"] <= 425]  # the visit's own window ends then
    assert len(in_both.merge(at_month_12, on=["subject_id", "date"])) == len(in_both)
    assert len(at_month_12) > len(again) > 100


@pytest.mark.independent_reimplementation
def test_every_subject_with_an_event_stands_once_at_the_worst_grade(results: Results, snapshot: Snapshot):
    arms = snapshot.tables["allocations"].set_index("subject_id")["actual_arm"]
    events = rows_of(snapshot, "adverse_events")
    for entry, item, labels in (
        ("A2", "ae_severity", ["Mild", "Moderate", "Severe"]),
        ("A3", "ae_related", ["Not related", "Possibly", "Probably", "Definitely"]),
    ):
        lowest = 1 if item == "ae_severity" else 0
        worst: dict[str, int] = {}
        counted: dict[tuple[str, int], int] = defaultdict(int)
        for (subject_id, _, _), row in events.items():
            worst[subject_id] = max(worst.get(subject_id, 0), int(row[item]))
            counted[arms[subject_id], int(row[item])] += 1
        table = results[entry].tables["grades"]
        for row in table[table["category"] == "Any"].itertuples():
            code = labels.index(row.grade) + lowest
            assert row.n_subjects == sum(
                1 for one, grade in worst.items() if grade == code and arms[one] == row.arm
            )
            assert row.n_events == counted[row.arm, code]


@pytest.mark.independent_reimplementation
def test_a_source_with_a_rule_counts_only_those_rows(results: Results, snapshot: Snapshot):
    serious = [r for r in rows_of(snapshot, "adverse_events").values() if r["ae_serious"] == "1"]
    stopped = [r for r in rows_of(snapshot, "treatment_stop").values() if r["ts_reason"] == "1"]
    assert results["A4"].tables["overview"]["n_events"].sum() == len(serious) > 0
    assert results["A6"].tables["overview"]["n_events"].sum() == len(stopped) > 0
    assert results["A8"].tables["overview"]["n_events"].sum() == len(rows_of(snapshot, "death"))
