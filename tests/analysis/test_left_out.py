"""Who is not in a model, arm by arm and why, below the numbers; and SDs a test takes for equal, beside it."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from trialkit.analysis import Results, run_plan
from trialkit.analysis.methods.group_comparison import _with_separate_variances
from trialkit.analysis.results import AnalysisResult
from trialkit.analysis.spreads import differ_widely, spread_notes
from trialkit.documents import Table, render_html
from trialkit.plan import Plan
from trialkit.report.page import report_page
from trialkit.snapshot import Snapshot
from trialkit.stats import compare_groups

ENTRIES = {  # complete cases of every kind of model; with what is looked at where there are several things
    "P2": "ancova",
    "N1": "ordinal",
    "R1": "time_to_event",
    "R4": "interval_hazard",
    "R7": "parametric_survival",
}


@pytest.fixture(scope="module")
def results(plan: Plan, snapshot: Snapshot) -> Results:
    """The education of four people of one arm and two of the other is not known, and in the models."""
    known = snapshot.tables["allocations"].sort_values("subject_id")
    some = [
        one
        for n, (_, arm) in zip((4, 2), known.groupby("planned_arm"), strict=True)
        for one in arm["subject_id"].iloc[:n]
    ]
    values = snapshot.tables["values"]
    gone = (values["item"] == "education") & values["subject_id"].isin(some)
    lacking = replace(snapshot, tables={**snapshot.tables, "values": values[~gone]})
    entries = tuple(
        one.saying(formula=f"{one.keys['formula']} + education") for one in map(plan.analysis, ENTRIES)
    )
    return run_plan(replace(plan, analyses=entries), lacking)


@pytest.mark.parametrize("name", ENTRIES)
def test_a_missing_covariate_is_counted_by_arm_and_printed(results: Results, name: str):
    result = results[name]
    assert (result.kind, result.failure) == (ENTRIES[name], None)
    counts = result.counts
    if name == "R1":
        counts = counts[counts["of"] == "Cox model"]
    out = counts.set_index("arm")["reason"]
    assert all("education missing" in reason for reason in out), list(out)
    total = counts[["n_observed", "n_imputed", "n_excluded"]].sum(axis=1)
    assert (total == counts["n_set"]).all()
    for row in counts.to_dict("records"):
        told = [part.split(" ", 1) for part in row["reason"].split(", ")]
        if len(told) > 1:
            assert sum(int(n) for n, _ in told) == row["n_excluded"]
    page = render_html(report_page(replace(results, analyses=(result,))))
    for row in counts.to_dict("records"):
        label = results.arm_labels[row["arm"]]
        assert f"{label}: {row['n_excluded']} not in this analysis ({row['reason']})." in page


GROUPS = {"wide": (15.3, 6.4), "near": (9.0, 8.0)}


@pytest.fixture(scope="module")
def measured() -> pd.DataFrame:
    rng = np.random.default_rng(5)
    group = np.repeat(["cases", "controls"], [30, 60])
    columns = {name: np.r_[rng.normal(30, a, 30), rng.normal(27, b, 60)] for name, (a, b) in GROUPS.items()}
    return pd.DataFrame({"group": group, **columns})


def test_a_pooled_t_of_sds_that_differ_widely_says_so_beside_its_p(measured: pd.DataFrame):
    found = compare_groups(measured, by="group", variables=list(GROUPS), tests=dict.fromkeys(GROUPS, "t"))
    tests = _with_separate_variances(measured, "group", found.table, found.summaries)
    by_variable = tests.set_index("variable")
    groups = [measured.loc[measured["group"] == g, "wide"] for g in ("cases", "controls")]
    welch = stats.ttest_ind(*groups, equal_var=False).pvalue
    assert by_variable.loc["wide", "welch_p_value"] == pytest.approx(welch, rel=1e-9)
    assert by_variable.loc["near", "sds"] == ""
    summaries = found.summaries.assign(
        label=found.summaries["variable"], unit="", percent=np.nan, count=np.nan
    )
    result = AnalysisResult(
        "G1", "group_comparison", "descriptive", "Groups", "t", "All", pd.DataFrame(),
        {"summaries": summaries, "tests": tests.assign(label=tests["variable"], unit="")},
    )  # fmt: skip
    (table,) = [b for s in report_page(_only(result)).sections for e in s.entries for b in e.blocks
                if isinstance(b, Table) and b.title == "Groups"]  # fmt: skip
    wide, near = table.rows
    sds = " and ".join(f"{group.std():.1f}" for group in groups)
    assert f"the SDs differ widely ({sds}), and Student's t takes them for equal" in wide.cells[-1].reason
    assert "by Welch's t, which does not, p" in wide.cells[-1].reason
    assert near.cells[-1].reason == ""


def _only(result: AnalysisResult) -> Results:
    from trialkit.analysis.results import Provenance

    where = Provenance("A", "1", "a" * 64, "A", "1", "b" * 64, "c" * 64, "locked", {})
    return Results(where, {}, (result,))


@pytest.mark.analytic
@pytest.mark.parametrize(
    ("sds", "widely"), [((15.3, 6.4), True), ((2.0, 1.0), True), ((1.9, 1.0), False), ((1.0, 0.0), False)]
)
def test_sds_differ_widely_from_twice_on(sds: tuple[float, ...], widely: bool):
    assert differ_widely(sds) is widely


def test_a_model_of_arms_whose_sds_differ_widely_says_so(measured: pd.DataFrame):
    context = SimpleNamespace(arms=("cases", "controls"))
    data = measured.rename(columns={"group": "arm"})
    assert "differ widely between the arms" in spread_notes(context, data, "wide")[0]  # type: ignore[arg-type]
    assert spread_notes(context, data, "near") == ()  # type: ignore[arg-type]
