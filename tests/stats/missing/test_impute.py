"""Imputation under MAR: against mice within Monte Carlo error, and posteriors known in closed form."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.reference.agreement import own_data, own_reference
from trialkit.stats import ancova, impute, missingness, pool
from trialkit.stats.missing.conditional import fill, patterns_of
from trialkit.stats.missing.normal_model import NormalModel

VARIABLES = ["sex", "odi0", "odi6", "odi12"]


@pytest.fixture
def trial() -> pd.DataFrame:
    return own_data("impute", "trial")


def saturated(y: np.ndarray, design: np.ndarray) -> NormalModel:
    """Every position with coefficients of its own."""
    positions = y.shape[1]
    X = np.einsum("st,ia->ista", np.eye(positions), design)
    return NormalModel(y, X.reshape(len(y), positions, -1))


@pytest.mark.external_reference
def test_imputation_by_arm_pools_to_what_mice_gives_within_monte_carlo_error(trial):
    """The estimates of two samples of imputations differ by sqrt(B (1/m1 + 1/m2))."""
    rows = pd.DataFrame(own_reference("impute", "output"))
    imputed = impute(trial, VARIABLES, n=200, seed=11)
    fits = [ancova("odi12 ~ arm + odi0 + sex", frame, treatment="arm") for frame in imputed]
    ours = pool(fits).coefficients
    error = np.sqrt(rows.between * (1 / 200 + 1 / 1000))
    assert (np.abs(ours.estimate - rows.estimate) < 3.5 * error).all()
    np.testing.assert_allclose(ours.standard_error, rows.standard_error, rtol=0.05)
    np.testing.assert_allclose(ours.fraction_missing_information, rows.fmi, atol=0.08)


@pytest.mark.external_reference
def test_imputation_of_the_acupuncture_trial_pools_to_what_mice_gives(shared_data, shared_result):
    variables = ["age", "sex", "migraine", "chronicity", "pk1", "pk2", "pk5", "group"]
    imputed = impute(shared_data("acupuncture"), variables, by=None, n=150, seed=4)
    formula = "pk5 ~ pk1 + group + age + sex + migraine + chronicity"
    ours = imputed.analyse(lambda frame: ancova(formula, frame)).coefficients
    rows = pd.DataFrame(shared_result("mi_acupuncture", "mice_norm_m500"))
    error = np.sqrt(rows["b"] * (1 / 150 + 1 / 500))
    assert (np.abs(ours.estimate - rows.estimate) < 3.5 * error).all()
    np.testing.assert_allclose(ours.standard_error, rows["std.error"], rtol=0.07)


@pytest.mark.analytic
def test_the_maximum_of_a_monotone_pattern_is_andersons():
    """Anderson (1957): mean and variance of the second follow from its regression on the first."""
    rng = np.random.default_rng(3)
    first = rng.normal(10, 2, 80)
    second = 0.7 * first + rng.normal(0, 1, 80)
    second[first > 11] = np.nan
    seen = ~np.isnan(second)
    found = saturated(np.column_stack([first, second]), np.ones((80, 1))).maximum("two visits")
    slope, constant = np.polyfit(first[seen], second[seen], 1)
    residual = np.mean((second[seen] - constant - slope * first[seen]) ** 2)
    np.testing.assert_allclose(found.coefficients, [first.mean(), constant + slope * first.mean()], rtol=1e-6)
    variance = first.var()
    expected = [[variance, slope * variance], [slope * variance, residual + slope**2 * variance]]
    np.testing.assert_allclose(found.covariance, expected, rtol=1e-5)


@pytest.mark.analytic
def test_draws_of_one_incomplete_variable_follow_the_predictive_t(trial):
    """Regression with a flat prior: predictions are t with n - k df, scale s sqrt(1 + h)."""
    data = trial.dropna(subset="odi6")
    imputed = impute(data, ["odi0", "odi6", "odi12"], by=None, n=2000, seed=1)
    X = np.column_stack([np.ones(len(data)), data.odi0, data.odi6])
    seen = data.odi12.notna().to_numpy()
    beta, rss, *_ = np.linalg.lstsq(X[seen], data.odi12[seen], rcond=None)
    df = seen.sum() - 3
    inverse = np.linalg.inv(X[seen].T @ X[seen])
    leverage = np.einsum("ij,jk,ik->i", X[~seen], inverse, X[~seen])
    sd = np.sqrt(rss[0] / df * (1 + leverage) * df / (df - 2))
    drawn = imputed.cells["odi12"].values
    z = (drawn.mean(axis=0) - X[~seen] @ beta) / (sd / np.sqrt(2000))
    assert np.abs(z).max() < 4
    np.testing.assert_allclose(drawn.std(axis=0), sd, rtol=0.07)


@pytest.mark.analytic
def test_posterior_of_complete_data_is_inverse_wishart():
    rng = np.random.default_rng(8)
    design = np.column_stack([np.ones(40), rng.normal(size=40)])
    y = rng.normal(size=(40, 3)) @ np.array([[1, 0.5, 0.2], [0, 1, 0.4], [0, 0, 1]]) + design[:, 1:]
    model = saturated(y, design)
    maximum = model.maximum("complete")
    coefficients, covariance, values = model.draw(maximum, 4000, np.random.default_rng(1))
    assert (values == y).all()
    expected = maximum.covariance * 40 / (40 - 2 - 3 - 1)
    np.testing.assert_allclose(covariance.mean(axis=0), expected, atol=0.03)
    spread = np.sqrt(np.outer(np.diag(expected), np.diag(np.linalg.inv(design.T @ design))).ravel())
    np.testing.assert_allclose(coefficients.std(axis=0), spread, rtol=0.06)


@pytest.mark.independent_reimplementation
def test_conditional_means_of_each_pattern_are_those_of_the_joint_normal():
    rng = np.random.default_rng(5)
    root = rng.normal(size=(4, 4))
    covariance, mean = root @ root.T + np.eye(4), rng.normal(size=4)
    values = rng.normal(size=(1, 30, 4))
    missing = rng.random((30, 4)) < 0.4
    missing[0] = True
    filled = values.copy()
    fill(filled, np.broadcast_to(mean, filled.shape), covariance[None], patterns_of(missing))
    for row, gone in zip(range(30), missing, strict=True):
        expected = values[0, row].copy()
        if gone.any():
            seen = ~gone
            inverse = np.linalg.inv(covariance[np.ix_(seen, seen)]) if seen.any() else np.zeros((0, 0))
            slope = covariance[np.ix_(gone, seen)] @ inverse
            expected[gone] = mean[gone] + slope @ (values[0, row, seen] - mean[seen])
        np.testing.assert_allclose(filled[0, row], expected, rtol=1e-10)


@pytest.mark.analytic
def test_observed_values_stay_and_all_missing_ones_are_filled(trial):
    imputed = impute(trial, VARIABLES, n=3, seed=2)
    assert len(imputed) == 3
    for frame in imputed:
        assert frame[VARIABLES].notna().all().all()
        for name in ("odi0", "odi6", "odi12"):
            known = trial[name].notna()
            np.testing.assert_array_equal(frame.loc[known, name], trial.loc[known, name])
    assert not imputed[0].odi12.equals(imputed[1].odi12)
    assert trial.odi12.isna().any()
    with pytest.raises(IndexError):
        imputed[3]


@pytest.mark.analytic
def test_a_seed_gives_the_same_imputations_and_more_begin_with_them(trial):
    few, many, other = (impute(trial, VARIABLES, n=n, seed=s) for n, s in ((2, 9), (70, 9), (2, 10)))
    pd.testing.assert_frame_equal(few[1], many[1])
    assert not few[0].odi12.equals(other[0].odi12)


@pytest.mark.analytic
def test_imputing_by_arm_keeps_the_arms_apart(trial):
    """Changing one arm's outcomes leaves the imputations of the other as they are."""
    changed = trial.assign(odi12=trial.odi12.where(trial.arm == "control", 2 * trial.odi12))
    one, two = (impute(data, VARIABLES, n=2, seed=3)[0] for data in (trial, changed))
    control = trial.arm == "control"
    np.testing.assert_array_equal(one.odi12[control], two.odi12[control])
    assert not np.allclose(one.odi12[~control], two.odi12[~control])


@pytest.mark.analytic
def test_the_account_counts_what_was_imputed(trial):
    imputed = impute(trial, VARIABLES, n=20, seed=3)
    table = imputed.diagnostics
    counts = table.set_index(["arm", "variable"])
    for (arm, variable), row in counts.iterrows():
        own = trial.loc[trial.arm == arm, variable]
        assert (row.observed, row.imputed) == (own.notna().sum(), own.isna().sum())
    assert table.missing_information.between(0, 1).all()
    assert (table.iterations >= 10).all()
    assert "20 imputations of 160 rows; seed 3" in repr(imputed)
    assert "<table" in imputed._repr_html_()


@pytest.mark.analytic
def test_a_missing_baseline_covariate_is_replaced_by_the_mean_of_both_arms_when_asked(trial):
    trial.loc[[0, 5], "odi0"] = np.nan
    imputed = impute(trial, VARIABLES, n=2, seed=3, mean_imputed=["odi0"])
    mean = trial.odi0.mean()
    for frame in imputed:
        np.testing.assert_allclose(frame.odi0[[0, 5]], mean)
    assert "2 missing odi0 replaced by the mean" in repr(imputed)
    drawn = impute(trial, VARIABLES, n=2, seed=3)
    assert drawn[0].odi0[0] != drawn[1].odi0[0]


@pytest.mark.analytic
def test_complete_data_come_back_and_pool_without_between_variance(trial):
    full = trial.fillna({"odi6": 30.0, "odi12": 30.0})
    imputed = impute(full, VARIABLES, n=2, seed=1)
    pd.testing.assert_frame_equal(imputed[0], full)
    pooled = imputed.analyse(lambda frame: ancova("odi12 ~ arm + odi0", frame))
    assert (pooled.coefficients.between_variance == 0).all()


@pytest.mark.analytic
def test_patterns_count_what_is_missing_together(trial):
    found = missingness(trial, ["odi0", "odi6", "odi12"], by="arm")
    assert found.patterns.groupby("arm").n.sum().to_dict() == {"control": 80, "exercise": 80}
    both = trial.odi6.isna() & trial.odi12.isna() & (trial.arm == "control")
    pattern = found.patterns.query("arm == 'control' and odi0 and not odi6 and not odi12")
    assert pattern.n.sum() == both.sum()
    assert not found.monotone
    assert found.patterns.query("odi0 and not odi6 and odi12").monotone.eq(False).all()
    rows = found.variables.set_index(["arm", "variable"])
    assert rows.loc[("exercise", "odi12"), "missing"] == trial[trial.arm == "exercise"].odi12.isna().sum()
    whole = missingness(trial.dropna(), ["odi0", "odi6"])
    assert whole.monotone
    assert len(whole.patterns) == 1
    assert "monotone" in repr(whole)


@pytest.mark.analytic
def test_imputation_recovers_a_mean_that_complete_cases_miss():
    """Dropout that depends on the observed week 6: complete cases are biased, imputation is not."""
    rng = np.random.default_rng(12)
    n, truth, errors = 400, 25.0, []
    complete = []
    for trial in range(12):
        first = rng.normal(30, 8, n)
        last = truth + 0.8 * (first - 30) + rng.normal(0, 5, n)
        seen = rng.random(n) > 1 / (1 + np.exp(-(first - 32) / 3))
        data = pd.DataFrame({"w6": first, "w52": np.where(seen, last, np.nan)})
        imputed = impute(data, ["w6", "w52"], by=None, n=20, seed=trial)
        pooled = imputed.analyse(lambda frame: ancova("w52 ~ 1", frame)).coefficients.iloc[0]
        errors.append((pooled.estimate - truth) / pooled.standard_error)
        complete.append((data.w52.mean() - truth) / (data.w52.std() / np.sqrt(seen.sum())))
    assert np.mean(complete) < -4
    assert abs(np.mean(errors)) < 3 / np.sqrt(12)


@pytest.mark.independent_reimplementation
def test_a_design_shared_by_all_positions_gives_the_numbers_of_the_model_written_out():
    """The Kronecker product in full, as any design may be, and by its factors: maximum and draws alike."""
    from trialkit.stats.missing.normal_model import NormalModel, SharedDesign

    random = np.random.default_rng(8)
    n, positions, a = 60, 4, 3
    design = np.column_stack([np.ones(n), random.normal(size=(n, a - 1))])
    y = design @ random.normal(size=(a, positions)) + random.normal(size=(n, positions)) @ random.normal(
        size=(positions, positions)
    )
    y[random.random(y.shape) < 0.15] = np.nan
    whole = np.einsum("st,ia->ista", np.eye(positions), design).reshape(n, positions, positions * a)
    models = NormalModel(y, whole), SharedDesign(y, design)
    maxima = [model.maximum("x") for model in models]
    np.testing.assert_allclose(maxima[1].coefficients, maxima[0].coefficients, rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(maxima[1].covariance, maxima[0].covariance, rtol=1e-9, atol=1e-11)
    drawn = [m.draw(maxima[0], 3, np.random.default_rng(5)) for m in models]
    for written_out, shared in zip(*drawn, strict=True):
        np.testing.assert_allclose(shared, written_out, rtol=1e-7, atol=1e-9)


@pytest.mark.analytic
@pytest.mark.parametrize("shared", [True, False], ids=["shared design", "a design a position"])
def test_a_chain_is_the_same_however_many_are_kept(shared: bool):
    from trialkit.stats.missing.normal_model import NormalModel, SharedDesign

    random = np.random.default_rng(3)
    n, positions = 50, 3
    y = random.normal(size=(n, positions)) + random.normal(size=(n, 1))
    y[random.random(y.shape) < 0.2] = np.nan
    design = np.column_stack([np.ones(n), random.normal(size=n)])
    whole = np.einsum("st,ia->ista", np.eye(positions), design).reshape(n, positions, positions * 2)
    model = SharedDesign(y, design) if shared else NormalModel(y, whole)
    maximum = model.maximum("x")
    every = model.draw(maximum, 50, np.random.default_rng(5))
    for kept in (1, 20, 49):
        few = model.draw(maximum, 50, np.random.default_rng(5), kept)
        for all_of_them, first in zip(every, few, strict=True):
            assert len(first) == kept
            np.testing.assert_allclose(first, all_of_them[:kept], rtol=1e-9, atol=1e-11)


@pytest.mark.independent_reimplementation
@pytest.mark.parametrize("monotone", [True, False])
def test_all_patterns_at_once_expect_what_each_expects_alone(monotone: bool):
    """Against the textbook formula, row by row; with a row of which nothing is seen."""
    from trialkit.stats.missing.conditional import AllPatterns

    random = np.random.default_rng(4)
    root = random.normal(size=(4, 4))
    covariance, mean = root @ root.T + np.eye(4), random.normal(size=(30, 4))
    y = random.normal(size=(30, 4))
    if monotone:
        for row, stay in enumerate(random.integers(0, 5, 30)):
            y[row, stay:] = np.nan
    else:
        y[random.random(y.shape) < 0.4] = np.nan
    y[0], y[1] = np.nan, 1.0
    missing = np.isnan(y)
    values, unseen = np.where(missing, 0.0, y), np.zeros((4, 4))
    for row in range(30):
        a, p = np.flatnonzero(missing[row]), np.flatnonzero(~missing[row])
        weights = covariance[np.ix_(a, p)] @ np.linalg.inv(covariance[np.ix_(p, p)])
        values[row, a] = mean[row, a] + weights @ (y[row, p] - mean[row, p])
        unseen[np.ix_(a, a)] += covariance[np.ix_(a, a)] - weights @ covariance[np.ix_(p, a)]
    found = np.where(missing, 0.0, y)
    summed = AllPatterns.of(missing).expect(found, mean, covariance)
    np.testing.assert_allclose(found, values, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(summed, unseen, rtol=1e-10, atol=1e-12)
