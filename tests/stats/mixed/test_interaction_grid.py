"""The picture of an interaction shows the odds ratios that the model gives."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest

from trialkit.errors import DataError
from trialkit.stats import mixed_logistic


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


def test_the_heatmap_is_drawn_with_a_number_in_every_cell(fit) -> None:
    grid = fit.interaction_grid({"z": [-2, 0, 2]}, {"age": [55, 75]}, REFERENCE)
    figure = fit.plot_interaction({"z": [-2, 0, 2]}, {"age": [55, 75]}, REFERENCE)
    shown = sorted(text.get_text() for text in figure.axes[0].texts)
    assert shown == sorted(f"{value:.2f}" for value in grid.estimate)
    target = io.BytesIO()
    figure.savefig(target, format="png")
    assert target.getbuffer().nbytes > 1000


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
