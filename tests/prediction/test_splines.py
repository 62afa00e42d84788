"""A number whose effect turns: a restricted cubic spline, chosen whole, drawn as rms draws it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.prediction.test_calculator import card, document, page  # noqa: F401
from trialkit.errors import PredictionError
from trialkit.prediction import read_prediction_plan
from trialkit.prediction.calculator import calculator_page
from trialkit.prediction.calculator.card_rows import equation
from trialkit.prediction.finished import developed
from trialkit.prediction.model_file import apply_model
from trialkit.prediction.pipeline import fit_pipeline, rows_of
from trialkit.prediction.plan import Feature, Outcome, PredictionPlan, Resampling
from trialkit.prediction.preparation import columns_of, prepare, whole_splines
from trialkit.prediction.table import model_table

REFERENCE = Path(__file__).resolve().parents[1] / "reference" / "prediction"
KNOTS = (8.0, 25.0, 44.0, 91.0)
RANGES = ((0.0, 120.0), (-2.0, 2.0), (0.0, 1.0))


@pytest.fixture(scope="module")
def expected() -> dict[str, float]:
    read = pd.read_csv(REFERENCE / "nomogram_spline_output.csv")
    return dict(zip(read["quantity"], read["value"], strict=True))


@pytest.fixture(scope="module")
def people() -> pd.DataFrame:
    data = pd.read_csv(REFERENCE / "spline_data.csv")
    return data.assign(subject_id=[str(i) for i in range(len(data))])


@pytest.fixture
def curved() -> PredictionPlan:
    features = (Feature("a", "A", knots=KNOTS), Feature("b", "B"), Feature("s", "S"))
    return PredictionPlan(
        id="u",
        title="U",
        version="1",
        seed=1,
        outcome=Outcome("y", column="y"),
        features=features,
        learners=("logistic",),
        settings={"logistic": {"ridge": 0.0}},
        resampling=Resampling(bootstraps=2, folds=2),
    )


@pytest.mark.external_reference
def test_a_spline_s_fit_equals_lrm_s(people, curved, expected) -> None:
    """To 1e-6, as far as both stopping rules carry."""
    rows = rows_of(model_table(people, curved), curved)
    fitted = fit_pipeline(rows, curved, {}, np.random.SeedSequence(1))
    assert fitted.selected == ("a", "a curve 1", "a curve 2", "b", "s")
    slopes = fitted.learners["logistic"].native.coef_[0] / fitted.prepared.scale
    assert slopes == pytest.approx([expected[f"coefficient {i}"] for i in range(1, 6)], rel=1e-5)


@pytest.mark.external_reference
def test_the_axis_of_a_curve_folds_where_rms_has_its_lowest_place(
    page: Any,  # noqa: F811
    people,
    curved,
    expected,
    tmp_path,
) -> None:
    """Points to 0.001: rms looks for the lowest place in steps of 0.01, the page in 2,000 steps."""
    made = developed(people, curved, opening=None)
    for feature, (lower, upper) in zip(made.model["features"], RANGES, strict=True):
        feature |= {"lower": lower, "upper": upper}  # the axes that R was given
    path = tmp_path / "calculator.html"
    path.write_text(calculator_page(made.model, made.card), encoding="utf-8")
    page.goto(path.as_uri())
    for quantity, value in expected.items():
        words = quantity.split()
        inputs = {"a": 40.0, "b": 0.5, "s": 1.0}
        if words[0] == "points":
            inputs[words[1]] = float(words[2])
            given = page.evaluate("x => window.trialkit.points(x)", inputs)
            assert given["by"][words[1]] == pytest.approx(value, abs=1e-3)
        if words[0] == "risk":
            inputs["a"] = float(words[1])
            one = pd.DataFrame([inputs]).assign(subject_id="1")
            assert apply_model(made.model, one)["probability"][0] == pytest.approx(value, abs=1e-6)
            given = page.evaluate("x => window.trialkit.predict(x).probability", inputs)
            assert given == pytest.approx(value, abs=1e-6)
    axes = page.evaluate(
        "() => [...document.querySelectorAll('svg.nomogram line')].map(l => "
        "['x1','x2','y1','y2'].map(k => Number(l.getAttribute(k)))).filter(l => l[2] === l[3])"
    )
    # points, a falling, a rising, b, s, total, risk; both runs of a end at the left, where a has 0 points
    assert len(axes) == 7
    falling, rising = axes[1], axes[2]
    assert falling[0] == pytest.approx(axes[0][0], abs=0.1)
    assert rising[0] == pytest.approx(axes[0][0], abs=0.1)
    assert rising[1] > falling[1]


def test_a_curve_is_dropped_or_kept_with_its_first_column(people, curved) -> None:
    columns = columns_of(curved)
    assert [c.name for c in columns] == ["a", "a curve 1", "a curve 2", "b", "s"]
    assert whole_splines(columns, np.array([2])).tolist() == [0, 1, 2]
    assert whole_splines(columns, np.array([3])).tolist() == [3]
    twin = Feature("twin", "Twin")
    plan = replace(curved, features=(twin, *curved.features))
    values = {name: people[name].to_numpy(float) for name in ("a", "b", "s")}
    values["twin"] = values["a"] + 0.01 * values["b"]
    prepared = prepare(values, np.ones(len(people)), plan, {})
    assert dict(prepared.dropped) == {
        "a": "repeats twin",
        "a curve 1": "goes with a",
        "a curve 2": "goes with a",
    }


@pytest.mark.parametrize(
    ("knots", "message"), [("[8, 25]", "three to seven"), ("[8, 44, 25]", "rise"), ("[8, 8, 25]", "rise")]
)
def test_knots_that_are_none_are_refused(knots: str, message: str, tmp_path) -> None:
    plan = Path(__file__).resolve().parents[2] / "examples" / "cohort" / "prediction.toml"
    text = plan.read_text(encoding="utf-8")
    assert "knots = [8, 25, 44, 91]" in text
    (tmp_path / "plan.toml").write_text(text.replace("knots = [8, 25, 44, 91]", f"knots = {knots}"))
    assert read_prediction_plan(plan).feature("activity_met_h").knots == KNOTS
    with pytest.raises(PredictionError, match=message):
        read_prediction_plan(tmp_path / "plan.toml")


def test_the_equation_says_what_a_curve_is() -> None:
    model = document("logistic")
    term = {"feature": "x1", "level": None, "knots": [0.0, 1.0, 2.0], "curve": 1}
    column = {"name": "x1 curve 1", "label": "X1, curve 1", "terms": [term], "mean": 0.0, "scale": 1.0}
    model["columns"] = [column]
    model["model"] = {"kind": "logistic", "intercept": 0.0, "coefficients": [1.0]}
    assert "rcspline.eval, norm 2, knots 0, 1, 2" in equation(model)
