"""Trials with a known truth: intervals hold it, and errors show the spread over trials, as they say.

A share over independent trials must lie within four Monte Carlo standard errors of what is promised. The many
trials are marked long.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from trialkit.stats import ancova, impute, impute_reference_based
from trialkit.stats.missing.completed_grid import GridImputations

pytestmark = pytest.mark.analytic

TRUTH = -4.0


def few_or_many(few: int, many: int) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("trials", [few, pytest.param(many, marks=pytest.mark.long)])


def simulated(seed: int, truth: float = TRUTH) -> pd.DataFrame:
    """80 subjects; the last visit is the likelier missing the worse the visit before was."""
    rng = np.random.default_rng(seed)
    trial = pd.DataFrame({"id": np.arange(80), "arm": np.tile(["control", "exercise"], 40)})
    test = trial.arm == "exercise"
    trial["base"] = rng.normal(40, 8, 80)
    level = rng.normal(0, 4, 80)
    trial["w6"] = 0.6 * trial.base + 0.5 * truth * test + level + rng.normal(0, 4, 80)
    trial["w52"] = 0.6 * trial.base + truth * test + level + rng.normal(0, 4, 80)
    gone = rng.random(80) < 1 / (1 + np.exp(-(trial.w6 - 27) / 3))
    trial.loc[gone, "w52"] = np.nan
    return trial


def jumped(trial: pd.DataFrame, **options) -> GridImputations:
    """Jump to reference from the last visit on, of those who are missing there."""
    long = trial.melt(["id", "arm", "base"], ["w6", "w52"], "visit", "odi")
    long["visit"] = pd.Categorical(long.visit, ["w6", "w52"])
    ice = dict.fromkeys(trial.id[trial.w52.isna()].tolist(), "w52")
    return impute_reference_based(long, "id", "visit", "odi", "arm", "control", ["base"], ice=ice, **options)


def last_visit(frame: pd.DataFrame):
    return ancova("odi ~ arm + base", frame[frame.visit == "w52"], treatment="arm").contrasts()


def only_estimate(frame: pd.DataFrame) -> pd.DataFrame:
    """The same difference by least squares; the jackknife needs no more."""
    here = frame[frame.visit == "w52"]
    design = np.column_stack([np.ones(len(here)), here.arm == "exercise", here.base]).astype(float)
    return pd.DataFrame({"estimate": [np.linalg.lstsq(design, here.odi, rcond=None)[0][1]]})


@few_or_many(40, 1000)
def test_intervals_after_imputation_by_arm_hold_the_truth_as_often_as_they_say(trials):
    rows = []
    for seed in range(trials):
        imputed = impute(simulated(seed), ["base", "w6", "w52"], n=12, seed=seed)
        pooled = imputed.analyse(lambda frame: ancova("w52 ~ arm + base", frame, treatment="arm"))
        rows.append(pooled.contrasts().iloc[0])
    covered = np.mean([row.ci_lower <= TRUTH <= row.ci_upper for row in rows])
    assert abs(covered - 0.95) < 4.0 * np.sqrt(0.95 * 0.05 / trials)
    bias = np.mean([row.estimate for row in rows]) - TRUTH
    assert abs(bias) < 4.0 * np.std([row.estimate for row in rows]) / np.sqrt(trials)


@few_or_many(20, 400)
def test_the_jackknife_shows_how_estimates_vary_and_keeps_the_level_without_an_effect(trials):
    """Arms that do not differ have no difference under jump to reference either."""
    rows = [jumped(simulated(seed, 0.0)).analyse(only_estimate).iloc[0] for seed in range(trials)]
    spread = np.std([row.estimate for row in rows], ddof=1)
    assert np.mean([row.standard_error for row in rows]) == pytest.approx(
        spread, rel=4.0 / np.sqrt(2 * trials)
    )
    rejected = np.mean([row.p_value < 0.05 for row in rows])
    assert abs(rejected - 0.05) < 4.0 * np.sqrt(0.95 * 0.05 / trials)


@few_or_many(40, 1000)
def test_rubin_under_jump_to_reference_gives_errors_larger_than_the_spread(trials):
    """It keeps the information that missing at random would have (Cro, Carpenter & Kenward 2019)."""
    rows = []
    for seed in range(trials):
        draws = jumped(simulated(seed, 0.0), method="bayes", n=12, seed=seed)
        rows.append(draws.analyse(last_visit).iloc[0])
    spread = np.std([row.estimate for row in rows], ddof=1)
    assert np.mean([row.standard_error for row in rows]) > spread
    assert np.mean([row.p_value < 0.05 for row in rows]) < 0.05 + 2.0 * np.sqrt(0.95 * 0.05 / trials)
