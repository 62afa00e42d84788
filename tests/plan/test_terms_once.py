"""Formulas in which each term stands once are left alone, however they are written."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.plan.wrong_edits import PLAN
from trialkit.analysis import load_plan_text
from trialkit.plan.set_notes import notes_of_sets
from trialkit.plan.terms_once import model_written_plainly
from trialkit.study.model import Study


@pytest.mark.parametrize(
    "formula",
    [
        "chg ~ arm + base",
        "chg ~ 1 + arm + base",
        "chg ~ arm * site + site:base",
        "chg ~ arm*site + arm",
        "chg ~ arm + rcs(base, 4) + log(age_years)",
        "chg ~ log(base) + base + arm",
        "chg ~ (arm + base)^2 + sex",
        "arm + age_years",
        "chg ~ arm + b0 + base",
    ],
)
def test_a_term_once_is_left_alone(study: Study, formula: str) -> None:
    plan = load_plan_text(PLAN)
    entry = replace(plan.analysis("P1"), keys={**plan.analysis("P1").keys, "formula": formula})
    assert list(model_written_plainly(entry, plan, study)) == []


@pytest.mark.parametrize(
    "note",
    [
        "Everyone randomized, in the arm the list gave them.",
        "Everyone randomized, in the arm of the list.",
        "All subjects randomized.",
        "ITT principle; see the protocol, section 9.",
        "Everyone randomized; 75 % are expected to come to month 12.",
        "Women and men, analysed together.",
        "",
    ],
)
def test_a_note_that_the_facts_do_not_contradict_is_left_alone(study: Study, note: str) -> None:
    plan = load_plan_text(PLAN)
    full = replace(plan.sets["full"], note=note)
    assert list(notes_of_sets(replace(plan, sets={"full": full}), study)) == []


@pytest.mark.parametrize(
    "note",
    ["Everyone treated, as treated.", "Subjects with at least one dose, in the arm received.", "Safety."],
)
def test_nor_is_one_of_the_treated(study: Study, note: str) -> None:
    plan = load_plan_text(PLAN)
    safety = replace(plan.sets["safety"], note=note)
    assert list(notes_of_sets(replace(plan, sets={"safety": safety}), study)) == []
