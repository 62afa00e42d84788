"""A cohort of 27,518 people at 20 sites, analysed whole: U-shape, interaction, subgroups."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from trialkit.stats import mixed_logistic

pytestmark = pytest.mark.analytic

N = 27_518
COVARIATES = "age + sex + bmi + smoker + diabetes + activity + osteoporosis + osteoarthritis + lipids"
REFERENCE = {
    "fat_z": 0.0,
    "lean_z": 0.0,
    "age": 50.0,
    "sex": "female",
    "bmi": 27.0,
    **dict.fromkeys(("smoker", "diabetes", "activity", "osteoporosis", "osteoarthritis", "lipids"), False),
}


def truth(fat_z: float, lean_z: float) -> float:
    """Log odds of pain against both Z-scores at 0: a U-shape of one, tilted by the other."""
    return 0.12 * fat_z**2 - 0.1 * lean_z - 0.08 * fat_z * lean_z


@pytest.fixture(scope="module")
def cohort() -> pd.DataFrame:
    random = np.random.default_rng(27518)
    site = random.integers(0, 20, N)
    data = pd.DataFrame(
        {
            "site": [f"site {s:02d}" for s in site],
            "fat_z": random.normal(size=N),
            "lean_z": random.normal(size=N),
            "age": random.uniform(20, 75, N),
            "sex": random.choice(["female", "male"], N),
            "bmi": random.normal(27, 4, N),
        }
    )
    eta = -1.6 + truth(data.fat_z, data.lean_z) + 0.01 * (data.age - 50) - 0.2 * (data.sex == "male")
    for name in ("smoker", "diabetes", "activity", "osteoporosis", "osteoarthritis", "lipids"):
        data[name] = random.random(N) < 0.2
        eta += 0.15 * data[name]
    eta += random.normal(0, 0.3, 20)[site]
    data["pain"] = (random.random(N) < 1 / (1 + np.exp(-eta))).astype(int)
    data.loc[random.choice(N, 250, replace=False), "bmi"] = np.nan
    return data


@pytest.fixture(scope="module")
def fit(cohort):
    return mixed_logistic(
        f"pain ~ rcs(fat_z, 5) * rcs(lean_z, 3) + {COVARIATES}", cohort, "1 | site", quadrature_points=10
    )


def test_ten_nodes_are_within_a_ten_thousandth_of_an_error_of_25(cohort, fit):
    formula = fit.design.formula.text
    final = mixed_logistic(formula, cohort, "1 | site", quadrature_points=25)
    gap = (fit.coefficients.estimate - final.coefficients.estimate).abs() / final.coefficients.standard_error
    assert gap.max() < 1e-4
    assert fit.random_sd == pytest.approx(final.random_sd, abs=1e-4 * final.random_sd_standard_error)
    assert (fit.rows["read"], fit.rows["used"], fit.n_groups) == (N, N - 250, 20)


def test_two_z_contrasts_find_both_arms_of_the_u(fit):
    """Within 4 standard errors, and 0.05 for what a spline of five knots misses of a parabola."""
    settings = pd.DataFrame([{**REFERENCE, "fat_z": z} for z in (-2.0, 2.0)])
    found = fit.compare(settings, pd.DataFrame([REFERENCE]))
    assert (found.ci_lower > 1).all()
    for z, row in zip((-2.0, 2.0), found.itertuples(), strict=True):
        assert abs(np.log(row.estimate) - truth(z, 0.0)) < 4 * row.log_standard_error + 0.05
    curve = fit.curve({"fat_z": np.linspace(-2, 2, 41)}, REFERENCE)
    error = np.abs(np.log(curve.estimate) - truth(curve.fat_z, 0.0)) - 4 * curve.log_standard_error
    assert error.max() < 0.05


def test_the_interaction_is_tested_and_its_grid_follows_the_truth(cohort, fit):
    terms = fit.terms.set_index("term")
    assert terms.df_num["rcs(fat_z, 5):rcs(lean_z, 3)"] == 8
    assert terms.p_value["rcs(fat_z, 5):rcs(lean_z, 3)"] < 1e-4
    apart = mixed_logistic(
        f"pain ~ rcs(fat_z, 5) + rcs(lean_z, 3) + {COVARIATES}", cohort, "1 | site", quadrature_points=10
    )
    ratio = fit.likelihood_ratio(apart).iloc[0]
    assert ratio.df == 8
    assert ratio.p_value < 1e-4
    axis = [-2.0, -1.0, 0.0, 1.0, 2.0]
    grid = fit.interaction_grid({"fat_z": axis}, {"lean_z": axis}, REFERENCE)
    expected = [truth(row.fat_z, row.lean_z) for row in grid.itertuples()]
    error = np.abs(np.log(grid.estimate) - expected) - 4 * grid.log_standard_error
    assert error.max() < 0.05
    figure = fit.plot_interaction({"fat_z": axis}, {"lean_z": axis}, REFERENCE)
    assert len(figure.axes[0].texts) == 25


def test_subgroups_have_their_own_contrast_and_a_test_that_it_is_the_same(cohort):
    """The U-shape is that of both sexes: each is found, and their difference is not."""
    rest = COVARIATES.replace(" + sex", "")
    by_sex = mixed_logistic(f"pain ~ sex * rcs(fat_z, 5) + lean_z + {rest}", cohort, "1 | site")
    at = pd.DataFrame([{**REFERENCE, "fat_z": 2.0, "sex": sex} for sex in ("female", "male")])
    found = by_sex.compare(at, at.assign(fat_z=0.0))
    for row in found.itertuples():
        assert row.ci_lower > 1
        assert abs(np.log(row.estimate) - truth(2.0, 0.0)) < 4 * row.log_standard_error + 0.05
    assert by_sex.terms.set_index("term").p_value["sex:rcs(fat_z, 5)"] > 0.001
    assert list(by_sex.contrasts("sex").contrast) == ["male - female"]
