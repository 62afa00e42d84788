"""Linear mixed models: what must hold of any data, and what is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from trialkit.errors import DataError, FormulaError
from trialkit.stats import ancova, lmm, mmrm

NUMBERS = ["estimate", "standard_error", "df", "statistic", "p_value", "ci_lower", "ci_upper"]


@pytest.fixture
def growth() -> pd.DataFrame:
    """40 subjects at times of their own, intercepts and slopes that vary."""
    random = np.random.default_rng(12)
    subject = np.repeat(np.arange(40), random.integers(2, 8, 40))
    months = random.uniform(0.0, 24.0, len(subject))
    level, slope = random.normal(0.0, 5.0, 40), random.normal(0.0, 0.6, 40)
    arm = np.where(subject % 2 == 0, "control", "exercise")
    y = 50.0 + level[subject] + slope[subject] * months + random.normal(0.0, 3.0, len(subject))
    return pd.DataFrame({"y": y, "months": months, "arm": arm, "subject": subject})


@pytest.mark.independent_reimplementation
@pytest.mark.parametrize("method", ["reml", "ml"])
@pytest.mark.parametrize("random", ["1 | subject", "1 + months | subject", "0 + months | subject"])
def test_the_log_likelihood_is_that_of_the_dense_formula(
    growth, dense_log_likelihood, random, method
) -> None:
    fit = lmm("y ~ arm + months", growth, random, method=method)
    same = growth.subject.to_numpy()[:, None] == growth.subject.to_numpy()[None, :]
    between = fit.Z @ fit.random_covariance.to_numpy() @ fit.Z.T * same
    covariance = between + fit.residual_variance * np.eye(len(growth))
    dense = dense_log_likelihood(fit.design.X, fit.design.y, covariance, method == "reml")
    assert fit.log_likelihood == pytest.approx(dense, abs=1e-9)
    more = between + 1.02 * fit.residual_variance * np.eye(len(growth))
    assert dense_log_likelihood(fit.design.X, fit.design.y, more, method == "reml") < dense
    assert fit.convergence.gradient_norm < 1e-8


@pytest.mark.independent_reimplementation
@pytest.mark.filterwarnings("ignore")
def test_statsmodels_finds_the_same_model(growth) -> None:
    import statsmodels.formula.api as smf

    fit = lmm("y ~ arm + months", growth, "1 + months | subject")
    peer = smf.mixedlm("y ~ arm + months", growth, groups="subject", re_formula="~months")
    theirs = peer.fit(reml=True, method="lbfgs", gtol=1e-8, maxiter=2000)
    np.testing.assert_allclose(fit.coefficients.estimate, theirs.fe_params, rtol=1e-4)
    # Its standard errors take the covariance parameters as estimated too, so they are not comparable.
    np.testing.assert_allclose(fit.random_covariance, theirs.cov_re, rtol=5e-3)
    assert fit.log_likelihood >= theirs.llf - 1e-9


@pytest.mark.analytic
def test_a_random_intercept_is_compound_symmetry(make_trial) -> None:
    data = make_trial()
    data["week"] = pd.Categorical(data.visit)
    mixed = lmm("y ~ base + arm * week", data, "1 | subject")
    marginal = mmrm("y ~ base + arm * visit", data, "subject", "visit", "cs", df_method="satterthwaite")
    assert mixed.log_likelihood == pytest.approx(marginal.log_likelihood, abs=1e-9)
    np.testing.assert_allclose(mixed.coefficients[NUMBERS], marginal.coefficients[NUMBERS], rtol=1e-7)
    between = mixed.random_covariance.iloc[0, 0]
    np.testing.assert_allclose(marginal.covariance.iloc[0, 1], between, rtol=1e-7)
    np.testing.assert_allclose(marginal.covariance.iloc[0, 0], between + mixed.residual_variance, rtol=1e-8)


@pytest.mark.analytic
def test_balanced_pairs_give_the_paired_t_test() -> None:
    random = np.random.default_rng(3)
    level = random.normal(0.0, 2.0, 15)
    first, second = level + random.normal(size=15), level + 0.7 + random.normal(size=15)
    data = pd.DataFrame(
        {
            "y": np.r_[first, second],
            "time": np.repeat(["after", "before"], 15)[::-1],
            "subject": np.tile(np.arange(15), 2),
        }
    )
    change = second - first
    for df_method in ("satterthwaite", "kenward-roger"):
        fit = lmm("y ~ time", data, "1 | subject", df_method=df_method)
        difference = fit.contrasts("time", reference="before").iloc[0]
        assert difference.estimate == pytest.approx(change.mean(), rel=1e-9)
        assert difference.standard_error == pytest.approx(change.std(ddof=1) / np.sqrt(15), rel=1e-9)
        assert difference.df == pytest.approx(14.0, rel=1e-7)


@pytest.mark.analytic
def test_no_variation_between_subjects_is_a_boundary_and_least_squares() -> None:
    """Residuals that sum to zero within every subject leave nothing to a random intercept."""
    random = np.random.default_rng(8)
    noise = random.normal(size=(20, 4))
    noise -= noise.mean(axis=1, keepdims=True)
    x = np.tile(np.arange(4.0), 20)
    data = pd.DataFrame({"y": 1.0 + 2.0 * x + noise.ravel(), "x": x, "subject": np.repeat(np.arange(20), 4)})
    for random_part in ("1 | subject", "1 + x || subject"):
        fit = lmm("y ~ x", data, random_part)
        assert fit.boundary
        assert fit.random_covariance.loc["Intercept", "Intercept"] == 0.0
        assert "boundary" in repr(fit)
    alone = lmm("y ~ x", data, "1 | subject")
    np.testing.assert_allclose(
        alone.coefficients[NUMBERS], ancova("y ~ x", data).coefficients[NUMBERS], rtol=1e-6
    )
    assert not lmm("y ~ x", data.assign(y=data.y + 5.0 * data.subject), "1 | subject").boundary


@pytest.mark.analytic
def test_a_zero_intercept_variance_beside_a_slope_is_found(growth) -> None:
    """The zero must not need to belong to the last coefficient."""
    random = np.random.default_rng(5)
    slope = random.normal(0.0, 1.0, 40)
    noise = random.normal(size=len(growth))
    for value in range(40):
        rows = growth.index[growth.subject == value]
        basis = np.column_stack([np.ones(len(rows)), growth.months[rows]])
        noise[rows] -= basis @ np.linalg.lstsq(basis, noise[rows], rcond=None)[0]
    data = growth.assign(y=slope[growth.subject] * growth.months + noise)
    fit = lmm("y ~ months", data, "1 + months | subject")
    assert fit.boundary
    assert fit.random_covariance.loc["months", "months"] == pytest.approx(slope.var(ddof=1), rel=0.2)


@pytest.mark.analytic
def test_row_order_and_units_change_nothing_but_units(growth) -> None:
    fit = lmm("y ~ arm * months", growth, "1 + months | subject")
    expected = fit.contrasts("arm")[NUMBERS].to_numpy()
    again = lmm("y ~ arm * months", growth.sample(frac=1.0, random_state=2), "1 + months | subject")
    np.testing.assert_allclose(again.contrasts("arm")[NUMBERS].to_numpy(), expected, rtol=1e-7)
    moved = growth.assign(months=growth.months / 12.0, y=growth.y * 100.0)
    rescaled = lmm("y ~ arm * months", moved, "1 + months | subject")
    contrasts = rescaled.contrasts("arm")[NUMBERS].to_numpy()
    contrasts[:, [0, 1, 5, 6]] /= 100.0
    np.testing.assert_allclose(contrasts, expected, rtol=1e-6)
    factor = np.array([100.0, 1200.0])
    np.testing.assert_allclose(
        rescaled.random_covariance, fit.random_covariance * np.outer(factor, factor), rtol=1e-5
    )


def test_rows_and_subjects_are_accounted_for(growth) -> None:
    growth.loc[[0, 1], "y"] = np.nan
    growth.loc[growth.subject == 7, "months"] = np.nan
    fit = lmm("y ~ arm", growth, "1 + months | subject", treatment="arm", reference="exercise")
    assert fit.rows.used == fit.n == growth.dropna().shape[0]
    assert fit.rows.subjects_excluded == 1
    assert list(fit.contrasts().contrast) == ["control - exercise"]
    assert fit.random_effects.shape == (39, 2)
    np.testing.assert_allclose(fit.random_effects.mean(), 0.0, atol=0.5)
    np.testing.assert_allclose(fit.residuals + fit.fitted_conditional, growth.dropna().y)


@pytest.mark.parametrize(
    ("random", "error", "text"),
    [
        ("subject", FormulaError, "one bar"),
        ("1 | subject | site", FormulaError, "one bar"),
        ("1 | a/b", FormulaError, "one grouping column"),
        ("(1 | subject) + (1 | site)", FormulaError, "crossed and nested ones are not offered"),
        ("0 | subject", FormulaError, "at least one term"),
        ("1 + months:age | subject", FormulaError, r"left of the bar|unknown"),
        ("1 + rcs(months, 3) | subject", FormulaError, "left of the bar"),
        ("1 + __import__('os') | subject", FormulaError, "no functions but"),
        ("1 + arm | subject", DataError, "numeric column for a random slope"),
        ("1 | nobody", FormulaError, "unknown column 'nobody'"),
    ],
)
def test_random_parts_that_cannot_be_read_are_refused(growth, random, error, text) -> None:
    with pytest.raises(error, match=text):
        lmm("y ~ arm", growth, random)


@pytest.mark.analytic
def test_the_random_part_may_be_written_as_for_lme4_and_its_column_in_backticks(growth) -> None:
    plain = lmm("y ~ months", growth, "1 + months | subject")
    renamed = growth.rename(columns={"subject": "study subject"})
    for data, random in ((growth, "(1 + months | subject)"), (renamed, "1 + months | `study subject`")):
        again = lmm("y ~ months", data, random)
        np.testing.assert_array_equal(again.coefficients[NUMBERS], plain.coefficients[NUMBERS])


def test_a_random_part_in_the_formula_is_sent_to_its_own_argument(growth) -> None:
    with pytest.raises(FormulaError, match="random='1 \\+ days"):
        lmm("y ~ months + (1 | subject)", growth, "1 | subject")


def test_a_single_subject_has_nothing_to_vary_between(growth) -> None:
    with pytest.raises(DataError, match="at least two values of 'site'"):
        lmm("y ~ months", growth.assign(site="A"), "1 | site")


def test_one_row_a_subject_leaves_nothing_to_tell_apart(growth) -> None:
    with pytest.raises(DataError, match="more than 1 row"):
        lmm("y ~ months", growth.drop_duplicates("subject"), "1 | subject")


def test_kenward_roger_needs_reml_and_a_constant_outcome_is_refused(growth) -> None:
    with pytest.raises(DataError, match="reml"):
        lmm("y ~ arm", growth, "1 | subject", method="ml", df_method="kenward-roger")
    with pytest.raises(DataError, match="residual variance"):
        lmm("y ~ arm", growth.assign(y=4.0), "1 | subject")
