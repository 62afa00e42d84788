"""Small trials with a known truth: tests reject, and intervals hold it, as often as they say.

A share over independent trials must lie within four Monte Carlo standard errors of what is promised. The many
trials are marked long; their bounds are 1.4 points of a hundred at a level of 5 %.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from trialkit.stats import lmm, mmrm

pytestmark = pytest.mark.analytic

FEW_OR_MANY = pytest.mark.parametrize("trials", [100, pytest.param(4000, marks=pytest.mark.long)])
EFFECT = -2.0


def bound(level: float, trials: int) -> float:
    return 4.0 * float(np.sqrt(level * (1.0 - level) / trials))


@FEW_OR_MANY
@pytest.mark.parametrize("df_method", ["kenward-roger-linear", "satterthwaite"])
def test_twenty_subjects_at_four_visits_keep_the_level_and_the_coverage(
    make_trial, df_method, trials
) -> None:
    """An unstructured covariance, a quarter of the last values missing; the contrast at the last visit."""
    rejected = covered = 0
    for seed in range(trials):
        data = make_trial(seed=1000 + seed, n=20, effect=EFFECT)
        fit = mmrm("y ~ base + arm * visit", data, "subject", "visit", df_method=df_method)
        rejected += fit.contrasts("arm", by="visit", null_value=EFFECT).iloc[-1].p_value < 0.05
        row = fit.contrasts("arm", by="visit").iloc[-1]
        covered += row.ci_lower <= EFFECT <= row.ci_upper
    assert covered == trials - rejected
    assert abs(rejected / trials - 0.05) < bound(0.05, trials)


@FEW_OR_MANY
def test_the_full_adjustment_in_the_parameters_of_mmrm_rejects_too_often_as_the_page_warns(
    make_trial, trials
) -> None:
    """7 of 100 rather than 5: its term of second derivatives makes standard errors too small."""
    linear, full = [], []
    for seed in range(trials):
        data = make_trial(seed=1000 + seed, n=20, effect=EFFECT)
        for found, df_method in ((linear, "kenward-roger-linear"), (full, "kenward-roger")):
            fit = mmrm("y ~ base + arm * visit", data, "subject", "visit", df_method=df_method)
            found.append(fit.contrasts("arm", by="visit", null_value=EFFECT).iloc[-1])
    assert np.mean([row.standard_error for row in full]) < np.mean([row.standard_error for row in linear])
    rejected = np.mean([row.p_value < 0.05 for row in full])
    assert rejected >= np.mean([row.p_value < 0.05 for row in linear])
    assert abs(rejected - 0.07) < bound(0.07, trials)


@FEW_OR_MANY
def test_the_joint_test_of_three_interactions_keeps_its_level_by_kenward_roger(make_trial, trials) -> None:
    rejected = 0
    for seed in range(trials):
        data = make_trial(seed=50_000 + seed, n=24, effect=0.0)
        terms = mmrm("y ~ base + arm * visit", data, "subject", "visit").terms.set_index("term")
        rejected += terms.p_value["arm:visit"] < 0.05
    assert abs(rejected / trials - 0.05) < bound(0.05, trials)


def small_growth(seed: int) -> pd.DataFrame:
    """12 subjects in two arms, 3 to 6 visits each at times of their own, slopes that vary."""
    random = np.random.default_rng(seed)
    subject = np.repeat(np.arange(12), random.integers(3, 7, 12))
    months = random.uniform(0.0, 12.0, len(subject))
    level, slope = random.normal(0.0, 4.0, 12), random.normal(0.0, 0.5, 12)
    test = subject % 2 == 1
    y = 40.0 + level[subject] + (slope[subject] + EFFECT * test) * months + random.normal(0, 3, len(subject))
    arm = np.where(test, "exercise", "control")
    return pd.DataFrame({"subject": subject, "months": months, "arm": arm, "y": y})


@FEW_OR_MANY
@pytest.mark.parametrize("df_method", ["satterthwaite", "kenward-roger"])
def test_slopes_of_twelve_subjects_are_covered_as_often_as_promised(df_method, trials) -> None:
    """Slopes between subjects have about 10 df, not the normal's infinity; some variances are zero."""
    covered = boundary = 0
    for seed in range(trials):
        fit = lmm("y ~ arm * months", small_growth(seed), "1 + months | subject", df_method=df_method)
        row = fit.coefficients.set_index("term").loc["arm[T.exercise]:months"]
        covered += row.ci_lower <= EFFECT <= row.ci_upper
        boundary += fit.boundary
    assert boundary > 0
    assert abs(covered / trials - 0.95) < bound(0.05, trials)
