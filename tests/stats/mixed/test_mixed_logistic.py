"""Mixed logistic regression: what must hold of any data, and what is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.stats.monte_carlo import within
from trialkit.errors import DataError, FormulaError, SeparationError
from trialkit.stats import logistic, mixed_logistic
from trialkit.stats.mixed import site_information
from trialkit.stats.mixed.site_integral import SiteIntegral

NUMBERS = ["estimate", "standard_error", "statistic", "p_value", "ci_lower", "ci_upper"]


@pytest.fixture
def make_sites():
    """``make_sites(seed, sites, sd)``: rows of many sites with a U-shaped covariate."""

    def make(seed: int = 1, sites: int = 15, sd: float = 0.8, rows: int = 300) -> pd.DataFrame:
        random = np.random.default_rng(seed)
        site = random.integers(0, sites, rows)
        level = random.normal(0.0, 1.0, sites)
        z = random.normal(0.0, 1.0, rows)
        arm = np.where(random.random(rows) < 0.5, "control", "exercise")
        eta = -0.5 + 0.6 * (arm == "exercise") + 0.4 * z**2 + sd * level[site]
        event = (random.random(rows) < 1.0 / (1.0 + np.exp(-eta))).astype(int)
        return pd.DataFrame({"event": event, "arm": arm, "z": z, "site": [f"S{s:02d}" for s in site]})

    return make


def dense_integral(fit, data: pd.DataFrame, coefficients: np.ndarray, sd: float) -> float:
    """Each site's integral by the trapezoid rule on 801 points."""
    z = np.linspace(-8.0, 8.0, 801)
    fixed, y = fit.design.X @ coefficients, fit.design.y
    total = 0.0
    for site in data.site.unique():
        rows = (data.site == site).to_numpy()
        eta = fixed[rows][:, None] + sd * z
        inner = (y[rows][:, None] * eta - np.logaddexp(0.0, eta)).sum(axis=0) - 0.5 * z**2
        total += np.log(np.exp(inner).sum() * (z[1] - z[0]) / np.sqrt(2.0 * np.pi))
    return total


@pytest.mark.independent_reimplementation
def test_many_points_give_the_true_integral_and_its_maximum(make_sites) -> None:
    data = make_sites()
    fit = mixed_logistic("event ~ arm + z", data, "1 | site", quadrature_points=25)
    best = fit.coefficients.estimate.to_numpy()
    value = dense_integral(fit, data, best, fit.random_sd)
    assert fit.log_likelihood == pytest.approx(value, abs=1e-9)
    step = 1e-3
    at = np.append(best, fit.random_sd)

    def dense(point: np.ndarray) -> float:
        return dense_integral(fit, data, point[:-1], point[-1])

    unit = step * np.eye(4)
    slope = [(dense(at + u) - dense(at - u)) / (2.0 * step) for u in unit]
    np.testing.assert_allclose(slope, 0.0, atol=1e-4)
    information = np.array(
        [
            [
                -(dense(at + u + v) - dense(at + u - v) - dense(at - u + v) + dense(at - u - v))
                / (4.0 * step**2)
                for v in unit
            ]
            for u in unit
        ]
    )
    covariance = np.linalg.inv(information)
    np.testing.assert_allclose(fit.coefficient_covariance, covariance[:3, :3], rtol=1e-4)
    assert fit.random_sd_standard_error == pytest.approx(np.sqrt(covariance[3, 3]), rel=1e-4)


@pytest.mark.analytic
@pytest.mark.parametrize("points", [1, 2, 3, 7, 25])
def test_the_gradient_is_that_of_finite_differences(points) -> None:
    random = np.random.default_rng(points)
    site = np.sort(random.integers(0, 9, 120))
    X = np.column_stack([np.ones(120), random.normal(size=120)])
    y = (random.random(120) < 0.4).astype(float)
    model = SiteIntegral(X, y, np.flatnonzero(np.diff(site, prepend=-1)), points)
    for at in ([0.1, 0.5, 0.9], [-0.4, 0.0, 2.5], [0.2, -0.3, 0.0]):
        here, unit = np.array(at), 1e-5 * np.eye(3)
        expected = [(model.value(here + u) - model.value(here - u)) / 2e-5 for u in unit]
        np.testing.assert_allclose(model.gradient(here), expected, atol=1e-7)


@pytest.mark.analytic
def test_more_points_converge_and_laplace_is_near(make_sites) -> None:
    data = make_sites(sites=40)
    fits = {q: mixed_logistic("event ~ arm + z", data, "1 | site", q) for q in (1, 5, 15, 25, 26)}
    final = fits[25].coefficients
    for q, near in ((1, 0.2), (5, 1e-2), (15, 1e-5), (26, 1e-7)):
        gap = np.abs(fits[q].coefficients.estimate - final.estimate) / final.standard_error
        assert gap.max() < near
    assert all(fit.convergence.gradient_norm < 1e-8 for fit in fits.values())


@pytest.mark.analytic
def test_no_variation_between_sites_gives_plain_logistic_regression() -> None:
    """Every site holds the same rows, so nothing is left to a random intercept."""
    random = np.random.default_rng(9)
    one = pd.DataFrame({"x": random.normal(size=30), "event": random.integers(0, 2, 30)})
    data = pd.concat([one.assign(site=f"S{i}") for i in range(8)], ignore_index=True)
    for points in (1, 10):
        fit = mixed_logistic("event ~ x", data, "1 | site", points)
        plain = logistic("event ~ x", data)
        assert fit.boundary
        assert fit.random_sd == 0.0
        assert "boundary" in repr(fit)
        assert fit.log_likelihood == pytest.approx(plain.log_likelihood, abs=1e-9)
        np.testing.assert_allclose(fit.coefficients[NUMBERS], plain.coefficients[NUMBERS], rtol=1e-6)
        np.testing.assert_allclose(fit.random_effects.Intercept, 0.0, atol=1e-8)


@pytest.mark.analytic
def test_row_order_units_and_the_event_s_name_change_nothing_but_signs(make_sites) -> None:
    data = make_sites()
    fit = mixed_logistic("event ~ arm + z", data, "1 | site", 10)
    expected = fit.coefficients[NUMBERS].to_numpy()
    shuffled = mixed_logistic("event ~ arm + z", data.sample(frac=1.0, random_state=3), "1 | site", 10)
    np.testing.assert_allclose(shuffled.coefficients[NUMBERS], expected, rtol=1e-7)
    scaled = mixed_logistic("event ~ arm + z", data.assign(z=1e4 * data.z), "1 | site", 10)
    assert scaled.coefficients.estimate[2] * 1e4 == pytest.approx(expected[2, 0], rel=1e-7)
    reversed_ = mixed_logistic("event ~ arm + z", data.assign(event=1 - data.event), "1 | site", 10)
    np.testing.assert_allclose(reversed_.coefficients.estimate, -expected[:, 0], rtol=1e-7)
    assert reversed_.log_likelihood == pytest.approx(fit.log_likelihood, abs=1e-9)


def test_a_u_shape_is_compared_at_two_z_and_tested(make_sites) -> None:
    data = make_sites(rows=600)
    data.loc[0, "z"] = np.nan
    curve = mixed_logistic("event ~ arm + rcs(z, 4)", data, "1 | site", 5, treatment="arm")
    none = mixed_logistic("event ~ arm", data.dropna(), "1 | site", 5)
    assert curve.likelihood_ratio(none).iloc[0].p_value < 0.001
    at = pd.DataFrame({"arm": "control", "z": [2.0, -2.0]})
    ratios = curve.compare(at, pd.DataFrame({"arm": ["control"], "z": [0.0]}))
    assert (ratios.ci_lower > 1.0).all()
    log_odds = curve.predict(at, scale="link").estimate - curve.predict(at.assign(z=0.0), "link").estimate
    np.testing.assert_allclose(np.log(ratios.estimate), log_odds, rtol=1e-10)
    assert curve.rows.excluded == 1
    assert list(curve.odds_ratio_contrasts("arm").contrast) == ["exercise - control"]
    assert curve.predict(at).estimate.between(0.0, 1.0).all()
    assert 0.0 < curve.icc < 1.0
    assert "odds" in curve._repr_html_().lower()
    with pytest.raises(DataError, match="reference rows"):
        curve.compare(at, pd.concat([at, at]))
    with pytest.raises(DataError, match="larger"):
        none.likelihood_ratio(curve)


def test_separation_is_named(make_sites) -> None:
    data = make_sites()
    data["marker"] = np.where(data.event == 1, "high", "low")
    with pytest.raises(SeparationError, match="marker"):
        mixed_logistic("event ~ marker", data, "1 | site")


def test_sites_with_one_outcome_each_have_no_finite_spread(make_sites) -> None:
    data = make_sites()
    data["event"] = (data.site < "S07").astype(int)
    with pytest.raises(SeparationError, match="both outcomes in at least one 'site'"):
        mixed_logistic("event ~ z", data, "1 | site")


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        ({"random": "1 + z | site"}, FormulaError, "intercept alone"),
        ({"random": "site"}, FormulaError, "one bar"),
        ({"random": "1 | nowhere"}, FormulaError, "unknown column 'nowhere'"),
        ({"quadrature_points": 0}, DataError, "from 1 to 100"),
        ({"quadrature_points": 2.5}, DataError, "from 1 to 100"),
        ({"confidence_level": 95}, DataError, "0.95"),
    ],
)
def test_arguments_that_mean_nothing_are_refused(make_sites, arguments, error, text) -> None:
    with pytest.raises(error, match=text):
        mixed_logistic("event ~ arm", make_sites(), **({"random": "1 | site"} | arguments))


def test_one_site_or_one_outcome_is_refused(make_sites) -> None:
    data = make_sites()
    with pytest.raises(DataError, match="at least two values of 'site'"):
        mixed_logistic("event ~ arm", data.assign(site="A"), "1 | site")
    with pytest.raises(DataError, match="same value"):
        mixed_logistic("event ~ arm", data.assign(event=1), "1 | site")


@pytest.mark.analytic
@pytest.mark.parametrize(("sites", "sd"), [(8, 0.5), (60, 1.2), (100, 2.5)])
def test_the_information_by_moments_serves_where_the_nodes_are_fine_and_only_there(sites, sd, make_sites):
    """Its distance from the differenced one is that of its score from the gradient, to a factor."""
    data = make_sites(21, sites=sites, sd=sd)
    used = set()
    for points in (5, 15, 50):
        fit = mixed_logistic("event ~ arm + z", data, "1 | site", points)
        codes, _ = pd.factorize(data.site, sort=True)
        order = np.argsort(codes, kind="stable")
        starts = np.flatnonzero(np.diff(codes[order], prepend=-1))
        model = SiteIntegral(fit.design.X[order], fit.design.y[order], starts, points)
        at = np.append(fit.coefficients.estimate, fit.random_sd)
        moments, score = site_information.moments(model, at)
        differences = site_information.by_differences(model, at, moments)
        gap = score - model.gradient(at)
        gap = float(np.sqrt(gap @ np.linalg.solve(moments, gap)))
        error = np.sqrt(np.diag(np.linalg.inv(moments)) / np.diag(np.linalg.inv(differences))) - 1.0
        assert np.abs(error).max() < 30 * gap + 1e-6
        found = site_information.observed_information(model, at, moments)
        assert np.allclose(found, moments if gap < 1e-7 else differences, rtol=1e-8, atol=1e-9)
        used.add(gap < 1e-7)
        errors = np.sqrt(np.diag(np.linalg.inv(found)))
        assert fit.coefficients.standard_error.to_numpy() == pytest.approx(errors[:-1], rel=1e-6)
    assert used == {True, False}


def test_sites_are_counted_as_sites_and_not_as_subjects(make_sites) -> None:
    data = make_sites(sites=15)
    data.loc[3, "z"] = np.nan
    shown = repr(mixed_logistic("event ~ z", data, "1 | site"))
    assert "rows read 300, used 299, excluded 1; values of site read 15, used 15" in shown
    assert "subjects" not in shown


@pytest.mark.analytic
@pytest.mark.parametrize("repeats", [50, pytest.param(2000, marks=pytest.mark.long)])
def test_intervals_cover_the_odds_ratio_and_tests_keep_their_size(make_sites, repeats) -> None:
    """Wald intervals of an effect within 30 sites of ten rows; arms dealt anew have no effect."""
    covered = rejected = 0
    for seed in range(repeats):
        data = make_sites(3000 + seed, sites=30).assign(squared=lambda d: d.z**2)
        row = mixed_logistic("event ~ arm + squared", data, "1 | site", 5).coefficients.iloc[1]
        covered += row.ci_lower < 0.6 < row.ci_upper
        data["arm"] = np.random.default_rng(seed).permutation(data.arm.to_numpy())
        null = mixed_logistic("event ~ arm + squared", data, "1 | site", 5)
        rejected += null.terms.p_value[0] < 0.05
    assert within(covered, repeats, 0.95, slack=0.01)
    assert within(rejected, repeats, 0.05, slack=0.01)


@pytest.mark.analytic
@pytest.mark.parametrize(("seed", "points"), [(49, 1), (48, 7)])
def test_sites_far_apart_are_fitted_from_the_first_start(seed: int, points: int) -> None:
    """Ten sites of four rows, nearly one outcome a site: the modes lie between plateaus of the likelihood."""
    random = np.random.default_rng(seed)
    for choices in ([10, 30, 80], [2, 4, 7], [1, 4, 12]):
        drawn = random.choice(choices)
    site, x = np.repeat(np.arange(10), 4), random.normal(size=40)
    level = random.normal(size=10)[site] * drawn - 1 + x * random.choice([0.3, 3])
    data = pd.DataFrame(
        {"site": site, "x": x, "y": (random.random(40) < 1 / (1 + np.exp(-level))).astype(int)}
    )
    fit = mixed_logistic("y ~ x", data, "1 | site", points)
    assert fit.convergence.starts == 1
    assert fit.convergence.gradient_norm < 1e-6
