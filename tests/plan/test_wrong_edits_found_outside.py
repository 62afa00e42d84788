"""Wrong edits that an outsider made and nothing was said of: each kind with what is said of it now."""

from __future__ import annotations

import pytest

from tests.plan.wrong_edits import PLAN, edited, require_told, told
from trialkit.study.model import Study

DAYS = '"nsaid_start_date", "nsaid_stop_date"'
EDITS = {
    "a rule of one arm's item unsaid": (
        "C1",
        "reveals_arm = true\n",
        "",
        r"plan:\d+:analysis\[\d+\] \(C1\): expected reveals_arm = true: compliance tells an arm",
    ),
    "a table of one arm's item unsaid": (
        "G1",
        "age_years = [70]",
        "compliance = [75]",
        r"\(G1\): expected reveals_arm = true: compliance tells an arm",
    ),
    "compliance that nobody has": (
        "C1",
        ">= 75",
        ">= 750",
        r"\(C1\).*found compliance >= 750; compliance is",
    ),
    "rows that are all of them": (
        "ae_related >= 1",
        "ae_related >= 0",
        r"plan:\d+:records/adverse_events.*found ae_related >= 0, which every value meets",
    ),
    "rows grouped by days": (
        'category = "death_cause"',
        'category = "death_date"',
        r"plan:\d+:records/deaths/category: expected rows grouped by a kind.*found death_date, date",
    ),
    "a change as a response": (
        "S1",
        '"odi_response_30"',
        '"odi_change"',
        r"\(S1\): expected endpoints that are responses.*found odi_change, derived as change",
    ),
    "times in another unit": (
        'unit = "days"',
        'unit = "months"',
        r"plan:\d+:endpoints/recurrence/unit: expected unit = 'days'.*found 'months'",
    ),
    "a sensitivity analysis of another endpoint": (
        "S2",
        'of = "S1"',
        'of = "P1"',
        r"\(S2\): expected an endpoint of P1, whose assumption it changes: odi_change; found odi_response_10",
    ),
    "a sensitivity analysis that is its main one": (
        "S2",
        '"non-response"',
        '"observed cases"',
        r"\(S2\): expected a sensitivity analysis that varies something of S1.*missing data as S1",
    ),
    "a sensitivity analysis that is another one": (
        "P11",
        '"year_after_treatment"',
        '"month_12"',
        r"\(P11\): expected a sensitivity analysis that varies something of P1.*missing data as P2",
    ),
    "the primary in the secondary family": (
        "M1",
        '["V1"',
        '["P1", "V1"',
        r"\(M1\): expected the primary analysis outside.*found P1, which is primary, among 4 others",
    ),
    "a response under a model of numbers": (
        "P2",
        'endpoint = "odi_change"',
        'endpoint = "odi_response_30"',
        r"plan:\d+:analysis\[\d+\] \(P2\): expected an endpoint derived as value or .*derived as response",
    ),
    "deltas beyond the scale": (
        "P9",
        "deltas = [0, 4, 8, 12, 16, 20, 30, 40]",
        "deltas = [0, 400]",
        r"plan:\d+:analysis\[\d+\] \(P9\): expected deltas of at most 100.*found 400",
    ),
    "the other arm's deltas beyond the scale": (
        "P9",
        "reference_deltas = [0, 10, 20, 30]",
        "reference_deltas = [0, 101]",
        r"\(P9\): expected deltas of at most 100.*found 101",
    ),
    "no delta of 0": (
        "P9",
        "deltas = [0, 4, 8, 12, 16, 20, 30, 40]",
        "deltas = [4, 8]",
        r"\(P9\): expected 0 among the deltas.*found 4, 8",
    ),
    "a tested endpoint in no family": (
        "M1",
        '"V1", ',
        "",
        r"plan:\d+:analysis\[\d+\] \(V1\): expected a family for every.*found vas_change tested in none",
    ),
    "days counted backwards": (
        "D10",
        DAYS,
        '"nsaid_stop_date", "nsaid_start_date"',
        r"plan:\d+:days\.Days on the NSAID.*found nsaid_stop_date, then nsaid_start_date",
    ),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_a_wrong_edit_is_told_where_it_stands(edit: tuple[str, ...], study: Study):
    require_told(edit, study)


def test_the_primary_first_of_an_order_may_stand_in_a_family(study: Study):
    text = edited("M1", '["V1"', '["P1", "V1"').replace('"holm"', '"fixed-sequence"')
    assert not [one for one in told(text, study) if "outside a family" in one]


def test_several_tested_endpoints_without_any_family_are_told_each_at_its_entry(study: Study):
    head, mark, tail = PLAN.partition('[[analysis]]\nid = "M1"')
    text = head + "[[analysis]]" + tail.partition("[[analysis]]")[2]
    assert mark
    found = [one for one in told(text, study) if "expected a family" in one]
    assert [one.partition("(")[2].partition(")")[0] for one in found] == ["V1", "J1", "N1", "R1", "R5"]
