"""Size and coverage of logistic and proportional odds models in trials with a known truth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.stats.monte_carlo import SIZES, within
from trialkit.stats import logistic, ordinal

pytestmark = pytest.mark.analytic

TRUTH = 0.7


def latent(rng: np.random.Generator, effect: float, n: int) -> pd.DataFrame:
    """Logistic latent outcomes of two arms over a baseline that matters."""
    exercise = np.tile([0, 1], n // 2)
    base = rng.normal(size=n)
    arm = np.where(exercise == 1, "exercise", "control")
    y = effect * exercise + 0.5 * base + rng.logistic(size=n)
    return pd.DataFrame({"arm": arm, "base": base, "latent": y})


@SIZES
def test_logistic_intervals_cover_the_odds_ratio_by_wald_and_by_profile(repeats):
    rng = np.random.default_rng(201)
    counts = np.zeros(2, dtype=int)
    for _ in range(repeats):
        data = latent(rng, TRUTH, 160).assign(y=lambda d: (d.latent > 0).astype(int))
        for place, intervals in enumerate(("wald", "profile")):
            row = logistic("y ~ arm + base", data, intervals=intervals).odds_ratios.iloc[0]
            counts[place] += row.ci_lower <= np.exp(TRUTH) <= row.ci_upper
    assert all(within(int(count), repeats, 0.95, slack=0.01) for count in counts)


@SIZES
def test_logistic_tests_keep_their_size_and_firths_estimate_is_hardly_biased(repeats):
    """In 60 subjects maximum likelihood overstates a log odds ratio of 1.5 by a tenth; Firth does not."""
    rng = np.random.default_rng(202)
    rejected = np.zeros(2, dtype=int)
    estimates = []
    for _ in range(repeats):
        data = latent(rng, 0.0, 160).assign(y=lambda d: (d.latent > 0).astype(int))
        fit = logistic("y ~ arm + base", data)
        rejected += [fit.terms.p_value[0] < 0.05, fit.likelihood_ratio_tests.p_value[0] < 0.05]
        small = latent(rng, 1.5, 60).assign(y=lambda d: (d.latent > 0).astype(int))
        estimates.append(logistic("y ~ arm + base", small, penalty="firth").coefficients.estimate[1])
    assert all(within(int(count), repeats, 0.05, slack=0.01) for count in rejected)
    error = np.std(estimates) / np.sqrt(repeats)
    assert abs(np.mean(estimates) - 1.5) < 4 * error + 0.03


@SIZES
def test_ordinal_intervals_cover_and_tests_keep_their_size(repeats):
    rng = np.random.default_rng(203)
    covered = rejected = 0
    for _ in range(repeats):
        true, null = latent(rng, TRUTH, 160), latent(rng, 0.0, 160)
        for data in (true, null):
            data["y"] = np.digitize(data.latent, [-1.0, 0.5, 2.0])
        row = ordinal("y ~ arm + base", true).odds_ratios.iloc[0]
        covered += row.ci_lower <= np.exp(TRUTH) <= row.ci_upper
        rejected += ordinal("y ~ arm + base", null).terms.p_value[0] < 0.05
    assert within(covered, repeats, 0.95, slack=0.01)
    assert within(rejected, repeats, 0.05, slack=0.01)


@SIZES
def test_both_tests_of_proportional_odds_keep_their_size_where_it_holds(repeats):
    """400 subjects, four categories; the score test is known to reject somewhat too often."""
    rng = np.random.default_rng(204)
    rejected = pd.Series(0, index=["score", "likelihood ratio"])
    for _ in range(repeats):
        data = latent(rng, TRUTH, 400).assign(y=lambda d: np.digitize(d.latent, [-1.0, 0.5, 2.0]))
        tests = ordinal("y ~ arm + base", data).proportional_odds_tests.set_index(["term", "test"])
        rejected += (tests.loc["GLOBAL"].p_value < 0.05).astype(int)
    assert within(rejected["score"], repeats, 0.05, slack=0.015)
    assert within(rejected["likelihood ratio"], repeats, 0.05, slack=0.015)
