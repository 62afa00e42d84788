"""The proportional odds model against ordinal::clm: our own reference data, and three published data sets."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.reference.agreement import ReferenceStoppedEarly, agree, column, own_data, own_reference
from trialkit.stats import ordinal

pytestmark = pytest.mark.external_reference

FORMULA = "satisfaction ~ arm + sex + age"
LEVELS = ["worse", "unchanged", "better", "well"]


@pytest.fixture(scope="module")
def satisfaction() -> pd.DataFrame:
    data = own_data("ordinal", "satisfaction")
    data["satisfaction"] = pd.Categorical(data.satisfaction, categories=LEVELS)
    return data


@pytest.fixture(scope="module")
def r() -> dict:
    return own_reference("ordinal", "satisfaction")


def test_thresholds_and_coefficients_are_those_of_clm(satisfaction, r):
    fit = ordinal(FORMULA, satisfaction)
    both = pd.concat([fit.thresholds.rename(columns={"threshold": "term"}), fit.coefficients])
    rows = r["coefficients"]
    assert list(fit.thresholds.threshold) == [row["term"] for row in rows[:3]]
    for ours, theirs, quantity in (
        ("estimate", "estimate", "estimate"),
        ("standard_error", "se", "standard_error"),
        ("statistic", "z", "statistic"),
        ("p_value", "p", "p_value"),
        ("ci_lower", "lower", "interval"),
        ("ci_upper", "upper", "interval"),
    ):
        agree("ordinal", "ordinal::clm", quantity, both[ours], column(rows, theirs))
    likelihoods = [fit.log_likelihood, fit.aic, fit.bic]
    agree("ordinal", "ordinal::clm", "log_likelihood", likelihoods, [r["logLik"], r["AIC"], r["BIC"]])


def test_profile_limits_are_where_the_likelihood_falls_by_the_quantile(satisfaction, r):
    table = ordinal(FORMULA, satisfaction, intervals="profile").coefficients.set_index("term")
    for term, name in (("arm[T.exercise]", "armexercise"), ("sex[T.male]", "sexmale"), ("age", "age")):
        ours = [table.ci_lower[term], table.ci_upper[term]]
        agree("ordinal", "clm, uniroot", "interval", ours, r["profile"][name])


def test_tests_of_terms_are_those_of_r(satisfaction, r):
    fit = ordinal(FORMULA, satisfaction, treatment="arm", reference="usual")
    tests, rows = fit.likelihood_ratio_tests, r["lr"]
    assert list(tests.term) == [row["term"] for row in rows]
    agree("ordinal", "drop1", "statistic", tests.statistic, column(rows, "statistic"))
    agree("ordinal", "drop1", "p_value", tests.p_value, column(rows, "p"))
    arm = fit.terms.set_index("term").loc["arm"]
    agree("ordinal", "ordinal::clm", "statistic", arm.statistic, r["arm_wald"]["statistic"])
    agree("ordinal", "ordinal::clm", "p_value", arm.p_value, r["arm_wald"]["p"])


def test_the_assumption_is_tested_as_by_nominal_test(satisfaction, r):
    tests, rows = ordinal(FORMULA, satisfaction).proportional_odds_tests, r["nominal"]
    tests = tests[tests.test == "likelihood ratio"]
    assert list(tests.term) == [*(row["term"] for row in rows), "GLOBAL"]
    rows = [*rows, r["nominal_global"]]
    agree("ordinal", "nominal_test", "df", tests.df, column(rows, "df"))
    agree("ordinal", "nominal_test", "statistic", tests.statistic, column(rows, "statistic"))
    agree("ordinal", "nominal_test", "p_value", tests.p_value, column(rows, "p"))


def test_the_assumption_s_score_test_is_that_of_the_gradient_and_hessian_of_clm(satisfaction, r):
    tests = ordinal(FORMULA, satisfaction).proportional_odds_tests
    tests = tests[tests.test == "score"]
    rows = [r["score"][term] for term in tests.term]
    assert len(rows) == 4
    agree("ordinal", "clm, score", "df", tests.df, column(rows, "df"))
    agree("ordinal", "clm, score", "statistic", tests.statistic, column(rows, "statistic"))
    agree("ordinal", "clm, score", "p_value", tests.p_value, column(rows, "p"))


def test_the_cheese_example_of_proc_logistic_is_scored_as_in_sas_and_in_r(r):
    """SAS prints 17.2866 on 21 df, p = 0.6936; it stops at a looser maximum, hence three decimals."""
    counts = r["cheese"]["counts"]
    rows = [(k, y) for k, line in enumerate(counts) for y, n in enumerate(line) for _ in range(n)]
    fit = ordinal("y ~ C(additive)", pd.DataFrame(rows, columns=["additive", "y"]))
    tests = fit.proportional_odds_tests.set_index(["term", "test"])
    score = tests.loc[("GLOBAL", "score")]
    agree("ordinal", "clm, score", "statistic", score.statistic, r["cheese"]["statistic"])
    assert score.df == 21
    assert score.statistic == pytest.approx(17.2866, abs=5e-4)
    assert round(score.p_value, 4) == 0.6936
    assert score.note.startswith(f"{r['cheese']['silent']} of the df rest on empty cells")
    assert "no finite maximum" in tests.note[("GLOBAL", "likelihood ratio")]


def test_latent_ls_means_and_contrasts_are_those_of_emmeans(satisfaction, r):
    fit = ordinal(FORMULA, satisfaction, treatment="arm")
    for ours, rows, estimate in (
        (fit.ls_means(), r["means"], "emmean"),
        (fit.contrasts(), r["contrasts"], "estimate"),
    ):
        agree("ordinal", "emmeans", "estimate", ours.estimate, column(rows, estimate))
        agree("ordinal", "emmeans", "standard_error", ours.standard_error, column(rows, "SE"))
        agree("ordinal", "emmeans", "p_value", ours.p_value, column(rows, "p.value"))
        agree("ordinal", "emmeans", "interval", ours.ci_upper, column(rows, "asymp.UCL"))


def test_predicted_shares_are_those_of_predict_clm(satisfaction, r):
    new = pd.DataFrame({"arm": ["exercise", "control"], "sex": "male", "age": [61, 80]})
    ours = ordinal(FORMULA, satisfaction).predict(new)
    assert list(ours.columns) == LEVELS
    agree(
        "ordinal", "predict.clm", "estimate", ours.to_numpy(), pd.DataFrame(r["predicted"])[LEVELS].to_numpy()
    )


def published(name: str, shared_data) -> pd.DataFrame:
    data = shared_data(name)
    if name == "aSAH":
        data["gender"] = pd.Categorical(data.gender, categories=["Male", "Female"])
    elif name == "licorice_gargle":
        data["treat_f"] = np.where(data.treat == 1, "1 licorice", "0 sugar")
        data["sw"] = data.pacu30min_swallowPain.clip(upper=4)
        data["tp4"] = data.postOp4hour_throatPain.clip(upper=3)
    return data


@pytest.mark.parametrize(
    ("name", "formula", "entry"),
    [
        ("strep_tb", "rad_num ~ arm + baseline_condition", "ordinal_clm_logit"),
        ("strep_tb", "rad_num ~ arm", "ordinal_clm_unadjusted"),
        ("aSAH", "gos6 ~ s100b + age + gender", "ordinal_gos6_clm"),
        ("licorice_gargle", "sw ~ treat_f + preOp_age + preOp_gender", "ordinal_swallowpain_clm"),
        ("licorice_gargle", "tp4 ~ treat_f + preOp_age + preOp_gender", "ordinal_throat4h_clm"),
    ],
)
def test_published_data_read_as_in_clm(shared_data, shared_result, name, formula, entry):
    fit, result = ordinal(formula, published(name, shared_data)), shared_result(name, entry)
    gradient = np.linalg.norm(fit.model.derivatives(fit.inference.coefficients)[0])
    leave = ReferenceStoppedEarly(fit.log_likelihood, result["logLik"], gradient)
    assert leave.holds
    both, rows = pd.concat([fit.thresholds, fit.coefficients]), result["coefficients"]
    agree("ordinal", "ordinal::clm", "estimate", both.estimate, column(rows, "estimate"), leave=leave)
    agree("ordinal", "ordinal::clm", "standard_error", both.standard_error, column(rows, "se"), leave=leave)
    agree("ordinal", "ordinal::clm", "p_value", both.p_value, column(rows, "p"), leave=leave)
    agree(
        "ordinal",
        "ordinal::clm",
        "estimate",
        fit.odds_ratios.estimate,
        list(result["OR"].values()),
        leave=leave,
    )
    agree("ordinal", "ordinal::clm", "log_likelihood", fit.log_likelihood, result["logLik"])
    agree("ordinal", "ordinal::clm", "count", fit.n, result["n"])


def test_the_streptomycin_trial_fails_proportional_odds_as_in_r(shared_data, shared_result):
    fit = ordinal("rad_num ~ arm + baseline_condition", shared_data("strep_tb"), intervals="profile")
    tests = fit.proportional_odds_tests
    tests = tests[tests.test == "likelihood ratio"].set_index("term")
    arm = shared_result("strep_tb", "ordinal_nominal_test")[1]
    agree("ordinal", "nominal_test", "df", tests.df["arm"], arm["Df"])
    agree("ordinal", "nominal_test", "statistic", tests.statistic["arm"], arm["LRT"])
    agree("ordinal", "nominal_test", "p_value", tests.p_value["arm"], arm["Pr(>Chi)"])
    # R gives no test of the condition either: one of its categories holds no low outcome.
    assert np.isnan(tests.p_value["baseline_condition"])
    assert "no finite maximum" in tests.note["baseline_condition"]
    limits = shared_result("strep_tb", "ordinal_clm_ci_profile")
    for ours, theirs in (("ci_lower", "2.5 %"), ("ci_upper", "97.5 %")):
        reference = column(limits, theirs)
        agree("ordinal", "confint.clm", "interpolated_interval", fit.coefficients[ours], reference)
    tests, rows = fit.likelihood_ratio_tests, shared_result("strep_tb", "ordinal_clm_lrt")[1:]
    agree("ordinal", "drop1", "statistic", tests.statistic, column(rows, "LRT"))
