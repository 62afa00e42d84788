"""What every fit shares: contrasts, LS means, type III tests, and how it prints."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

from trialkit.errors import DataError, NonEstimableError
from trialkit.stats import ancova, cox, distributions, logistic, ordinal
from trialkit.stats.fit import ModelFit

pytestmark = pytest.mark.analytic

ESTIMATES = ["estimate", "standard_error", "df", "statistic", "p_value", "ci_lower", "ci_upper"]


def make_trial(seed: int = 3, n: int = 90) -> pd.DataFrame:
    generator = np.random.default_rng(seed)
    data = pd.DataFrame(
        {
            "arm": generator.choice(["control", "exercise", "usual"], n),
            "sex": generator.choice(["female", "male"], n, p=[0.7, 0.3]),
            "site": generator.choice(list("ABC"), n),
            "base": generator.normal(40, 9, n),
        }
    )
    data["chg"] = -3.0 * (data.arm == "exercise") + 0.2 * data.base + generator.normal(0, 4, n)
    return data


@pytest.fixture
def trial() -> pd.DataFrame:
    return make_trial()


@pytest.fixture
def fit(trial) -> ModelFit:
    return ancova("chg ~ arm * sex + base + site", trial, treatment="arm", reference="control")


def test_tables_have_the_columns_every_caller_relies_on(fit):
    assert list(fit.coefficients.columns) == ["term", *ESTIMATES]
    assert list(fit.ls_means().columns) == ["arm", *ESTIMATES]
    assert list(fit.ls_means("arm", by="sex").columns) == ["arm", "sex", *ESTIMATES]
    assert list(fit.contrasts(by="sex").columns) == [
        "contrast",
        "sex",
        *ESTIMATES,
        "null_value",
        "alternative",
    ]
    assert list(fit.terms.columns) == ["term", "df_num", "df_den", "statistic", "distribution", "p_value"]
    assert list(fit.terms.term) == ["arm", "sex", "base", "site", "arm:sex"]


def test_a_contrast_is_test_minus_reference_and_says_so(fit):
    means = fit.ls_means().set_index("arm").estimate
    contrasts = fit.contrasts().set_index("contrast").estimate
    assert list(contrasts.index) == ["exercise - control", "usual - control"]
    assert contrasts["exercise - control"] == pytest.approx(means["exercise"] - means["control"], rel=1e-12)
    other = fit.contrasts(reference="usual").set_index("contrast").estimate
    assert other["control - usual"] == pytest.approx(-contrasts["usual - control"], rel=1e-12)


def test_margin_and_alternative_change_the_statistic_and_the_p_value_only(fit):
    plain = fit.contrasts()
    moved = fit.contrasts(null_value=-4, alternative="greater")
    untouched = ["contrast", "estimate", "standard_error", "df", "ci_lower", "ci_upper"]
    pd.testing.assert_frame_equal(plain[untouched], moved[untouched])
    expected = (plain.estimate + 4) / plain.standard_error
    assert np.allclose(moved.statistic, expected, rtol=1e-12)
    assert set(moved.null_value) == {-4.0}
    assert set(moved.alternative) == {"greater"}


def test_the_one_sided_p_values_add_to_one_and_halve_the_two_sided(fit):
    less = fit.contrasts(alternative="less").p_value
    greater = fit.contrasts(alternative="greater").p_value
    both = fit.contrasts().p_value
    assert np.allclose(less + greater, 1.0, rtol=1e-12)
    assert np.allclose(2 * np.minimum(less, greater), both, rtol=1e-12)


def test_a_one_sided_interval_ends_where_the_two_sided_one_at_twice_the_error_does(trial):
    narrow = ancova("chg ~ arm + base", trial, treatment="arm", confidence_level=0.90).contrasts()
    fit = ancova("chg ~ arm + base", trial, treatment="arm", confidence_level=0.95)
    less = fit.contrasts(alternative="less", interval="one-sided")
    greater = fit.contrasts(alternative="greater", interval="one-sided")
    assert np.allclose(less.ci_upper, narrow.ci_upper, rtol=1e-12)
    assert np.allclose(greater.ci_lower, narrow.ci_lower, rtol=1e-12)
    assert np.all(np.isneginf(less.ci_lower))
    assert np.all(np.isposinf(greater.ci_upper))


@pytest.mark.parametrize(
    "arguments",
    [
        {"alternative": "smaller"},
        {"interval": "upper"},
        {"interval": "one-sided"},
        {"null_value": float("nan")},
        {"reference": "placebo"},
        {"factor": "base"},
        {"factor": "dose"},
        {"factor": ["arm", "sex"]},
        {"by": "arm"},
        {"weights": "balanced"},
    ],
)
def test_a_contrast_that_cannot_be_made_is_refused(fit, arguments):
    with pytest.raises(DataError):
        fit.contrasts(**arguments)


def test_a_factor_named_as_a_column_of_the_table_is_refused_where_it_would_be_one(trial):
    fit = ancova("chg ~ arm + df", trial.rename(columns={"sex": "df"}), treatment="arm")
    assert len(fit.ls_means()) == 3
    with pytest.raises(DataError, match="does not use itself; found 'df'"):
        fit.ls_means("df")
    with pytest.raises(DataError, match="does not use itself; found 'df'"):
        fit.contrasts(by="df")


def test_a_mean_weighted_by_cells_without_rows_is_not_estimable(trial):
    trial = trial[~((trial.site == "C") & (trial.arm == "usual"))]
    fit = ancova("chg ~ arm + site + sex", trial, treatment="arm")
    assert np.all(np.isfinite(fit.ls_means("arm", by="site").estimate))
    with pytest.raises(NonEstimableError):
        fit.ls_means("arm", by="site", weights="cells")


def test_the_factor_must_be_named_where_there_are_several(trial):
    fit = ancova("chg ~ arm + sex", trial)
    with pytest.raises(DataError, match="factors arm, sex"):
        fit.ls_means()
    assert ancova("chg ~ arm + base", trial).ls_means().arm.tolist() == ["control", "exercise", "usual"]


def test_equal_weights_average_the_cells_of_the_grid(fit):
    cells = fit.ls_means(["arm", "sex", "site"])
    assert len(cells) == 18
    assert np.allclose(cells.groupby("arm").estimate.mean(), fit.ls_means().estimate, rtol=1e-12)


def test_cell_weights_of_an_intercept_and_factors_give_back_the_raw_means(trial):
    fit = ancova("chg ~ arm * sex", trial)
    ours = fit.ls_means("arm", weights="cells").estimate
    assert np.allclose(ours, trial.groupby("arm").chg.mean(), rtol=1e-12)


@settings(derandomize=True, deadline=None, max_examples=20)
@given(seed=st.integers(0, 10_000), scale=st.floats(0.01, 100), shift=st.floats(-1000, 1000))
def test_tests_do_not_depend_on_row_order_coding_or_units(seed, scale, shift):
    trial = make_trial(seed)
    plain = ancova("chg ~ arm * sex + base", trial, treatment="arm", reference="control")
    other = trial.sample(frac=1, random_state=seed).reset_index(drop=True)
    other["base"] = scale * other.base + shift
    other["sex"] = pd.Categorical(other.sex, categories=["male", "female"])
    changed = ancova("chg ~ arm * sex + base", other, treatment="arm", reference="control")
    assert np.allclose(changed.terms.statistic, plain.terms.statistic, rtol=1e-6)
    assert np.allclose(changed.ls_means()[ESTIMATES], plain.ls_means()[ESTIMATES], rtol=1e-6)


@pytest.mark.parametrize("method", ["ancova", "logistic", "ordinal", "cox"])
def test_any_combinations_of_coefficients_are_estimated_and_tested_together(trial, method):
    """The weights of a contrast give that contrast; both arms at once give the type III test of arms."""
    trial["event"] = (trial.chg > trial.chg.median()).astype(int)
    trial["grade"] = pd.qcut(trial.chg, 3, labels=["low", "middle", "high"])
    trial["t"] = np.exp(-trial.chg / 10)
    fit = {
        "ancova": lambda: ancova("chg ~ arm + base", trial),
        "logistic": lambda: logistic("event ~ arm + base", trial),
        "ordinal": lambda: ordinal("grade ~ arm + base", trial),
        "cox": lambda: cox("arm + base", trial, time="t", event="event"),
    }[method]()
    arms = ["arm[T.exercise]", "arm[T.usual]"]
    between = fit.linear_combinations([{arms[0]: 1.0, arms[1]: -1.0}])
    contrast = fit.contrasts("arm", reference="usual").set_index("contrast").loc["exercise - usual"]
    assert np.allclose(between.iloc[0].astype(float), contrast[ESTIMATES].astype(float), rtol=1e-9)
    names = list(fit.design.column_names)
    matrix = np.array([[float(name == arm) for name in names] for arm in arms])
    for rows in ([{arm: 1.0} for arm in arms], matrix, matrix.tolist()):
        joint = fit.joint_test(rows).iloc[0]
        whole = fit.terms.set_index("term").loc["arm"]
        assert joint.distribution == whole.distribution
        assert joint.df_num == 2
        assert joint.statistic == pytest.approx(whole.statistic, rel=1e-9)
    with pytest.raises(DataError, match="coefficients"):
        fit.linear_combinations([{"arm": 1.0}])
    with pytest.raises(DataError, match="one a coefficient"):
        fit.joint_test(np.eye(2))


def test_a_fit_is_frozen_and_its_tables_are_copies(fit):
    with pytest.raises(AttributeError):
        fit.confidence_level = 0.9
    table, covariance = fit.coefficients, fit.coefficient_covariance
    table.loc[0, "estimate"] = 99.0
    covariance.iloc[0, 0] = 99.0
    assert fit.coefficients.estimate[0] != 99.0
    assert fit.coefficient_covariance.iloc[0, 0] != 99.0


def test_the_covariance_is_named_and_gives_the_standard_errors(fit):
    covariance = fit.coefficient_covariance
    assert list(covariance.columns) == list(covariance.index) == list(fit.coefficients.term)
    assert np.allclose(np.sqrt(np.diag(covariance)), fit.coefficients.standard_error, rtol=1e-12)


def test_a_fit_survives_a_process_boundary(fit):
    again = pickle.loads(pickle.dumps(fit))
    pd.testing.assert_frame_equal(again.contrasts(), fit.contrasts())


def test_a_fit_prints_its_tables_and_the_rows_it_used(trial):
    trial.loc[0, "chg"] = np.nan
    fit = ancova("chg ~ arm + base", trial, treatment="arm", reference="control")
    text = repr(fit)
    for part in (
        "chg ~ arm + base",
        "exercise - control",
        "used 89, excluded 1",
        "missing: chg 1",
        "<0.0001",
    ):
        assert part in text
    page = fit._repr_html_()
    assert page.count("<table") == 4
    assert "used 89, excluded 1" in page


@pytest.mark.parametrize("df", [1.0, 2.5, 30.0, 1e6, np.inf])
def test_quantiles_and_tail_probabilities_are_inverse_of_each_other(df):
    for tail in (0.4, 0.025, 1e-8):
        point = distributions.t_quantile(tail, np.array([df]))
        assert distributions.t_two_sided_p(point, np.array([df]))[0] == pytest.approx(2 * tail, rel=1e-9)


def test_tail_probabilities_stay_accurate_far_out():
    from scipy import stats

    assert distributions.t_two_sided_p(np.array([40.0]), np.array([30.5]))[0] == pytest.approx(
        2 * stats.t.sf(40.0, 30.5), rel=1e-9
    )
    assert distributions.f_p_value(300.0, 3.0, 41.5) == pytest.approx(stats.f.sf(300.0, 3.0, 41.5), rel=1e-9)
    assert distributions.f_p_value(40.0, 3.0, np.inf) == pytest.approx(stats.chi2.sf(120.0, 3.0), rel=1e-9)
