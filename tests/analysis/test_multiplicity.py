"""Which p-value an entry hands over to its family, and that the table says so."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from trialkit.analysis import run_plan
from trialkit.analysis.beside_cox import ALSO, LOG_RANK
from trialkit.plan import Plan
from trialkit.snapshot import Snapshot


def _adjusted(plan: Plan, snapshot: Snapshot, **recurrence: object) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The family's table by entry, and the hazard ratios of the recurrence."""
    entries = (
        plan.analysis("R1").saying(**recurrence),
        plan.analysis("N1"),
        plan.analysis("M1").saying(family=("R1", "N1")),
    )
    results = run_plan(replace(plan, analyses=entries), snapshot)
    return results["M1"].tables["adjusted"].set_index("entry"), results["R1"].tables["hazard_ratios"]


def test_a_log_rank_test_that_the_plan_asks_for_is_handed_over_and_named(plan: Plan, snapshot: Snapshot):
    table, ratios = _adjusted(plan, snapshot)
    assert table.loc["R1", "p_of"] == "log-rank test"
    assert table.loc["N1", "p_of"] == "odds ratio of the arm"
    assert table.loc["R1", "p_value"] != ratios["p_value"].iloc[0]


@pytest.mark.parametrize("formula", ["arm", "age_years + arm"])
def test_without_one_it_is_the_arms_hazard_ratio(plan: Plan, snapshot: Snapshot, formula: str):
    also = tuple(one for one in ALSO.of(plan.analysis("R1")) if one != LOG_RANK)
    table, ratios = _adjusted(plan, snapshot, also=also, formula=formula)
    assert table.loc["R1", "p_of"] == "hazard ratio of the arm"
    mine = ratios[ratios["term"].str.startswith("arm")]
    assert table.loc["R1", "p_value"] == mine["p_value"].item()
