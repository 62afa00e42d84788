"""Hundreds of light trials through the primary model: no bias, honest intervals, planted faults found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import sqrt

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy import stats

from trialkit.errors import SimulationError
from trialkit.simulation import Scenario, TrueEffect, simulated_analysis_data, true_effect
from trialkit.study import Study

COVARIATES = ("base", "sex", "site")


def permuted_blocks(people: pd.DataFrame, seed: int) -> list[str]:
    """This test's own list: blocks of 4 within site and sex."""
    random = np.random.default_rng([seed, 1])
    arms = pd.Series("", index=people.index, dtype=object)
    for _, stratum in people.groupby(["site", "sex"], sort=True):
        blocks = [
            random.permutation(["exercise", "exercise", "control", "control"]) for _ in range(len(stratum))
        ]
        arms.loc[stratum.index] = np.concatenate(blocks)[: len(stratum)]
    return list(arms)


def leaning(people: pd.DataFrame, seed: int) -> list[str]:
    """An allocation that leans on what the model adjusts for: who leaves a covariate out is biased."""
    random = np.random.default_rng([seed, 2])
    site = people["site"].map({"A": 0.0, "B": 0.9, "C": -0.9, "D": 0.9, "E": -0.9}).to_numpy(float)
    sex = np.where(people["sex"] == "female", 0.9, -0.9)
    odds = site + sex + 0.9 * (people["base"].to_numpy(float) - 38) / 9
    return list(np.where(random.random(len(people)) < 1 / (1 + np.exp(-odds)), "exercise", "control"))


def ancova(data: pd.DataFrame, covariates: tuple[str, ...]) -> tuple[float, float, float]:
    """Estimate (test minus reference) and its two-sided 95 % interval, by normal equations."""
    seen = data[data["chg"].notna()]
    columns: list[NDArray[np.float64]] = [np.ones(len(seen)), (seen["arm"] == "exercise").to_numpy(float)]
    for name in covariates:
        if name == "base":
            columns.append(seen[name].to_numpy(float))
        else:
            columns += [(seen[name] == level).to_numpy(float) for level in sorted(seen[name].unique())[1:]]
    design = np.column_stack(columns)
    beta, *_ = np.linalg.lstsq(design, seen["chg"].to_numpy(float), rcond=None)
    residual = seen["chg"].to_numpy(float) - design @ beta
    df = len(seen) - design.shape[1]
    error = sqrt(residual @ residual / df * np.linalg.inv(design.T @ design)[1, 1])
    margin = stats.t.ppf(0.975, df) * error
    return beta[1], beta[1] - margin, beta[1] + margin


Allocation = Callable[[pd.DataFrame, int], list[str]]


def many_trials(scenario: Scenario, allocate: Allocation, n_trials: int) -> list[pd.DataFrame]:
    return [
        simulated_analysis_data(scenario, 314, seed, lambda people, seed=seed: allocate(people, seed))  # type: ignore[misc]
        for seed in range(n_trials)
    ]


def faults(
    trials: list[pd.DataFrame], truth: TrueEffect, covariates: tuple[str, ...] = COVARIATES, sign: int = 1
) -> list[str]:
    """What is wrong with the primary model over many trials: nothing, biased, or dishonest intervals."""
    estimates, covered = [], 0
    for data in trials:
        estimate, low, high = (sign * value for value in ancova(data, covariates))
        estimates.append(estimate)
        covered += min(low, high) <= truth.estimate <= max(low, high)
    error = np.std(estimates, ddof=1) / sqrt(len(trials))
    found = []
    if abs(np.mean(estimates) - truth.estimate) > 3 * sqrt(error**2 + truth.standard_error**2):
        found.append("biased")
    least, most = stats.binom.ppf([0.005, 0.995], len(trials), 0.95)
    if not least <= covered <= most:
        found.append("dishonest intervals")
    return found


@pytest.fixture(scope="module")
def truth(study: Study, scenario: Scenario) -> TrueEffect:
    return true_effect(study, scenario, n=300_000)


@pytest.fixture(scope="module", params=[150, pytest.param(400, marks=pytest.mark.long)])
def n_trials(request: pytest.FixtureRequest) -> int:
    """What may lie off grows as fewer trials say: the bounds are made of their number."""
    return int(request.param)


@pytest.fixture(scope="module")
def trials(scenario: Scenario, n_trials: int) -> list[pd.DataFrame]:
    return many_trials(scenario, permuted_blocks, n_trials)


@pytest.fixture(scope="module")
def leaning_trials(scenario: Scenario, n_trials: int) -> list[pd.DataFrame]:
    return many_trials(scenario, leaning, n_trials)


@pytest.mark.independent_reimplementation
def test_the_primary_model_is_unbiased_and_its_interval_covers_as_often_as_it_says(
    trials: list[pd.DataFrame], truth: TrueEffect
) -> None:
    assert faults(trials, truth) == []


def test_the_full_model_stays_right_where_the_allocation_leans_on_its_covariates(
    leaning_trials: list[pd.DataFrame], truth: TrueEffect
) -> None:
    assert faults(leaning_trials, truth) == []


def test_a_planted_sign_flip_is_found(trials: list[pd.DataFrame], truth: TrueEffect) -> None:
    assert faults(trials, truth, sign=-1) == ["biased", "dishonest intervals"]


@pytest.mark.parametrize("dropped", COVARIATES)
def test_a_planted_dropped_covariate_is_found(
    leaning_trials: list[pd.DataFrame], truth: TrueEffect, dropped: str
) -> None:
    kept = tuple(name for name in COVARIATES if name != dropped)
    assert "biased" in faults(leaning_trials, truth, covariates=kept)


def alternate(people: pd.DataFrame) -> list[str]:
    return ["exercise" if row % 2 else "control" for row in range(len(people))]


def test_dropout_that_depends_on_earlier_odi_biases_complete_cases_a_little_and_chance_dropout_not(
    scenario: Scenario,
) -> None:
    """docs/simulation.md gives the sizes; the default scenario lies between these two."""
    bias = {}
    for name, depends, slope in (("chance", False, 0.5), ("steep", True, 1.5)):
        dropout = replace(scenario.dropout, depends_on_outcome=depends, log_odds_per_sd=slope)
        data = [
            simulated_analysis_data(replace(scenario, dropout=dropout), 100_000, seed, alternate)
            for seed in range(3)
        ]
        differences = [
            ancova(one, COVARIATES)[0] - ancova(one.assign(chg=one["chg_true"]), COVARIATES)[0]
            for one in data
        ]
        bias[name] = np.mean(differences)
    assert abs(bias["chance"]) < 0.06
    assert 0.15 < bias["steep"] < 0.4


def test_dropout_that_depends_on_the_outcome_takes_the_worse_ones(scenario: Scenario) -> None:
    data = simulated_analysis_data(scenario, 50_000, 1, alternate)
    missing = data["chg"].isna()
    assert missing.mean() == pytest.approx(0.115, abs=0.01)
    final = data["base"] + data["chg_true"]
    assert final[missing].mean() > final[~missing].mean() + 1


def test_an_allocation_of_the_wrong_length_is_refused(scenario: Scenario) -> None:
    with pytest.raises(SimulationError, match="10 arms"):
        simulated_analysis_data(scenario, 10, 1, lambda people: ["control"] * 9)
