"""Methods of the plan held against algebra, a second implementation, or the library called by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from trialkit.analysis import Results, run_plan
from trialkit.analysis.context import Context
from trialkit.analysis.methods.blinding import _james_index, bang
from trialkit.analysis.modes import Mode, prepare
from trialkit.plan import Plan
from trialkit.snapshot import Snapshot
from trialkit.study.model import Study

CHOSEN = ("P2", "J2", "C1", "D5", "M1", "V1", "J1", "R1", "N1")


@pytest.fixture(scope="module")
def context(plan: Plan, study: Study, snapshot: Snapshot) -> Context:
    return Context(plan, study, prepare(Mode.UNBLINDED, plan, study, snapshot).datasets)


@pytest.fixture(scope="module")
def results(plan: Plan, snapshot: Snapshot) -> Results:
    unadjusted = plan.analysis("C1").saying(formula="chg ~ arm")
    entries = [e if e.id != "C1" else unadjusted for e in plan.analyses if e.id in CHOSEN]
    return run_plan(replace(plan, analyses=tuple(entries)), snapshot)


@pytest.mark.analytic
@pytest.mark.parametrize(
    ("right", "wrong", "n", "index"),
    [(1.0, 0.0, 40, 1.0), (0.0, 1.0, 40, -1.0), (0.5, 0.5, 40, 0.0), (0.4, 0.1, 50, 0.3)],
)
def test_bang_s_index_is_the_share_right_less_the_share_wrong(right, wrong, n, index):
    found, error = bang(right, wrong, n)
    assert found == pytest.approx(index)
    # Var(right - wrong) of multinomial shares, written out.
    assert error**2 * n == pytest.approx(right + wrong - (right - wrong) ** 2)


@pytest.mark.analytic
@pytest.mark.parametrize(
    ("codes", "index"),
    [([2] * 8, 1.0), ([0] * 8, 0.0), ([0, 0, 1, 1, 0, 0, 1, 1], 0.5), ([1] * 8, 1.0)],
)
def test_james_s_index_is_1_where_nobody_knows_and_0_where_all_do(codes, index):
    test = np.array([True] * 4 + [False] * 4)
    assert _james_index(np.array(codes), test) == pytest.approx(index)


@pytest.mark.analytic
def test_without_covariates_the_complier_effect_is_the_ratio_of_two_differences(
    results: Results, context: Context, plan: Plan
):
    """Wald's estimator: the difference in outcome over the difference in compliance, among those observed."""
    effect = results["C1"].tables["effect"].iloc[0]
    data = context.assessments(plan.analysis("C1"))
    data = data[data["chg"].notna()]
    compliance = context.datasets.by_subject(["compliance"])
    complied = np.array([compliance.get(one, {}).get("compliance", 0) >= 75 for one in data["subject_id"]])
    test = (data["arm"] == "exercise").to_numpy()
    change = data["chg"].to_numpy(dtype=float)
    difference = change[test].mean() - change[~test].mean()
    assert effect["estimate"] == pytest.approx(difference / complied[test].mean(), rel=1e-9)


@pytest.mark.independent_reimplementation
def test_improvement_rates_and_grades_are_those_of_the_scores_by_hand(results: Results, context: Context):
    rows = context.datasets.assessments
    mine = rows[(rows["parameter"] == "joa") & (rows["visit"] == "month_12") & rows["analysis_flag"]]
    arms = context.datasets.subjects.set_index("subject_id")["planned_arm"]
    mine = mine.assign(arm=mine["subject_id"].map(arms), rate=100 * mine["chg"] / (29 - mine["base"]))
    mine = mine[np.isfinite(mine["rate"])]
    for row in results["J2"].tables["rates"].itertuples():
        here = mine.loc[mine["arm"] == row.arm, "rate"]
        assert (row.n, row.mean) == (len(here), pytest.approx(here.mean()))
    grades = results["J2"].tables["grades"]
    for row in grades[grades["grade"] == "Excellent"].itertuples():
        assert row.count == int((mine.loc[mine["arm"] == row.arm, "rate"] >= 75).sum())
    assert grades.groupby("arm")["count"].sum().sum() == len(mine)


@pytest.mark.analytic
def test_missing_patterns_add_up_to_the_set(results: Results):
    patterns = results["D5"].tables["patterns"]
    assert patterns["count"].sum() == 314
    by_visit = results["D5"].tables["by_visit"]
    last = patterns[patterns["pattern"].str.endswith("○")]["count"].sum()
    assert by_visit.groupby("visit", sort=False)["count"].sum().iloc[-1] == last


@pytest.mark.analytic
def test_holm_s_adjustment_is_that_of_the_entries_p_values(results: Results):
    table = results["M1"].tables["adjusted"].sort_values("p_value", ignore_index=True)
    p = table["p_value"].to_numpy()
    by_hand = np.maximum.accumulate(np.minimum(1, p * np.arange(len(p), 0, -1)))
    assert table["adjusted_p_value"].to_numpy() == pytest.approx(by_hand)


def test_no_method_lists_a_table_it_never_prints_and_every_method_has_its_file():
    from trialkit.analysis import all_methods, methods

    files = {path.stem for path in Path(methods.__path__[0]).glob("[a-z]*.py")}
    assert set(all_methods()) == files
    assert all(method.says.endswith(".") for method in all_methods().values())
