"""Entries that once ran wrong, side by side in one plan: what each must say, and that none costs another."""

from __future__ import annotations

from dataclasses import replace

import pytest

from trialkit.analysis import Results, run_plan
from trialkit.plan import Plan
from trialkit.snapshot import Snapshot


@pytest.fixture(scope="module")
def results(plan: Plan, snapshot: Snapshot) -> Results:
    ancova, modified, timed = plan.analysis("P2"), plan.analysis("I1"), plan.analysis("R1")
    entries = (
        replace(ancova.saying(formula="chg ~ arm * site + base + sex"), id="crossed"),
        replace(ancova.saying(formula="chg ~ arm + log(base) + sex + site"), id="logged"),
        replace(modified.saying(modifier="odi"), id="absent"),
        replace(modified.saying(formula="chg ~ arm * sex + base + site", modifier="sex"), id="factor"),
        replace(timed.saying(horizon_days=3, times_days=(0, 3)), id="short"),
        replace(timed.saying(strata=()), id="unstratified"),
        plan.analysis("S1"),
    )
    return run_plan(replace(plan, analyses=entries), snapshot)


@pytest.mark.analytic
def test_the_difference_follows_the_weights_of_the_means_beside_it(results: Results):
    tables = results["crossed"].tables
    means = tables["ls_means"].set_index("arm")["estimate"]
    difference = tables["contrasts"]["estimate"].iloc[0]
    assert difference == pytest.approx(means["exercise"] - means["control"], rel=1e-10)


def test_a_permitted_transform_is_carried_out(results: Results):
    assert results["logged"].failure is None


def test_a_modifier_that_is_not_in_the_formula_costs_its_entry_alone(results: Results):
    assert "a formula with the term odi" in str(results["absent"].failure)
    assert [one.id for one in results.analyses if one.failure] in (["absent"], ["absent", "short"])


def test_a_factor_modifier_is_shown_as_its_levels(results: Results):
    tables = results["factor"].tables
    assert list(tables["effect_by_level"]["level"]) == ["Female", "Male"]
    assert "effect_by_covariate" not in tables


def test_what_cannot_be_estimated_says_so_beside_what_can(results: Results):
    """Three days bring no event in some arm: curves stand, the Cox model says why it has no estimate."""
    short = results["short"]
    said = " ".join(short.warnings) or str(short.failure)
    assert "Cox model could not be estimated" in said
    assert "curves" in short.tables


def test_no_words_about_strata_where_there_are_none(results: Results):
    assert "stratified" not in results["unstratified"].method
    assert results["unstratified"].tables["log_rank"]["strata"].iloc[0] == ""


def test_each_definition_of_response_has_its_own_counts(results: Results):
    counts = results["S1"].counts
    assert list(counts["of"].unique()) == [
        "ODI lower by 10 points or more",
        "ODI lower by 30 % of baseline or more",
    ]
    assert len(counts) == 4
