"""Pooling by Rubin's rules: against mice and mitml, and by hand."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from tests.reference.agreement import agree, column, own_data, own_reference
from trialkit.errors import TrialkitError
from trialkit.stats import ancova, logistic, pool, pool_tables

COLUMNS = {
    "estimate": "estimate",
    "standard_error": "standard_error",
    "df": "df",
    "statistic": "statistic",
    "p_value": "p_value",
    "ci_lower": "interval",
    "ci_upper": "interval",
}
COMPONENTS = {
    "within_variance": "within",
    "between_variance": "between",
    "relative_increase": "riv",
    "fraction_missing_information": "fmi",
}
SHARED = {
    "estimate": "estimate",
    "standard_error": "std.error",
    "df": "df",
    "statistic": "statistic",
    "p_value": "p.value",
    "ci_lower": "2.5 %",
    "ci_upper": "97.5 %",
    "within_variance": "ubar",
    "between_variance": "b",
    "relative_increase": "riv",
    "fraction_missing_information": "fmi",
}


@pytest.fixture(scope="module")
def r() -> dict:
    return own_reference("pool", "output")


@pytest.fixture(scope="module")
def completed() -> list[pd.DataFrame]:
    stacked = own_data("pool", "imputed")
    stacked["responder"] = (stacked.month12 < 32).astype(int)
    return [frame for _, frame in stacked.groupby(".imp")]


@pytest.fixture(scope="module")
def linear(completed):
    return pool([ancova("month12 ~ arm + base + site", frame, treatment="arm") for frame in completed])


@pytest.fixture(scope="module")
def logit(completed):
    return pool([logistic("responder ~ arm + base", frame) for frame in completed])


def hand_table(estimates, errors, df, **labels) -> list[pd.DataFrame]:
    """One-row tables of estimates, one an imputation."""
    return [
        pd.DataFrame(
            {
                **labels,
                "estimate": [e],
                "standard_error": [s],
                "df": [float(df)],
                "statistic": [np.nan],
                "p_value": [0.5],
                "ci_lower": [e - s],
                "ci_upper": [e + s],
            }
        )
        for e, s in zip(estimates, errors, strict=True)
    ]


@pytest.mark.external_reference
@pytest.mark.parametrize("which", ["linear", "logistic"])
def test_pooled_coefficients_are_those_of_mice(which, r, linear, logit):
    ours = (linear if which == "linear" else logit).coefficients
    for name, kind in COLUMNS.items():
        agree("pool", "mice::pool", kind, ours[name], column(r[which], name))
    for name, theirs in COMPONENTS.items():
        agree("pool", "mice::pool", "estimate", ours[name], column(r[which], theirs))


@pytest.mark.external_reference
def test_pooled_type_iii_test_of_three_arms_is_d1_of_mitml(r, linear, logit, completed):
    two = pool([ancova("month12 ~ arm + base + site", frame) for frame in completed[:2]])
    for pooled, entry, columns in (
        (linear, "linear_arm", ("df_num", "df_den", "p_value")),
        (linear, "linear_arm_large", ("df_num",)),
        (logit, "logistic_arm", ("df_num", "df_den", "p_value")),
        (two, "two_imputations_arm", ("df_num", "df_den", "p_value")),
    ):
        row = pooled.terms.set_index("term").loc["arm"]
        agree("pool", "mitml::testModels", "statistic", row["statistic"], r[entry]["statistic"])
        for name in columns:
            kind = "p_value" if name == "p_value" else "df"
            agree("pool", "mitml::testModels", kind, row[name], r[entry][name])


@pytest.mark.external_reference
@pytest.mark.parametrize("outcome", ["pk5", "pk2"])
def test_pooled_ancova_of_the_acupuncture_trial_is_that_of_mice(outcome, shared_data, shared_result):
    formula = f"{outcome} ~ pk1 + group + age + sex + migraine + chronicity"
    stacked = shared_data("acupuncture_mi20")
    pooled = pool([ancova(formula, frame) for _, frame in stacked.groupby(".imp")])
    rows = shared_result("mi_acupuncture", f"pooled_ancova_{outcome}")
    for name, theirs in SHARED.items():
        kind = COLUMNS.get(name, "estimate")
        agree("pool", "mice::pool", kind, pooled.coefficients[name], column(rows, theirs))


@pytest.mark.external_reference
def test_pooled_logistic_of_the_acupuncture_trial_is_that_of_mice_but_for_its_t_df(
    shared_data, shared_result
):
    """mice takes the residual df of a glm as complete-data df; a Wald z has none, so df are larger here."""
    stacked = shared_data("acupuncture_mi20")
    stacked["resp"] = ((stacked.pk1 - stacked.pk5) / stacked.pk1 >= 0.35).astype(int)
    pooled = pool([logistic("resp ~ group + pk1", frame) for _, frame in stacked.groupby(".imp")])
    rows = shared_result("mi_acupuncture", "pooled_logistic_resp35")
    for name in ("estimate", "standard_error", "statistic", "within_variance", "between_variance"):
        kind = COLUMNS.get(name, "estimate")
        agree("pool", "mice::pool", kind, pooled.coefficients[name], column(rows, SHARED[name]))
    assert (pooled.coefficients["df"] > column(rows, "df")).all()
    # with their complete-data df, our rule gives theirs
    tables = [fit.coefficients.assign(df=398.0) for fit in pooled.fits]
    agree("pool", "mice::pool", "df", pool_tables(tables)["df"], column(rows, "df"))


@pytest.mark.external_reference
def test_the_rule_of_1987_gives_the_large_sample_df(shared_data, shared_result):
    stacked = shared_data("acupuncture_mi20")
    formula = "pk5 ~ pk1 + group + age + sex + migraine + chronicity"
    fits = [ancova(formula, frame) for _, frame in stacked.groupby(".imp")]
    row = pool(fits, df="rubin").coefficients.set_index("term").loc["group"]
    theirs = shared_result("mi_acupuncture", "pooled_large_df_rubin1987")
    agree("pool", "by hand in R", "df", row["df"], theirs["df_rubin"])
    agree("pool", "by hand in R", "standard_error", row["standard_error"], theirs["se"])


@pytest.mark.analytic
def test_two_imputations_by_hand():
    """Estimates 1 and 3, errors 1 and 1: within 1, between 2, total 1 + 1.5 * 2 = 4, share 3/4."""
    row = pool_tables(hand_table([1, 3], [1, 1], 20)).iloc[0]
    assert row.estimate == 2
    assert row.standard_error == 2
    old, observed = 1 / 0.75**2, 21 / 23 * 20 * 0.25
    assert row.df == pytest.approx(old * observed / (old + observed), rel=1e-14)
    large = pool_tables(hand_table([1, 3], [1, 1], 20), df="rubin").iloc[0]
    assert large.df == pytest.approx(16 / 9, rel=1e-14)


def test_tables_need_no_more_than_an_estimate_its_error_and_df():
    tables = hand_table([1, 3], [1, 1], 20)
    bare = [table[["estimate", "standard_error", "df"]] for table in tables]
    pd.testing.assert_frame_equal(pool_tables(bare), pool_tables(tables))


@pytest.mark.analytic
def test_estimates_that_do_not_vary_carry_no_missing_information():
    row = pool_tables(hand_table([2, 2, 2], [1, 1, 1], 30)).iloc[0]
    assert row.standard_error == 1
    assert row.between_variance == 0
    assert row.fraction_missing_information == 0
    assert row.df == pytest.approx(31 / 33 * 30)
    assert math.isinf(pool_tables(hand_table([2, 2, 2], [1, 1, 1], math.inf)).df.iloc[0])
    assert math.isinf(pool_tables(hand_table([2, 2, 2], [1, 1, 1], 30), df="rubin").df.iloc[0])


@pytest.mark.analytic
def test_infinite_complete_data_df_give_the_large_sample_df():
    by_rule = [
        pool_tables(hand_table([1, 3], [1, 1], math.inf), df=rule).df.iloc[0]
        for rule in ("barnard-rubin", "rubin")
    ]
    assert by_rule[0] == by_rule[1] == pytest.approx(16 / 9)


@pytest.mark.analytic
def test_ls_means_and_contrasts_are_pooled_as_their_coefficients_are(linear):
    contrasts = linear.contrasts()
    coefficients = linear.coefficients.set_index("term")
    assert contrasts.contrast.tolist() == ["B - A", "C - A"]
    for name in ("estimate", "standard_error", "df", "p_value"):
        expected = coefficients.loc[["arm[T.B]", "arm[T.C]"], name]
        np.testing.assert_allclose(contrasts[name], expected, rtol=1e-10)
    means = linear.ls_means().estimate
    np.testing.assert_allclose(means[1:] - means[0], contrasts.estimate, rtol=1e-10)


@pytest.mark.analytic
def test_a_margin_moves_the_statistic_and_leaves_the_interval(linear):
    plain, margin = linear.contrasts(), linear.contrasts(null_value=-2, alternative="less")
    expected = (plain.estimate + 2) / plain.standard_error
    np.testing.assert_allclose(margin.statistic, expected, rtol=1e-12)
    np.testing.assert_allclose(margin[["ci_lower", "ci_upper"]], plain[["ci_lower", "ci_upper"]])
    assert (margin.alternative == "less").all()


@pytest.mark.analytic
def test_odds_ratios_are_pooled_on_the_log_scale(logit):
    log_odds = logit.coefficients.query("term != 'Intercept'")
    np.testing.assert_allclose(logit.odds_ratios.estimate, np.exp(log_odds.estimate))
    np.testing.assert_allclose(logit.odds_ratios.ci_upper, np.exp(log_odds.ci_upper))
    np.testing.assert_allclose(logit.odds_ratios.log_standard_error, log_odds.standard_error)


@pytest.mark.analytic
def test_pooled_fits_print_what_was_pooled(linear):
    text = repr(linear)
    assert "8 imputations" in text
    assert "rows read" in text
    assert "<table" in linear._repr_html_()


@pytest.mark.analytic
@pytest.mark.analytic
@pytest.mark.parametrize(("alternative", "open_side"), [("less", "ci_lower"), ("greater", "ci_upper")])
def test_a_one_sided_interval_stays_one_sided_and_goes_with_its_test(linear, alternative, open_side):
    """95 % on one side ends where a two-sided 90 % interval does, and excludes 0 just when p < 0.05."""
    row = linear.contrasts(alternative=alternative, interval="one-sided").iloc[0]
    assert np.isinf(row[open_side])
    closed = "ci_upper" if open_side == "ci_lower" else "ci_lower"
    wide = pool(linear.fits, confidence_level=0.90).contrasts().iloc[0]
    assert row[closed] == pytest.approx(wide[closed], rel=1e-12)
    excluded = row[closed] < 0 if alternative == "less" else row[closed] > 0
    assert excluded == (row.p_value < 0.05)


def test_what_cannot_be_pooled_is_refused(linear, logit, completed):
    fits = linear.fits
    smaller = ancova("month12 ~ base", completed[0])
    for call, message in (
        (lambda: pool(fits[:1]), "at least two"),
        (lambda: pool([]), "at least two"),
        (lambda: pool(fits[0]), "at least two"),
        (lambda: pool([fits[0], smaller]), "one model"),
        (lambda: pool([fits[0], logit.fits[0]]), "one model"),
        (lambda: pool([fits[0].coefficients] * 2), "fitted models"),
        (lambda: pool(fits, df="welch"), "barnard-rubin"),
        (lambda: pool(fits, confidence_level=95), "0.95"),
        (lambda: linear.hazard_ratios, "hazard ratios"),
        (lambda: pool_tables([fits[0].coefficients, smaller.coefficients]), "same rows"),
        (lambda: pool_tables([fit.odds_ratios for fit in logit.fits]), "ratios"),
        (lambda: pool_tables([1, 2]), "table"),
        (lambda: pool_tables([fit.coefficients.drop(columns="df") for fit in fits]), "'df'"),
        (lambda: pool_tables(hand_table([1, 2], [1, 0.0], 5)), "standard errors"),
    ):
        with pytest.raises(TrialkitError, match=message):
            call()
