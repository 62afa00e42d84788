"""Size and coverage of the analysis of covariance in trials with a known truth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.stats.monte_carlo import SIZES, within
from trialkit.stats import ancova

pytestmark = pytest.mark.analytic

TRUTH = -3.0


def trial(rng: np.random.Generator, effect: float, spread: float = 1.0, n: int = 40) -> pd.DataFrame:
    """A baseline that matters; residuals of the exercise arm ``spread`` times as wide as of the other."""
    exercise = np.tile([0, 1], n // 2)
    base = rng.normal(40, 9, n)
    noise = rng.normal(0, 8, n) * np.where(exercise == 1, spread, 1.0)
    chg = -0.4 * (base - 40) + effect * exercise + noise
    return pd.DataFrame({"arm": np.where(exercise, "exercise", "control"), "base": base, "chg": chg})


@SIZES
def test_with_normal_residuals_size_and_coverage_are_exact(repeats):
    """Also against a margin, one-sided: at the margin itself a test at 0.025 rejects in 0.025."""
    rng = np.random.default_rng(101)
    rejected = covered = beyond = 0
    for _ in range(repeats):
        fit = ancova("chg ~ arm + base", trial(rng, TRUTH), treatment="arm", reference="control")
        row = fit.contrasts(null_value=TRUTH).iloc[0]
        rejected += row.p_value < 0.05
        covered += row.ci_lower <= TRUTH <= row.ci_upper
        beyond += fit.contrasts(null_value=TRUTH, alternative="less").p_value[0] < 0.025
    assert within(rejected, repeats, 0.05)
    assert within(covered, repeats, 0.95)
    assert within(beyond, repeats, 0.025)


@SIZES
def test_hc3_covers_where_one_arm_varies_more_and_has_fewer_subjects(repeats):
    """20 of 80 subjects vary three times as much: intervals with one residual variance cover some 75 %."""
    rng = np.random.default_rng(102)
    robust = plain = 0
    for _ in range(repeats):
        data = trial(rng, TRUTH, spread=3.0, n=120)
        data = pd.concat([data[data.arm == "control"], data[data.arm == "exercise"].head(20)])
        for errors in ("hc3", "ols"):
            row = ancova("chg ~ arm + base", data, treatment="arm", errors=errors).contrasts().iloc[0]
            hit = row.ci_lower <= TRUTH <= row.ci_upper
            robust += hit * (errors == "hc3")
            plain += hit * (errors == "ols")
    assert within(robust, repeats, 0.95, slack=0.02)
    assert not within(plain, repeats, 0.95, slack=0.02)


@SIZES
def test_cluster_errors_keep_their_size_where_clusters_share_an_arm(repeats):
    """30 clusters of 6; errors that took subjects as independent would reject in about a fifth."""
    rng = np.random.default_rng(103)
    cluster = np.repeat(np.arange(30), 6)
    arm = np.where(cluster % 2 == 0, "control", "exercise")
    rejected = naive = 0
    for _ in range(repeats):
        chg = rng.normal(0, 1, 30)[cluster] + rng.normal(0, 1.5, 180)
        data = pd.DataFrame({"arm": arm, "cluster": cluster, "chg": chg})
        robust = ancova("chg ~ arm", data, treatment="arm", errors="cluster", cluster="cluster")
        rejected += robust.contrasts().p_value[0] < 0.05
        naive += ancova("chg ~ arm", data, treatment="arm").contrasts().p_value[0] < 0.05
    assert within(rejected, repeats, 0.05, slack=0.02)
    assert not within(naive, repeats, 0.05, slack=0.02)


@SIZES
def test_the_type_iii_test_of_four_sites_keeps_its_size(repeats):
    rng = np.random.default_rng(104)
    rejected = 0
    for _ in range(repeats):
        data = trial(rng, TRUTH).assign(site=rng.permutation(np.repeat(list("ABCD"), 10)))
        terms = ancova("chg ~ arm + base + site", data).terms.set_index("term")
        rejected += terms.p_value["site"] < 0.05
    assert within(rejected, repeats, 0.05)


@SIZES
def test_the_interval_of_cohens_d_covers_the_true_difference_in_sds(repeats):
    rng = np.random.default_rng(105)
    covered = 0
    for _ in range(repeats):
        arm = np.repeat(["control", "exercise"], 15)
        data = pd.DataFrame({"arm": arm, "y": rng.normal(size=30) + 0.6 * (arm == "exercise")})
        sizes = ancova("y ~ arm", data, treatment="arm").effect_sizes().set_index("measure")
        d = sizes.loc["cohens_d"]
        covered += d.ci_lower <= 0.6 <= d.ci_upper
    assert within(covered, repeats, 0.95)
