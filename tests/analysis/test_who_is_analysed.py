"""The flow and the key result say of the primary analysis what it does with missing outcomes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from trialkit.analysis import Results, run_plan
from trialkit.analysis.missing_data import CompleteCases
from trialkit.plan import Plan
from trialkit.report.context import Context
from trialkit.report.highlight import highlight
from trialkit.snapshot import Snapshot


def run(plan: Plan, snapshot: Snapshot, **primary: object) -> Results:
    entries = (plan.analysis("D1"), plan.analysis("P1").saying(**primary))
    return run_plan(replace(plan, analyses=entries), snapshot)


@pytest.mark.parametrize("imputed", [True, False])
def test_the_flow_analyses_whom_the_primary_analysis_does(plan: Plan, snapshot: Snapshot, imputed: bool):
    results = run(plan, snapshot, **({} if imputed else {"missing": CompleteCases()}))
    counts = results["P1"].counts.set_index("arm")
    flow = results["D1"].tables["flow"]
    for arm in plan.arms:
        here = flow[flow["arm"] == arm].set_index(["stage", "reason"])["n"]
        observed, drawn = (int(counts.loc[arm, name]) for name in ("n_observed", "n_imputed"))
        assert here["analysed", ""] == observed + drawn
        assert here["not_analysed", ""] == counts.loc[arm, "n_excluded"]
        assert (drawn > 0) == imputed
        if imputed:
            assert here["analysed", "outcome observed"] == observed
            reasons = [n for (_, why), n in here.items() if why.startswith("outcome imputed: ")]
            assert sum(reasons) == drawn
    names = ["arm", "n_observed", "n_imputed", "n_excluded"]
    assert results["D1"].counts[names].equals(results["P1"].counts[names])


def test_the_key_result_counts_the_imputed_as_analysed(plan: Plan, snapshot: Snapshot):
    results = run(plan, snapshot)
    facts = dict(highlight(Context(results)).facts)
    for row in results["P1"].counts.to_dict("records"):
        text = facts[f"Analysed, {results.arm_labels[row['arm']]}"].text
        assert text == f"{row['n_set']} of {row['n_set']}, {row['n_imputed']} imputed"
