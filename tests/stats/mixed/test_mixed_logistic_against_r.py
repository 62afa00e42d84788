"""Mixed logistic regression against glmmTMB (Laplace) and glmer (adaptive quadrature)."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.reference.agreement import ReferenceStoppedEarly, agree, column, own_data, own_reference
from trialkit.stats import mixed_logistic

pytestmark = pytest.mark.external_reference

FINITE_DIFFERENCES = 2e-4
"""Relative error allowed in glmer's standard errors: its Hessian is a finite difference."""
MODEL = "event ~ arm * sex + z + square"


@pytest.fixture(scope="module")
def sites() -> pd.DataFrame:
    data = own_data("mixed_logistic", "sites")
    return data.assign(square=data.z**2)


@pytest.fixture(scope="module")
def output() -> dict:
    return own_reference("mixed_logistic", "output")


def test_laplace_is_that_of_glmmtmb(sites, output) -> None:
    fit = mixed_logistic(MODEL, sites, "1 | site")
    theirs = output["laplace"]
    leave = leave_for(fit, theirs["log_likelihood"])
    agree("mixed_logistic", "glmmTMB", "count", [fit.n, fit.n_groups], [output["n"], output["sites"]])
    agree("mixed_logistic", "glmmTMB", "count", fit.events, output["events"])
    agrees_with_fit(fit, theirs, "glmmTMB", theirs["random_sd"])
    agree("mixed_logistic", "glmmTMB", "log_likelihood", [fit.aic, fit.bic], [theirs["aic"], theirs["bic"]])
    effects = fit.random_effects.Intercept
    agree("mixed_logistic", "glmmTMB", "estimate", effects, theirs["effects"], leave=leave, scale=1.0)
    terms = theirs["terms"][1:]
    agree("mixed_logistic", "car", "statistic", fit.terms.statistic, column(terms, "Chisq"), leave=leave)
    agree("mixed_logistic", "car", "p_value", fit.terms.p_value, column(terms, "Pr(>Chisq)"), leave=leave)
    means = fit.ls_means("arm", by="sex", scale="response")
    agree(
        "mixed_logistic", "emmeans", "estimate", means.estimate, column(theirs["means"], "prob"), leave=leave
    )
    agree(
        "mixed_logistic",
        "emmeans",
        "standard_error",
        means.standard_error,
        column(theirs["means"], "SE"),
        leave=leave,
    )
    contrasts, rows = fit.contrasts("arm", by="sex"), theirs["contrasts"]
    agree("mixed_logistic", "emmeans", "estimate", contrasts.estimate, column(rows, "estimate"), leave=leave)
    agree(
        "mixed_logistic",
        "emmeans",
        "standard_error",
        contrasts.standard_error,
        column(rows, "SE"),
        leave=leave,
    )


def test_25_points_are_those_of_glmer(sites, output) -> None:
    fit = mixed_logistic(MODEL, sites, "1 | site", quadrature_points=25)
    theirs = output["quadrature"]
    agrees_with_fit(fit, theirs, "glmer", theirs["random_sd"], standard_error=FINITE_DIFFERENCES)
    leave = leave_for(fit, theirs["log_likelihood"])
    effects = fit.random_effects.Intercept
    agree("mixed_logistic", "glmer", "estimate", effects, theirs["effects"], leave=leave, scale=1.0)


def test_the_respiratory_trial_is_as_in_glmmtmb_and_glmer(shared_data, shared_result) -> None:
    data = shared_data("respiratory")
    data["y"] = (data.status == "good").astype(int)
    data["centre"] = pd.Categorical(data.centre)
    baseline = data[data.month == 0][["subject", "y"]].rename(columns={"y": "baseline"})
    later = data[data.month > 0].merge(baseline, on="subject")
    model = "y ~ treatment + baseline + centre + gender + age"
    theirs = shared_result("respiratory", "glmmTMB_laplace")
    agrees_with_fit(mixed_logistic(model, later, "1 | subject"), theirs, "glmmTMB", sd_of(theirs))
    theirs = shared_result("respiratory", "glmer_agq25")
    fit = mixed_logistic(model, later, "1 | subject", quadrature_points=25)
    agrees_with_fit(fit, theirs, "glmer", sd_of(theirs), standard_error=FINITE_DIFFERENCES)


def test_the_cattle_data_are_as_in_glmmtmb_and_glmer(shared_data, shared_result) -> None:
    counts = shared_data("cbpp")
    rows = counts.loc[counts.index.repeat(counts["size"])].reset_index(drop=True)
    first = rows.groupby(["herd", "period"]).cumcount()
    rows["y"] = (first < rows.incidence).astype(int)
    rows["period"] = pd.Categorical(rows.period)
    theirs = shared_result("cbpp", "bernoulli_glmmTMB")
    agrees_with_fit(mixed_logistic("y ~ period", rows, "1 | herd"), theirs, "glmmTMB", sd_of(theirs))
    theirs = shared_result("cbpp", "bernoulli_agq10")
    fit = mixed_logistic("y ~ period", rows, "1 | herd", quadrature_points=10)
    agrees_with_fit(fit, theirs, "glmer", sd_of(theirs), standard_error=FINITE_DIFFERENCES)


def test_the_licorice_trial_is_as_in_glmmtmb_and_glmer(shared_data, shared_result) -> None:
    wide = shared_data("licorice_gargle")
    names = ["pacu30min_throatPain", "pacu90min_throatPain", "postOp4hour_throatPain", "pod1am_throatPain"]
    treat = np.where(wide.treat == 1, "yes", "no")
    parts = [
        pd.DataFrame({"id": wide.index, "treat": treat, "visit": i, "pain": wide[name]})
        for i, name in enumerate(names)
    ]
    long = pd.concat(parts).dropna()
    long = long.assign(any=(long.pain > 0).astype(int), visit=pd.Categorical(long.visit))
    theirs = shared_result("licorice_gargle", "glmm_any_throatpain_glmmTMB")
    agrees_with_fit(mixed_logistic("any ~ treat + visit", long, "1 | id"), theirs, "glmmTMB", sd_of(theirs))


def agrees_with_fit(
    fit, theirs: dict, source: str, random_sd: float, standard_error: float | None = None
) -> None:
    log_likelihood = theirs.get("log_likelihood", theirs.get("logLik"))
    leave = leave_for(fit, log_likelihood)
    ours = fit.coefficients.sort_values("estimate")
    rows = pd.DataFrame(theirs["coefficients"]).sort_values("estimate")
    agree("mixed_logistic", source, "log_likelihood", fit.log_likelihood, log_likelihood)
    agree("mixed_logistic", source, "estimate", ours.estimate, rows.estimate, leave=leave, scale=rows.se)
    agree("mixed_logistic", source, "covariance_parameter", fit.random_sd, random_sd, leave=leave)
    if standard_error is None:
        agree("mixed_logistic", source, "standard_error", ours.standard_error, rows.se, leave=leave)
        agree("mixed_logistic", source, "p_value", ours.p_value, rows.p, leave=leave)
    else:
        np.testing.assert_allclose(ours.standard_error, rows.se, rtol=standard_error)


def leave_for(fit, their_log_likelihood: float) -> ReferenceStoppedEarly:
    return ReferenceStoppedEarly(fit.log_likelihood, their_log_likelihood, fit.convergence.gradient_norm)


def sd_of(theirs: dict) -> float:
    if "varcomp" in theirs:
        return theirs["varcomp"][0]["sdcor"]
    return next(iter(next(iter(theirs["random_sd"].values())).values()))


def test_laplace_errors_are_those_at_the_maximum_itself() -> None:
    """Few rows a subject and a large random SD: an information one step stale is wrong in the sixth digit."""
    fit = mixed_logistic("y ~ arm * month", own_data("mixed_logistic", "laplace"), "1 | subject")
    theirs = own_reference("mixed_logistic", "laplace")
    agree("mixed_logistic", "numDeriv", "log_likelihood", fit.log_likelihood, theirs["log_likelihood"])
    estimates = [*fit.coefficients.estimate, fit.random_sd]
    errors = [*fit.coefficients.standard_error, fit.random_sd_standard_error]
    np.testing.assert_allclose(estimates, theirs["estimate"], rtol=2e-7)
    np.testing.assert_allclose(errors, theirs["standard_error"], rtol=1e-7)
