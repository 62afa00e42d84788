"""The proportional odds model: refusals, separation, and what follows from algebra."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from trialkit.errors import DataError, FormulaError, SeparationError
from trialkit.stats import logistic, ordinal
from trialkit.stats.generalized.cumulative import proportional_odds
from trialkit.stats.generalized.separation import separating_direction

pytestmark = pytest.mark.analytic

LEVELS = ["poor", "fair", "good", "excellent"]


@pytest.fixture
def trial() -> pd.DataFrame:
    generator = np.random.default_rng(5)
    n = 140
    data = pd.DataFrame(
        {"arm": generator.choice(["control", "exercise"], n), "base": generator.normal(40, 9, n)}
    )
    latent = 0.8 * (data.arm == "exercise") + generator.logistic(size=n)
    data["score"] = np.digitize(latent, [-1.0, 0.5, 2.0])
    data["satisfaction"] = pd.Categorical.from_codes(data.score, categories=LEVELS, ordered=True)
    return data


def test_numbers_and_ordered_categories_are_the_same_outcome(trial):
    numbers, categories = ordinal("score ~ arm", trial), ordinal("satisfaction ~ arm", trial)
    assert np.allclose(numbers.coefficients.estimate, categories.coefficients.estimate, rtol=1e-12)
    assert list(categories.thresholds.threshold) == ["poor|fair", "fair|good", "good|excellent"]


def test_an_odds_ratio_above_one_means_higher_categories(trial):
    better = trial[trial.arm == "exercise"].score.mean() > trial[trial.arm == "control"].score.mean()
    assert better
    assert ordinal("score ~ arm", trial).odds_ratios.estimate[0] > 1


def test_turning_the_scale_round_inverts_the_odds_ratio(trial):
    trial["turned"] = 3 - trial.score
    plain = ordinal("score ~ arm + base", trial).odds_ratios
    turned = ordinal("turned ~ arm + base", trial).odds_ratios
    assert np.allclose(turned.estimate, 1 / plain.estimate, rtol=1e-8)
    assert np.allclose(turned.ci_lower, 1 / plain.ci_upper, rtol=1e-8)


def test_with_two_categories_it_is_logistic_regression(trial):
    trial["well"] = (trial.score >= 2).astype(int)
    two, binary = ordinal("well ~ arm + base", trial), logistic("well ~ arm + base", trial)
    columns = ["estimate", "standard_error", "p_value", "ci_lower"]
    assert np.allclose(two.coefficients[columns], binary.coefficients[columns].iloc[1:], rtol=1e-8)
    assert two.log_likelihood == pytest.approx(binary.log_likelihood, rel=1e-12)
    assert "nothing to assume" in two.proportional_odds_tests.note[0]


def test_the_predicted_shares_of_a_row_add_to_one_and_move_with_the_arm(trial):
    shares = ordinal("satisfaction ~ arm + base", trial).predict(trial)
    assert np.allclose(shares.sum(axis=1), 1.0, rtol=1e-12)
    assert np.all(shares.to_numpy() > 0)


def test_the_information_is_the_derivative_of_the_score(trial):
    fit = ordinal("score ~ arm + base", trial)
    at, step = fit.inference.coefficients + 0.05, 1e-5
    _, information = fit.model.derivatives(at)
    for j in range(len(at)):
        shift = np.eye(len(at))[j] * step
        slope = (fit.model.derivatives(at + shift)[0] - fit.model.derivatives(at - shift)[0]) / (2 * step)
        assert np.allclose(-slope, information[:, j], rtol=1e-5, atol=1e-5)


@pytest.mark.independent_reimplementation
def test_the_maximum_is_the_one_statsmodels_finds(trial):
    from statsmodels.miscmodels.ordinal_model import OrderedModel

    fit = ordinal("score ~ arm + base", trial)
    model = OrderedModel(trial.score.to_numpy(), fit.design.X, distr="logit")
    theirs = model.fit(method="bfgs", disp=False, gtol=1e-8)
    assert fit.log_likelihood == pytest.approx(theirs.llf, rel=1e-8)
    assert np.allclose(fit.coefficients.estimate, theirs.params[:2], rtol=1e-4)


def test_the_proportional_odds_test_accepts_what_is_true_and_rejects_what_is_not():
    generator = np.random.default_rng(17)
    n = 1200
    arm = np.repeat(["control", "exercise"], n // 2)
    true = np.digitize(0.7 * (arm == "exercise") + generator.logistic(size=n), [-1, 0.5, 2])
    spread = np.where(arm == "exercise", 2.5, 1.0) * generator.logistic(size=n)
    wrong = np.digitize(spread, [-1, 0.5, 2])
    data = pd.DataFrame({"arm": arm, "true": true, "wrong": wrong})
    assert (ordinal("true ~ arm", data).proportional_odds_tests.p_value > 0.01).all()
    wrong = ordinal("wrong ~ arm", data)
    assert (wrong.proportional_odds_tests.p_value < 1e-6).all()
    assert "proportional odds, score test: chi-square" in repr(wrong)


def test_the_score_test_does_not_depend_on_row_order_coding_or_units(trial):
    shuffled = trial.sample(frac=1.0, random_state=3).assign(base=lambda d: 1000.0 * d.base - 7.0)
    first = ordinal("score ~ arm + base", trial).proportional_odds_tests
    second = ordinal("score ~ arm + base", shuffled, treatment="arm", reference="exercise")
    assert np.allclose(first.statistic, second.proportional_odds_tests.statistic, rtol=1e-7)


def test_the_score_and_likelihood_ratio_tests_agree_where_the_data_are_many():
    generator = np.random.default_rng(41)
    z = generator.normal(size=20_000)
    score = np.digitize(0.5 * z + generator.logistic(size=z.size), [-1, 0.5, 2])
    tests = ordinal("score ~ z", pd.DataFrame({"z": z, "score": score})).proportional_odds_tests
    statistics = tests.set_index(["term", "test"]).statistic
    assert statistics["z", "score"] == pytest.approx(statistics["z", "likelihood ratio"], rel=0.03)
    assert statistics["z", "score"] == pytest.approx(statistics["GLOBAL", "score"], rel=1e-12)


def test_plain_text_outcomes_are_refused(trial):
    trial["satisfaction"] = trial.satisfaction.astype(str)
    with pytest.raises(DataError, match="order of the levels matters"):
        ordinal("satisfaction ~ arm", trial)


def test_categories_without_rows_are_dropped(trial):
    trial["satisfaction"] = trial.satisfaction.cat.add_categories(["superb"])
    assert ordinal("satisfaction ~ arm", trial).levels == tuple(LEVELS)


def test_thresholds_alone_are_refused_and_so_is_an_outcome_without_spread(trial):
    with pytest.raises(DataError, match="at least one term"):
        ordinal("score ~ 1", trial)
    with pytest.raises(DataError, match="same value in every row"):
        ordinal("score ~ arm", trial.assign(score=2))
    with pytest.raises(FormulaError, match="unknown column"):
        ordinal("score ~ arm + dose", trial)


def test_an_arm_wholly_in_the_highest_category_is_separation(trial):
    trial.loc[trial.arm == "exercise", "score"] = 3
    with pytest.raises(SeparationError, match=r"arm\[T.exercise\]"):
        ordinal("score ~ arm", trial)


def test_a_covariate_that_orders_the_outcome_completely_is_separation(trial):
    trial["base"] = trial.score * 10.0 + np.linspace(0, 5, len(trial))
    with pytest.raises(SeparationError, match="base"):
        ordinal("score ~ base + arm", trial)


def test_the_certificate_of_overlap_never_contradicts_the_linear_program():
    generator = np.random.default_rng(23)
    seen = {True: 0, False: 0}
    for _ in range(150):
        n = int(generator.integers(6, 14))
        X = generator.integers(0, 3, size=(n, 2)).astype(float)
        codes = generator.integers(0, 3, n)
        if len(np.unique(codes)) < 3 or np.linalg.matrix_rank(np.column_stack([np.ones(n), X])) < 3:
            continue
        separated = separating_direction(proportional_odds(X, codes, 3).signed_rows) is not None
        seen[separated] += 1
        data = pd.DataFrame({"y": codes, "a": X[:, 0], "b": X[:, 1]})
        if separated:
            with pytest.raises(SeparationError):
                ordinal("y ~ a + b", data)
        else:
            assert np.all(np.isfinite(ordinal("y ~ a + b", data).coefficients.estimate))
    assert min(seen.values()) > 5


def test_a_fit_prints_its_thresholds_and_rows(trial):
    trial.loc[0, "score"] = np.nan
    text = repr(ordinal("score ~ arm", trial, intervals="profile"))
    assert "Proportional odds" in text
    assert "0|1" in text
    assert "excluded 1" in text
