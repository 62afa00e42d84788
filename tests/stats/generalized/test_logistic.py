"""Logistic regression: separation, refusals, and what follows from algebra."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st
from scipy import stats

from trialkit.errors import DataError, RankDeficiencyError, SeparationError
from trialkit.stats import logistic
from trialkit.stats.generalized import profile
from trialkit.stats.generalized.binomial import Binomial
from trialkit.stats.generalized.separation import separating_direction

pytestmark = pytest.mark.analytic


def make_trial(seed: int = 12, n: int = 120) -> pd.DataFrame:
    generator = np.random.default_rng(seed)
    data = pd.DataFrame(
        {
            "arm": generator.choice(["control", "exercise"], n),
            "sex": generator.choice(["female", "male"], n),
            "base": generator.normal(40, 9, n),
        }
    )
    chance = 1 / (1 + np.exp(0.5 - 0.9 * (data.arm == "exercise") - 0.03 * (data.base - 40)))
    data["responder"] = (generator.uniform(size=n) < chance).astype(int)
    return data


@pytest.fixture
def trial() -> pd.DataFrame:
    return make_trial()


def test_two_by_two_gives_the_cross_product_ratio_and_woolfs_interval(trial):
    ratio = logistic("responder ~ arm", trial).odds_ratios.iloc[0]
    a, b, c, d = (
        ((trial.arm == arm) & (trial.responder == y)).sum() for arm in ("exercise", "control") for y in (1, 0)
    )
    woolf = np.sqrt(1 / a + 1 / b + 1 / c + 1 / d)
    assert ratio.estimate == pytest.approx(a * d / (b * c), rel=1e-10)
    assert ratio.log_standard_error == pytest.approx(woolf, rel=1e-8)
    assert ratio.ci_upper == pytest.approx(a * d / (b * c) * np.exp(stats.norm.ppf(0.975) * woolf), rel=1e-8)


def test_odds_ratios_have_the_columns_callers_rely_on_and_no_intercept(trial):
    ratios = logistic("responder ~ arm + base", trial).odds_ratios
    assert list(ratios.columns) == [
        "term", "estimate", "log_standard_error", "df", "statistic", "p_value", "ci_lower", "ci_upper",
    ]  # fmt: skip
    assert list(ratios.term) == ["arm[T.exercise]", "base"]
    assert np.all(np.isinf(ratios.df))


def test_one_more_covariate_unit_multiplies_the_odds_by_the_ratio(trial):
    fit = logistic("responder ~ arm + base", trial)
    odds = fit.predict(pd.DataFrame({"arm": "control", "base": [40.0, 41.0]})).estimate
    odds = odds / (1 - odds)
    ratio = fit.odds_ratios.set_index("term").estimate["base"]
    assert odds[1] / odds[0] == pytest.approx(ratio, rel=1e-10)


def test_a_saturated_model_gives_back_the_observed_share_of_events(trial):
    means = logistic("responder ~ arm * sex", trial).ls_means(["arm", "sex"], scale="response")
    shares = trial.groupby(["arm", "sex"]).responder.mean()
    for row in means.itertuples():
        assert row.estimate == pytest.approx(shares[row.arm, row.sex], rel=1e-8)


@pytest.mark.parametrize("kind", ["bool", "category", "nullable"])
def test_the_event_is_the_second_of_the_two_values(trial, kind):
    expected = logistic("responder ~ arm", trial).coefficients.estimate
    trial["responder"] = {
        "bool": trial.responder == 1,
        "category": pd.Categorical(trial.responder.map({0: "no", 1: "yes"}), categories=["no", "yes"]),
        "nullable": trial.responder.astype("Int64"),
    }[kind]
    fit = logistic("responder ~ arm", trial)
    assert np.allclose(fit.coefficients.estimate, expected, rtol=1e-10)
    assert f"event {fit.design.outcome_levels[1]}" in repr(fit)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (["yes", "no"] * 60, "plain text"),
        ([0, 1, 2] * 40, "3 different values"),
        ([1] * 120, "the same value in every row"),
    ],
)
def test_an_outcome_that_is_not_one_of_two_ordered_values_is_refused(trial, values, message):
    trial["responder"] = values
    with pytest.raises(DataError, match=message):
        logistic("responder ~ arm", trial)


@pytest.mark.parametrize(
    "arguments",
    [{"penalty": "ridge"}, {"intervals": "exact"}, {"confidence_level": 95}, {"reference": "control"}],
)
def test_arguments_that_cannot_be_meant_are_refused(trial, arguments):
    with pytest.raises(DataError):
        logistic("responder ~ arm", trial, **arguments)


def test_redundant_columns_are_named_before_anything_is_fitted(trial):
    trial["male"] = (trial.sex == "male") * 1.0
    with pytest.raises(RankDeficiencyError, match="male"):
        logistic("responder ~ sex + male", trial)


def test_no_events_in_an_arm_is_separation_along_that_arm(trial):
    trial.loc[trial.arm == "exercise", "responder"] = 0
    with pytest.raises(SeparationError, match=r"quasi-complete separation along .*arm\[T.exercise\]"):
        logistic("responder ~ arm + base", trial)


def test_complete_separation_by_a_covariate_is_named(trial):
    trial["responder"] = (trial.base > 41).astype(int)
    with pytest.raises(SeparationError, match=r"complete separation along .*base"):
        logistic("responder ~ arm + base", trial)


def test_separation_by_a_combination_no_single_column_shows_is_found(trial):
    trial["after"] = np.random.default_rng(2).normal(40, 9, 120)
    trial["responder"] = (trial.base - trial.after > 0).astype(int)
    with pytest.raises(SeparationError, match="base, after"):
        logistic("responder ~ base + after + arm", trial)


def test_nearly_separated_data_are_fitted_not_refused(trial):
    """One event in an arm of sixty: the maximum is far out, but it exists."""
    exercise = trial.index[trial.arm == "exercise"]
    trial.loc[exercise, "responder"] = 0
    trial.loc[exercise[0], "responder"] = 1
    fit = logistic("responder ~ arm", trial)
    mean = fit.ls_means("arm", scale="response").set_index("arm").estimate
    assert mean["exercise"] == pytest.approx(1 / len(exercise), rel=1e-8)


def test_extreme_but_overlapping_predictors_are_fitted(trial):
    """Probabilities near 1e-20 at the ends, and still a maximum: decided by proof, not by size."""
    x = np.concatenate([np.linspace(-50, -1, 60), [-0.5, 0.5], np.linspace(1, 50, 60)])
    y = np.concatenate([np.zeros(60), [1, 0], np.ones(60)])
    fit = logistic("y ~ x", pd.DataFrame({"x": x, "y": y}))
    score, _ = fit.model.derivatives(fit.coefficients.estimate.to_numpy())
    assert np.linalg.norm(score) < 1e-8


@settings(derandomize=True, deadline=None, max_examples=60)
@given(st.integers(0, 100_000), st.integers(8, 25), st.integers(1, 3))
def test_a_fit_exists_exactly_when_no_direction_separates(seed, n, columns):
    generator = np.random.default_rng(seed)
    data = pd.DataFrame(
        generator.integers(0, 3, size=(n, columns)), columns=[f"x{i}" for i in range(columns)]
    )
    data["y"] = generator.integers(0, 2, n)
    formula = "y ~ " + " + ".join(f"x{i}" for i in range(columns))
    try:
        fit = logistic(formula, data)
    except (RankDeficiencyError, DataError):
        return
    except SeparationError:
        found = None
    else:
        found = fit
    X = np.column_stack([np.ones(n), data.drop(columns="y")])
    direction = separating_direction(Binomial(X, data.y.to_numpy(float)).signed_rows)
    assert (direction is None) == (found is not None)


def test_firths_penalty_on_an_intercept_alone_adds_half_an_event_to_each_side():
    data = pd.DataFrame({"y": [1] * 3 + [0] * 17})
    estimate = logistic("y ~ 1", data, penalty="firth").coefficients.estimate[0]
    assert estimate == pytest.approx(np.log(3.5 / 17.5), rel=1e-10)


def test_firths_penalty_on_a_two_by_two_table_adds_half_to_each_cell():
    data = pd.DataFrame({"arm": ["a"] * 12 + ["b"] * 9, "y": [0] * 12 + [1] * 4 + [0] * 5})
    ratio = logistic("y ~ arm", data, penalty="firth").odds_ratios.estimate[0]
    assert ratio == pytest.approx((4.5 * 12.5) / (5.5 * 0.5), rel=1e-10)


def test_the_penalty_is_never_chosen_by_the_data(trial):
    assert logistic("responder ~ arm", trial).penalty is None
    trial.loc[trial.arm == "exercise", "responder"] = 0
    with pytest.raises(SeparationError, match="penalty='firth'"):
        logistic("responder ~ arm", trial)


def test_firths_information_is_the_derivative_of_its_score(trial):
    fit = logistic("responder ~ arm + base", trial, penalty="firth")
    at, step = fit.coefficients.estimate.to_numpy(), 1e-5
    _, information = fit.model.derivatives(at)
    for j in range(3):
        shift = np.eye(3)[j] * step
        slope = (fit.model.derivatives(at + shift)[0] - fit.model.derivatives(at - shift)[0]) / (2 * step)
        assert np.allclose(-slope, information[:, j], rtol=1e-6)


def test_a_profile_interval_ends_where_the_likelihood_ratio_test_rejects(trial):
    fit = logistic("responder ~ arm + base", trial, intervals="profile")
    row = fit.coefficients.iloc[1]
    for limit in (row.ci_lower, row.ci_upper):
        moved = trial.assign(offset=limit * (trial.arm == "exercise"))
        restricted = _maximum_with_offset(moved)
        assert 2 * (fit.log_likelihood - restricted) == pytest.approx(stats.chi2.ppf(0.95, 1), rel=1e-7)


def _maximum_with_offset(data: pd.DataFrame) -> float:
    from scipy.optimize import minimize

    def loss(parameters):
        eta = parameters[0] + parameters[1] * (data.base - 40) / 10 + data.offset
        return float(np.logaddexp(0, eta).sum() - (data.responder * eta).sum())

    return -minimize(loss, [0.0, 0.0], method="BFGS", options={"gtol": 1e-7}).fun


def test_rescaling_a_covariate_by_a_million_changes_nothing_else(trial):
    plain = logistic("responder ~ arm + base", trial)
    trial["base"] = trial.base * 1e6
    scaled = logistic("responder ~ arm + base", trial)
    assert scaled.log_likelihood == pytest.approx(plain.log_likelihood, rel=1e-12)
    assert np.allclose(scaled.coefficients.statistic, plain.coefficients.statistic, rtol=1e-8)


@pytest.mark.parametrize("scale", [1e-5, 1e6])
def test_profile_limits_are_as_exact_on_any_scale(trial, scale):
    limits = ["ci_lower", "ci_upper"]
    plain = logistic("responder ~ arm + base", trial, intervals="profile").coefficients[limits]
    trial["base"] *= scale
    scaled = logistic("responder ~ arm + base", trial, intervals="profile").coefficients[limits]
    assert np.allclose(scaled.iloc[2] * scale, plain.iloc[2], rtol=1e-9, atol=0)
    assert np.allclose(scaled.iloc[:2], plain.iloc[:2], rtol=1e-9, atol=0)


@pytest.mark.parametrize("penalty", [None, "firth"])
def test_profile_limits_are_the_same_by_secants_and_step_by_step(trial, penalty, monkeypatch):
    """Few events: the profile is far from a parabola."""
    few = trial.head(30).assign(responder=np.arange(30) % 9 == 0)
    found = [logistic("responder ~ arm", few, penalty, "profile").coefficients]
    asked = []
    monkeypatch.setattr(profile, "_by_secants", lambda *_: asked.append("step by step"))
    found.append(logistic("responder ~ arm", few, penalty, "profile").coefficients)
    assert len(asked) == 4
    for limit in ("ci_lower", "ci_upper"):
        assert np.allclose(found[0][limit], found[1][limit], rtol=1e-9, atol=1e-9)
