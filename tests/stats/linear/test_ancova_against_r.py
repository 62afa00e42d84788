"""ANCOVA against R: our own reference data, and three published data sets."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.reference.agreement import agree, column, own_data, own_reference
from trialkit.stats import ancova

pytestmark = pytest.mark.external_reference

PLAIN = "chg ~ arm + base + sex + site"
CROSSED = "chg ~ base + arm * sex + arm * site"


@pytest.fixture(scope="module")
def trial() -> pd.DataFrame:
    return own_data("ancova", "trial")


@pytest.fixture(scope="module")
def r() -> dict:
    return own_reference("ancova", "trial")


def agrees_with_emmeans(ours: pd.DataFrame, theirs: list[dict], source: str = "emmeans") -> None:
    """LS means or contrasts, row by row, matched by their labels."""
    labels = [name for name in ("arm", "sex", "contrast") if name in ours and name in theirs[0]]
    theirs_table = pd.DataFrame(theirs).rename(columns={"emmean": "estimate"})
    both = ours.merge(theirs_table, on=labels, suffixes=("", "_r"), validate="one_to_one")
    assert len(both) == len(ours) == len(theirs)
    agree("ancova", source, "estimate", both.estimate, both.estimate_r)
    agree("ancova", source, "standard_error", both.standard_error, both.SE)
    agree("ancova", source, "df", both.df, both.df_r)
    agree("ancova", source, "statistic", both.statistic, both["t.ratio"])
    agree("ancova", source, "p_value", both.p_value, both["p.value"])
    if "lower.CL" in both:
        lower = both["lower.CL"].astype(float).fillna(-np.inf)
        upper = both["upper.CL"].astype(float).fillna(np.inf)
        agree("ancova", source, "interval", both.ci_lower, lower)
        agree("ancova", source, "interval", both.ci_upper, upper)


def agrees_with_lm(fit, model: dict) -> None:
    rows = model["coefficients"]
    order = np.argsort(fit.coefficients.estimate.to_numpy())
    theirs = np.argsort(column(rows, "estimate"))
    ours = fit.coefficients.iloc[order]
    for mine, name, quantity in (
        ("estimate", "estimate", "estimate"),
        ("standard_error", "se", "standard_error"),
        ("statistic", "stat", "statistic"),
        ("p_value", "p", "p_value"),
        ("ci_lower", "lower", "interval"),
        ("ci_upper", "upper", "interval"),
    ):
        agree("ancova", "lm", quantity, ours[mine], column(rows, name)[theirs])
    agree("ancova", "lm", "count", fit.n, model["n"])
    agree("ancova", "lm", "count", fit.df_residual, model["df_residual"])
    agree("ancova", "lm", "estimate", fit.sigma, model["sigma"])
    agree("ancova", "lm", "estimate", fit.r_squared, model["r_squared"])
    agree("ancova", "lm", "estimate", fit.adjusted_r_squared, model["adj_r_squared"])
    agree("ancova", "lm", "log_likelihood", fit.log_likelihood, model["logLik"])
    agree("ancova", "lm", "log_likelihood", [fit.aic, fit.bic], [model["AIC"], model["BIC"]])


def agrees_with_type_iii(terms: pd.DataFrame, rows: list[dict]) -> None:
    theirs = {row["row"]: row for row in rows if row["row"] not in ("(Intercept)", "Residuals")}
    assert set(terms.term) == set(theirs)
    denominator = next(row["Df"] for row in rows if row["row"] == "Residuals")
    picked = [theirs[term] for term in terms.term]
    agree("ancova", "car::Anova", "statistic", terms.statistic, column(picked, "F value"))
    agree("ancova", "car::Anova", "df", terms.df_num, column(picked, "Df"))
    agree("ancova", "car::Anova", "df", terms.df_den, np.full(len(terms), denominator))
    agree("ancova", "car::Anova", "p_value", terms.p_value, column(picked, "Pr(>F)"))
    assert set(terms.distribution) == {"F"}


def test_coefficients_and_likelihood_are_those_of_lm(trial, r):
    fit = ancova(PLAIN, trial, treatment="arm", reference="control")
    rows = r["plain"]["coefficients"]
    agree("ancova", "lm", "estimate", fit.coefficients.estimate, column(rows, "Estimate"))
    agree("ancova", "lm", "standard_error", fit.coefficients.standard_error, column(rows, "Std. Error"))
    agree("ancova", "lm", "p_value", fit.coefficients.p_value, column(rows, "Pr(>|t|)"))
    agree("ancova", "lm", "log_likelihood", [fit.log_likelihood, fit.aic, fit.bic],
          [r["plain"]["logLik"], r["plain"]["AIC"], r["plain"]["BIC"]])  # fmt: skip
    agree("ancova", "lm", "estimate", [fit.sigma, fit.r_squared, fit.adjusted_r_squared],
          [r["plain"]["sigma"], r["plain"]["r2"], r["plain"]["adj_r2"]])  # fmt: skip
    assert fit.rows.used == r["n"] == fit.rows.read - fit.rows.excluded


@pytest.mark.parametrize(
    ("formula", "entry"),
    [
        (PLAIN, "plain_typeIII"),
        (CROSSED, "crossed_typeIII"),
        ("chg ~ base * arm + site", "slopes_typeIII"),
        ("chg ~ arm * sex * age", "threeway_typeIII"),
    ],
)
@pytest.mark.parametrize("reference", ["control", "usual"])
def test_type_iii_tests_do_not_depend_on_the_reference_level(trial, r, formula, entry, reference):
    fit = ancova(formula, trial, treatment="arm", reference=reference)
    agrees_with_type_iii(fit.terms, r[entry])


@pytest.mark.parametrize(
    ("formula", "by", "weights", "entry"),
    [
        (PLAIN, None, "equal", "plain_means"),
        (PLAIN, None, "observed", "plain_means_proportional"),
        (PLAIN, None, "cells", "plain_means_cells"),
        (CROSSED, None, "equal", "crossed_means"),
        (CROSSED, None, "observed", "crossed_means_proportional"),
        (CROSSED, None, "cells", "crossed_means_cells"),
        (CROSSED, "sex", "equal", "crossed_means_by_sex"),
        (CROSSED, "sex", "observed", "crossed_means_by_sex_proportional"),
        (CROSSED, "sex", "cells", "crossed_means_by_sex_cells"),
        ("chg ~ base * arm + site", None, "equal", "slopes_means"),
        ("chg ~ 0 + arm + base", None, "equal", "no_intercept_means"),
        ("chg ~ arm + log(base) + sex", None, "equal", "logged_means"),
    ],
)
def test_ls_means_are_those_of_emmeans(trial, r, formula, by, weights, entry):
    fit = ancova(formula, trial, treatment="arm")
    agrees_with_emmeans(fit.ls_means(by=by, weights=weights), r[entry])


@pytest.mark.parametrize(
    ("formula", "arguments", "entry"),
    [
        (CROSSED, {"by": "sex"}, "crossed_contrasts_by_sex"),
        ("chg ~ base * arm + site", {"reference": "usual"}, "slopes_contrasts_usual"),
        ("chg ~ sex + arm:sex + base", {"by": "sex"}, "nested_contrasts_by_sex"),
        (PLAIN, {"null_value": -4, "alternative": "greater", "interval": "one-sided"}, "margin_greater"),
        (PLAIN, {"null_value": 1, "alternative": "less", "interval": "one-sided"}, "margin_less"),
    ],
)
def test_contrasts_are_those_of_emmeans(trial, r, formula, arguments, entry):
    agrees_with_emmeans(ancova(formula, trial, treatment="arm").contrasts("arm", **arguments), r[entry])


@pytest.mark.parametrize(
    ("by", "weights", "entry"),
    [
        ("sex", "observed", "by_sex_proportional"),
        ("sex", "cells", "by_sex_cells"),
        (None, "observed", "proportional"),
        (None, "cells", "cells"),
    ],
)
def test_contrasts_follow_the_mix_as_those_of_emmeans_do(trial, by, weights, entry):
    ours = ancova(CROSSED, trial, treatment="arm").contrasts("arm", by=by, weights=weights)
    agrees_with_emmeans(ours, own_reference("ancova", "mixes")[entry])


@pytest.mark.parametrize(("errors", "cluster"), [("hc3", None), ("cluster", "practice")])
def test_robust_errors_are_those_of_sandwich(trial, r, errors, cluster):
    fit = ancova(PLAIN, trial, treatment="arm", reference="control", errors=errors, cluster=cluster)
    rows, ours = r[errors], fit.coefficients
    agree("ancova", "sandwich", "estimate", ours.estimate, column(rows, "estimate"))
    agree("ancova", "sandwich", "standard_error", ours.standard_error, column(rows, "se"))
    agree("ancova", "sandwich", "statistic", ours.statistic, column(rows, "t"))
    agree("ancova", "sandwich", "p_value", ours.p_value, column(rows, "p"))
    agree("ancova", "sandwich", "interval", ours.ci_lower, column(rows, "lower"))
    arm = fit.terms.set_index("term").loc["arm"]
    joint = r[f"{errors}_arm"]
    agree("ancova", "sandwich", "statistic", arm.statistic, joint["F"])
    agree("ancova", "sandwich", "df", [arm.df_num, arm.df_den], [joint["df_num"], joint["df_den"]])
    agree("ancova", "sandwich", "p_value", arm.p_value, joint["p"])


def test_ls_means_carry_the_robust_errors(trial, r):
    fit = ancova(PLAIN, trial, treatment="arm", errors="hc3")
    agrees_with_emmeans(fit.ls_means(), r["hc3_means"], "emmeans with sandwich")


@pytest.mark.parametrize("arm", ["exercise", "usual"])
def test_effect_sizes_invert_the_noncentral_t(trial, r, arm):
    fit = ancova(PLAIN, trial, treatment="arm", reference="control")
    sizes = fit.effect_sizes(baseline="base")
    sizes = sizes[sizes.contrast == f"{arm} - control"].set_index("measure")
    theirs = r[f"effect_{arm}"]
    d, g, scaled = sizes.loc["cohens_d"], sizes.loc["hedges_g"], sizes.loc["baseline_sd"]
    agree("ancova", "pt(ncp)", "estimate", [d.estimate, d.standardizer], [theirs["d"], theirs["pooled"]])
    agree("ancova", "pt(ncp)", "interval", [d.ci_lower, d.ci_upper], [theirs["lower"], theirs["upper"]])
    agree("ancova", "pt(ncp)", "estimate", g.estimate, theirs["d"] * theirs["j"])
    agree("ancova", "pt(ncp)", "interval", g.ci_upper, theirs["upper"] * theirs["j"])
    agree("ancova", "lm", "estimate", scaled.standardizer, r["baseline_sd"])
    difference = fit.contrasts().set_index("contrast").loc[f"{arm} - control"]
    agree("ancova", "lm", "estimate", scaled.ci_lower, difference.ci_lower / r["baseline_sd"])


def test_diagnostics_are_those_of_r(trial, r):
    checks = ancova(PLAIN, trial, treatment="arm").diagnostics().set_index("check")
    statistics = [r["shapiro"]["W"], r["breusch_pagan"]["BP"], r["cook"], r["leverage"]]
    agree("ancova", "lmtest", "statistic", checks.statistic, statistics)
    agree("ancova", "lmtest", "p_value", checks.p_value[:2], [r["shapiro"]["p"], r["breusch_pagan"]["p"]])


def test_predictions_are_those_of_predict_lm(trial, r):
    new = pd.DataFrame({"arm": "exercise", "base": [30.0, 55.0], "sex": "male", "site": ["B", "D"]})
    ours = ancova(PLAIN, trial).predict(new)
    agree("ancova", "predict.lm", "estimate", ours.estimate, column(r["predicted"], "fit"))
    agree("ancova", "predict.lm", "interval", ours.ci_lower, column(r["predicted"], "lwr"))
    agree("ancova", "predict.lm", "interval", ours.ci_upper, column(r["predicted"], "upr"))


@pytest.fixture
def acupuncture(shared_data) -> pd.DataFrame:
    data = shared_data("acupuncture")
    data["grp"] = np.where(data.group == 1, "acupuncture", "control")
    return data


@pytest.mark.parametrize(
    ("formula", "entry"),
    [
        ("pk5 ~ pk1 + grp", "ancova_baseline_only"),
        ("pk5 ~ pk1 + grp + age + sex + migraine + chronicity", "ancova_minimisation"),
        ("pk5 ~ pk1 * grp", "ancova_interaction"),
    ],
)
def test_the_acupuncture_trial_reads_as_in_r(acupuncture, shared_result, formula, entry):
    result = shared_result("acupuncture", entry)
    fit = ancova(formula, acupuncture, treatment="grp", reference="control")
    agrees_with_lm(fit, result.get("model", result))


def test_the_acupuncture_ls_means_read_as_in_r(acupuncture, shared_result):
    result = shared_result("acupuncture", "ancova_minimisation")
    fit = ancova("pk5 ~ pk1 + grp + age + sex + migraine + chronicity", acupuncture, "grp", "control")
    means = [{**row, "arm": row["grp"]} for row in result["lsmeans"]]
    agrees_with_emmeans(fit.ls_means().rename(columns={"grp": "arm"}), means)
    agrees_with_emmeans(fit.contrasts(), result["difference"])


@pytest.mark.parametrize(
    ("formula", "entry"),
    [
        ("pk5 ~ pk1 * grp", "ancova_typeIII_interaction_sumcontrasts"),
        ("pk5 ~ pk1 + grp", "ancova_baseline_only_typeIII"),
    ],
)
def test_the_acupuncture_type_iii_tests_read_as_in_r(acupuncture, shared_result, formula, entry):
    fit = ancova(formula, acupuncture, treatment="grp", reference="control")
    agrees_with_type_iii(fit.terms, shared_result("acupuncture", entry))


def test_the_fev_trial_at_its_last_visit_reads_as_in_r(shared_data, shared_result):
    last = shared_data("fev_data").query("AVISIT == 'VIS4'")
    fit = ancova("FEV1 ~ FEV1_BL + RACE + SEX + ARMCD", last, treatment="ARMCD", reference="PBO")
    result = shared_result("fev_data", "ancova_vis4")
    means = [{**row, "arm": row["ARMCD"]} for row in result["lsmeans"]]
    agrees_with_emmeans(fit.ls_means().rename(columns={"ARMCD": "arm"}), means)
    agrees_with_emmeans(fit.contrasts(), result["diff"])
    agree("ancova", "lm", "log_likelihood", fit.log_likelihood, result["model"]["logLik"])
    agrees_with_type_iii(fit.terms, shared_result("fev_data", "ancova_vis4_typeIII"))


@pytest.mark.parametrize("visit", [4, 7])
def test_the_antidepressant_trial_reads_as_in_r(shared_data, shared_result, visit):
    seen = shared_data("antidepressant").query("VISIT == @visit")
    fit = ancova("CHANGE ~ BASVAL + THERAPY", seen, treatment="THERAPY", reference="PLACEBO")
    result = shared_result("antidepressant", f"ancova_completers_visit{visit}")
    means = [{**row, "arm": row["THERAPY"]} for row in result["lsmeans"]]
    agrees_with_emmeans(fit.ls_means().rename(columns={"THERAPY": "arm"}), means)
    agrees_with_emmeans(fit.contrasts(), result["diff_drug_minus_placebo"])
