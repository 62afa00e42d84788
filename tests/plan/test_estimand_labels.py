"""An entry is held to the estimand it is printed under: its set, its method, its summary."""

from __future__ import annotations

import re

import pytest

from trialkit import resources
from trialkit.analysis import load_plan_text, plan_problems
from trialkit.study import load_study
from trialkit.study.model import Study

PLAN = (resources.folder("sap") / "study_a.toml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def study() -> Study:
    return load_study(resources.folder("sample_data"))


def told(text: str, study: Study) -> list[str]:
    return [str(problem) for problem in plan_problems(load_plan_text(text), study)]


def under(entry: str, estimand: str) -> str:
    """Study A's plan with an entry moved under another estimand."""
    at = PLAN.index(f'id = "{entry}"')
    return PLAN[:at] + re.sub(r'estimand = "\w+"', f'estimand = "{estimand}"', PLAN[at:], count=1)


def test_study_a_prints_nothing_under_an_estimand_it_does_not_estimate(study: Study):
    assert told(PLAN, study) == []


@pytest.mark.parametrize(
    ("entry", "estimand", "words"),
    [
        ("P12", "primary", "the population of its estimand, all randomized"),
        ("C1", "primary", "an estimand of a principal stratum"),
        ("P1", "compliers", "estimates the effect in a principal stratum"),
        ("S1", "primary", "a method that gives the summary of its estimand, difference in means"),
        ("N2", "satisfaction", "a method that gives the summary of its estimand, odds ratio"),
        ("N1", "satisfied", "a method that gives the summary of its estimand, risk difference"),
        ("R1", "primary", "a method that gives the summary of its estimand, difference in means"),
    ],
)
def test_an_entry_under_a_false_estimand_is_named(entry: str, estimand: str, words: str, study: Study):
    problems = told(under(entry, estimand), study)
    assert any(f"({entry})" in one and words in one for one in problems), problems
