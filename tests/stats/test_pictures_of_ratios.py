"""The pictures of an interaction and of a curve show the odds ratios that the model gives."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest

from trialkit.errors import DataError
from trialkit.stats import cox, logistic, mixed_logistic, ordinal


@pytest.fixture(scope="module")
def fit():
    random = np.random.default_rng(4)
    rows = pd.DataFrame(
        {
            "site": random.integers(0, 10, 500),
            "z": random.normal(size=500),
            "age": random.uniform(50, 80, 500).round(),
            "sex": random.choice(["female", "male"], 500),
        }
    )
    eta = -1.0 + 0.4 * rows.z * (rows.age - 65) / 10
    rows["event"] = (random.random(500) < 1.0 / (1.0 + np.exp(-eta))).astype(int)
    return mixed_logistic("event ~ z * age + sex", rows, "1 | site")


REFERENCE = {"z": 0.0, "age": 65, "sex": "female"}


@pytest.mark.analytic
def test_every_cell_is_the_odds_ratio_of_its_setting(fit) -> None:
    grid = fit.interaction_grid({"z": [-2, 0, 2]}, {"age": [55, 65, 75]}, REFERENCE)
    b = fit.coefficients.set_index("term").estimate
    expected = np.exp(b["z"] * grid.z + b["age"] * (grid.age - 65) + b["z:age"] * grid.z * grid.age)
    np.testing.assert_allclose(grid.estimate, expected, rtol=1e-10)
    assert list(grid.columns[:2]) == ["z", "age"]
    centre = grid[(grid.z == 0) & (grid.age == 65)].iloc[0]
    assert centre.estimate == 1.0
    assert centre.log_standard_error == 0.0


def test_the_heatmap_shows_every_ratio_and_what_it_is_against(fit) -> None:
    values = {"z": [-2, 0, 2]}, {"age": [55, 65, 75]}, REFERENCE
    grid, figure = fit.interaction_grid(*values), fit.plot_interaction(*values)
    axes = figure.axes[0]
    shown = {(text.get_position()): text for text in axes.texts}
    assert len(shown) == len(grid) == 9
    for place, cell in enumerate(grid.to_dict("records")):
        text = shown[(place % 3, place // 3)]
        assert text.get_text() == f"{cell['estimate']:.2f}"
        clear = cell["ci_lower"] > 1 or cell["ci_upper"] < 1
        assert (text.get_fontweight() == "bold") == clear
    [frame] = axes.patches
    assert (frame.get_x(), frame.get_y()) == (0.5, 0.5)
    assert "odds ratio against z 0.0, age 65" in axes.get_title()
    target = io.BytesIO()
    figure.savefig(target, format="png")
    assert target.getbuffer().nbytes > 1000


def test_levels_stand_in_the_order_given(fit) -> None:
    axes = fit.plot_interaction({"z": [1, -1]}, {"sex": ["male", "female"]}, REFERENCE).axes[0]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["male", "female"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["1", "-1"]
    grid = fit.interaction_grid({"z": [1, -1]}, {"sex": ["male", "female"]}, REFERENCE)
    shown = {text.get_position(): text.get_text() for text in axes.texts}
    assert [shown[place] for place in ((0, 0), (1, 0), (0, 1), (1, 1))] == [f"{e:.2f}" for e in grid.estimate]
    with pytest.raises(DataError, match="each once"):
        fit.plot_interaction({"z": [1, 1]}, {"sex": ["male"]}, REFERENCE)


def test_numbers_on_dark_cells_are_white(fit) -> None:
    figure = fit.plot_interaction({"z": [-3, 0, 3]}, {"age": [50, 65, 80]}, REFERENCE)
    inks = {text.get_color() for text in figure.axes[0].texts}
    assert inks == {"white", "black"}
    furthest = max(figure.axes[0].texts, key=lambda text: abs(np.log(float(text.get_text()))))
    assert furthest.get_color() == "white"


@pytest.mark.analytic
def test_a_curve_is_one_at_its_reference_and_the_odds_ratio_elsewhere(fit) -> None:
    table = fit.curve({"z": [-1.0, 0.0, 2.0]}, REFERENCE)
    b = fit.coefficients.set_index("term").estimate
    slope = b["z"] + 65 * b["z:age"]
    np.testing.assert_allclose(table.estimate, np.exp(slope * table.z), rtol=1e-10)
    assert list(table.columns[:3]) == ["z", "estimate", "log_standard_error"]
    assert table.log_standard_error[1] == 0.0
    axes = fit.plot_curve({"z": [2.0, -1.0, 0.0]}, REFERENCE).axes[0]
    across, up = axes.lines[-1].get_data()
    np.testing.assert_allclose(across, table.z)
    np.testing.assert_allclose(up, table.estimate)
    assert axes.get_yscale() == "log"


@pytest.mark.analytic
@pytest.mark.parametrize("method", [logistic, ordinal])
def test_other_models_of_log_odds_compare_settings_too(method) -> None:
    random = np.random.default_rng(8)
    rows = pd.DataFrame({"z": random.normal(size=400), "sex": random.choice(["female", "male"], 400)})
    rows["y"] = (random.logistic(size=400) < 0.5 * rows.z**2).astype(int)
    if method is ordinal:
        rows["y"] += (random.logistic(size=400) < 0).astype(int)
    fit = method("y ~ rcs(z, 4) + sex", rows)
    two = fit.compare(
        pd.DataFrame({"z": [2.0], "sex": ["male"]}), pd.DataFrame({"z": [0.0], "sex": ["male"]})
    )
    basis = fit.design.matrix_for(pd.DataFrame({"z": [2.0, 0.0], "sex": "male"}))
    slopes = fit.coefficients.estimate.to_numpy()
    assert np.log(two.estimate[0]) == pytest.approx((basis[0] - basis[1]) @ slopes, rel=1e-10)
    assert "rcs(z, 4)" not in repr(fit).split("Odds ratios")[1]
    assert "curve()" in repr(fit)
    contrast = fit.odds_ratio_contrasts("sex").iloc[0]
    assert contrast.estimate == pytest.approx(fit.odds_ratios.set_index("term").estimate["sex[T.male]"])


@pytest.mark.analytic
def test_a_cox_model_draws_hazard_ratios_along_a_spline() -> None:
    random = np.random.default_rng(9)
    rows = pd.DataFrame({"z": random.normal(size=200), "arm": random.choice(["control", "exercise"], 200)})
    rows["t"] = random.exponential(np.exp(-0.3 * rows.z**2))
    rows["d"] = 1
    fit = cox("rcs(z, 4) + arm", rows, time="t", event="d")
    setting = {"z": 0.0, "arm": "control"}
    table = fit.curve({"z": [-2.0, 0.0, 2.0]}, setting)
    basis = fit.design.matrix_for(pd.DataFrame({"z": table.z, "arm": "control"}))
    expected = np.exp((basis - basis[1]) @ fit.coefficients.estimate)
    np.testing.assert_allclose(table.estimate, expected, rtol=1e-10)
    axes = fit.plot_curve({"z": [-2.0, 0.0, 2.0]}, setting).axes[0]
    assert axes.get_ylabel() == "hazard ratio against z 0.0"


def test_levels_of_a_factor_are_points_in_the_order_given(fit) -> None:
    values = {"sex": ["male", "female"]}
    axes = fit.plot_curve(values, REFERENCE).axes[0]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["male", "female"]
    marks = next(line for line in axes.lines if line.get_marker() == "s")
    np.testing.assert_allclose(marks.get_ydata(), fit.curve(values, REFERENCE).estimate)
    assert marks.get_linestyle() == "None"


def test_several_columns_or_none_make_no_curve(fit) -> None:
    with pytest.raises(DataError, match="one column in 'along'"):
        fit.curve({"z": [0], "age": [60]}, REFERENCE)
    with pytest.raises(DataError, match="at least one value of 'z'"):
        fit.curve({"z": []}, REFERENCE)
    with pytest.raises(DataError, match="height, not in the formula"):
        fit.curve({"height": [1.7]}, REFERENCE)


@pytest.mark.parametrize(
    ("first", "second", "reference", "text"),
    [
        ({"z": [0]}, {"z": [1]}, REFERENCE, "twice 'z'"),
        ({"z": [0]}, {"age": [60]}, {"z": 0.0, "age": 65}, "no reference for sex"),
        ({"z": [0], "age": [60]}, {"sex": ["male"]}, REFERENCE, "one column in 'first'"),
        ({"z": [0]}, {"sex": ["other"]}, REFERENCE, "unseen level"),
    ],
)
def test_grids_that_mean_nothing_are_refused(fit, first, second, reference, text) -> None:
    with pytest.raises(DataError, match=text):
        fit.interaction_grid(first, second, reference)
