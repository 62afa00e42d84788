"""Discrete-time proportional hazards for events found at visits."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.reference.agreement import agree, own_data, own_reference
from trialkit.stats import DataError, SeparationError, interval_cloglog


def trial() -> pd.DataFrame:
    return own_data("interval_cloglog", "trial")


@pytest.mark.external_reference
def test_ratios_baseline_and_likelihood_are_those_of_glm():
    expected = own_reference("interval_cloglog", "output")
    fit = interval_cloglog("arm + base", trial(), "visit", "event")
    agree(
        "interval_cloglog", "stats::glm", "estimate", fit.coefficients["estimate"], expected["estimate"][5:]
    )
    agree(
        "interval_cloglog",
        "stats::glm",
        "standard_error",
        fit.coefficients["standard_error"],
        expected["expected_error"][5:],
    )
    agree("interval_cloglog", "stats::glm", "log_likelihood", fit.log_likelihood, expected["log_likelihood"])
    baseline = np.log(-np.log1p(-fit.intervals["hazard"]))
    agree("interval_cloglog", "stats::glm", "estimate", baseline, expected["estimate"][:5])


@pytest.mark.analytic
def test_an_interval_without_events_is_listed_and_changes_nothing_else():
    data = trial()
    late = data.assign(visit=np.where(data["visit"] > 3, data["visit"] + 1, data["visit"]))
    seen = late.copy()
    seen.loc[seen.index[0], ["visit", "event"]] = [4, 0]
    without = late.copy()
    without.loc[without.index[0], ["visit", "event"]] = [3, 0]
    first, second = (interval_cloglog("arm + base", d, "visit", "event") for d in (seen, without))
    assert first.intervals.set_index("visit").loc[4, ["n_events", "hazard"]].tolist() == [0, 0]
    assert not first.intervals.set_index("visit").loc[4, "informative"]
    np.testing.assert_allclose(first.coefficients["estimate"], second.coefficients["estimate"], rtol=1e-9)


@pytest.mark.analytic
def test_with_one_factor_and_one_interval_it_is_the_ratio_of_log_survivals():
    data = pd.DataFrame(
        {"arm": ["a"] * 10 + ["b"] * 10, "visit": 1, "event": [1] * 4 + [0] * 6 + [1] * 2 + [0] * 8}
    )
    fit = interval_cloglog("arm", data, "visit", "event")
    assert fit.hazard_ratios["estimate"][0] == pytest.approx(np.log(0.8) / np.log(0.6), rel=1e-9)
    assert fit.contrasts("arm")["contrast"].tolist() == ["b - a"]


def test_visits_as_ordered_categories_keep_their_order():
    data = trial()
    names = ["week 6", "month 1", "month 3", "month 6", "month 12"]
    named = data.assign(visit=pd.Categorical([names[v - 1] for v in data["visit"]], names))
    first, second = (interval_cloglog("arm", d, "visit", "event") for d in (data, named))
    np.testing.assert_allclose(first.coefficients["estimate"], second.coefficients["estimate"], rtol=1e-12)
    assert second.intervals["visit"].tolist() == names


def test_the_reference_arm_can_be_named():
    first = interval_cloglog("arm", trial(), "visit", "event").coefficients["estimate"][0]
    second = interval_cloglog("arm", trial(), "visit", "event", reference="exercise").coefficients[
        "estimate"
    ][0]
    assert second == pytest.approx(-first, rel=1e-9)


@pytest.mark.parametrize(
    ("change", "error", "text"),
    [
        ({"visit": ["one", "two", "two", "one"]}, DataError, "order"),
        ({"event": [0, 0, 0, 0]}, SeparationError, "an event in every level"),
        ({"event": [1, 0, 0, 1]}, SeparationError, "an event in every level"),
        ({"event": [1, 1, 1, 1]}, SeparationError, "an interval in which all"),
        ({"event": [1, 3, 1, 0]}, DataError, "1 = event"),
    ],
)
def test_data_without_an_answer_are_refused(change, error, text):
    data = pd.DataFrame({"arm": list("abba"), "visit": [1, 2, 2, 1], "event": [1, 0, 1, 0], **change})
    with pytest.raises(error, match=text):
        interval_cloglog("arm", data, "visit", "event")


def test_a_covariate_that_tells_events_apart_is_separation():
    data = pd.DataFrame({"x": [1.0, 2, 3, 4, 5, 6, 7, 8], "visit": 1, "event": [0, 0, 0, 0, 1, 1, 1, 1]})
    with pytest.raises(SeparationError, match="rises without end"):
        interval_cloglog("x", data, "visit", "event")
