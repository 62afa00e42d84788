"""Coverage of intervals and size of tests, by simulation with known truth; bounds as in ``monte_carlo``."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.stats.monte_carlo import SIZES, within
from trialkit.stats import (
    cox,
    cumulative_incidence,
    interval_cloglog,
    kaplan_meier,
    log_rank,
    mean_cumulative_count,
    restricted_mean,
)

pytestmark = pytest.mark.analytic

HAZARD_RATIO = 0.6
RATE = 0.12


def trial(rng: np.random.Generator, ratio: float, n: int = 160) -> pd.DataFrame:
    arm = np.tile(["control", "exercise"], n // 2)
    base = rng.normal(size=n)
    time = rng.exponential(1 / (RATE * np.where(arm == "exercise", ratio, 1.0)))
    censored = rng.uniform(4, 20, n)
    return pd.DataFrame(
        {"arm": arm, "base": base, "t": np.minimum(time, censored), "d": (time <= censored).astype(int)}
    )


@SIZES
def test_the_log_rank_test_has_its_size(repeats):
    rng = np.random.default_rng(1)
    rejected = sum(log_rank(trial(rng, 1.0), "t", "d", "arm").p_value < 0.05 for _ in range(repeats))
    assert within(rejected, repeats, 0.05, slack=0.005)


@SIZES
def test_cox_intervals_cover_the_hazard_ratio_and_the_proportional_hazards_test_keeps_its_size(repeats):
    rng = np.random.default_rng(2)
    covered = rejected = 0
    for _ in range(repeats):
        fit = cox("arm + base", trial(rng, HAZARD_RATIO), "t", "d")
        row = fit.hazard_ratios.iloc[0]
        covered += row["ci_lower"] <= HAZARD_RATIO <= row["ci_upper"]
        rejected += fit.proportional_hazards["p_value"].iloc[-1] < 0.05
    assert within(covered, repeats, 0.95, slack=0.01)
    assert within(rejected, repeats, 0.05, slack=0.01)


@SIZES
def test_curves_medians_and_restricted_means_cover_the_truth(repeats):
    rng = np.random.default_rng(3)
    median, survival, mean = np.log(2) / RATE, np.exp(-RATE * 5), (1 - np.exp(-RATE * 10)) / RATE
    counts = np.zeros(3, dtype=int)
    for _ in range(repeats):
        data = trial(rng, 1.0)
        fit = kaplan_meier(data, "t", "d")
        rows = (
            fit.medians.iloc[0],
            fit.at([5]).iloc[0],
            restricted_mean(data, "t", "d", tau=10).means.iloc[0],
        )
        for place, (row, truth) in enumerate(zip(rows, (median, survival, mean), strict=True)):
            counts[place] += row["ci_lower"] <= truth <= row["ci_upper"]
    for count in counts:
        assert within(int(count), repeats, 0.95, slack=0.01)


@SIZES
def test_cumulative_incidence_covers_and_grays_test_has_its_size(repeats):
    rng = np.random.default_rng(4)
    truth = 0.5 * (1 - np.exp(-RATE * 6))
    covered = rejected = 0
    for _ in range(repeats):
        data = trial(rng, 1.0)
        data["cause"] = data["d"] * rng.integers(1, 3, len(data))
        result = cumulative_incidence(data, "t", "cause", "arm")
        rejected += result.gray_test["p_value"][0] < 0.05
        row = result.at([6]).iloc[0]
        covered += row["ci_lower"] <= truth <= row["ci_upper"]
    assert within(covered, repeats, 0.95, slack=0.01)
    assert within(rejected, repeats, 0.05, slack=0.01)


@SIZES
def test_mean_counts_cover_though_some_subjects_are_prone_to_episodes(repeats):
    """Gamma frailty of variance 1: errors that took episodes as independent would cover far less."""
    rng = np.random.default_rng(5)
    covered = 0
    for _ in range(repeats):
        periods = []
        for subject in range(60):
            end = rng.uniform(6, 12)
            stops = np.sort(rng.uniform(0, end, rng.poisson(0.3 * end * rng.gamma(1.0, 1.0))))
            starts, ends = np.append(0.0, stops), np.append(stops, end)
            periods.append(
                np.column_stack(
                    [np.full(len(starts), subject), starts, ends, np.append(np.ones(len(stops)), 0)]
                )
            )
        data = pd.DataFrame(np.vstack(periods), columns=["id", "start", "stop", "event"])
        row = mean_cumulative_count(data, "id", "start", "stop", "event").at([6]).iloc[0]
        covered += row["ci_lower"] <= 0.3 * 6 <= row["ci_upper"]
    assert within(covered, repeats, 0.95, slack=0.02)


@SIZES
def test_visits_recover_the_hazard_ratio_of_the_unseen_times(repeats):
    rng = np.random.default_rng(6)
    visits = np.array([1.5, 2.5, 4.5, 7.5, 12.0])
    covered = 0
    for _ in range(repeats):
        data = trial(rng, HAZARD_RATIO)
        time = rng.exponential(1 / (RATE * np.where(data["arm"] == "exercise", HAZARD_RATIO, 1.0)))
        data["visit"] = np.minimum(np.searchsorted(visits, time), 4)
        data["d"] = (time <= 12).astype(int)
        row = interval_cloglog("arm", data, "visit", "d").hazard_ratios.iloc[0]
        covered += row["ci_lower"] <= HAZARD_RATIO <= row["ci_upper"]
    assert within(covered, repeats, 0.95, slack=0.01)


@SIZES
def test_differences_of_risks_and_restricted_means_cover_the_truth(repeats):
    rng = np.random.default_rng(7)
    slow = RATE * HAZARD_RATIO
    risk = np.exp(-RATE * 6) - np.exp(-slow * 6)
    mean = (1 - np.exp(-slow * 10)) / slow - (1 - np.exp(-RATE * 10)) / RATE
    counts = np.zeros(2, dtype=int)
    for _ in range(repeats):
        data = trial(rng, HAZARD_RATIO)
        rows = (
            kaplan_meier(data, "t", "d", "arm").contrasts(6).iloc[0],
            restricted_mean(data, "t", "d", "arm", tau=10).contrasts.iloc[0],
        )
        counts += [
            row["ci_lower"] <= truth <= row["ci_upper"] for row, truth in zip(rows, (risk, mean), strict=True)
        ]
    for count in counts:
        assert within(int(count), repeats, 0.95, slack=0.01)


@SIZES
def test_the_stratified_log_rank_test_has_its_size_though_sites_differ(repeats):
    """Sites with a threefold hazard and unequal shares of the arms: without strata the size would be lost."""
    rng = np.random.default_rng(8)
    rejected = 0
    for _ in range(repeats):
        site = np.repeat([0, 1], 80)
        arm = np.where(rng.uniform(size=160) < np.where(site == 1, 0.7, 0.3), "exercise", "control")
        time = rng.exponential(1 / (RATE * np.where(site == 1, 3.0, 1.0)))
        data = pd.DataFrame(
            {"arm": arm, "site": site, "t": np.minimum(time, 10.0), "d": (time <= 10).astype(int)}
        )
        rejected += log_rank(data, "t", "d", "arm", strata="site").p_value < 0.05
    assert within(rejected, repeats, 0.05, slack=0.01)


@SIZES
def test_robust_errors_of_repeated_episodes_cover_though_some_subjects_are_prone_to_them(repeats):
    """Andersen-Gill with a gamma frailty, for which the model's own errors are too small."""
    rng = np.random.default_rng(9)
    covered = 0
    for _ in range(repeats):
        periods = []
        for subject in range(120):
            arm = subject % 2
            stops = np.sort(rng.uniform(0, 10, rng.poisson(2 * rng.gamma(1.0, 1.0) * HAZARD_RATIO**arm)))
            starts, ends = np.append(0.0, stops), np.append(stops, 10.0)
            events = np.append(np.ones(len(stops)), 0)
            periods.append(np.column_stack([np.full((len(starts), 2), [subject, arm]), starts, ends, events]))
        data = pd.DataFrame(np.vstack(periods), columns=["id", "arm", "start", "stop", "event"])
        fit = cox("arm", data, time="stop", event="event", entry="start", cluster="id")
        row = fit.hazard_ratios.iloc[0]
        covered += row["ci_lower"] <= HAZARD_RATIO <= row["ci_upper"]
    assert within(covered, repeats, 0.95, slack=0.02)
