"""Power and sample size for two means."""

from __future__ import annotations

import numpy as np
import pytest

from tests.reference.agreement import agree, own_reference
from trialkit.stats import (
    DataError,
    ancova_power,
    ancova_sample_size,
    t_test_detectable_difference,
    t_test_power,
    t_test_sample_size,
)


@pytest.fixture(scope="module")
def expected():
    return own_reference("power", "output")


@pytest.mark.external_reference
def test_power_of_the_t_test_is_that_of_r(expected):
    for case in expected["t"]:
        ours = t_test_power(
            case["delta"],
            15,
            case["n"],
            case["n"],
            alpha=0.05,
            sides=case["sides"],
            both_tails=case["strict"],
        )
        agree("power", "power.t.test", "estimate", ours, case["power"])


@pytest.mark.external_reference
def test_power_with_unequal_arms_and_a_baseline_is_that_of_r(expected):
    for case in expected["unequal"]:
        if case["r"] == 0:
            ours = t_test_power(6, 12, case["n1"], case["n2"])
        else:
            ours = ancova_power(-6, 12, case["r"], case["n1"], case["n2"])
        agree("power", "pt", "estimate", ours, case["power"])


@pytest.mark.external_reference
def test_sample_sizes_and_detectable_differences_are_those_of_r(expected):
    for case in expected["t_sizes"]:
        assert t_test_sample_size(case["delta"], 15, case["power"]).n_test == case["n"]
    for case in expected["detectable"]:
        ours = t_test_detectable_difference(15, case["n"], case["n"], case["power"])
        agree("power", "power.t.test", "estimate", ours, case["delta"])


@pytest.mark.analytic
def test_the_reference_trials_sentence_needs_17_and_its_141_find_5():
    """Study A says that 157 per arm, less 10 %, detect 15 points with SD 15 at 80 % power."""
    needed = t_test_sample_size(15, 15, 0.8)
    assert (needed.n_test, needed.n_reference) == (17, 17)
    assert t_test_detectable_difference(15, 141, 141, 0.8) == pytest.approx(5.0, abs=0.05)


@pytest.mark.analytic
@pytest.mark.parametrize("difference", [20, 8, 3, 1])
@pytest.mark.parametrize("ratio", [1.0, 2.0, 0.5])
@pytest.mark.parametrize("correlation", [None, 0.6])
def test_one_subject_fewer_in_the_reference_arm_is_too_few(difference, ratio, correlation):
    if correlation is None:
        size = t_test_sample_size(difference, 15, 0.8, ratio=ratio)
        power = lambda a, b: t_test_power(difference, 15, a, b)  # noqa: E731
    else:
        size = ancova_sample_size(difference, 15, correlation, 0.8, ratio=ratio)
        power = lambda a, b: ancova_power(difference, 15, correlation, a, b)  # noqa: E731
    assert size.power == power(size.n_test, size.n_reference) >= 0.8
    fewer = size.n_reference - 1
    if fewer >= 2:
        assert power(max(2, int(np.ceil(ratio * fewer))), fewer) < 0.8
    assert size.n_test == max(2, int(np.ceil(ratio * size.n_reference)))


@pytest.mark.analytic
def test_attrition_is_added_to_each_arm():
    size = t_test_sample_size(5.03, 15, 0.8)
    assert size.n_test == 141
    assert size.with_attrition(0.1) == (157, 157)
    assert size.total == 282
    with pytest.raises(DataError, match="attrition"):
        size.with_attrition(1.0)


@pytest.mark.long
def test_simulated_trials_reject_as_often_as_computed():
    """10,000 trials of 24 and 36 each, t test and analysis of covariance; four Monte Carlo errors."""
    generator, count = np.random.default_rng(4), 10_000
    base = generator.normal(size=(count, 60))
    outcome = 0.7 * base + np.sqrt(1 - 0.49) * generator.normal(size=(count, 60))
    outcome[:, :24] += 0.6
    arm = np.repeat([1.0, 0.0], [24, 36])
    from scipy import stats

    p = stats.ttest_ind(outcome[:, :24], outcome[:, 24:], axis=1, alternative="greater").pvalue
    assert (p < 0.025).mean() == pytest.approx(t_test_power(0.6, 1, 24, 36), abs=0.02)
    found = []
    for x, y in zip(base, outcome, strict=True):
        X = np.column_stack([np.ones(60), arm, x])
        covariance = np.linalg.inv(X.T @ X)
        beta = covariance @ (X.T @ y)
        error = np.sqrt(((y - X @ beta) ** 2).sum() / 57 * covariance[1, 1])
        found.append(beta[1] / error > stats.t.isf(0.025, 57))
    assert np.mean(found) == pytest.approx(ancova_power(0.6, 1, 0.7, 24, 36), abs=0.025)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: t_test_power("5", 15, 20, 20), "a number"),
        (lambda: t_test_power(5, 15, None, 20), "a number"),
        (lambda: t_test_power(5, 15, 20, float("nan")), "2 subjects in each arm"),
        (lambda: t_test_sample_size(5, 15, "80%"), "a number"),
        (lambda: t_test_power(5, 0, 10, 10), "positive SD"),
        (lambda: t_test_power(5, 1, 10, 1), "at least 2"),
        (lambda: t_test_power(5, 1, 10, 10, alpha=5), "alpha"),
        (lambda: t_test_power(5, 1, 10, 10, sides=3), "sides"),
        (lambda: t_test_sample_size(5, 1, 80), "power"),
        (lambda: t_test_sample_size(5, 1, 0.8, ratio=0), "ratio"),
        (lambda: t_test_sample_size(1e-6, 15, 0.8), "ten million"),
        (lambda: t_test_detectable_difference(15, 20, 20, 0.01), "above the level"),
        (lambda: ancova_power(5, 1, 1.0, 10, 10), "correlation"),
    ],
)
def test_a_test_that_makes_no_sense_is_refused(call, text):
    with pytest.raises(DataError, match=text):
        call()


@pytest.mark.analytic
@pytest.mark.parametrize("sizes", [(2, 2), (3, 40), (60, 50), (5000, 800)])
@pytest.mark.parametrize("alpha", [1e-6, 0.025, 0.4])
@pytest.mark.parametrize("share", [1e-4, 0.1, 0.5, 0.8, 0.999, 1 - 1e-9])
def test_the_detectable_difference_has_the_power_it_was_asked_for(sizes, alpha, share):
    """Also at the edges, where secants go astray: just above the level, just below certainty, 2 df."""
    power = alpha + share * (1 - alpha)
    found = t_test_detectable_difference(12, *sizes, power, alpha)
    assert t_test_power(found, 12, *sizes, alpha) == pytest.approx(power, abs=1e-12)
    assert t_test_power(found * (1 - 1e-6), 12, *sizes, alpha) <= power
