"""Every problem of a plan says in which line it is."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from trialkit import resources
from trialkit.analysis import load_plan
from trialkit.analysis.plans import plan_problems
from trialkit.plan import Plan
from trialkit.study import load_study
from trialkit.study.model import Study

TEXT = (resources.folder("sap") / "study_a.toml").read_text(encoding="utf-8")
ENTRY = TEXT.count("\n", 0, TEXT.index("[[analysis]]")) + 1


@pytest.fixture(scope="module")
def study() -> Study:
    return load_study(resources.folder("sample_data"))


def changed(folder: Path, old: str, new: str) -> tuple[Plan, int]:
    """The plan with one edit, and the line it stands in."""
    assert old in TEXT
    path = folder / "plan.toml"
    path.write_text(TEXT.replace(old, new, 1), encoding="utf-8")
    return load_plan(path), TEXT.count("\n", 0, TEXT.index(old)) + 1


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ('protocol = "2.1"', 'protocol = "2.0"', "plan/protocol"),
        ('rule = "randomized and treated"', 'rule = "randomised and treated"', "sets/safety/rule"),
        ('unit = "percent"', 'unit = "mm"', "endpoints/odi_change/unit"),
        ('anchor = "intervention_end"', 'anchor = "intervention"', "visits/month_1/anchor"),
        ('variable = "odi_change at month_12"', 'variable = "odi_change"', "estimands/primary/variable"),
    ],
)
def test_a_problem_of_a_part_of_the_plan_names_its_line(
    tmp_path: Path, study: Study, old: str, new: str, place: str
):
    plan, line = changed(tmp_path, old, new)
    found = [str(one.where) for one in plan_problems(plan, study)]
    assert f"{tmp_path / 'plan.toml'}:{line}:{place}" in found, found


def test_no_problem_has_its_line_twice(tmp_path: Path, study: Study):
    plan, _ = changed(
        tmp_path, 'endpoint = "odi_change"\nvisit = "month_12"', 'endpoint = "odi"\nvisit = "month_12"'
    )
    for one in plan_problems(plan, study):
        assert len(re.findall(r":\d+:", str(one.where))) <= 1


@pytest.mark.parametrize(
    ("name", "change", "expected"),
    [
        ("P2", {"of": "P99"}, "another entry of the plan"),
        ("R1", {"keys": {"times_days": (90, 400)}}, "days up to the horizon, 365"),
        ("M1", {"keys": {"family": ("V1", "V1")}}, "each p value once in the family"),
    ],
)
def test_what_a_plan_says_too_much_is_told(study: Study, name: str, change: dict, expected: str):
    plan = load_plan(resources.folder("sap") / "study_a.toml")
    keys = change.get("keys", {})
    more = {one: value for one, value in change.items() if one != "keys"}
    entries = tuple(replace(e.saying(**keys), **more) if e.id == name else e for e in plan.analyses)
    found = [str(one) for one in plan_problems(replace(plan, analyses=entries), study)]
    assert any(expected in one for one in found), found


def test_a_plan_without_a_primary_analysis_is_asked_about(study: Study):
    plan = load_plan(resources.folder("sap") / "study_a.toml")
    entries = tuple(e for e in plan.analyses if e.role != "primary")
    found = [str(one) for one in plan_problems(replace(plan, analyses=entries), study)]
    assert any("one primary analysis; found secondary ones alone" in one for one in found)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('rule = "ae_serious = 1"', 'rule = "ae_serious = 3"', "ae_serious has"),
        (
            "actual_arm = 'control' or",
            "actual_arm = 'contol' or",
            "actual_arm has exercise, control, not contol",
        ),
        (
            'rule = "randomized and treated"',
            "rule = \"randomized and sex = 'femal'\"",
            "sex has Female, Male, not femal",
        ),
    ],
)
def test_a_level_that_nobody_can_have_is_told(
    tmp_path: Path, study: Study, old: str, new: str, expected: str
):
    plan, _ = changed(tmp_path, old, new)
    found = [str(one) for one in plan_problems(plan, study)]
    assert any(expected in one for one in found), found


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('date = "death_date"', 'date = "death_cause"'),
        ('date = "si_date"', 'date = "si_type"'),
    ],
)
def test_a_competing_event_is_dated_by_a_date(tmp_path: Path, study: Study, old: str, new: str):
    plan, _ = changed(tmp_path, old, new)
    found = [str(one) for one in plan_problems(plan, study) if "competing" in str(one.where)]
    assert any("an item that is a date" in one for one in found), found
