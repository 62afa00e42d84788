"""Cox regression against R."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.reference.agreement import agree, own_data, own_reference
from trialkit.stats import cox

R = "survival::coxph"
TRANSFORMS = ("km", "rank", "identity", "log")
OWN = {
    "efron": ("arm + base + sex + age", {}),
    "breslow": ("arm + base + sex + age", {"ties": "breslow"}),
    "interaction": ("arm * sex + base", {}),
    "stratified": ("arm + base", {"strata": ["site", "sex"]}),
    "delayed": ("arm + base", {"entry": "entry"}),
    "delayed_stratified": ("arm + base", {"entry": "entry", "strata": "site"}),
    "robust": ("arm + base", {"robust": True}),
    "clustered": ("arm + base", {"cluster": "site"}),
    "clustered_breslow": (
        "arm + base",
        {"entry": "entry", "strata": "sex", "cluster": "site", "ties": "breslow"},
    ),
}


@pytest.mark.external_reference
@pytest.mark.parametrize("case", OWN)
def test_estimates_errors_and_tests_are_those_of_coxph(case):
    formula, options = OWN[case]
    fit = cox(formula, own_data("cox", "trial"), "time", "event", **options)
    compare_fit(fit, own_reference("cox", "output")[case])


@pytest.mark.external_reference
def test_repeated_episodes_are_the_andersen_gill_model_of_coxph():
    fit = cox("arm + age", own_data("cox", "episodes"), "stop", "event", entry="start", cluster="id")
    compare_fit(fit, own_reference("cox", "output")["andersen_gill"])
    assert fit.rows.subjects_used == 60


def compare_fit(fit, expected):
    table, ratios = fit.coefficients, fit.hazard_ratios
    agree("cox", R, "estimate", table["estimate"], expected["estimate"])
    agree("cox", R, "standard_error", table["standard_error"], expected["standard_error"])
    agree("cox", R, "p_value", table["p_value"], expected["p_value"])
    agree("cox", R, "estimate", ratios["estimate"], expected["hazard_ratio"])
    agree("cox", R, "interval", ratios[["ci_lower", "ci_upper"]].T, [expected["lower"], expected["upper"]])
    agree("cox", R, "standard_error", np.sqrt(np.diag(fit.naive_covariance)), expected["naive"])
    agree("cox", R, "standard_error", fit.coefficient_covariance, expected["covariance"])
    agree(
        "cox", R, "log_likelihood", [fit.null_log_likelihood, fit.log_likelihood], expected["log_likelihood"]
    )
    tests = [expected[name] for name in ("likelihood_ratio", "wald", "score")]
    agree("cox", R, "statistic", fit.tests["statistic"], tests)


@pytest.mark.external_reference
@pytest.mark.parametrize("transform", TRANSFORMS)
@pytest.mark.parametrize("case", [case for case in OWN if "robust" not in case and "cluster" not in case])
def test_the_proportional_hazards_test_is_that_of_current_cox_zph(case, transform):
    formula, options = OWN[case]
    fit = cox(formula, own_data("cox", "trial"), "time", "event", **options)
    expected = pd.DataFrame(own_reference("cox", "output")[case]["zph"][transform])
    ours = fit.proportional_hazards_test(transform)
    assert ours["term"].tolist() == expected["term"].tolist()
    agree("cox", "survival::cox.zph", "statistic", ours["statistic"], expected["statistic"])
    agree("cox", "survival::cox.zph", "count", ours["df"], expected["df"])
    agree("cox", "survival::cox.zph", "p_value", ours["p_value"], expected["p_value"])


@pytest.mark.external_reference
@pytest.mark.parametrize(
    ("case", "options"),
    [
        ("baseline_efron", {}),
        ("baseline_breslow", {"ties": "breslow"}),
        ("baseline_stratified", {"entry": "entry", "strata": "site"}),
    ],
)
def test_the_baseline_hazard_is_that_of_basehaz(case, options):
    fit = cox("arm + base", own_data("cox", "trial"), "time", "event", **options)
    ours, theirs = fit.baseline_hazard(), pd.DataFrame(own_reference("cox", "output")[case])
    keys = ["time"]
    if "strata" in theirs:
        theirs = theirs.rename(columns={"strata": "site"})
        theirs["site"] = theirs["site"].str.replace("site=", "")
        keys = ["site", "time"]
    both = ours.astype({key: theirs[key].dtype for key in keys}).merge(theirs, on=keys)
    assert len(both) == len(ours)
    agree("cox", "survival::basehaz", "estimate", both["cumulative_hazard_x"], both["cumulative_hazard_y"])


VETERAN = {
    "cox_full_efron": ("trt + karno + age + diagtime + prior10 + celltype", {}),
    "cox_full_breslow": ("trt + karno + age + diagtime + prior10 + celltype", {"ties": "breslow"}),
    "cox_trt_only_efron": ("trt", {}),
    "cox_strat_celltype": ("trt + karno + age", {"strata": "celltype"}),
    "cox_robust_cluster_celltype": ("trt + karno", {"cluster": "celltype"}),
    "cox_interaction": ("trt * karno", {}),
}
COLON = {
    "cox_death_efron": (
        2,
        "rx + sex + age + obstruct + perfor + adhere + nodes + C(differ) + C(extent) + surg",
        {},
    ),
    "cox_death_breslow": (2, "rx + sex + age + obstruct + perfor + adhere + nodes", {"ties": "breslow"}),
    "cox_death_strat_extent": (2, "rx + sex + age + node4", {"strata": "extent"}),
    "cox_recurrence": (1, "rx + node4 + age", {}),
    "cox_two_events_cluster": (None, "rx + node4", {"strata": "etype", "cluster": "id"}),
}


@pytest.mark.external_reference
@pytest.mark.parametrize("entry", VETERAN)
def test_the_veterans_trial_gives_what_r_gave(veteran, shared_result, entry):
    formula, options = VETERAN[entry]
    compare_shared(cox(formula, veteran, "time", "status", **options), shared_result("veteran", entry))


@pytest.mark.external_reference
@pytest.mark.parametrize("entry", COLON)
def test_the_colon_trial_gives_what_r_gave(colon, shared_result, entry):
    etype, formula, options = COLON[entry]
    data = colon if etype is None else colon[colon["etype"] == etype]
    compare_shared(cox(formula, data, "time", "status", **options), shared_result("colon", entry))


def compare_shared(fit, expected):
    theirs = pd.DataFrame(expected["coefficients"])
    agree("cox", R, "estimate", fit.coefficients["estimate"], theirs["coef"])
    agree("cox", R, "standard_error", fit.coefficients["standard_error"], theirs["se_used"])
    agree("cox", R, "interval", fit.hazard_ratios[["ci_lower", "ci_upper"]], theirs[["lower", "upper"]])
    agree(
        "cox",
        R,
        "log_likelihood",
        [fit.null_log_likelihood, fit.log_likelihood],
        [expected["loglik_null"], expected["loglik"]],
    )
    agree(
        "cox",
        R,
        "statistic",
        fit.tests.loc[[0, 2], "statistic"],
        [expected["LR"]["test"], expected["score"]["test"]],
    )
    assert fit.n == expected["n"]
    assert fit.n_events == expected["nevent"]
    for transform in TRANSFORMS:
        if f"zph_{transform}" in expected:
            zph = pd.DataFrame(expected[f"zph_{transform}"])
            agree(
                "cox",
                "survival::cox.zph",
                "statistic",
                fit.proportional_hazards_test(transform)["statistic"],
                zph["chisq"],
            )


@pytest.mark.external_reference
def test_the_default_proportional_hazards_test_gives_the_veterans_age_1_83(veteran):
    fit = cox("trt + karno + age + diagtime + prior10 + celltype", veteran, "time", "status")
    table = fit.proportional_hazards.set_index("term")
    assert round(table.loc["age", "statistic"], 2) == 1.83
    assert table.index[-1] == "GLOBAL"


@pytest.mark.external_reference
def test_the_baseline_hazard_of_the_veterans_is_that_of_basehaz(veteran, shared_result):
    ours = (
        cox("trt + karno", veteran, "time", "status").baseline_hazard().set_index("time")["cumulative_hazard"]
    )
    theirs = {
        row["time"]: row["hazard"]
        for row in shared_result("veteran", "cox_baseline_hazard")
        if row["time"] in ours.index
    }
    assert len(theirs) >= 4
    agree("cox", "survival::basehaz", "estimate", ours.loc[list(theirs)], list(theirs.values()))


@pytest.mark.external_reference
@pytest.mark.parametrize(
    ("case", "formula", "options"),
    [
        ("efron", "arm + base + sex + age", {}),
        ("breslow", "arm + base", {"ties": "breslow"}),
        ("delayed_stratified", "arm + base", {"entry": "entry", "strata": "site"}),
        ("flag", "base + flag", {"strata": "site"}),
    ],
)
def test_scaled_schoenfeld_residuals_are_those_of_cox_zph(case, formula, options):
    """In the case "flag" one site has the flag throughout: nothing is said of it there."""
    data = own_data("cox", "trial")
    data["flag"] = ((data["site"] == "A") | (data["sex"] == "male")).astype(int)
    ours = cox(formula, data, time="time", event="event", **options).scaled_schoenfeld_residuals
    expected = own_reference("cox", "output")[f"residuals_{case}"]
    columns = [np.array([np.nan if x == "NA" else x for x in c], dtype=float) for c in expected["columns"]]
    theirs = pd.DataFrame({"time": expected["time"], **dict(zip(ours.columns[1:], columns, strict=True))})
    by_all = list(ours.columns)  # R lists stratum by stratum
    ours, theirs = (table.sort_values(by_all, ignore_index=True) for table in (ours, theirs))
    assert ours.isna().equals(theirs.isna())
    assert ours.isna().any().any() == (case == "flag")
    agree("cox", "survival::cox.zph", "estimate", ours.fillna(0), theirs.fillna(0), scale=1e-6)
