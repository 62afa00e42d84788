"""A ratio of ten units is that of the same model on the covariate in tens; its line says so."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.plan.wrong_edits import edited, told
from trialkit import resources
from trialkit.analysis.per_units import PER, per_units
from trialkit.documents.declared.wording import made_of
from trialkit.stats import cox, logistic
from trialkit.study import load_study
from trialkit.study.model import Study

pytestmark = pytest.mark.analytic
NUMBERS = ["estimate", "ci_lower", "ci_upper", "log_standard_error", "statistic", "p_value"]
FORMULA = 'formula = "arm + multifidus_fat"\nper = { multifidus_fat = 10 }'


@pytest.fixture(scope="module")
def data() -> pd.DataFrame:
    draw = np.random.default_rng(5)
    age, weight = draw.normal(50, 12, 400), draw.normal(70, 9, 400)
    risk = 1 / (1 + np.exp(-(0.05 * (age - 50) - 0.03 * (weight - 70))))
    return pd.DataFrame(
        {
            "age": age,
            "weight": weight,
            "y": (draw.uniform(size=400) < risk).astype(int),
            "time": draw.exponential(300 * (1.2 - risk)),
            "event": draw.integers(0, 2, 400),
        }
    )


def _entry(**steps: float) -> Any:
    return SimpleNamespace(keys={PER.name: steps}, method="logistic", fault=None)


def _context() -> Any:
    labels = {"age": ("Age", "years"), "weight": ("Weight", "")}
    return SimpleNamespace(datasets=SimpleNamespace(labels=labels), label_and_unit=labels.__getitem__)


@pytest.mark.parametrize("formula", ["age + weight", "age * weight"])
def test_ratios_are_those_of_the_model_in_tens(data: pd.DataFrame, formula: str) -> None:
    in_tens = data.assign(age=data["age"] / 10, weight=data["weight"] / 5)
    steps = _entry(age=10, weight=5)
    pairs = (
        (logistic(f"y ~ {formula}", data).odds_ratios, logistic(f"y ~ {formula}", in_tens).odds_ratios),
        tuple(cox(formula, one, "time", "event").hazard_ratios for one in (data, in_tens)),
    )
    for ours, theirs in pairs:
        found = per_units(_context(), steps, ours)
        terms = [str(term).replace("age", "per(age, 10 years)") for term in theirs["term"]]
        assert list(found["term"]) == [term.replace("weight", "per(weight, 5)") for term in terms]
        for column in NUMBERS:
            assert list(found[column]) == pytest.approx(list(theirs[column]), rel=1e-6), column
        assert "per(" not in str(list(ours["term"])), "the fit's own table stays as it is"


def test_without_steps_nothing_changes(data: pd.DataFrame) -> None:
    ratios = logistic("y ~ age", data).odds_ratios
    assert per_units(_context(), _entry(), ratios) is ratios


def test_a_line_says_of_how_many_units_it_is() -> None:
    labels = {"age": "Age, years", "fat": "Fat fraction", "score": "Score"}
    assert made_of("per(age, 10 years)", labels.__getitem__) == "Age (per 10 years)"
    assert made_of("per(fat, 10 percent)", labels.__getitem__) == "Fat fraction (per 10 %)"
    assert made_of("per(score, 0.5)", labels.__getitem__) == "Score (per 0.5)"


@pytest.fixture(scope="module")
def study() -> Study:
    return load_study(resources.folder("sample_data"))


@pytest.mark.parametrize(
    ("formula", "steps", "wrong"),
    [
        ("arm + multifidus_fat", "{ multifidus_fta = 10 }", "Did you mean 'multifidus_fat'?"),
        ("arm + multifidus_fat", "{ age_years = 10 }", "expected a number of the formula"),
        ("arm + sex", "{ sex = 10 }", "expected a number of the formula"),
        ("arm + log(multifidus_fat)", "{ multifidus_fat = 10 }", "multifidus_fat in the formula as it is"),
        ("arm + multifidus_fat", "{ multifidus_fat = 0 }", "above 0"),
        ("arm + multifidus_fat", "10", "expected a table"),
    ],
)
def test_a_step_of_what_is_no_number_of_the_formula_is_refused(
    study: Study, formula: str, steps: str, wrong: str
) -> None:
    text = edited(FORMULA, f'formula = "{formula}"\nper = {steps}')
    assert any(wrong in one for one in told(text, study)), told(text, study)
