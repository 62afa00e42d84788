"""Times equal but for rounding are one time: in the data, asked for as landmarks, and as a horizon."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from trialkit.errors import DataError
from trialkit.stats import (
    cox,
    cumulative_incidence,
    kaplan_meier,
    log_rank,
    mean_cumulative_count,
    restricted_mean,
)

pytestmark = pytest.mark.analytic

THREE = pd.DataFrame({"id": [1, 2, 3], "t": [0.1, 0.2, 0.3], "e": 1, "start": 0.0})
A_HAIR_MORE = 0.1 + 0.2


def test_a_landmark_a_rounding_error_away_is_the_time_itself():
    found = kaplan_meier(THREE, time="t", event="e").at([0.3, A_HAIR_MORE, np.nextafter(0.3, 0)])
    assert list(found.n_at_risk) == [1, 1, 1]
    assert list(found.n_events) == [3, 3, 3]
    early = kaplan_meier(THREE.assign(e=[1, 1, 0]), time="t", event="e").at([0.3, A_HAIR_MORE])
    assert list(early.n_at_risk) == [1, 1]
    assert early.survival.tolist() == pytest.approx([1 / 3, 1 / 3], rel=1e-12)


def test_incidence_and_mean_counts_take_landmarks_in_the_same_way():
    times = [0.3, A_HAIR_MORE]
    incidence = cumulative_incidence(THREE, time="t", event_type="e").at(times)
    assert incidence.n_at_risk.tolist() == [1, 1]
    assert incidence.estimate.tolist() == [1.0, 1.0]
    counts = mean_cumulative_count(THREE, id="id", start="start", stop="t", event="e").at(times)
    assert counts.n_at_risk.tolist() == [1, 1]
    assert counts.estimate.tolist() == pytest.approx([1 / 3 + 1 / 2 + 1] * 2, rel=1e-12)


def test_a_horizon_a_rounding_error_beyond_follow_up_is_its_end():
    means = restricted_mean(THREE, time="t", event="e", tau=A_HAIR_MORE).means
    assert means.estimate[0] == pytest.approx(0.2, rel=1e-12)
    with pytest.raises(DataError, match="within follow-up"):
        restricted_mean(THREE, time="t", event="e", tau=0.3001)


def test_the_same_days_written_as_months_in_two_ways_are_one_time(shared):
    trial = pd.read_csv(shared / "cases" / "plan" / "near_ties_months.csv")
    fit = kaplan_meier(trial, time="t", event="e", by="arm")
    landmarks = trial.t[trial.days == 213].tolist()
    assert len(set(landmarks)) == 2
    assert [fit.at(time).n_at_risk.sum() for time in landmarks] == [5, 5]


@pytest.mark.parametrize("unit", [1e-12, 1e-9, 1e-3, 1e9])
def test_the_unit_of_time_changes_nothing(unit):
    """A scale is no information: years, or seconds in units of the age of the universe."""
    generator = np.random.default_rng(3)
    days = np.ceil(generator.exponential(90, 80))
    trial = pd.DataFrame({"t": days, "e": generator.integers(0, 2, 80), "arm": np.tile(["a", "b"], 40)})
    trial.loc[0, "e"] = 1
    other = trial.assign(t=days * unit)
    here, there = (log_rank(data, time="t", event="e", by="arm") for data in (trial, other))
    assert there.statistic == pytest.approx(here.statistic, rel=1e-9)
    here, there = (cox("arm", data, time="t", event="e") for data in (trial, other))
    assert there.hazard_ratios.estimate[0] == pytest.approx(here.hazard_ratios.estimate[0], rel=1e-9)
    here, there = (kaplan_meier(data, time="t", event="e", by="arm").curves for data in (trial, other))
    assert there.survival.tolist() == pytest.approx(here.survival.tolist(), rel=1e-12)


def test_a_difference_without_variance_has_no_interval_of_width_0():
    trial = pd.DataFrame({"t": [5.0, 6, 7, 8], "e": [0, 1, 0, 1], "arm": ["a", "a", "b", "b"]})
    found = kaplan_meier(trial, time="t", event="e", by="arm").contrasts(4.0)
    assert found.estimate[0] == 0
    assert found[["statistic", "p_value", "ci_lower", "ci_upper"]].isna().all(axis=None)
