"""The amendment log of a plan: what it contradicts in itself, in the version, in the signed unblinding."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest

from trialkit import resources
from trialkit.analysis import load_plan_text, plan_problems
from trialkit.plan.amendments import against_unblinding
from trialkit.plan.contradictions import contradictions
from trialkit.study import load_study
from trialkit.study.model import Study

PLAN = (resources.folder("sap") / "study_a.toml").read_text(encoding="utf-8")
SOUND = (("1.1", "2026-01-31", True), ("1.2", "2026-03-01", True), ("2.0", "2026-09-01", False))


@pytest.fixture(scope="module")
def study() -> Study:
    return load_study(resources.folder("sample_data"))


def plan_text(*log: tuple[str, str, bool], version: str = "") -> str:
    entries = "".join(
        f'\n[[amendment]]\nversion = "{v}"\ndate = "{day}"\nbefore_unblinding = {str(before).lower()}\n'
        'reason = "One reason"\n'
        for v, day, before in log
    )
    return PLAN.replace('version = "1.0"', f'version = "{version or log[-1][0]}"', 1) + entries


WRONG = {
    "the plan's version is later": (
        plan_text(*SOUND, version="2.1"),
        r"plan:\d+:amendment\[2\]\.version: expected the plan's version, 2.1, .*; found 2.0",
    ),
    "a day as it is spoken": (
        plan_text(("1.1", "31 January 2026", True)),
        r"plan:\d+:amendment\[0\]\.date: expected a day that is there, .*; found '31 January 2026'",
    ),
    "a day that no calendar has": (plan_text(("1.1", "2026-02-30", True)), r"found '2026-02-30'"),
    "days turned round": (
        plan_text(SOUND[0], ("1.2", "2026-01-30", True)),
        r"amendment\[1\]\.date: expected a day on or after 2026-01-31, that of version 1.1; found 2026-01-30",
    ),
    "versions turned round": (
        plan_text(("1.10", "2026-01-31", True), ("1.9", "2026-02-01", True)),
        r"expected a version after 1.10; found 1.9",
    ),
    "a version twice": (
        plan_text(("1.1", "2026-01-31", True), ("1.1", "2026-02-01", True)),
        r"expected a version after 1.1; found 1.1",
    ),
    "before the unblinding after it": (
        plan_text(("1.1", "2026-01-31", False), ("1.2", "2026-02-01", True)),
        r"expected after the unblinding, as version 1.1 before it; found before_unblinding = true",
    ),
    "a later version without a log": (
        PLAN.replace('version = "1.0"', 'version = "1.3"', 1),
        r"expected the amendments that led to version 1.3; found none",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_contradiction_of_the_log_is_named_where_it_stands(study: Study, case: str):
    text, message = WRONG[case]
    problems = [str(one) for one in plan_problems(load_plan_text(text), study)]
    assert any(re.search(message, one) for one in problems), problems
    assert list(contradictions(load_plan_text(text), study))


@pytest.mark.parametrize(
    "text", [PLAN, plan_text(*SOUND), plan_text(("1.9", "2026-01-31", True), ("1.10", "2026-01-31", True))]
)
def test_a_sound_log_has_nothing_told_of_it(study: Study, text: str):
    assert list(plan_problems(load_plan_text(text), study)) == []


@pytest.mark.parametrize(
    ("day", "found"),
    [
        (date(2026, 6, 1), []),
        (date(2026, 9, 1), []),  # of that day either may be true
        (date(2026, 2, 1), ["2026-03-01"]),
        (date(2026, 10, 1), ["2026-09-01"]),
    ],
)
def test_the_log_is_held_against_the_signed_unblinding(day: date, found: list[str]):
    problems = [str(one) for one in against_unblinding(load_plan_text(plan_text(*SOUND)), day)]
    assert len(problems) == len(found)
    for problem, amended in zip(problems, found, strict=True):
        assert f"an amendment of {amended} that says otherwise" in problem
        assert "before_unblinding" in problem


def test_the_second_of_two_that_say_otherwise_is_told_too():
    plan = load_plan_text(plan_text(*SOUND))
    turned = tuple(replace(one, before_unblinding=not one.before_unblinding) for one in plan.amendments)
    assert len(list(against_unblinding(replace(plan, amendments=turned), date(2026, 6, 1)))) == len(SOUND)
