"""A hundred and more wrong edits of the plan of study A, each with what is said of it: the frame of the plan.

Those of models, of sets and estimands, and of rules stand beside.
"""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from tests.plan.wrong_edits import PLAN, edited, require_told, told
from trialkit.analysis import load_plan_text
from trialkit.analysis.methods.baseline import described
from trialkit.plan.models import modifiers
from trialkit.plan.references import subject_columns
from trialkit.study.model import Study

EDITS = {
    "an entry's id twice": ('id = "P2"', 'id = "P1"', r"an id of its own.*'P1' 2 times"),
    "an id that no file can bear": ('id = "P2"', 'id = "P 2/../x"', r"an id of letters.*'P 2/../x'"),
    "two ids that differ in capitals": ('id = "P2"', 'id = "p1"', r"an id of its own.*'P1' 2 times"),
    "a seed below zero": ("seed = 20260101", "seed = -1", r"0 or more; found -1"),
    "a subgroup by what came later": (
        "goutallier = [3]",
        "satisfaction = [2]",
        r"known at baseline; found satisfaction, measured at month_12",
    ),
    "a baseline table of what came later": (
        '"sorensen_s"]',
        '"sorensen_s", "satisfaction"]',
        r"known at baseline; found satisfaction, measured at month_12",
    ),
    "two primaries": (
        "P2",
        'role = "sensitivity"',
        'role = "primary"',
        r"one primary analysis; found P1 and P2",
    ),
    "an unknown column": ("P1", "+ sex + site", "+ sexx + site", r"found 'sexx'. Did you mean 'sex'"),
    "an unknown visit": (
        "P1",
        '"month_12"',
        '"month_13"',
        r"a visit of the plan; found 'month_13'. Did you mean",
    ),
    "an unknown endpoint": ("P1", '"odi_change"', '"odi_chnge"', r"Did you mean 'odi_change'"),
    "an unknown method": ("P1", 'method = "ancova"', 'method = "ancva"', r"'ancva'. Did you mean 'ancova'"),
    "an unknown role": ("P1", 'role = "primary"', 'role = "primry"', r"'primry'"),
    "an unknown key": ("P1", "ls_means", "lsmeans", r"ls_means"),
    "the test on the wrong side": ("P1", '"less"', '"greater"', r"the alternative 'less': lower is better"),
    "missing data unsaid": ("P1", "missing = {", "missin = {", r"to say missing"),
    "a negative MCID": ("mcid = 10", "mcid = -10", r"an MCID above 0"),
    "another MCID than the study's": ("mcid = 10", "mcid = 12", r"the study's MCID of 10"),
    "another direction than the study's": (
        'better = "lower"\nmcid = 10',
        'better = "higher"\nmcid = 10',
        r"lower is",
    ),
    "a unit that is not the score's": ('unit = "percent"\nbetter', 'unit = "mm"\nbetter', r"the unit of odi"),
    "another protocol": ('protocol = "2.1"', 'protocol = "2.0"', r"the study's protocol version, 2.1"),
    "another study": ('study = "A"', 'study = "B"', r"the study's id; found 'B'"),
    "an arm in both roles": ('reference = "control"', 'reference = "exercise"', r"different arms to compare"),
    "roles turned": (
        'test = "exercise", reference = "control"',
        'test = "control", reference = "exercise"',
        r"reference arm, as",
    ),
    "a model of one visit with visits": ("P1", "+ site", "* visit + site", r"a model of one visit without"),
    "a baseline after randomization": ("[-28, 0]", "[-28, 14]", r"on or before the day of randomization"),
    "a change at baseline": ("P2", '"month_12"', '"baseline"', r"visits after the baseline"),
    "the baseline twice": ("P1", "+ base +", "+ base + odi +", r"the baseline once; found base and odi"),
    "a sensitivity analysis of one": ("P3", 'of = "P1"', 'of = "P2"', r"found of P2, which is sensitivity"),
    "a sensitivity analysis of nothing": ("P3", 'of = "P1"\n', "", r"the entry whose assumption it changes"),
    "a secondary entry of another": (
        "S1",
        'role = "secondary"',
        'role = "secondary"\nof = "P1"',
        r'role = "sensitivity" for an entry',
    ),
    "a family of one": ("M1", '["V1", "J1", "R1", "N1"]', '["V1"]', r"two entries or more"),
    "a family with a table": ("M1", '["V1"', '["D1", "V1"', r"found D1, which is descriptive"),
    "a family with a sensitivity analysis": ("M1", '["V1"', '["P2", "V1"', r"found P2, which is sensitivity"),
    "three sides": ("P1", "sides = 2", "sides = 3", r"sides: expected 1 or 2; found 3"),
    "a family of nobody": ("M1", '"N1"', '"N9"', r"an entry of the plan; found 'N9'"),
}


def test_the_plan_as_it_is_has_nothing_told_of_it(study: Study):
    assert told(PLAN, study) == []


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_a_wrong_edit_is_told_where_it_stands(edit: tuple[str, ...], study: Study):
    require_told(edit, study)


def test_an_endpoint_of_the_study_that_nobody_analyses_is_named(study: Study):
    start = PLAN.index('[[analysis]]\nid = "L2"')
    without = "".join(
        block
        for block in re.split(r"(?=\[\[analysis\]\])", PLAN[:start])
        if not re.search(r'id = "A\d"', block)
    )
    assert any("the study's endpoint" in problem for problem in told(without, study))


def test_a_visit_at_which_an_endpoint_is_measured_and_that_has_no_rule_is_named(study: Study):
    start = PLAN.index("[visits.month_3]")
    without = PLAN[:start] + PLAN[PLAN.index("[visits.month_6]") :]
    problems = told(without, study)
    assert any("a rule for the visit month_3" in problem for problem in problems), problems
    assert not any("a rule for the visit month_6" in problem for problem in problems)


def test_the_site_of_a_study_of_several_is_a_column_of_its_subjects(study: Study):
    unstratified = replace(study, factors=())
    assert "site" in subject_columns(unstratified)
    assert "site" not in subject_columns(replace(unstratified, sites=study.sites[:1]))
    assert described(unstratified, "site") == ("Site", "", tuple(site.name for site in study.sites))


@pytest.mark.parametrize(
    ("entry", "old", "new", "found"),
    [
        ("N1", "value ~ arm + sex", "value ~ arm * sex", ("sex",)),
        ("N1", "value ~ arm + sex", "value ~ arm:sex + sex + arm", ("sex",)),
        ("R1", 'formula = "arm"', 'formula = "arm * age_years * sex"', ("age_years", "sex")),
        ("V1", "arm * visit + sex", "arm * visit * sex", ()),  # LS means are over the sexes
        ("V2", "arm * months", "arm * months", ()),  # the slope is the question
        ("V2", "arm * months + sex", "arm * months * sex", ("sex",)),
        ("I1", "arm * multifidus_fat", "arm * multifidus_fat", ()),  # the modifier is the question
    ],
)
def test_what_the_line_of_the_arm_depends_on_is_known(
    entry: str, old: str, new: str, found: tuple[str, ...]
) -> None:
    assert modifiers(load_plan_text(edited(entry, old, new)).analysis(entry)) == found
