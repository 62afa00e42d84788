"""What stands beside a number: its unit, its side, its rounding, and what it is said to be."""

from __future__ import annotations

from dataclasses import replace
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
    ],
)
def test_a_ratio_whose_interval_excludes_1_is_not_printed_as_1(limits: tuple[float, ...], text: str):
    values = dict(zip(("estimate", "ci_lower", "ci_upper"), limits, strict=True))
    assert printed("mixed_logistic", "odds_ratios", "Odds ratio", **values) == text


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
