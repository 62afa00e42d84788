"""Restricted mean survival time."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.reference.agreement import agree, own_data, own_reference
from tests.stats.survival.conftest import invented_trial
from trialkit.stats import DataError, kaplan_meier, restricted_mean

R = "survival::survfit, rmean"


@pytest.mark.external_reference
@pytest.mark.parametrize(
    ("case", "tau", "entry"), [("to_12", 12, None), ("to_24", 24.5, None), ("delayed_24", 24, "entry")]
)
def test_means_and_errors_are_those_of_r(case, tau, entry):
    expected = pd.DataFrame(own_reference("restricted_mean", "output")[case])
    result = restricted_mean(
        own_data("restricted_mean", "trial"), "time", "event", "arm", tau=tau, entry=entry
    )
    agree("restricted_mean", R, "estimate", result.means["estimate"], expected["estimate"])
    agree("restricted_mean", R, "standard_error", result.means["standard_error"], expected["standard_error"])


@pytest.mark.external_reference
def test_the_veterans_trial_gives_what_r_gave(veteran, shared_result):
    compare(restricted_mean(veteran, "time", "status", "trt", tau=180), shared_result("veteran", "rmst_180"))


@pytest.mark.external_reference
def test_the_colon_trial_gives_what_r_gave(colon, shared_result):
    deaths = colon[colon["etype"] == 2]
    compare(
        restricted_mean(deaths, "time", "status", "rx", tau=1826), shared_result("colon", "rmst_1826_death")
    )


def compare(result, expected):
    agree("restricted_mean", R, "estimate", result.means["estimate"], [row["rmean"] for row in expected])
    agree(
        "restricted_mean",
        R,
        "standard_error",
        result.means["standard_error"],
        [row["se(rmean)"] for row in expected],
    )


@pytest.mark.independent_reimplementation
@pytest.mark.parametrize("seed", range(4))
def test_the_mean_is_the_area_under_the_curve_summed_in_small_strips(seed):
    data = invented_trial(seed)
    tau = 9.0
    middles = (np.arange(9000) + 0.5) / 1000
    survival = kaplan_meier(data, "time", "event").at(middles)["survival"]
    assert restricted_mean(data, "time", "event", tau=tau).means["estimate"][0] == pytest.approx(
        survival.sum() / 1000, rel=1e-9
    )


@pytest.mark.analytic
def test_without_censoring_it_is_the_mean_of_times_cut_at_the_horizon_with_its_binomial_error():
    times = np.array([1.0, 2, 4, 7, 11, 13])
    row = restricted_mean(pd.DataFrame({"t": times, "d": 1}), "t", "d", tau=8).means.iloc[0]
    cut = np.minimum(times, 8)
    assert row["estimate"] == pytest.approx(cut.mean())
    assert row["standard_error"] == pytest.approx(cut.std() / np.sqrt(6))


@pytest.mark.analytic
def test_contrasts_are_test_minus_reference_with_both_variances():
    data = own_data("restricted_mean", "trial")
    result = restricted_mean(data, "time", "event", "arm", tau=12, reference="usual")
    means = result.means.set_index("arm")
    row = result.contrasts.set_index("contrast").loc["exercise - usual"]
    assert row["estimate"] == pytest.approx(
        means.loc["exercise", "estimate"] - means.loc["usual", "estimate"]
    )
    variance = means.loc["exercise", "standard_error"] ** 2 + means.loc["usual", "standard_error"] ** 2
    assert row["standard_error"] == pytest.approx(np.sqrt(variance))
    assert row["df"] == np.inf
    ratio = result.ratios.set_index("contrast").loc["exercise / usual", "estimate"]
    assert ratio == pytest.approx(means.loc["exercise", "estimate"] / means.loc["usual", "estimate"])


def test_a_horizon_beyond_the_follow_up_of_an_arm_is_refused():
    data = pd.DataFrame({"arm": list("aabb"), "t": [5, 10, 20, 30], "d": [1, 0, 1, 0]})
    assert restricted_mean(data, "t", "d", "arm", tau=10).tau == 10
    with pytest.raises(DataError, match="at most 10"):
        restricted_mean(data, "t", "d", "arm", tau=10.5)


@pytest.mark.parametrize("tau", [0, -1, float("nan"), float("inf")])
def test_a_horizon_must_be_stated_and_positive(tau):
    with pytest.raises(DataError, match="horizon"):
        restricted_mean(pd.DataFrame({"t": [1.0, 2.0], "d": [1, 1]}), "t", "d", tau=tau)


def test_an_unknown_reference_is_refused():
    data = pd.DataFrame({"arm": list("aabb"), "t": [5, 10, 20, 30], "d": [1, 0, 1, 0]})
    with pytest.raises(DataError, match="reference"):
        restricted_mean(data, "t", "d", "arm", tau=9, reference="c")


@pytest.mark.analytic
def test_a_horizon_at_the_last_time_when_all_left_have_the_event_is_finite():
    row = restricted_mean(pd.DataFrame({"t": [1.0, 2, 3], "d": [1, 1, 1]}), "t", "d", tau=3).means.iloc[0]
    assert row["estimate"] == pytest.approx(2)
    assert row["standard_error"] == pytest.approx(np.std([1, 2, 3]) / np.sqrt(3))


def test_a_group_without_events_before_the_horizon_has_no_interval_and_the_result_says_so():
    data = pd.DataFrame({"t": [3.0, 4, 5, 1, 2, 6], "d": [0, 0, 0, 1, 1, 0], "arm": list("aaabbb")})
    found = restricted_mean(data, time="t", event="d", by="arm", tau=2.5)
    first, second = (found.means.iloc[place] for place in (0, 1))
    assert first["estimate"] == 2.5
    assert np.isnan(first[["standard_error", "ci_lower", "ci_upper"]].astype(float)).all()
    assert second["ci_lower"] < second["estimate"] < second["ci_upper"]
    assert "has no interval" in repr(found)
    assert "has no interval" not in repr(restricted_mean(data[3:], time="t", event="d", tau=2.5))
