"""Metrics, weights, sample size and stability against other programs, publications and algebra."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from trialkit.prediction import metrics
from trialkit.prediction.censoring import censoring_weights, seen_to_the_horizon
from trialkit.prediction.decision_curve import net_benefit
from trialkit.prediction.sample_size import riley_sample_size
from trialkit.prediction.stability import selection_stability


@pytest.fixture
def scored() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(4)
    risk = np.round(random.random(200), 2)
    outcome = (random.random(200) < risk).astype(float)
    return outcome, risk, random.integers(1, 4, 200).astype(float)


@pytest.mark.external_reference
def test_area_and_brier_equal_scikit_learn_with_weights_and_ties(scored) -> None:
    from sklearn.metrics import brier_score_loss, f1_score, recall_score, roc_auc_score

    outcome, risk, weights = scored
    mine = metrics.performance(outcome, risk, weights, 0.5)
    assert mine["auc"] == pytest.approx(roc_auc_score(outcome, risk, sample_weight=weights), abs=1e-12)
    assert mine["brier"] == pytest.approx(brier_score_loss(outcome, risk, sample_weight=weights), abs=1e-12)
    yes = risk >= 0.5
    assert mine["sensitivity"] == pytest.approx(recall_score(outcome, yes, sample_weight=weights), abs=1e-12)
    assert mine["f1"] == pytest.approx(f1_score(outcome, yes, sample_weight=weights), abs=1e-12)


@pytest.mark.external_reference
def test_calibration_line_equals_two_logistic_regressions(scored) -> None:
    import statsmodels.api as sm

    outcome, risk, weights = scored
    risk = np.clip(risk, 0.01, 0.99)
    lp = np.log(risk / (1 - risk))
    family = sm.families.Binomial()
    slope = sm.GLM(outcome, sm.add_constant(lp), family=family, freq_weights=weights).fit().params[1]
    large = sm.GLM(outcome, np.ones(200), family=family, offset=lp, freq_weights=weights).fit().params[0]
    mine = metrics.performance(outcome, risk, weights, 0.5)
    assert mine["calibration_slope"] == pytest.approx(slope, abs=1e-7)
    assert mine["calibration_intercept"] == pytest.approx(large, abs=1e-7)


@pytest.mark.analytic
def test_youden_takes_the_risk_that_separates() -> None:
    outcome = np.array([0, 0, 0, 1, 1, 1.0])
    risk = np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6])
    assert metrics.youden_threshold(outcome, risk, np.ones(6)) == 0.4


@pytest.mark.analytic
def test_somebody_lost_is_carried_by_those_who_stayed() -> None:
    # five people; one censored at day 50 of a horizon of 100: of the four still there each counts 5/4,
    # the one whose event came before the loss counts 1
    time = np.array([20.0, 50.0, 80.0, 100.0, 120.0])
    event = np.array([1.0, 0.0, 1.0, 0.0, 0.0])
    outcome, weights = censoring_weights(time, event, 100.0)
    assert outcome.tolist() == [1, 0, 1, 0, 0]
    assert weights == pytest.approx([1, 0, 4 / 3, 4 / 3, 4 / 3])
    assert weights.sum() == pytest.approx(5)


@pytest.mark.analytic
def test_who_came_to_the_last_visit_a_little_early_is_not_lost() -> None:
    # five people, nobody lost: one free of the event was last seen at day 95 of a horizon of 100
    time, event = np.array([20.0, 95.0, 97.0, 100.0, 120.0]), np.array([1.0, 0.0, 1.0, 0.0, 0.0])
    outcome, weights = censoring_weights(seen_to_the_horizon(time, event, 90.0, 100.0), event, 100.0)
    assert outcome.tolist() == [1, 0, 1, 0, 0]
    assert weights == pytest.approx(np.ones(5))
    assert censoring_weights(seen_to_the_horizon(time, event, 100.0, 100.0), event, 100.0)[1][1] == 0


@pytest.mark.external_reference
def test_sample_size_of_the_published_shape() -> None:
    # pmsampsize(type = "b", rsquared = 0.288, parameters = 24, prevalence = 0.174): 623, 662, 221
    from trialkit.prediction import sample_size as s

    assert s._shrinkage_n(24, 0.288) == 623
    assert s._optimism_n(24, 0.288, s.largest_r2(0.174)) == 662
    assert riley_sample_size(24, 0.174, 0.8, 314).risk_n == 221


@pytest.mark.analytic
def test_the_r_squared_of_an_area_is_what_simulation_gives() -> None:
    # published method: a million simulated log-odds; Monte Carlo error of R2 about 0.001
    from trialkit.prediction.sample_size import cox_snell_from_auc

    random = np.random.default_rng(2)
    y = (random.random(1_000_000) < 0.42).astype(float)
    d = np.sqrt(2) * 0.8416212335729143  # z(0.8)
    x = random.normal(size=y.size) + d * y
    lp = np.log(0.42 / 0.58) + d * x - d * d / 2
    gain = np.mean(y * lp - np.logaddexp(0, lp)) - (0.42 * np.log(0.42) + 0.58 * np.log(0.58))
    assert cox_snell_from_auc(0.8, 0.42) == pytest.approx(1 - np.exp(-2 * gain), abs=0.003)


@pytest.mark.analytic
def test_the_same_selection_every_time_is_perfectly_stable() -> None:
    stable = selection_stability([["a", "b"]] * 5, ["a", "b", "c", "d"])
    assert stable.nogueira == pytest.approx(1.0)
    assert stable.frequency == {"a": 1.0, "b": 1.0, "c": 0.0, "d": 0.0}


@pytest.mark.analytic
def test_stability_of_a_small_table_by_hand() -> None:
    # two resamples of {a, b, c}: {a, b} and {a, c}: p = 1, .5, .5; s2 = 2/1 * (0, .25, .25); k/d = 2/3
    found = selection_stability([["a", "b"], ["a", "c"]], ["a", "b", "c"])
    assert found.nogueira == pytest.approx(1 - (0.5 + 0.5) / 3 / (2 / 3 * 1 / 3))


@pytest.mark.analytic
def test_net_benefit_by_hand() -> None:
    outcome, risk = np.array([1, 1, 0, 0.0]), np.array([0.9, 0.1, 0.8, 0.2])
    assert net_benefit(outcome, risk, np.ones(4), 0.2) == pytest.approx(1 / 4 - 2 / 4 * 0.25)


REFERENCE = Path(__file__).resolve().parents[1] / "reference" / "prediction"


def _reference() -> tuple[pd.DataFrame, dict[str, float]]:
    values = pd.read_csv(REFERENCE / "output.csv")
    return pd.read_csv(REFERENCE / "data.csv"), dict(zip(values["quantity"], values["value"], strict=True))


@pytest.mark.external_reference
def test_the_lasso_path_equals_glmnet() -> None:
    """To 1e-5, as far as glmnet's own stopping rule carries."""
    from trialkit.prediction.lasso import lasso_path

    data, expected = _reference()
    x = data[[f"x{i}" for i in range(1, 7)]].to_numpy()
    penalties = np.array([0.15, 0.08, 0.04, 0.02])
    path = lasso_path(x, data["y"].to_numpy(float), data["w"].to_numpy(float), penalties)
    for i, penalty in enumerate(penalties):
        for j in range(7):
            assert path[i, j] == pytest.approx(expected[f"lasso {penalty:g} {j}"], abs=1e-5)


def test_the_lasso_path_is_optimal_where_columns_nearly_repeat_and_outcomes_separate() -> None:
    """Karush-Kuhn-Tucker: the gradient is the penalty where a coefficient stands, no more where none does."""
    from trialkit.prediction.lasso import lasso_path, penalty_path
    from trialkit.prediction.plan import Selection

    random = np.random.default_rng(3)
    x = random.normal(size=(120, 12))
    x[:, 6:] = x[:, :6] + 0.02 * x[:, 6:]
    y, w = (x[:, 0] - x[:, 1] > 0).astype(float), random.uniform(0.5, 2, 120)
    penalties = penalty_path(x, y, w, Selection(smallest_ratio=0.01))
    for penalty, (intercept, *slopes) in zip(penalties, lasso_path(x, y, w, penalties), strict=True):
        gap = w * (y - 1 / (1 + np.exp(-(intercept + x @ np.array(slopes))))) / w.sum()
        gradient, beta = x.T @ gap, np.array(slopes)
        assert abs(gap.sum()) < 1e-7
        assert np.abs(gradient).max() <= penalty + 1e-5
        assert gradient[beta != 0] == pytest.approx(penalty * np.sign(beta[beta != 0]), abs=1e-5)


@pytest.mark.external_reference
def test_calibration_brier_and_net_benefit_equal_rms() -> None:
    data, expected = _reference()
    y, p, w = data["y"].to_numpy(float), data["p"].to_numpy(), np.ones(len(data))
    mine = metrics.performance(y, p, w, 0.5)
    assert mine["calibration_slope"] == pytest.approx(expected["val.prob Slope"], abs=1e-6)
    assert mine["brier"] == pytest.approx(expected["val.prob Brier"], abs=1e-9)
    assert mine["auc"] == pytest.approx(expected["auc"], abs=1e-9)
    for at in (0.2, 0.5):
        assert net_benefit(y, p, w, at) == pytest.approx(expected[f"net benefit {at:g}"], abs=1e-12)


@pytest.mark.external_reference
def test_optimism_over_given_samples_equals_r() -> None:
    """Exactly where R is given the same samples; `rms::validate`, which draws its own, within 3 errors of
    40 samples (0.006 of AUC, 0.03 of slope)."""
    from trialkit.prediction.learners import fit_learner
    from trialkit.prediction.optimism import corrections
    from trialkit.prediction.resampling import Replicate

    data = pd.read_csv(REFERENCE / "data.csv")
    read = pd.read_csv(REFERENCE / "nomogram_output.csv")
    expected = dict(zip(read["quantity"], read["value"], strict=True))
    samples = np.loadtxt(REFERENCE / "samples.csv", delimiter=",", dtype=int)
    x, y = data[[f"x{i}" for i in range(1, 7)]].to_numpy(), data["y"].to_numpy(float)

    def judged(rows: np.ndarray, learner: object) -> dict[str, dict[str, float]]:
        risk = learner.native.predict_proba(x[rows])[:, 1]
        return {"logistic": metrics.performance(y[rows], risk, np.ones(len(rows)), 0.5)}

    everybody = np.arange(len(y))
    replicates = []
    for sample in samples:
        fitted = fit_learner("logistic", x[sample], y[sample], np.ones(len(y)), {"ridge": 0.0}, 1)
        left_out = judged(np.setdiff1d(everybody, sample), fitted)
        replicates.append(Replicate(judged(sample, fitted), judged(everybody, fitted), left_out, (), {}, {}))
    whole = fit_learner("logistic", x, y, np.ones(len(y)), {"ridge": 0.0}, 1)
    mine = corrections(judged(everybody, whole), replicates, judged(everybody, whole)).set_index("metric")[
        "harrell"
    ]
    for metric, error in (("auc", 0.006), ("calibration_slope", 0.03)):
        assert mine[metric] == pytest.approx(expected[f"harrell {metric}"], abs=1e-6)
        assert mine[metric] == pytest.approx(expected[f"validate {metric}"], abs=3 * error)
