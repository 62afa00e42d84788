"""Coverage of the intervals of ROC curves and calibration, by simulation; bounds as in ``monte_carlo``."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from tests.stats.monte_carlo import SIZES, within
from trialkit.stats import calibration, compare_rocs, roc

pytestmark = pytest.mark.analytic


@SIZES
def test_delong_intervals_cover_the_true_area(repeats):
    """Normal scores one apart: AUC = Phi(1 / sqrt 2)."""
    truth, rng, covered = norm.cdf(1 / math.sqrt(2)), np.random.default_rng(3), 0
    for _ in range(repeats):
        x = np.concatenate([rng.normal(1, 1, 60), rng.normal(0, 1, 60)])
        result = roc(pd.DataFrame({"y": [1] * 60 + [0] * 60, "x": x}), "y", "x")
        covered += result.ci_lower <= truth <= result.ci_upper
    assert within(covered, repeats, 0.95, slack=0.01)


@SIZES
def test_the_comparison_of_two_scores_has_its_size(repeats):
    """Two noisy readings of one trait, equally good."""
    rng, rejected = np.random.default_rng(4), 0
    for _ in range(repeats):
        y = np.repeat([1, 0], 50)
        trait = y + rng.normal(size=100)
        data = pd.DataFrame({"y": y, "a": trait + rng.normal(size=100), "b": trait + rng.normal(size=100)})
        rejected += compare_rocs(data, "y", "a", "b").contrast["p_value"].item() < 0.05
    assert within(rejected, repeats, 0.05, slack=0.01)


@SIZES
def test_intervals_at_a_cutoff_chosen_beforehand_cover(repeats):
    """A cohort: 0.25 true and 0.15 false positives, 0.1 false and 0.5 true negatives."""
    rng = np.random.default_rng(5)
    truth = pd.Series({"sensitivity": 0.25 / 0.35, "ppv": 0.25 / 0.4, "f1": 0.5 / 0.75})
    covered = pd.Series(0, index=truth.index)
    for _ in range(repeats):
        cell = rng.choice(4, 120, p=[0.25, 0.15, 0.1, 0.5])
        data = pd.DataFrame({"y": np.isin(cell, [0, 2]).astype(int), "x": np.isin(cell, [0, 1]).astype(int)})
        table = roc(data, "y", "x").at(1).set_index("measure").loc[truth.index]
        covered += (table["ci_lower"] <= truth) & (truth <= table["ci_upper"])
    for measure, count in covered.items():
        assert within(int(count), repeats, 0.95, slack=0.015), measure


@SIZES
def test_calibration_of_true_probabilities_is_not_faulted_more_often_than_stated(repeats):
    rng = np.random.default_rng(6)
    rejected = np.zeros(3, dtype=int)
    for _ in range(repeats):
        p = 1 / (1 + np.exp(-rng.normal(0, 1.2, 200)))
        data = pd.DataFrame({"y": (rng.uniform(size=200) < p).astype(int), "p": p})
        result = calibration(data, "y", "p", external=True)
        p_values = [*result.coefficients["p_value"], *result.hosmer_lemeshow["p_value"]]
        rejected += np.array(p_values) < 0.05
    for count in rejected:
        assert within(int(count), repeats, 0.05, slack=0.015)
