"""The key result: the number, the MCID, and whether this interval covers the truth."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from trialkit.analysis.results import AnalysisResult
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
    return dict(made.remarks)[heading].text


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


def test_what_is_said_of_the_numbers_leads_to_them(by_hand: SimpleNamespace) -> None:
    made = dict(box(by_hand, -7.8, -2.6, -5.0).remarks)
    limits = ["P1/contrasts/0/ci_lower", "P1/contrasts/0/ci_upper"]
    assert list(map(str, made["Against the MCID."].references)) == [*limits, "P1/scales/0/mcid"]
    assert list(map(str, made["Against the truth."].references)) == [
        *limits,
        "_truth/effects/0/value",
        "_truth/effects/0/standard_error",
        "_truth/effects/0/subjects",
    ]


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


def of_the_primary(by_hand: SimpleNamespace, made: AnalysisResult, truth: Truth | None = None) -> Highlight:
    found = highlight(Context(by_hand.results(replace(made, role="primary")), truth))
    assert found is not None
    return found


def said_in(made: Highlight) -> str:
    return made.statement.text.replace("\u00a0", " ")


def test_a_hazard_ratio_is_said_with_its_sides_and_what_it_is_held_against(by_hand: SimpleNamespace) -> None:
    made = of_the_primary(by_hand, by_hand.recurrence(), Truth((TrueEffect("R1", 0.7),)))
    assert said_in(made) == "0.61 (CI 0.40 to 0.94)"
    assert [str(one) for one in made.statement.references] == [
        "R1/hazard_ratios/0/estimate",
        "R1/hazard_ratios/0/ci_lower",
        "R1/hazard_ratios/0/ci_upper",
    ]
    assert made.caption.startswith(
        "Hazard ratio: Exercise + NSAID over NSAID alone; above 1: the event sooner"
    )
    assert remark(made, "Against no effect.") == "The whole CI lies below 1."
    assert "The true value is 0.70" in remark(made, "Against the truth.")
    facts = {name: cell.text for name, cell in made.facts}
    assert facts["p, two-sided"] == "0.025"
    assert facts["Had the event, Exercise + NSAID"] == "35 of 157"
    assert facts["p, log-rank test"] == "0.025"
    assert "MCID" not in facts
    assert made.figure is not None


@pytest.mark.parametrize(
    ("summary", "statement", "caption"),
    [
        (
            "risk difference",
            "21.2 percentage points (CI 9.7 to 32.1)",
            "Difference in risk: Exercise + NSAID minus",
        ),
        (
            "risk ratio of responding",
            "1.48 (CI 1.19 to 1.84)",
            "Risk ratio: Exercise + NSAID over NSAID alone",
        ),
        ("", "21.2 percentage points (CI 9.7 to 32.1)", "Difference in risk: Exercise + NSAID minus"),
    ],
)
def test_of_responders_the_measure_of_the_estimand_is_said(
    by_hand: SimpleNamespace, summary: str, statement: str, caption: str
) -> None:
    responders = by_hand.responders()
    scales = by_hand.frame("summary", (summary,))
    made = of_the_primary(by_hand, replace(responders, tables={**responders.tables, "scales": scales}))
    assert said_in(made) == statement
    assert made.caption.startswith(caption)
    facts = {name: cell.text for name, cell in made.facts}
    assert facts["Responded, NSAID alone, %"] == "44.1 (36.2 to 52.2)"


def odds(by_hand: SimpleNamespace, *terms: str, **more: object) -> AnalysisResult:
    rows = [(term, 2.0, 0.3, 1.1, 3.6, 0.02) for term in terms]
    table = by_hand.frame("term estimate log_standard_error ci_lower ci_upper p_value", *rows)
    scales = by_hand.frame("endpoint confidence_level", ("Recovered", 0.95))
    made: AnalysisResult = by_hand.result("L1", "logistic", {"odds_ratios": table, "scales": scales, **more})
    return made


def test_an_odds_ratio_is_the_arms_line_and_not_a_covariates(by_hand: SimpleNamespace) -> None:
    made = of_the_primary(by_hand, odds(by_hand, "age", "arm[T.exercise]"))
    assert said_in(made) == "2.00 (95% CI 1.10 to 3.60)"
    assert str(made.statement.references[0]) == "L1/odds_ratios/1/estimate"
    levels = by_hand.frame("level arm count percent")
    made = of_the_primary(by_hand, odds(by_hand, "arm[T.exercise]", levels=levels))
    assert "above 1: higher levels with Exercise + NSAID" in made.caption


def test_where_the_arms_effect_depends_on_another_term_no_number_is_the_answer(
    by_hand: SimpleNamespace,
) -> None:
    made = of_the_primary(by_hand, odds(by_hand, "arm[T.exercise]", "arm[T.exercise]:age"))
    assert made.statement.text == "Not one number"


def test_a_model_without_an_arm_says_each_term(by_hand: SimpleNamespace) -> None:
    made = of_the_primary(by_hand, odds(by_hand, "age", "vbq"))
    assert made.statement.text == "One odds ratio for each term"
    assert dict(made.facts)["Odds ratio, Age"].text == "2.00 (1.10 to 3.60), p = 0.020"


def test_limits_that_hold_no_effect_are_said(by_hand: SimpleNamespace) -> None:
    recurrence = by_hand.recurrence()
    table = recurrence.tables["hazard_ratios"].assign(ci_upper=1.2)
    made = of_the_primary(by_hand, replace(recurrence, tables={**recurrence.tables, "hazard_ratios": table}))
    expected = "The CI includes 1: no effect is not excluded, nor is a hazard ratio of 0.40 or of 1.20."
    assert remark(made, "Against no effect.") == expected
