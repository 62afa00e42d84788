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
