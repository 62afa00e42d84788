"""Size and coverage of the methods for two risks, in trials with a known truth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from tests.stats.monte_carlo import SIZES, at_most, within
from trialkit.stats import (
    exact_test,
    g_computation,
    logistic,
    mantel_haenszel,
    risk_difference,
    risk_ratio,
    van_elteren,
)

pytestmark = pytest.mark.analytic

CALL = {"outcome": "better", "by": "arm", "reference": "reference"}
N1, N0, LOW = [15, 25, 30], [18, 20, 33], np.array([0.2, 0.4, 0.6])
"""Three strata whose risks differ widely."""


def holds(row: pd.Series, truth: float) -> bool:
    return bool(row.ci_lower <= truth <= row.ci_upper)


@SIZES
def test_score_and_newcombe_intervals_cover_the_difference_over_strata(repeats, from_counts):
    rng = np.random.default_rng(301)
    counts = dict.fromkeys(("newcombe", "miettinen-nurminen", "mantel-haenszel"), 0)
    for _ in range(repeats):
        data = from_counts(rng.binomial(N1, LOW + 0.15), N1, rng.binomial(N0, LOW), N0)
        for method in counts:
            result = risk_difference(data, **CALL, strata="site", method=method)
            counts[method] += holds(result.contrasts.iloc[0], 0.15)
    assert all(within(count, repeats, 0.95, slack=0.015) for count in counts.values()), counts


@SIZES
def test_intervals_cover_a_common_risk_ratio_and_odds_ratio_over_strata(repeats, from_counts):
    rng = np.random.default_rng(302)
    doubled = expit(np.log(2.0) + np.log(LOW / (1 - LOW)))
    counts = np.zeros(3, dtype=int)
    for _ in range(repeats):
        data = from_counts(rng.binomial(N1, 1.4 * LOW), N1, rng.binomial(N0, LOW), N0)
        for place, method in enumerate(("miettinen-nurminen", "mantel-haenszel")):
            ratio = risk_ratio(data, **CALL, strata="site", method=method)
            counts[place] += holds(ratio.contrasts.iloc[0], 1.4)
        data = from_counts(rng.binomial(N1, doubled), N1, rng.binomial(N0, LOW), N0)
        common = mantel_haenszel(data, **CALL, strata="site").contrasts.set_index("measure")
        counts[2] += holds(common.loc["odds ratio"], 2.0)
    assert all(within(int(count), repeats, 0.95, slack=0.015) for count in counts), counts


@SIZES
def test_a_margin_is_claimed_in_a_fortieth_of_trials_that_sit_on_it(repeats, from_counts):
    """Non-inferiority at a margin of 0.1, one-sided at 0.025, 120 an arm."""
    rng = np.random.default_rng(303)
    claimed = 0
    for _ in range(repeats):
        data = from_counts([rng.binomial(120, 0.6)], [120], [rng.binomial(120, 0.7)], [120])
        result = risk_difference(
            data, **CALL, method="miettinen-nurminen", null_value=-0.1, alternative="greater"
        )
        claimed += result.contrasts.p_value[0] < 0.025
    assert within(claimed, repeats, 0.025, slack=0.005)


@SIZES
def test_stratified_tests_keep_their_size(repeats, from_counts):
    """Mantel-Haenszel with strata that matter; van Elteren with four answers."""
    rng = np.random.default_rng(304)
    rejected = np.zeros(2, dtype=int)
    for _ in range(repeats):
        data = from_counts(rng.binomial(N1, LOW), N1, rng.binomial(N0, LOW), N0)
        tests = mantel_haenszel(data, **CALL, strata="site").tests.set_index("test")
        answers = data.assign(better=rng.integers(0, 3, len(data)) + (data.site == 2))
        rejected += [
            tests.p_value["Cochran-Mantel-Haenszel"] < 0.05,
            van_elteren(answers, **CALL, strata="site").p_value < 0.05,
        ]
    assert all(within(int(count), repeats, 0.05, slack=0.01) for count in rejected), rejected


@SIZES
def test_exact_tests_never_reject_more_often_than_they_say(repeats, from_counts):
    rng = np.random.default_rng(305)
    rejected = dict.fromkeys(("fisher", "boschloo", "barnard"), 0)
    for _ in range(repeats):
        data = from_counts([rng.binomial(12, 0.3)], [12], [rng.binomial(15, 0.3)], [15])
        for method in rejected:
            rejected[method] += exact_test(data, **CALL, method=method).p_value < 0.05
    assert all(at_most(count, repeats, 0.05) for count in rejected.values()), rejected
    assert rejected["fisher"] <= rejected["boschloo"]


@SIZES
def test_g_computation_covers_the_marginal_difference_and_keeps_its_size(repeats):
    """The risk difference over normal baselines, by a fine grid; with the right model both errors serve."""
    rng = np.random.default_rng(306)
    grid = np.linspace(-8, 8, 4001)
    weight = np.exp(-(grid**2) / 2)
    truth = float(((expit(grid + 0.3) - expit(grid - 0.5)) * weight).sum() / weight.sum())
    covered = dict.fromkeys(("model", "robust"), 0)
    rejected = 0
    arm = np.tile(["control", "exercise"], 100)
    for _ in range(repeats):
        base = rng.normal(size=200)
        for effect in (0.8, 0.0):
            better = rng.binomial(1, expit(base - 0.5 + effect * (arm == "exercise")))
            data = pd.DataFrame({"better": better, "arm": arm, "base": base})
            fit = logistic("better ~ arm + base", data, treatment="arm")
            if effect == 0.0:
                rejected += g_computation(fit).contrasts.p_value[0] < 0.05
                continue
            for errors in covered:
                row = g_computation(fit, errors=errors).contrasts.iloc[0]
                covered[errors] += holds(row, truth)
    assert all(within(count, repeats, 0.95, slack=0.015) for count in covered.values()), covered
    assert within(rejected, repeats, 0.05, slack=0.015)
