"""Linear mixed models against lme4, lmerTest, pbkrtest and emmeans."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.reference.agreement import ReferenceStoppedEarly, agree, column, own_data, own_reference
from trialkit.stats import lmm

pytestmark = pytest.mark.external_reference

DF_METHODS = {"satt": "satterthwaite", "kr": "kenward-roger"}
GROWTH = "y ~ age + arm * months"


@pytest.fixture(scope="module")
def output() -> dict:
    return own_reference("lmm", "output")


@pytest.mark.parametrize(
    ("entry", "random", "df", "method"),
    [
        ("slopes", "1 + months | subject", "satterthwaite", "reml"),
        ("slopes_kr", "1 + months | subject", "kenward-roger", "reml"),
        ("slopes_ml", "1 + months | subject", "satterthwaite", "ml"),
        ("uncorrelated", "1 + months || subject", "satterthwaite", "reml"),
        ("intercepts", "1 | subject", "satterthwaite", "reml"),
        ("intercepts_kr", "1 | subject", "kenward-roger", "reml"),
        ("slopes_alone", "0 + months | subject", "satterthwaite", "reml"),
        ("slopes_alone_kr", "0 + months | subject", "kenward-roger", "reml"),
    ],
)
def test_own_data_at_times_of_each_subject_are_as_in_lmer(output, entry, random, df, method) -> None:
    fit = lmm(GROWTH, own_data("lmm", "growth"), random, method=method, df_method=df)
    theirs = output[entry]
    assert not fit.boundary
    agree("lmm", "lme4", "count", [fit.n, fit.n_subjects], [output["n"], output["subjects"]])
    agrees_with_lmer(fit, theirs, theirs["components"], theirs["log_likelihood"])
    agrees_with_anova(fit, theirs["terms"], theirs["log_likelihood"])
    for table, name in ((fit.ls_means("arm"), "means"), (fit.contrasts("arm"), "contrasts")):
        if name in theirs:
            agrees_with_emmeans(fit, table, theirs[name], theirs["log_likelihood"])


def test_predicted_deviations_and_residuals_are_those_of_ranef(output) -> None:
    fit = lmm(GROWTH, own_data("lmm", "growth"), "1 + months | subject")
    effects = pd.DataFrame(output["effects"]).set_index("subject")
    assert list(fit.random_effects.index) == list(effects.index)
    leave = leave_for(fit, output["slopes"]["log_likelihood"])
    for ours, theirs in (("Intercept", "intercept"), ("months", "months")):
        scale = effects[theirs].std()
        agree("lmm", "lme4", "estimate", fit.random_effects[ours], effects[theirs], leave=leave, scale=scale)
    agree("lmm", "lme4", "estimate", fit.residuals, output["residuals"], leave=leave, scale=4.0)


def test_a_variance_at_zero_is_the_optimum_lmer_finds(output) -> None:
    fit = lmm("y ~ months", own_data("lmm", "flat"), "1 + months || subject")
    theirs = output["flat_uncorrelated"]
    assert theirs["singular"]
    assert fit.boundary
    assert fit.random_covariance.loc["months", "months"] == 0.0
    assert "boundary" in repr(fit)
    components = [c for c in theirs["components"] if c["var1"] != "months"]
    agrees_with_lmer(fit, theirs, components, theirs["log_likelihood"], skip=("months",))


def test_a_correlation_of_minus_one_is_the_optimum_lmer_finds(output) -> None:
    fit = lmm("y ~ months", own_data("lmm", "flat"), "1 + months | subject")
    theirs = output["flat_correlated"]
    assert theirs["singular"]
    assert fit.boundary
    assert fit.variance_components.correlation[2] == pytest.approx(-1.0, abs=1e-9)
    agrees_with_lmer(fit, theirs, theirs["components"], theirs["log_likelihood"])


def test_sleepstudy_is_as_in_lmer(shared_data, shared_result) -> None:
    data = shared_data("sleepstudy")
    for entry, random, df, method in (
        ("ri_rs_satt", "1 + Days | Subject", "satterthwaite", "reml"),
        ("ri_rs_kr", "1 + Days | Subject", "kenward-roger", "reml"),
        ("ri_satt", "1 | Subject", "satterthwaite", "reml"),
        ("ri_kr", "1 | Subject", "kenward-roger", "reml"),
        ("ri_rs_uncorrelated_satt", "1 + Days || Subject", "satterthwaite", "reml"),
        ("ri_rs_ml", "1 + Days | Subject", "satterthwaite", "ml"),
    ):
        fit = lmm("Reaction ~ Days", data, random, method=method, df_method=df)
        theirs = shared_result("sleepstudy", entry)
        agrees_with_lmer(fit, theirs, theirs["varcomp"], theirs["logLik"])
    for entry, df in (("anova3_satt", "satterthwaite"), ("anova3_kr", "kenward-roger")):
        fit = lmm("Reaction ~ Days", data, "1 + Days | Subject", df_method=df)
        agrees_with_anova(fit, shared_result("sleepstudy", entry), -871.814135979976)


def test_the_sleepers_deviations_are_those_of_ranef(shared_data, shared_result) -> None:
    fit = lmm("Reaction ~ Days", shared_data("sleepstudy"), "1 + Days | Subject")
    theirs = pd.DataFrame(shared_result("sleepstudy", "blups")).astype({"row": int}).set_index("row")
    assert list(fit.random_effects.index) == list(theirs.index)
    leave = leave_for(fit, -871.814135979976)
    for ours, name in (("Intercept", "(Intercept)"), ("Days", "Days")):
        scale = theirs[name].std()
        agree("lmm", "lme4", "estimate", fit.random_effects[ours], theirs[name], leave=leave, scale=scale)


def test_throat_pain_at_four_times_is_as_in_lmer(shared_data, shared_result) -> None:
    wide = shared_data("licorice_gargle")
    columns = ["pacu30min_throatPain", "pacu90min_throatPain", "postOp4hour_throatPain", "pod1am_throatPain"]
    arm = pd.Categorical(np.where(wide.treat == 1, "licorice", "sugar"), ["sugar", "licorice"])
    wide = wide.assign(id=np.arange(len(wide)), arm=arm)
    long = wide.melt(["id", "arm"], columns, "visit", "pain")
    long["visit"] = pd.Categorical(long.visit, columns)
    fit = lmm("pain ~ arm * visit", long, "1 | id")
    theirs = shared_result("licorice_gargle", "lmm_throatpain_satt")
    agree("lmm", "lme4", "count", [fit.n, fit.n_subjects], [theirs["n_obs"], theirs["n_groups"]["id"]])
    agrees_with_lmer(fit, theirs, theirs["varcomp"], theirs["logLik"])


def test_a_random_slope_is_tested_as_by_ranova(shared_data, shared_result) -> None:
    data = shared_data("sleepstudy")
    large = lmm("Reaction ~ Days", data, "1 + Days | Subject")
    test = large.likelihood_ratio(lmm("Reaction ~ Days", data, "1 | Subject")).iloc[0]
    theirs = shared_result("sleepstudy", "ranova")[1]
    agree("lmm", "lmerTest", "statistic", test.statistic, theirs["LRT"])
    agree("lmm", "lmerTest", "count", test.df, theirs["Df"])
    agree("lmm", "lmerTest", "p_value", test.p_value, theirs["Pr(>Chisq)"])


def test_three_trials_are_as_in_lmer(shared_data, shared_result) -> None:
    fev = shared_data("fev_data")
    fev["SEX"] = pd.Categorical(fev.SEX, categories=["Male", "Female"])
    antidepressant = shared_data("antidepressant").astype({"VISIT": str})
    wide = shared_data("acupuncture")
    arms = ["control", "acupuncture"]
    wide["grp"] = pd.Categorical(np.where(wide.group == 1, arms[1], arms[0]), categories=arms)
    long = pd.concat([wide.assign(score=wide.pk2, visit=3), wide.assign(score=wide.pk5, visit=12)])
    long["visit"] = pd.Categorical(long.visit)
    for study, entry, formula, data, random, df, method in (
        ("fev_data", "lmm_ri_satt", "FEV1 ~ RACE + SEX + ARMCD * AVISIT", fev, "1 | USUBJID", "satt", "reml"),
        ("fev_data", "lmm_ri_kr", "FEV1 ~ RACE + SEX + ARMCD * AVISIT", fev, "1 | USUBJID", "kr", "reml"),
        ("antidepressant", "lmm_ri_satt", CHANGE, antidepressant, "1 | PATIENT", "satt", "reml"),
        ("antidepressant", "lmm_ri_kr", CHANGE, antidepressant, "1 | PATIENT", "kr", "reml"),
        ("acupuncture", "lmm_ri_satterthwaite", "score ~ pk1 + grp * visit", long, "1 | id", "satt", "reml"),
        ("acupuncture", "lmm_ri_kenward_roger", "score ~ pk1 + grp * visit", long, "1 | id", "kr", "reml"),
        ("acupuncture", "lmm_ri_ml", "score ~ pk1 + grp * visit", long, "1 | id", "satt", "ml"),
    ):
        fit = lmm(formula, data, random, method=method, df_method=DF_METHODS[df])
        theirs = shared_result(study, entry)
        agrees_with_lmer(fit, theirs, theirs["varcomp"], theirs["logLik"])
        if study == "fev_data":
            agrees_with_anova(fit, shared_result(study, f"lmm_ri_anova3_{df}"), theirs["logLik"])
        if study == "acupuncture" and method == "reml":
            name = entry.replace("lmm_ri", "lmm_ri_anova3").replace("satterthwaite", "satt")
            name = name.replace("kenward_roger", "kr")
            agrees_with_anova(fit, shared_result(study, name), theirs["logLik"])
            emmeans = shared_result(study, f"lmm_ri_contrasts_{df}")
            agrees_with_emmeans(fit, fit.ls_means("grp", by="visit"), emmeans["lsmeans"], theirs["logLik"])
            agrees_with_emmeans(fit, fit.contrasts("grp", by="visit"), emmeans["diff"], theirs["logLik"])


CHANGE = "CHANGE ~ BASVAL * VISIT + THERAPY * VISIT"


def agrees_with_lmer(
    fit, theirs: dict, components: list[dict], log_likelihood: float, skip: tuple[str, ...] = ()
) -> None:
    leave = leave_for(fit, log_likelihood)
    ours = fit.coefficients.sort_values("estimate")
    rows = pd.DataFrame(theirs["coefficients"]).sort_values("estimate")
    agree("lmm", "lme4", "log_likelihood", fit.log_likelihood, log_likelihood)
    agree("lmm", "lme4", "log_likelihood", [fit.aic, fit.bic], [theirs["AIC"], theirs["BIC"]])
    agree("lmm", "lme4", "estimate", ours.estimate, rows.estimate, leave=leave, scale=rows.se)
    agree("lmm", "lme4", "standard_error", ours.standard_error, rows.se, leave=leave)
    agree("lmm", "lmerTest", "df", ours.df, rows.df, leave=leave)
    agree("lmm", "lmerTest", "p_value", ours.p_value, rows.p, leave=leave)
    table = fit.variance_components
    kept = table[~table.term.isin(skip)]
    scale = float(np.sqrt(kept.estimate.abs().max()))
    agree(
        "lmm",
        "lme4",
        "covariance_parameter",
        kept.estimate,
        column(components, "vcov"),
        leave=leave,
        scale=scale,
    )


def agrees_with_anova(fit, theirs: list[dict], log_likelihood: float) -> None:
    leave = leave_for(fit, log_likelihood)
    agree("lmm", "lmerTest", "count", fit.terms.df_num, column(theirs, "NumDF"))
    agree("lmm", "lmerTest", "df", fit.terms.df_den, column(theirs, "DenDF"), leave=leave)
    agree("lmm", "lmerTest", "statistic", fit.terms.statistic, column(theirs, "F value"), leave=leave)
    agree("lmm", "lmerTest", "p_value", fit.terms.p_value, column(theirs, "Pr(>F)"), leave=leave)


def agrees_with_emmeans(fit, ours: pd.DataFrame, theirs: list[dict], log_likelihood: float) -> None:
    leave = leave_for(fit, log_likelihood)
    estimates = column(theirs, "emmean" if "emmean" in theirs[0] else "estimate")
    agree("lmm", "emmeans", "estimate", ours.estimate, estimates, leave=leave, scale=ours.standard_error)
    agree("lmm", "emmeans", "standard_error", ours.standard_error, column(theirs, "SE"), leave=leave)
    agree("lmm", "emmeans", "df", ours.df, column(theirs, "df"), leave=leave)
    agree("lmm", "emmeans", "p_value", ours.p_value, column(theirs, "p.value"), leave=leave)


def leave_for(fit, their_log_likelihood: float) -> ReferenceStoppedEarly:
    return ReferenceStoppedEarly(fit.log_likelihood, their_log_likelihood, fit.convergence.gradient_norm)
