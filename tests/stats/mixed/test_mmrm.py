"""MMRM: what must hold of any trial, and what is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from trialkit.errors import DataError, NonEstimableError
from trialkit.stats import ancova, mmrm
from trialkit.stats.mixed.structures import STRUCTURES, make_structure

FORMULA = "y ~ base + arm * visit"
NUMBERS = ["estimate", "standard_error", "df", "statistic", "p_value", "ci_lower", "ci_upper"]


def numbers(table: pd.DataFrame) -> np.ndarray:
    return table[NUMBERS].to_numpy()


def dense_covariance(fit, matrices) -> np.ndarray:
    """The n x n covariance of the rows used."""
    visits = fit.visits
    same = visits.subject[:, None] == visits.subject[None, :]
    pick = np.stack(matrices)[visits.group[:, None], visits.visit[:, None], visits.visit[None, :]]
    return np.where(same, pick, 0.0)


@pytest.mark.analytic
@pytest.mark.parametrize("name", STRUCTURES)
def test_derivatives_of_every_structure_are_those_of_finite_differences(name) -> None:
    structure = make_structure(name, 4)
    theta = np.random.default_rng(7).normal(0.0, 0.3, structure.n_parameters)
    at, step = structure.covariance(theta), 1e-5
    np.testing.assert_array_equal(at.matrix, structure.matrix(theta))
    for k in range(structure.n_parameters):
        move = step * np.eye(structure.n_parameters)[k]
        ahead, behind = structure.covariance(theta + move), structure.covariance(theta - move)
        np.testing.assert_allclose((ahead.matrix - behind.matrix) / (2 * step), at.first[k], atol=1e-8)
        np.testing.assert_allclose((ahead.first - behind.first) / (2 * step), at.second[k], atol=1e-8)


@pytest.mark.independent_reimplementation
@pytest.mark.parametrize("method", ["reml", "ml"])
@pytest.mark.parametrize("structure", STRUCTURES)
def test_the_log_likelihood_is_that_of_the_dense_formula_and_a_maximum(
    make_trial, dense_log_likelihood, structure, method
) -> None:
    fit = mmrm(FORMULA, make_trial(), "subject", "visit", structure, method=method, df_method="satterthwaite")
    X, y, restricted = fit.design.X, fit.design.y, method == "reml"
    best = dense_log_likelihood(X, y, dense_covariance(fit, fit.matrices), restricted)
    assert fit.log_likelihood == pytest.approx(best, abs=1e-9)
    frame = make_structure(structure, 4)
    theta = frame.start(fit.matrices[0]) if structure in ("us", "adh") else None
    random = np.random.default_rng(3)
    for _ in range(4 if theta is not None else 0):
        near = frame.matrix(theta + random.normal(0.0, 0.01, len(theta)))
        assert dense_log_likelihood(X, y, dense_covariance(fit, [near]), restricted) < best


@pytest.mark.independent_reimplementation
def test_satterthwaite_and_kenward_roger_are_those_of_numerical_derivatives(
    make_trial, dense_log_likelihood
) -> None:
    """Kenward and Roger's formulas with the n x n covariance and derivatives by finite differences."""
    data = make_trial(seed=5, n=24)
    linear = mmrm(FORMULA, data, "subject", "visit", "ar1h", df_method="kenward-roger-linear")
    full = mmrm(FORMULA, data, "subject", "visit", "ar1h", df_method="kenward-roger")
    X, y = linear.design.X, linear.design.y
    structure = make_structure("ar1h", 4)
    matrix = linear.matrices[0]
    sd = np.sqrt(np.diag(matrix))
    rho = matrix[0, 1] / (sd[0] * sd[1])
    theta = np.append(np.log(sd), rho / np.sqrt(1.0 - rho**2))
    k, p = len(theta), X.shape[1]

    def covariance(at: np.ndarray) -> np.ndarray:
        return dense_covariance(linear, [structure.matrix(at)])

    def value(at: np.ndarray) -> float:
        return dense_log_likelihood(X, y, covariance(at))

    unit, h = np.eye(k), 1e-4

    def second(function, i, j):
        corners = [(1, 1, 1), (1, -1, -1), (-1, 1, -1), (-1, -1, 1)]
        steps = [sign * function(theta + h * (a * unit[i] + b * unit[j])) for a, b, sign in corners]
        return sum(steps) / (4.0 * h * h)

    inverse = np.linalg.inv(covariance(theta))
    phi = np.linalg.inv(X.T @ inverse @ X)
    spread = np.linalg.inv([[-second(value, i, j) for j in range(k)] for i in range(k)])
    slope = [(covariance(theta + h * u) - covariance(theta - h * u)) / (2.0 * h) for u in unit]
    P = [-X.T @ inverse @ s @ inverse @ X for s in slope]
    inner, bend = np.zeros((p, p)), np.zeros((p, p))
    for i in range(k):
        for j in range(k):
            Q = X.T @ inverse @ slope[i] @ inverse @ slope[j] @ inverse @ X
            inner += spread[i, j] * (Q - P[i] @ phi @ P[j])
            bend += spread[i, j] * X.T @ inverse @ second(covariance, i, j) @ inverse @ X
    np.testing.assert_allclose(
        linear.coefficient_covariance, phi + 2.0 * phi @ inner @ phi, rtol=2e-5, atol=1e-6
    )
    adjusted = phi + 2.0 * phi @ (inner - bend / 4.0) @ phi
    np.testing.assert_allclose(full.coefficient_covariance, adjusted, rtol=2e-5, atol=1e-6)
    gradient = np.array([[-(phi @ m @ phi)[c, c] for m in P] for c in range(p)])
    df = 2.0 * np.diag(phi) ** 2 / np.einsum("ci,ij,cj->c", gradient, spread, gradient)
    np.testing.assert_allclose(linear.coefficients.df, df, rtol=2e-5)


@pytest.mark.analytic
def test_complete_two_visit_data_give_the_paired_t_test(make_trial) -> None:
    data = make_trial(seed=2).query("visit <= 2")
    data = data[data.groupby("subject").y.transform("count") == 2]
    fit = mmrm("y ~ visit", data, "subject", "visit")
    wide = data.pivot(index="subject", columns="visit", values="y")
    change = wide[2] - wide[1]
    difference = fit.contrasts("visit").iloc[0]
    assert difference.estimate == pytest.approx(change.mean(), rel=1e-10)
    assert difference.standard_error == pytest.approx(change.std() / np.sqrt(len(change)), rel=1e-10)
    assert difference.df == pytest.approx(len(change) - 1, rel=1e-8)
    np.testing.assert_allclose(fit.covariance, wide.cov(), rtol=1e-8)


@pytest.mark.analytic
def test_balanced_data_give_the_ancova_of_the_last_visit(make_trial) -> None:
    """With complete data and every effect crossed with visit, each visit is analysed by itself."""
    data = make_trial(seed=4)
    data = data[data.groupby("subject").y.transform("count") == 4]
    fit = mmrm("y ~ base * visit + arm * visit", data, "subject", "visit")
    last = ancova("y ~ base + arm", data[data.visit == 8], treatment="arm")
    joint = fit.contrasts("arm", by="visit").query("visit == 8")
    np.testing.assert_allclose(numbers(joint), numbers(last.contrasts("arm")), rtol=1e-7)


@pytest.mark.analytic
def test_row_order_units_and_coding_change_nothing_but_units(make_trial) -> None:
    data = make_trial()
    fit = mmrm(FORMULA, data, "subject", "visit")
    expected = numbers(fit.contrasts("arm", by="visit"))
    shuffled = data.sample(frac=1.0, random_state=1)
    again = mmrm(FORMULA, shuffled, "subject", "visit")
    np.testing.assert_allclose(numbers(again.contrasts("arm", by="visit")), expected, rtol=1e-9)
    moved = data.assign(base=data.base * 1e4 + 1e7, y=data.y * 1e-3)
    rescaled = numbers(mmrm(FORMULA, moved, "subject", "visit").contrasts("arm", by="visit"))
    rescaled[:, [0, 1, 5, 6]] *= 1e3
    np.testing.assert_allclose(rescaled, expected, rtol=1e-7)
    turned = mmrm(FORMULA, data, "subject", "visit", treatment="arm", reference="exercise")
    opposite = numbers(turned.contrasts("arm", by="visit"))
    np.testing.assert_allclose(opposite[:, 0], -expected[:, 0], rtol=1e-8)
    np.testing.assert_allclose(opposite[:, 1:3], expected[:, 1:3], rtol=1e-7)
    cell_means = mmrm("y ~ 0 + base + arm:visit", data, "subject", "visit")
    np.testing.assert_allclose(numbers(cell_means.contrasts("arm", by="visit")), expected, rtol=1e-7)


@pytest.mark.analytic
def test_compressing_many_like_subjects_loses_nothing(make_trial, dense_log_likelihood) -> None:
    few = make_trial(seed=6, n=30)
    many = pd.concat([few.assign(subject=few.subject + 1000 * i) for i in range(12)], ignore_index=True)
    fit = mmrm("y ~ arm + visit", many, "subject", "visit")
    expected = dense_log_likelihood(fit.design.X, fit.design.y, dense_covariance(fit, fit.matrices))
    assert fit.log_likelihood == pytest.approx(expected, abs=1e-7)


@pytest.mark.analytic
def test_an_outcome_in_a_small_unit_keeps_its_digits_where_like_subjects_are_compressed(make_trial) -> None:
    data = make_trial(5, 400)
    unit = 1e6
    fit = mmrm("y ~ arm * visit + base", data, "subject", "visit")
    small = mmrm("y ~ arm * visit + base", data.assign(y=unit * data.y), "subject", "visit")
    unchanged = ["df", "statistic"]
    np.testing.assert_allclose(small.coefficients[unchanged], fit.coefficients[unchanged], rtol=1e-7)
    np.testing.assert_allclose(small.covariance, unit**2 * fit.covariance, rtol=1e-7)


@pytest.mark.analytic
def test_groups_with_their_own_covariance_and_effects_are_separate_fits(make_trial) -> None:
    data = make_trial()
    both = mmrm("y ~ arm * visit", data, "subject", "visit", group="arm", df_method="satterthwaite")
    assert isinstance(both.covariance, dict)
    total = 0.0
    for arm in ("control", "exercise"):
        alone = mmrm("y ~ visit", data[data.arm == arm], "subject", "visit", df_method="satterthwaite")
        np.testing.assert_allclose(both.covariance[arm], alone.covariance, rtol=1e-7)
        total += alone.log_likelihood
    # Treatment coding is a shear of the two separate designs, so the restricted likelihoods add up.
    assert both.log_likelihood == pytest.approx(total, abs=1e-8)


@pytest.mark.analytic
def test_nested_structures_compare_by_likelihood(make_trial) -> None:
    data = make_trial()
    large = mmrm(FORMULA, data, "subject", "visit", "us")
    small = mmrm(FORMULA, data, "subject", "visit", "cs")
    test = large.likelihood_ratio(small).iloc[0]
    assert test.df == 8
    assert test.statistic == pytest.approx(2.0 * (large.log_likelihood - small.log_likelihood))
    assert large.aic == pytest.approx(20.0 - 2.0 * large.log_likelihood)
    assert large.bic == pytest.approx(10.0 * np.log(large.n_subjects) - 2.0 * large.log_likelihood)
    with pytest.raises(DataError, match="larger model"):
        small.likelihood_ratio(large)
    other = mmrm("y ~ arm + visit", data, "subject", "visit", "us")
    with pytest.raises(DataError, match="different fixed effects"):
        large.likelihood_ratio(other)
    full = mmrm(FORMULA, data, "subject", "visit", method="ml", df_method="satterthwaite")
    less = mmrm("y ~ base + arm + visit", data, "subject", "visit", method="ml", df_method="satterthwaite")
    assert full.likelihood_ratio(less).iloc[0].df == 3


def test_every_row_is_accounted_for_by_arm_and_visit(make_trial) -> None:
    data = make_trial()
    data.loc[data.subject == 3, "y"] = np.nan
    data.loc[0, "subject"] = np.nan
    fit = mmrm(FORMULA, data, "subject", "visit", treatment="arm")
    assert fit.rows.read == len(data)
    assert fit.rows.used == fit.n == data.dropna().shape[0]
    assert fit.rows.subjects_excluded >= 1
    assert fit.rows.by is not None
    assert fit.rows.by.used.sum() == fit.n
    assert set(fit.rows.by.columns) >= {"arm", "visit", "read", "used", "excluded"}
    assert f"used {fit.n}" in repr(fit)
    assert "Differences of LS means" in fit._repr_html_()


def test_predictions_residuals_and_fitted_values_go_together(make_trial) -> None:
    data = make_trial()
    fit = mmrm(FORMULA, data, "subject", "visit")
    used = data.dropna()
    np.testing.assert_allclose(fit.predict(used).estimate, fit.fitted, rtol=1e-10)
    np.testing.assert_allclose(fit.residuals() + fit.fitted, used.y, rtol=1e-10)
    assert list(fit.residuals("pearson").index) == list(used.index)
    whitened = fit.residuals("normalized")
    assert float((whitened**2).sum()) == pytest.approx(fit.n, rel=0.1)
    with pytest.raises(DataError, match="unseen level"):
        fit.predict(used.assign(visit=99))


def test_the_picture_of_means_shows_every_ls_mean_at_its_visit_with_its_interval(make_trial) -> None:
    fit = mmrm(FORMULA, make_trial(), "subject", "visit", treatment="arm", reference="control")
    (axes,) = fit.plot_means().axes
    means = fit.ls_means("arm", by="visit")
    assert list(axes.get_xticks()) == [1.0, 2.0, 4.0, 8.0]
    assert axes.get_ylabel() == "y, LS mean"
    for drawn, level in zip(axes.containers, ("control", "exercise"), strict=True):
        own = means[means.arm == level]
        assert drawn.get_label() == level
        np.testing.assert_array_equal(drawn.lines[0].get_ydata(), own.estimate)
        ends = np.array([segment[:, 1] for segment in drawn.lines[2][0].get_segments()])
        np.testing.assert_allclose(ends, own[["ci_lower", "ci_upper"]])
    with pytest.raises(DataError, match="a formula without the visit"):
        mmrm("y ~ base + arm", make_trial(), "subject", "visit").plot_means("arm")
    with pytest.raises(DataError, match="no factor"):
        mmrm(FORMULA, make_trial(), "subject", "visit").plot_means()


def test_combinations_of_coefficients_are_those_of_contrasts(make_trial) -> None:
    fit = mmrm(FORMULA, make_trial(), "subject", "visit")
    first = fit.linear_combinations([{"arm[T.exercise]": 1.0}])
    pd.testing.assert_frame_equal(first, fit.linear_combinations({"arm[T.exercise]": 1.0}))
    with pytest.raises(DataError, match="fit by mmrm or lmm"):
        fit.likelihood_ratio(None)
    np.testing.assert_allclose(numbers(first), numbers(fit.contrasts("arm", by="visit").head(1)), rtol=1e-12)
    single = fit.joint_test([{"arm[T.exercise]": 1.0}]).iloc[0]
    assert single.p_value == pytest.approx(first.p_value[0], rel=1e-10)
    with pytest.raises(DataError, match="coefficients"):
        fit.linear_combinations([{"arm": 1.0}])
    with pytest.raises(NonEstimableError):
        fit.joint_test(np.vstack([np.eye(9)[1], np.eye(9)[1]]))


def test_structures_of_a_plan_are_tried_in_its_order_and_those_passed_over_are_named(make_trial) -> None:
    data = make_trial()
    apart = data[~((data.visit == 4) & (data.subject < 30)) & ~((data.visit == 8) & (data.subject >= 30))]
    planned = mmrm("y ~ visit", apart, "subject", "visit", ["us", "toeph", "csh"], df_method="satterthwaite")
    assert planned.structure == "toeph"
    assert planned.not_fitted == (("us", "none seen at both 4 and 8"),)
    assert "us was not fitted: none seen at both 4 and 8" in repr(planned)
    alone = mmrm("y ~ visit", apart, "subject", "visit", "toeph", df_method="satterthwaite")
    np.testing.assert_array_equal(numbers(planned.coefficients), numbers(alone.coefficients))
    assert alone.not_fitted == ()
    first = mmrm("y ~ visit", data, "subject", "visit", ["us", "toeph"])
    assert (first.structure, first.not_fitted) == ("us", ())
