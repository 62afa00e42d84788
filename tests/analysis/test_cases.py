"""Entries that once ran wrong, side by side in one plan: what each must say, and that none costs another."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from trialkit.analysis import Results, run_plan
from trialkit.analysis.context import Context
from trialkit.analysis.modes import Mode, prepare
from trialkit.plan import Analysis, Plan
from trialkit.snapshot import Snapshot
from trialkit.stats import ancova
from trialkit.study.model import Study

WEIGHTS = ("observed", "equal")


def mixed_with_sites(modified: Analysis) -> list[Analysis]:
    """Models in which the effect differs by site besides: then it matters over which mix of the sites."""
    by_level = modified.saying(formula="chg ~ arm * sex + arm * site + base", modifier="sex")
    along = modified.saying(formula="chg ~ arm * multifidus_fat + arm * site + base + sex")
    entries = [replace(by_level, id="by_level"), replace(along, id="along")]
    for weights in WEIGHTS:
        entries.append(replace(by_level.saying(ls_means=weights), id=f"by_level_{weights}"))
        entries.append(replace(along.saying(ls_means=weights), id=f"along_{weights}"))
    return entries


@pytest.fixture(scope="module")
def results(plan: Plan, snapshot: Snapshot) -> Results:
    ancova, modified, timed = plan.analysis("P2"), plan.analysis("I1"), plan.analysis("R1")
    entries = (
        replace(ancova.saying(formula="chg ~ arm * site + base + sex"), id="crossed"),
        replace(ancova.saying(formula="chg ~ arm + log(base) + sex + site"), id="logged"),
        replace(modified.saying(modifier="odi"), id="absent"),
        replace(modified.saying(formula="chg ~ arm * sex + base + site", modifier="sex"), id="factor"),
        replace(modified.saying(formula="chg ~ arm * site + base + sex", modifier="site"), id="sites"),
        replace(
            modified.saying(formula="chg ~ arm * C(goutallier) + base + sex", modifier="goutallier"),
            id="grades",
        ),
        replace(plan.analysis("G1").saying(by={"goutallier": "levels"}), id="graded"),
        *mixed_with_sites(modified),
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


@pytest.fixture(scope="module")
def analysed(plan: Plan, study: Study, snapshot: Snapshot) -> pd.DataFrame:
    context = Context(plan, study, prepare(Mode.UNBLINDED, plan, study, snapshot).datasets)
    columns = ["chg", "base", "sex", "site", "multifidus_fat"]
    return context.assessments(plan.analysis("I1")).dropna(subset=columns)


def test_levels_are_called_by_the_names_of_the_study(results: Results, study: Study):
    names = [site.name for site in study.sites]
    assert list(results["sites"].tables["effect_by_level"]["level"]) == names
    grades = results["grades"].tables["effect_by_level"]["level"]
    assert list(grades) and all(level.startswith("Grade ") for level in grades)


def test_grades_are_subgroups(results: Results):
    found = results["graded"].tables["subgroups"]["level"]
    assert set(found) == set(results["grades"].tables["effect_by_level"]["level"])


@pytest.mark.analytic
@pytest.mark.parametrize("weights", WEIGHTS)
def test_the_effect_by_level_is_the_mean_of_the_cells_over_the_plans_mix(
    results: Results, analysed: pd.DataFrame, weights: str
):
    """The cells' differences need no weights; their mean over the sites is taken here by hand."""
    data = analysed
    cells = ancova("chg ~ arm * sex + arm * site + base", data, treatment="arm", reference="control")
    differences = cells.contrasts("arm", by=["sex", "site"])
    shares = data["site"].value_counts(normalize=True)
    shares = shares if weights == "observed" else shares * 0 + 1 / len(shares)
    by_hand = [
        sum(shares[row["site"]] * row["estimate"] for _, row in rows.iterrows())
        for _, rows in differences.groupby("sex", observed=True, sort=False)
    ]
    table = results[f"by_level_{weights}"].tables["effect_by_level"]
    assert table["estimate"].tolist() == pytest.approx(by_hand, rel=1e-9)


@pytest.mark.analytic
@pytest.mark.parametrize("weights", WEIGHTS)
def test_the_line_along_a_modifier_is_over_the_plans_mix_too(
    results: Results, analysed: pd.DataFrame, weights: str
):
    """A line: at the mean of the modifier it is the difference of the LS means."""
    data = analysed
    model = "chg ~ arm * multifidus_fat + arm * site + base + sex"
    fit = ancova(model, data, treatment="arm", reference="control")
    (expected,) = fit.contrasts("arm", weights=weights)["estimate"]
    line = results[f"along_{weights}"].tables["effect_by_covariate"]
    at_mean = np.interp(fit.design.covariate_means["multifidus_fat"], line["value"], line["estimate"])
    assert at_mean == pytest.approx(expected, rel=1e-9)


def test_table_and_line_are_over_the_observed_mix_where_the_plan_names_none(results: Results):
    for kind, table in (("by_level", "effect_by_level"), ("along", "effect_by_covariate")):
        found = results[kind].tables[table]["estimate"]
        assert found.tolist() == results[f"{kind}_observed"].tables[table]["estimate"].tolist()
        assert found.tolist() != pytest.approx(
            results[f"{kind}_equal"].tables[table]["estimate"].tolist(), abs=1e-6
        )
        assert "LS means with observed weights" in results[kind].method


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
