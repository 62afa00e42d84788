"""Power and sample size for matched pairs and for correlations."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, strategies as st

from tests.reference.agreement import agree, own_reference
from tests.stats.monte_carlo import within
from trialkit.stats import (
    DataError,
    correlation_power,
    correlation_sample_size,
    paired_t_power,
    paired_t_sample_size,
    t_test_power,
    t_test_sample_size,
)
from trialkit.stats.power.search import by_normal, fewest


@pytest.fixture(scope="module")
def expected():
    return own_reference("power", "output")


@pytest.mark.external_reference
def test_power_and_number_of_pairs_are_those_of_r(expected):
    for case in expected["paired"]:
        ours = paired_t_power(case["delta"], 10, case["n"], alpha=0.05, sides=case["sides"])
        agree("power", "power.t.test", "estimate", ours, case["power"])
    for case in expected["paired_sizes"]:
        assert paired_t_sample_size(case["delta"], 10, case["power"]) == case["n"]


@pytest.mark.external_reference
def test_power_of_a_correlation_is_the_integral_in_r(expected):
    for case in expected["correlations"]:
        agree("power", "pt", "estimate", correlation_power(case["r"], case["n"]), case["power"])


@pytest.mark.independent_reimplementation
@pytest.mark.parametrize(("n", "rho"), [(8, 0.5), (25, 0.3), (40, 0.6)])
def test_power_of_a_correlation_is_the_area_under_hotellings_density(n, rho):
    """The density of r itself (Hotelling 1953), integrated beyond the critical correlation."""
    from scipy.integrate import quad
    from scipy.special import gammaln, hyp2f1
    from scipy.stats import t as student

    def density(r: float) -> float:
        logs = math.log(n - 2) + gammaln(n - 1) - 0.5 * math.log(2 * math.pi) - gammaln(n - 0.5)
        logs += (n - 1) / 2 * math.log(1 - rho**2) + (n - 4) / 2 * math.log(1 - r**2)
        logs -= (n - 1.5) * math.log(1 - rho * r)
        return math.exp(logs) * float(hyp2f1(0.5, 0.5, n - 0.5, (1 + rho * r) / 2))

    t = float(student.isf(0.025, n - 2))
    area, _ = quad(density, t / math.sqrt(t * t + n - 2), 1 - 1e-12, epsabs=1e-12)
    agree("power", "Hotelling's density", "estimate", correlation_power(rho, n), area)


@pytest.mark.analytic
def test_without_correlation_the_power_is_the_level():
    assert correlation_power(0.0, 30, alpha=0.05, sides=2) == pytest.approx(0.025, rel=1e-10)
    assert paired_t_power(0.0, 1.0, 30) == pytest.approx(0.025, rel=1e-10)


@pytest.mark.analytic
def test_forty_patients_with_matched_controls_show_what_pairing_is_worth():
    """Study D: the difference of half an SD, members of a pair correlating by 0.5."""
    paired = paired_t_power(0.5, math.sqrt(2 * (1 - 0.5)), 40)
    assert t_test_power(0.5, 1, 40, 40) < 0.61 < 0.86 < paired
    needed = correlation_sample_size(0.4, 0.8)
    assert correlation_power(0.4, needed - 1) < 0.8 <= correlation_power(0.4, needed)
    assert correlation_power(-0.4, needed) == correlation_power(0.4, needed)


@pytest.mark.long
@pytest.mark.analytic
def test_simulated_correlations_are_found_as_often_as_computed():
    from scipy.stats import pearsonr

    rng, repeats, found = np.random.default_rng(12), 20_000, 0
    for _ in range(repeats):
        x = rng.normal(size=40)
        y = 0.4 * x + math.sqrt(1 - 0.16) * rng.normal(size=40)
        found += pearsonr(x, y, alternative="greater").pvalue < 0.025
    assert within(found, repeats, correlation_power(0.4, 40))


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: paired_t_power(1, 0, 10), "positive SD"),
        (lambda: paired_t_power(1, 1, 1), "two pairs"),
        (lambda: paired_t_power(1, 1, 10, alpha=0.6), "alpha"),
        (lambda: paired_t_sample_size(1, 1, 80), "0.8"),
        (lambda: paired_t_sample_size(0, 1, 0.8), "ten million"),
        (lambda: correlation_power(1, 10), "between -1 and 1"),
        (lambda: correlation_power(0.5, 3), "four subjects"),
        (lambda: correlation_power(0.5, 10, sides=3), "1 or 2 sides"),
    ],
)
def test_a_test_that_makes_no_sense_is_refused(call, text):
    with pytest.raises(DataError, match=text):
        call()


@given(least=st.integers(1, 4), answer=st.integers(1, 3000), near=st.floats(-5, 6000) | st.just(math.nan))
def test_the_fewest_are_the_same_from_wherever_the_search_begins(least, answer, near):
    asked = []

    def power_of(n: int) -> float:
        asked.append(n)
        return 0.9 if n >= answer else 0.5

    assert fewest(power_of, 0.8, least, near) == max(least, answer)
    assert min(asked) >= least


def test_a_sample_size_takes_few_readings_of_the_power():
    asked = []
    size = t_test_sample_size(5, 10, 0.9).n_reference
    fewest(lambda n: asked.append(n) or float(n >= size), 0.8, 2, near=by_normal(0.9, 0.025, 1, 0.5 / 2**0.5))
    assert len(asked) <= 3
