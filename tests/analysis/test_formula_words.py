"""What a report calls the terms of a model."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from trialkit.analysis.formula_words import formula_words, random_words, terms_words

CONTEXT = SimpleNamespace(
    datasets=SimpleNamespace(
        labels={
            "sex": ("Sex", ""),
            "odi": ("ODI score", "%"),
            "fat": ("Multifidus fat fraction", "%"),
            "held": ("Endurance test: position held", "s"),
        }
    )
)


@pytest.mark.parametrize(
    ("formula", "said"),
    [
        ("chg ~ arm + base + sex", "change from baseline on arm, baseline value and sex"),
        ("chg ~ base * visit", "change from baseline on baseline value × visit"),
        ("chg ~ arm + held", "change from baseline on arm and endurance test: position held"),
        ("chg ~ arm:held", "change from baseline on arm × endurance test: position held"),
        (
            "chg ~ arm * log(base) + sqrt(fat)",
            "change from baseline on arm × logarithm of baseline value and "
            "square root of multifidus fat fraction",
        ),
        ("chg ~ arm * C(odi) + sex", "change from baseline on arm × ODI score (as categories) and sex"),
        (
            "chg ~ arm * rcs(fat, 3)",
            "change from baseline on arm × multifidus fat fraction (restricted cubic spline, 3 knots)",
        ),
        ("chg ~ 0 + arm + base", "change from baseline on arm and baseline value, without an intercept"),
        ("chg ~ arm + base - 1", "change from baseline on arm and baseline value, without an intercept"),
        ("chg ~ 1 + arm", "change from baseline on arm"),
        ("chg ~ 1", "change from baseline on an intercept alone"),
        (
            "chg ~ (arm + base + sex)^2",
            "change from baseline on arm, baseline value, sex, arm × baseline value, arm × sex and "
            "baseline value × sex",
        ),
        ("chg ~ arm / sex", "change from baseline on arm and arm × sex"),
        ("chg ~ arm * sex - arm:sex", "change from baseline on arm and sex"),
        (
            "sex ~ odi + rcs(fat, 4)",
            "sex on ODI score and multifidus fat fraction (restricted cubic spline, 4 knots)",
        ),
    ],
)
def test_a_formula_is_said_in_labels(formula: str, said: str):
    assert formula_words(CONTEXT, formula) == said


def test_the_terms_of_a_hazard_model_are_said_in_labels():
    assert terms_words(CONTEXT, "arm + fat") == "arm and multifidus fat fraction"


@pytest.mark.parametrize(
    ("random", "said"),
    [
        ("1 + months | subject_id", "random intercept and months within subject"),
        ("1 | subject_id", "random intercept within subject"),
    ],
)
def test_what_varies_is_said_in_words(random: str, said: str):
    assert random_words(CONTEXT, random) == said
