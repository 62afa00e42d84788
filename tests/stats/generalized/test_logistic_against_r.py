"""Logistic regression against R: our own reference data, and six published data sets."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.reference.agreement import ReferenceStoppedEarly, agree, column, own_data, own_reference
from trialkit.stats import logistic

pytestmark = pytest.mark.external_reference

PLAIN = "responder ~ arm + base + sex + site"


@pytest.fixture(scope="module")
def responders() -> pd.DataFrame:
    return own_data("logistic", "responders")


@pytest.fixture(scope="module")
def r() -> dict:
    return own_reference("logistic", "responders")


def test_coefficients_and_likelihood_are_those_of_glm(responders, r):
    fit = logistic(PLAIN, responders)
    table = fit.coefficients
    for ours, theirs, quantity in (
        ("estimate", "estimate", "estimate"),
        ("standard_error", "se", "standard_error"),
        ("statistic", "z", "statistic"),
        ("p_value", "p", "p_value"),
    ):
        agree("logistic", "glm", quantity, table[ours], column(r["plain"], theirs))
    ours = [fit.log_likelihood, fit.null_log_likelihood, fit.aic, fit.bic]
    agree("logistic", "glm", "log_likelihood", ours, [r["logLik"], r["null_logLik"], r["AIC"], r["BIC"]])
    assert fit.rows.used == r["n"]


def test_profile_limits_are_where_the_deviance_rises_by_the_quantile(responders, r):
    table = logistic(PLAIN, responders, intervals="profile").coefficients
    agree("logistic", "glm, uniroot", "interval", table.ci_lower, column(r["plain"], "lower"))
    agree("logistic", "glm, uniroot", "interval", table.ci_upper, column(r["plain"], "upper"))


@pytest.mark.parametrize(
    ("formula", "entry"), [(PLAIN, "plain_wald"), ("responder ~ arm * sex + base", "crossed_wald")]
)
def test_type_iii_wald_tests_are_those_of_car(responders, r, formula, entry):
    terms = logistic(formula, responders, treatment="arm", reference="usual").terms
    rows = [row for row in r[entry] if row["row"] != "(Intercept)"]
    assert list(terms.term) == [row["row"] for row in rows]
    agree("logistic", "car::Anova", "statistic", terms.statistic, column(rows, "Chisq"))
    agree("logistic", "car::Anova", "p_value", terms.p_value, column(rows, "Pr(>Chisq)"))
    assert set(terms.distribution) == {"chi-square"}
    assert np.all(np.isinf(terms.df_den))


@pytest.mark.parametrize(
    ("formula", "entry"), [(PLAIN, "plain_lr"), ("responder ~ arm * sex + base", "crossed_lr")]
)
def test_likelihood_ratio_tests_keep_marginality_as_drop1_does(responders, r, formula, entry):
    tests, rows = logistic(formula, responders).likelihood_ratio_tests, r[entry]
    assert list(tests.term) == [row["term"] for row in rows]
    agree("logistic", "drop1", "statistic", tests.statistic, column(rows, "statistic"))
    agree("logistic", "drop1", "p_value", tests.p_value, column(rows, "p"))
    agree("logistic", "drop1", "df", tests.df, column(rows, "df"))


@pytest.mark.parametrize(
    ("arguments", "entry", "level"),
    [
        ({}, "means", "emmean"),
        ({"weights": "cells"}, "means_cells", "emmean"),
        ({"scale": "response"}, "means_response", "prob"),
    ],
)
def test_ls_means_are_those_of_emmeans(responders, r, arguments, entry, level):
    ours, rows = logistic(PLAIN, responders).ls_means("arm", **arguments), r[entry]
    assert list(ours.arm) == [row["arm"] for row in rows]
    agree("logistic", "emmeans", "estimate", ours.estimate, column(rows, level))
    agree("logistic", "emmeans", "standard_error", ours.standard_error, column(rows, "SE"))
    agree("logistic", "emmeans", "statistic", ours.statistic, column(rows, "z.ratio"))
    agree("logistic", "emmeans", "p_value", ours.p_value, column(rows, "p.value"))
    agree("logistic", "emmeans", "interval", ours.ci_upper, column(rows, "asymp.UCL"))


@pytest.mark.parametrize(
    ("formula", "by", "entry"),
    [(PLAIN, None, "contrasts"), ("responder ~ arm * sex + base", "sex", "contrasts_by_sex")],
)
def test_contrasts_are_those_of_emmeans(responders, r, formula, by, entry):
    fit, rows = logistic(formula, responders, treatment="arm"), r[entry]
    ours = fit.contrasts(by=by)
    assert list(ours.contrast) == [row["contrast"] for row in rows]
    agree("logistic", "emmeans", "estimate", ours.estimate, column(rows, "estimate"))
    agree("logistic", "emmeans", "standard_error", ours.standard_error, column(rows, "SE"))
    agree("logistic", "emmeans", "p_value", ours.p_value, column(rows, "p.value"))
    ratios = fit.odds_ratio_contrasts(by=by)
    agree("logistic", "emmeans", "interval", np.log(ratios.ci_lower), column(rows, "asymp.LCL"))


def test_predictions_are_those_of_predict_glm(responders, r):
    new = pd.DataFrame({"arm": "exercise", "base": [30.0, 55.0], "sex": "male", "site": ["B", "C"]})
    ours = logistic(PLAIN, responders).predict(new)
    for name, theirs in (("estimate", "p"), ("ci_lower", "lower"), ("ci_upper", "upper")):
        quantity = "estimate" if name == "estimate" else "interval"
        agree("logistic", "predict.glm", quantity, ours[name], column(r["predicted"], theirs))


def test_firth_estimates_are_those_of_brglm2_where_the_data_are_separated(responders, r):
    fit = logistic("responder ~ arm + base + rare", responders, penalty="firth", intervals="profile")
    theirs, table = r["firth"], fit.coefficients
    agree("logistic", "brglm2", "estimate", table.estimate, theirs["estimate"])
    agree("logistic", "brglm2", "standard_error", table.standard_error, theirs["se"])
    agree("logistic", "brglm2", "log_likelihood", fit.log_likelihood, theirs["logLik"])
    agree("logistic", "optim", "log_likelihood", fit.penalized_log_likelihood, theirs["penalized"])
    agree("logistic", "optim, uniroot", "interval", table.ci_lower, theirs["lower"])
    agree("logistic", "optim, uniroot", "interval", table.ci_upper, theirs["upper"])
    rare = fit.likelihood_ratio_tests.set_index("term").loc["rare"]
    agree("logistic", "optim", "statistic", rare.statistic, theirs["rare_test"])


def agrees_with_glm(fit, result: dict) -> None:
    """Coefficients in the order R has them, Wald limits, likelihoods. R's glm stops at a relative 1e-8."""
    rows, wald = result["coefficients"], fit.coefficients
    gradient = np.linalg.norm(fit.model.derivatives(wald.estimate.to_numpy())[0])
    leave = ReferenceStoppedEarly(fit.log_likelihood, result["logLik"], gradient)
    assert leave.holds
    agree("logistic", "glm", "estimate", wald.estimate, column(rows, "estimate"), leave=leave)
    agree("logistic", "glm", "standard_error", wald.standard_error, column(rows, "se"), leave=leave)
    agree("logistic", "glm", "p_value", wald.p_value, column(rows, "p"), leave=leave)
    errors = wald.standard_error.to_numpy()
    agree("logistic", "glm", "interval", wald.ci_lower, column(rows, "lower"), leave=leave, scale=errors)
    ratios = fit.odds_ratios
    theirs = np.log(column(rows, "OR_upper_wald")[1:])
    agree("logistic", "glm", "estimate", np.log(ratios.estimate), np.log(column(rows, "OR")[1:]), leave=leave)
    agree("logistic", "glm", "interval", np.log(ratios.ci_upper), theirs, leave=leave, scale=errors[1:])
    agree("logistic", "glm", "log_likelihood", fit.log_likelihood, result["logLik"])
    agree("logistic", "glm", "log_likelihood", -2 * fit.null_log_likelihood, result["null_deviance"])
    agree("logistic", "glm", "statistic", fit.likelihood_ratio[0], result["LR_chisq"])
    agree("logistic", "glm", "p_value", fit.likelihood_ratio[2], result["LR_p"])
    agree("logistic", "glm", "count", fit.n, result["n"])


def profile_agrees_with_glm(fit, result: dict) -> None:
    rows, table = result["coefficients"], fit.coefficients
    for ours, theirs in (("ci_lower", "lower_profile"), ("ci_upper", "upper_profile")):
        limits, errors = column(rows, theirs), table.standard_error
        agree("logistic", "confint.glm", "interpolated_interval", table[ours], limits, scale=errors)


def published(name: str, shared_data) -> pd.DataFrame:
    """A data set with the columns its R program adds."""
    data = shared_data(name)
    if name == "aSAH":
        data["poor"] = (data.outcome == "Poor").astype(int)
        data["gender"] = pd.Categorical(data.gender, categories=["Male", "Female"])
    elif name == "acupuncture":
        data["grp"] = pd.Categorical(np.where(data.group == 1, "acupuncture", "control"),
                                     categories=["control", "acupuncture"])  # fmt: skip
        data["resp35"] = np.where(data.pk5.isna(), np.nan, 100 * (data.pk1 - data.pk5) / data.pk1 >= 35)
    elif name == "strep_tb":
        data["imp"] = data.improved.astype(int)
    elif name == "licorice_gargle":
        data["treat_f"] = np.where(data.treat == 1, "1 licorice", "0 sugar")
        for made, pain in (
            ("pain_any_4h", "postOp4hour_throatPain"),
            ("swallow_any", "pacu30min_swallowPain"),
        ):
            data[made] = np.where(data[pain].isna(), np.nan, data[pain] > 0)
    elif name == "colon":
        data = data[data.etype == 2].copy()
        data["rx"] = pd.Categorical(data.rx, categories=["Obs", "Lev", "Lev+5FU"])
        data["d5"] = np.where(data.time >= 1826, 0.0, np.where(data.status == 1, 1.0, np.nan))
    elif name == "respiratory":
        data["good"] = (data.status == "good").astype(int)
        first = data[data.month == 0].set_index("subject").good
        data = data[data.month == 4].assign(baseline=lambda d: d.subject.map(first))
    return data


FITS = [
    ("aSAH", "poor ~ s100b + ndka + age + gender", "logistic"),
    ("aSAH", "poor ~ log(s100b) + age + gender", "logistic_log_s100b"),
    ("acupuncture", "resp35 ~ grp + pk1 + age + sex + migraine + chronicity", "responder35_logistic"),
    ("strep_tb", "imp ~ arm", "logistic_improved_unadjusted"),
    (
        "licorice_gargle",
        "swallow_any ~ treat_f + preOp_age + preOp_gender + preOp_calcBMI + C(preOp_smoking)",
        "logistic_swallow",
    ),
    ("licorice_gargle", "pain_any_4h ~ treat_f + preOp_age + preOp_gender + preOp_asa", "logistic_pain4h"),
    ("colon", "d5 ~ rx + age + sex + node4 + C(extent)", "logistic_death_5y"),
    ("respiratory", "good ~ treatment + baseline + C(centre) + gender + age", "logistic_month4"),
]


@pytest.mark.parametrize(("name", "formula", "entry"), FITS)
def test_published_data_read_as_in_r(shared_data, shared_result, name, formula, entry):
    data, result = published(name, shared_data), shared_result(name, entry)
    agrees_with_glm(logistic(formula, data), result)
    profile_agrees_with_glm(logistic(formula, data, intervals="profile"), result)


@pytest.mark.parametrize(
    ("name", "formula", "entry"),
    [
        (FITS[0][0], FITS[0][1], "logistic_lrt"),
        (FITS[2][0], FITS[2][1], "responder35_logistic_lrt"),
        (FITS[5][0], FITS[5][1], "logistic_pain4h_lrt"),
    ],
)
def test_published_likelihood_ratio_tests_read_as_in_r(shared_data, shared_result, name, formula, entry):
    tests = logistic(formula, published(name, shared_data)).likelihood_ratio_tests
    rows = [row for row in shared_result(name, entry) if row["row"] != "<none>"]
    assert list(tests.term) == [row["row"] for row in rows]
    agree("logistic", "drop1", "statistic", tests.statistic, column(rows, "LRT"))
    agree("logistic", "drop1", "p_value", tests.p_value, column(rows, "Pr(>Chi)"))
