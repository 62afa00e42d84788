"""The key result: the number, the MCID, and whether this interval covers the truth."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from trialkit.documents.page import Highlight
from trialkit.report import TrueEffect, Truth
from trialkit.report.context import Context
from trialkit.report.highlight import highlight


def box(by_hand: SimpleNamespace, lower: float, upper: float, truth: float | None = None) -> Highlight:
    contrasts = by_hand.contrast((lower + upper) / 2, lower, upper)
    known = Truth() if truth is None else Truth((TrueEffect("P1", truth, 0.02, 200_000),))
    made = highlight(Context(by_hand.results(by_hand.primary(contrasts)), known))
    assert made is not None
    return made


def remark(made: Highlight, heading: str) -> str:
    return dict(made.remarks)[heading]


def test_the_headline_is_the_primary_difference_with_its_interval(by_hand: SimpleNamespace) -> None:
    made = box(by_hand, -7.8159, -2.6539)
    assert made.statement.text.replace("\u00a0", " ") == "−5.23 points (95% CI −7.82 to −2.65)"
    assert [str(one) for one in made.statement.references] == [
        "P1/contrasts/0/estimate",
        "P1/contrasts/0/ci_lower",
        "P1/contrasts/0/ci_upper",
    ]
    assert made.caption == (
        "Adjusted difference in change in ODI from baseline to 12 months: "
        "Exercise + NSAID minus NSAID alone; lower is better."
    )
    assert dict(made.facts)["p, one-sided (H₁: below 0)"].text == "<0.001"


@pytest.mark.parametrize(
    ("lower", "upper", "words"),
    [
        (-7.8, -2.6, "The whole 95% CI shows a benefit smaller than the MCID of 10 points"),
        (-14.0, -10.5, "The whole 95% CI shows a benefit of at least the MCID of 10 points"),
        (
            -11.0,
            -4.0,
            "The whole 95% CI shows a benefit; it may be smaller or larger than the MCID of 10 points",
        ),
        (2.0, 11.0, "The whole 95% CI shows a harm; it may be smaller or larger than the MCID of 10 points"),
    ],
)
def test_the_interval_is_read_against_the_mcid(
    by_hand: SimpleNamespace, lower: float, upper: float, words: str
) -> None:
    assert remark(box(by_hand, lower, upper), "Against the MCID.").startswith(words)


@pytest.mark.parametrize(
    ("truth", "covered"),
    [(-5.0, True), (-7.8, True), (-2.6, True), (-2.59, False), (-8.0, False), (5.0, False)],
)
def test_the_page_says_honestly_whether_the_interval_covers_the_truth(
    by_hand: SimpleNamespace, truth: float, covered: bool
) -> None:
    sentence = remark(box(by_hand, -7.8, -2.6, truth), "Against the truth.")
    assert ("This 95% CI covers it." in sentence) is covered
    assert ("This 95% CI does not cover it." in sentence) is not covered
    assert "from 200,000 simulated subjects" in sentence


def test_a_real_trial_has_no_truth_to_show(by_hand: SimpleNamespace) -> None:
    made = box(by_hand, -7.8, -2.6)
    assert "Against the truth." not in dict(made.remarks)
    assert "Simulator's truth" not in dict(made.facts)


def test_the_truth_of_another_analysis_is_not_taken_for_the_primary_one(by_hand: SimpleNamespace) -> None:
    other = Truth((TrueEffect("R1", 0.6),))
    made = highlight(Context(by_hand.results(by_hand.primary()), other))
    assert made is not None
    assert "Against the truth." not in dict(made.remarks)


def test_a_plan_without_a_primary_contrast_has_no_key_result(by_hand: SimpleNamespace) -> None:
    assert highlight(Context(by_hand.results(by_hand.recurrence()))) is None
