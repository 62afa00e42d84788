"""Names a plan uses twice, and days of what is no date: told with file, line and the nearest word."""

from __future__ import annotations

import re

import pytest

from trialkit import resources
from trialkit.analysis import load_plan_text, plan_problems
from trialkit.study import load_study
from trialkit.study.model import Study

PLAN = (resources.folder("sap") / "study_a.toml").read_text(encoding="utf-8")
DAYS = '"nsaid_start_date", "nsaid_stop_date"'
EDITS = {
    "two sets under one label": (
        'label = "Per-protocol set"',
        'label = "full analysis set"',
        r"plan:\d+:sets/\w+/label: expected a label of its own; found 'full analysis set' twice",
    ),
    "two endpoints that differ in capitals": (
        "[endpoints.vas_change]",
        "[endpoints.ODI_change]",
        r"plan:\d+:endpoints/ODI_change: expected a name that differs by more than capitals",
    ),
    "two entries under one title": (
        'title = "Treatment as delivered"',
        'title = "change in ODI from baseline to 12 months"',
        r"plan:\d+:analysis\[\d+\] \(P1\): expected a title of its own; found .*, that of D10 too",
    ),
    "an item twice in a list": (
        '"compl_sessions_done", ',
        '"compl_sessions_done", "compl_sessions_done", ',
        r"plan:416:items \(D10\): expected each name once in items; found 'compl_sessions_done' twice",
    ),
    "both days of a duration the same": (
        DAYS,
        '"nsaid_start_date", "nsaid_start_date"',
        r"plan:418:days\.Days on the NSAID \(D10\): .*'nsaid_start_date' twice",
    ),
    "a duration under the label of an amount": (
        '"Days on the NSAID" =',
        '"Units of NSAID not returned" =',
        r"a label of its own for every amount and duration; found 'Units of NSAID not returned' twice",
    ),
    "days of a number": (
        DAYS,
        '"nsaid_start_date", "nsaid_dispensed"',
        r"plan:418:days\.Days on the NSAID \(D10\): expected an item that is a date; found nsaid_dispensed, "
        r"integer. .*nsaid",
    ),
    "days of words": (DAYS, '"nsaid_drug", "nsaid_stop_date"', r"a date; found nsaid_drug, coded"),
    "days of a score": (DAYS, '"compliance", "nsaid_stop_date"', r"a date; found compliance, "),
    "days of an unknown item": (
        DAYS,
        '"nsaid_start_dat", "nsaid_stop_date"',
        r"plan:418:.*found 'nsaid_start_dat'. Did you mean 'nsaid_start_date'",
    ),
    "units of a date": (
        '"nsaid_dispensed", "nsaid_returned"',
        '"nsaid_dispensed", "nsaid_stop_date"',
        r"plan:419:used.*an item that is a number; found nsaid_stop_date, date",
    ),
}


@pytest.fixture(scope="module")
def study() -> Study:
    return load_study(resources.folder("sample_data"))


@pytest.mark.parametrize("case", EDITS)
def test_it_is_told_where_it_stands(study: Study, case: str):
    old, new, message = EDITS[case]
    assert old in PLAN
    problems = [str(one) for one in plan_problems(load_plan_text(PLAN.replace(old, new, 1)), study)]
    assert any(re.search(message, one) for one in problems), problems
