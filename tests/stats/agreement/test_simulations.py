"""Coverage of the intervals of agreement, by simulation; bounds as in ``monte_carlo``."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.stats.monte_carlo import SIZES, within
from trialkit.stats import bland_altman, icc, weighted_kappa

pytestmark = pytest.mark.analytic

TARGETS, READERS = 25, 3


def long_form(x: np.ndarray) -> pd.DataFrame:
    """One row a reading of a table targets x readers."""
    targets, readers = x.shape
    return pd.DataFrame(
        {
            "scan": np.repeat(np.arange(targets), readers),
            "reader": np.tile(np.arange(readers), targets),
            "v": x.ravel(),
        }
    )


def limits_hold(table: pd.DataFrame, truth: dict[str, float]) -> np.ndarray:
    rows = table.set_index("form").loc[list(truth)]
    value = np.array(list(truth.values()))
    return np.asarray((rows["ci_lower"] <= value) & (value <= rows["ci_upper"]))


@SIZES
def test_intervals_of_the_intraclass_correlations_cover(repeats):
    """Targets with variance 4, error 1; each model of Shrout and Fleiss with readers of its own kind.

    ICC1: readers anew for every target (variance 0.5). ICC3: three fixed readers a constant apart. Both
    intervals are exact. ICC2: readers drawn anew for every trial; Satterthwaite's df make it nearly exact.
    """
    rng = np.random.default_rng(7)
    covered = {"ICC1": 0, "ICC2": 0, "ICC3": 0, "ICC3k": 0}
    for _ in range(repeats):
        target = rng.normal(0, 2, (TARGETS, 1))
        error = rng.normal(0, 1, (TARGETS, READERS))
        anew = icc(
            long_form(target + rng.normal(0, 0.5**0.5, error.shape) + error), "scan", "reader", "v"
        ).table
        fixed = icc(long_form(target + np.array([0, 0.7, -0.4]) + error), "scan", "reader", "v").table
        drawn = icc(long_form(target + rng.normal(0, 0.5**0.5, READERS) + error), "scan", "reader", "v").table
        covered["ICC1"] += int(limits_hold(anew, {"ICC1": 4 / 5.5})[0])
        covered["ICC2"] += int(limits_hold(drawn, {"ICC2": 4 / 5.5})[0])
        three, mean = limits_hold(fixed, {"ICC3": 4 / 5, "ICC3k": 12 / 13})
        covered["ICC3"], covered["ICC3k"] = covered["ICC3"] + int(three), covered["ICC3k"] + int(mean)
    for form, count in covered.items():
        assert within(count, repeats, 0.95, slack=0.01 if form == "ICC2" else 0.0), form


@SIZES
def test_the_interval_of_the_standard_error_of_measurement_covers(repeats):
    rng, covered = np.random.default_rng(8), 0
    for _ in range(repeats):
        x = rng.normal(0, 2, (TARGETS, 1)) + np.array([0, 1.0]) + rng.normal(0, 1.5, (TARGETS, 2))
        row = icc(long_form(x), "scan", "reader", "v").measurement_error.set_index("form").loc["consistency"]
        covered += row["ci_lower"] <= 1.5 <= row["ci_upper"]
    assert within(covered, repeats, 0.95)


@SIZES
def test_exact_intervals_of_the_limit_of_agreement_cover_it(repeats):
    """Standard normal differences have the upper limit 1.96."""
    rng, covered = np.random.default_rng(8), 0
    for _ in range(repeats):
        data = long_form(np.column_stack([np.zeros(15), rng.normal(size=15)]))
        row = bland_altman(data, "scan", "reader", "v").table.iloc[2]
        covered += row["ci_lower"] <= 1.959963984540054 <= row["ci_upper"]
    assert within(covered, repeats, 0.95)


@SIZES
def test_the_interval_of_weighted_kappa_covers_and_its_test_has_its_size(repeats):
    """150 scans of four grades, two readers; chance agreement for the test, half of it copied otherwise."""
    rng = np.random.default_rng(9)
    share = np.array([0.4, 0.3, 0.2, 0.1])
    covered = rejected = 0
    for _ in range(repeats):
        first, second = rng.choice(4, 150, p=share), rng.choice(4, 150, p=share)
        alone = long_form(np.column_stack([first, second]))
        rejected += weighted_kappa(alone, "scan", "reader", "v").table["p_value"].item() < 0.05
        second = np.where(rng.uniform(size=150) < 0.5, first, second)
        row = weighted_kappa(long_form(np.column_stack([first, second])), "scan", "reader", "v").table.iloc[0]
        covered += row["ci_lower"] <= 0.5 <= row["ci_upper"]
    assert within(covered, repeats, 0.95, slack=0.015)
    assert within(rejected, repeats, 0.05, slack=0.01)
