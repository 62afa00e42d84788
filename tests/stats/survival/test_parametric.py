"""Accelerated failure time models against survival::survreg."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.reference.agreement import agree, own_data, own_reference
from trialkit.errors import DataError, SeparationError
from trialkit.stats import parametric_survival

DISTRIBUTIONS = ["weibull", "lognormal", "loglogistic", "exponential"]


@pytest.fixture(scope="module")
def trial() -> pd.DataFrame:
    return own_data("parametric_survival", "trial")


@pytest.mark.external_reference
@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_estimates_scale_and_predictions_are_those_of_survreg(trial, distribution):
    theirs = own_reference("parametric_survival", "output")[distribution]
    fit = parametric_survival("arm + age", trial, "days", "event", distribution)
    name = "parametric_survival"
    agree(name, "survreg", "estimate", fit.coefficients.estimate, theirs["estimate"], scale=theirs["se"])
    agree(name, "survreg", "standard_error", fit.coefficients.standard_error, theirs["se"])
    agree(name, "survreg", "covariance_parameter", fit.scale, theirs["scale"])
    agree(name, "survreg", "log_likelihood", fit.log_likelihood, theirs["loglik"])
    np.testing.assert_allclose(fit.scale_log_standard_error, theirs["scale_se"], rtol=1e-6)
    np.testing.assert_allclose(fit.concordance, theirs["concordance"], rtol=1e-12)
    new = pd.DataFrame({"arm": ["both", "control"], "age": [40.0, 55.0]})
    predicted = fit.survival(new, [30, 120])
    agree(name, "survreg", "estimate", predicted.survival, theirs["survival"])
    assert (predicted.ci_lower < predicted.survival).all() and (predicted.survival < predicted.ci_upper).all()


@pytest.mark.external_reference
def test_weibull_hazard_ratios_follow_by_the_delta_method(trial):
    theirs = own_reference("parametric_survival", "output")["weibull"]["hazards"]
    ratios = parametric_survival("arm + age", trial, "days", "event").hazard_ratios
    np.testing.assert_allclose(np.log(ratios.estimate), theirs["estimate"][1:], rtol=1e-6)
    agree("parametric_survival", "survreg", "standard_error", ratios.log_standard_error, theirs["se"][1:])
    with pytest.raises(DataError, match="proportional"):
        parametric_survival("arm", trial, "days", "event", "lognormal").hazard_ratios  # noqa: B018


@pytest.mark.analytic
def test_the_exponential_model_alone_is_time_over_events_and_units_are_a_shift(trial):
    fit = parametric_survival("1", trial, "days", "event", "exponential")
    assert fit.coefficients.estimate[0] == pytest.approx(
        np.log(trial.days.sum() / trial.event.sum()), rel=1e-10
    )
    years = trial.assign(days=trial.days / 365.25)
    for distribution in DISTRIBUTIONS:
        one, two = (
            parametric_survival("arm", data, "days", "event", distribution) for data in (trial, years)
        )
        pd.testing.assert_frame_equal(one.time_ratios, two.time_ratios, rtol=1e-7)


@pytest.mark.analytic
def test_times_of_0_and_levels_without_events_are_refused(trial):
    for data, error, text in (
        (trial.assign(days=trial.days.where(trial.index > 0, 0.0)), DataError, "above 0"),
        (trial.assign(event=0), DataError, "at least one event"),
        (trial.assign(event=2), DataError, "1 = event"),
        (trial.assign(event=trial.event.where(trial.arm != "both", 0)), SeparationError, "1 of 3 levels"),
    ):
        with pytest.raises(error, match=text):
            parametric_survival("arm", data, "days", "event")
    text = repr(parametric_survival("arm", trial, "days", "event", "lognormal", treatment="arm"))
    assert "Time ratios" in text


def test_a_first_step_too_long_is_halved_without_a_warning():
    """Survival's survreg(Surv(t, e) ~ arm, dist = "lognormal"): 1.0470, -1.0470, scale 0.2871."""
    data = pd.DataFrame(
        {
            "t": [2.0, 2, 4, 1, 1, 2, 3, 4, 2, 2],
            "e": [1, 1, 1, 1, 1, 0, 0, 1, 0, 1],
            "arm": list("ccctt") + ["c"] * 5,
        }
    )
    fit = parametric_survival("arm", data, time="t", event="e", distribution="lognormal")
    np.testing.assert_allclose(fit.coefficients["estimate"], [1.0470, -1.0470], atol=5e-5)
    assert fit.scale == pytest.approx(0.2871, abs=5e-5)
