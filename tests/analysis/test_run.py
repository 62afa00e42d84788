from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from trialkit.analysis import Results, modes, results_text, run_plan
from trialkit.analysis.results_csv import results_csv_text
from trialkit.datasets import build_datasets
from trialkit.plan import Plan
from trialkit.snapshot import Snapshot


@pytest.fixture(scope="session")
def results(plan: Plan, snapshot: Snapshot) -> Results:
    return run_plan(plan, snapshot)


def odi_by_hand(snapshot: Snapshot) -> dict[tuple[str, str], float]:
    """100 x sum / (5 x items answered), if at least nine of ten are: the rule, written a second time."""
    answers: dict[tuple[str, str], list[int]] = defaultdict(list)
    for row in snapshot.tables["values"].itertuples():
        if row.form == "odi" and row.state == "value":
            answers[row.subject_id, row.visit].append(int(row.value))
    return {key: 100 * sum(given) / (5 * len(given)) for key, given in answers.items() if len(given) >= 9}


@pytest.mark.independent_reimplementation
def test_the_complete_case_estimate_is_that_of_least_squares_by_hand(results: Results, snapshot: Snapshot):
    scores = odi_by_hand(snapshot)
    subjects = snapshot.tables["subjects"].merge(snapshot.tables["allocations"], on="subject_id")
    visits = snapshot.tables["visits"]
    dates = {(v.subject_id, v.visit): v.date for v in visits.itertuples() if v.date}
    rows, outcome = [], []
    for s in subjects.itertuples():
        start, end = (s.subject_id, "baseline"), (s.subject_id, "month_12")
        if start not in scores or end not in scores:
            continue
        day = (pd.Timestamp(dates[end]) - pd.Timestamp(s.randomization_date)).days
        if not 305 <= day <= 425:
            continue
        rows.append(
            [1.0, s.planned_arm == "exercise", scores[start], s.sex_randomized == "male"]
            + [s.site == site for site in "BCDE"]
        )
        outcome.append(scores[end] - scores[start])
    design = np.array(rows, dtype=float)
    beta, *_ = np.linalg.lstsq(design, np.array(outcome), rcond=None)
    contrast = results["P2"].tables["contrasts"].iloc[0]
    assert contrast["contrast"] == "exercise - control"
    assert contrast["estimate"] == pytest.approx(beta[1], rel=1e-9)
    assert contrast["df"] == len(outcome) - design.shape[1]
    assert results["P2"].counts["n_observed"].sum() == len(outcome)


def test_every_entry_of_the_plan_is_answered(results: Results, plan: Plan):
    assert [analysis.id for analysis in results.analyses] == [entry.id for entry in plan.analyses]
    assert {analysis.id: analysis.failure for analysis in results.analyses if analysis.failure} == {}


def test_the_flow_loses_nobody(results: Results, snapshot: Snapshot):
    flow = results["D1"].tables["flow"]
    totals = flow[flow["reason"] == ""].groupby("stage")["n"].sum()
    assert totals["assessed"] == len(snapshot.tables["subjects"])
    assert totals["assessed"] == totals["excluded"] + totals["randomized"]
    given = totals["received"] + totals["not_received"] + totals["no_record"]
    assert totals["randomized"] == totals["allocated"] == given
    assert totals["allocated"] == totals["analysed"] + totals["not_analysed"]
    reasons = flow[(flow["stage"] == "excluded") & (flow["reason"] != "")]
    assert reasons["n"].sum() == totals["excluded"]


def test_nobody_without_a_record_of_treatment_is_said_to_have_received_it(results: Results):
    flow = results["D1"].tables["flow"]
    delivered = results["D10"].counts.set_index("arm")
    for arm in delivered.index:
        here = flow[(flow["arm"] == arm) & (flow["reason"] == "")].set_index("stage")["n"]
        assert here["received"] == delivered.loc[arm, "n_observed"]
        assert here["no_record"] == delivered.loc[arm, "n_excluded"]
    assert delivered["n_excluded"].sum() > 0
    assert "with a record of treatment as delivered (D10)" in results["D1"].method


def test_every_table_counts_the_analysis_set(results: Results):
    for analysis in results.analyses:
        counts = analysis.counts
        assert (counts["n_set"] == counts[["n_observed", "n_imputed", "n_excluded"]].sum(axis=1)).all()
        if analysis.id != "P12":  # of the per-protocol set
            assert (counts.groupby("of")["n_set"].sum() == 314).all()


def test_two_runs_give_the_same_bytes(plan: Plan, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(modes, "build_datasets", build_datasets)  # each run its own, as a user's
    chosen = replace(plan, analyses=tuple(plan.analysis(name) for name in ("P1", "V1", "R1")))
    again, once = (run_plan(chosen, snapshot) for _ in range(2))
    assert results_text(again) == results_text(once)
    assert results_csv_text(again) == results_csv_text(once)


def test_results_read_back_at_full_precision(results: Results):
    document = json.loads(results_text(results))
    primary = next(a for a in document["analyses"] if a["id"] == "P1")
    estimate = results["P1"].tables["contrasts"].loc[0, "estimate"]
    assert primary["tables"]["contrasts"][0]["estimate"] == estimate
    assert document["provenance"]["snapshot_state"] == "locked"


def test_an_entry_that_cannot_be_estimated_says_why_and_the_run_goes_on(plan: Plan, snapshot: Snapshot):
    impossible = plan.analysis("P2").saying(formula="chg ~ arm + base + odi")
    entries = (impossible, plan.analysis("D2"))
    results = run_plan(replace(plan, analyses=entries), snapshot)
    assert "found redundant: Oswestry Disability Index" in (results["P2"].failure or "")
    assert results["P2"].tables == {}
    assert results["D2"].failure is None


def test_the_restricted_means_are_compared_over_follow_up_both_arms_have(results: Results):
    restricted = results["R1"].tables["restricted_mean"]
    assert (restricted["tau_days"] <= 365).all()
