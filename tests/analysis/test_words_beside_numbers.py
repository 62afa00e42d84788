"""What stands beside a number: its unit, its side, its rounding, and what it is said to be."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from trialkit.analysis import run_plan
from trialkit.analysis.errors import AnalysisError
from trialkit.analysis.methods import all_methods
from trialkit.analysis.modes import Mode, require_allowed
from trialkit.documents.declared.rows import ResultRow
from trialkit.documents.declared.wording import unit_words, with_unit
from trialkit.plan import Plan
from trialkit.snapshot import Snapshot, read_snapshot


def printed(method: str, source: str, head: str, **values: Any) -> str:
    """The cell of a column that a method declares."""
    output = next(o for o in all_methods()[method].outputs if getattr(o, "source", "") == source)
    column = next(one for one in output.columns if one.head == head)
    return str(column.kind.fill(ResultRow("X1", source, 0, values), []).text)


@pytest.mark.parametrize(
    ("written", "shown"),
    [("uV", "µV"), ("umol/L", "µmol/L"), ("1e9/L", "10⁹/L"), ("kg/m2", "kg/m²"), ("mmol/L", "mmol/L")],
)
def test_a_unit_in_plain_letters_is_printed_as_the_field_writes_it(written: str, shown: str):
    assert unit_words(written) == shown
    assert with_unit("Amplitude", written) == f"Amplitude, {shown}"


@pytest.mark.parametrize(("direction", "side"), [("higher", "≥ "), ("lower", "≤ ")])
def test_a_cutoff_says_on_which_side_of_it_the_outcome_is_called(direction: str, side: str):
    cell = printed(
        "roc", "areas", "Cutoff", direction=direction, cutoff=2.5, cutoff_ci_lower=2.25, cutoff_ci_upper=3.0
    )
    assert cell == f"{side}2.50 (2.25 to 3.00)"


@pytest.mark.parametrize(
    ("limits", "text"),
    [
        ((1.0029, 1.0008, 1.0051), "1.003 (1.001 to 1.005)"),
        ((1.0002, 1.00011, 1.00029), "1.0002 (1.0001 to 1.0003)"),
        ((1.0021, 0.9992, 1.0051), "1.00 (1.00 to 1.01)"),  # it contains 1: nothing is hidden
        ((0.52, 0.31, 0.88), "0.52 (0.31 to 0.88)"),
        ((0.0181, 0.0031, 0.0712), "0.018 (0.003 to 0.071)"),
        ((0.0181, 0.00041, 0.0712), "0.0181 (0.0004 to 0.0712)"),
        ((0.52, 1e-9, 0.88), "0.52 (0.00 to 0.88)"),  # four decimals would not tell it either
    ],
)
def test_no_limit_of_a_ratio_is_printed_as_0_nor_as_1_where_the_interval_excludes_it(
    limits: tuple[float, ...], text: str
):
    values = dict(zip(("estimate", "ci_lower", "ci_upper"), limits, strict=True))
    assert printed("mixed_logistic", "odds_ratios", "Odds ratio", **values) == text
    for method, table, head in (
        ("ordinal", "odds_ratios", "Odds ratio"),
        ("time_to_event", "hazard_ratios", "Hazard ratio"),
        ("parametric_survival", "time_ratios", "Time ratio"),
    ):
        assert printed(method, table, head, **values) == text


def test_why_a_test_of_proportional_odds_does_not_exist_stands_below_it():
    rows = [{"term": "arm", "test": "score", "note": ""}]
    rows += [{"term": "sex", "test": "likelihood ratio", "note": "the larger model has no finite maximum"}]
    (output,) = [
        o for o in all_methods()["ordinal"].outputs if getattr(o, "source", "") == "proportional_odds"
    ]
    told = output.notes_of(SimpleNamespace(words=lambda _column, value: value.capitalize()), rows)
    assert told == ("Sex, likelihood ratio test: the larger model has no finite maximum.",)


@pytest.mark.parametrize(
    ("mode", "words"),
    [
        (Mode.UNBLINDED, ""),
        (Mode.CODED, " (everybody randomized taken as treated, in the group allocated)"),
        (Mode.BLINDED, " (everybody randomized taken as treated)"),
    ],
)
def test_a_set_by_treatment_says_how_it_is_read_where_nobody_may_know_the_treatment(
    plan: Plan, snapshot: Snapshot, mode: Mode, words: str
):
    few = replace(plan, analyses=(plan.analysis("A1"), plan.analysis("D2")))
    masking = {"A": "control", "B": "exercise"} if mode is Mode.CODED else None
    results = run_plan(few, snapshot, mode=mode, masking=masking)
    assert [one.analysis_set for one in results.analyses] == [f"Safety set{words}", "Full analysis set"]


@pytest.mark.parametrize(
    ("power", "text"),
    [
        (100.0, ">99.9"),  # floating point has no number between
        (99.99999, ">99.9"),
        (99.94, "99.9"),
        (80.2, "80.2"),
        (0.0023, "<0.1"),
        (5e-20, "<0.1"),
        (0.0, "<0.1"),
    ],
)
def test_no_probability_of_a_model_is_printed_as_certainty(power: float, text: str):
    row = {"measure": "Power for the planned difference, %", "planned": power, "decimals": 1}
    assert printed("sample_size", "assumptions", "Planned", **row) == text
    assert printed("conditional_power", "conditional_power", "Ends better, %", percent=power) == text
    assert printed("parametric_survival", "predicted", "Risk, %", risk=power / 100) == text


def test_the_lowest_grade_is_what_lies_below_the_one_before(plan: Plan, snapshot: Snapshot):
    found = run_plan(replace(plan, analyses=(plan.analysis("J2"),)), snapshot)["J2"]
    assert "Fair from 25 %, Poor below 25 %" in found.method
    assert "1000" not in found.method
    data = found.tables["rates"]
    assert isinstance(data, pd.DataFrame)
    assert any("the least room here is" in note and "No rate is cut" in note for note in found.notes)


def test_a_masked_run_asks_for_the_arms_and_not_for_the_unblinding(snapshot: Snapshot):
    blinded = replace(snapshot, manifest=replace(snapshot.manifest, blinded=True))
    with pytest.raises(AnalysisError, match=r"after the lock\); no signed unblinding is needed"):
        require_allowed(Mode.MASKED, blinded)
    with pytest.raises(AnalysisError, match="after the unblinding is signed"):
        require_allowed(Mode.UNBLINDED, blinded)
    assert read_snapshot(snapshot.folder).manifest.blinded is False
