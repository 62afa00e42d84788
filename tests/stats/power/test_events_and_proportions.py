"""Power for events and for proportions."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.reference.agreement import agree, own_reference
from trialkit.stats import (
    DataError,
    log_rank_events,
    log_rank_power,
    log_rank_sample_size,
    two_proportions_power,
    two_proportions_sample_size,
)


@pytest.fixture(scope="module")
def expected():
    return own_reference("power", "output")


@pytest.mark.external_reference
def test_power_and_size_for_two_proportions_are_those_of_r(expected):
    for case in expected["props"]:
        ours = two_proportions_power(
            case["p1"], case["p2"], case["n"], case["n"], alpha=0.05, sides=case["sides"]
        )
        agree("power", "power.prop.test", "estimate", ours, case["power"])
    for case in expected["prop_sizes"]:
        size = two_proportions_sample_size(case["p1"], case["p2"], case["power"])
        assert (size.n_test, size.n_reference) == (case["n"], case["n"])


@pytest.mark.analytic
def test_exchanging_the_arms_changes_nothing():
    one = two_proportions_power(0.5, 0.3, 40, 90)
    assert one == pytest.approx(two_proportions_power(0.3, 0.5, 90, 40), rel=1e-12)
    assert two_proportions_power(1.0, 0.0, 5, 5) == 1.0
    assert two_proportions_power(1.0, 0.0, 1, 1) == 0.0


@pytest.mark.external_reference
@pytest.mark.parametrize("method", ["schoenfeld", "freedman"])
def test_events_are_those_of_the_formula_in_r(expected, method):
    for case in expected["events"]:
        events = log_rank_events(case["hr"], case["power"], ratio=case["k"], method=method)
        assert events == math.ceil(case[method])
        assert log_rank_power(case["hr"], events, ratio=case["k"], method=method) >= case["power"]
        assert log_rank_power(case["hr"], events - 1, ratio=case["k"], method=method) < case["power"]


@pytest.mark.analytic
def test_both_formulas_agree_for_small_effects_and_under_exchange_of_the_arms():
    near = [log_rank_power(0.98, 5000, method=method) for method in ("schoenfeld", "freedman")]
    assert near[0] == pytest.approx(near[1], rel=1e-3)
    for method in ("schoenfeld", "freedman"):
        one = log_rank_power(0.6, 90, ratio=2.0, method=method)
        assert one == pytest.approx(log_rank_power(1 / 0.6, 90, ratio=0.5, method=method), rel=1e-12)


@pytest.mark.analytic
def test_subjects_follow_from_events_and_their_probability():
    size = log_rank_sample_size(0.6, 0.5, 0.8)
    in_test = 1 - 0.5**0.6
    events = log_rank_events(0.6, 0.8)
    assert size.n_test * in_test + size.n_reference * 0.5 >= events
    assert (size.n_test - 1) * in_test + (size.n_reference - 1) * 0.5 < events
    assert size.power >= 0.8
    assert log_rank_sample_size(0.6, 1.0, 0.8).total >= events


@pytest.mark.long
def test_simulated_log_rank_tests_reject_as_often_as_computed():
    """2,000 trials of 60 and 60, all followed to the event; Schoenfeld's formula is within 0.04."""
    import pandas as pd

    from trialkit.stats import log_rank

    generator, found = np.random.default_rng(6), []
    for _ in range(2000):
        time = np.concatenate([generator.exponential(1 / 0.6, 60), generator.exponential(1, 60)])
        data = pd.DataFrame({"time": time, "event": 1, "arm": ["t"] * 60 + ["r"] * 60})
        found.append(log_rank(data, "time", "event", "arm").p_value < 0.05)
    assert np.mean(found) == pytest.approx(log_rank_power(0.6, 120), abs=0.04)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: two_proportions_power(1.2, 0.5, 10, 10), "proportions"),
        (lambda: two_proportions_power(0.0, 0.0, 10, 10), "proportions"),
        (lambda: two_proportions_power(0.2, 0.4, 0, 10), "at least 1"),
        (lambda: two_proportions_sample_size(0.2, 0.2000001, 0.8), "ten million"),
        (lambda: log_rank_events(1.0, 0.8), "hazard ratio"),
        (lambda: log_rank_events(0.5, 0.8, ratio=-1), "ratio"),
        (lambda: log_rank_events(0.5, 0.8, method="cox"), "method"),
        (lambda: log_rank_power(0.5, 0), "one event"),
        (lambda: log_rank_sample_size(0.5, 0.0, 0.8), "probability"),
    ],
)
def test_a_test_that_makes_no_sense_is_refused(call, text):
    with pytest.raises(DataError, match=text):
        call()
