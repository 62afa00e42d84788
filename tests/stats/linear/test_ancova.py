"""ANCOVA: what it refuses, and what follows from algebra."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from trialkit.errors import DataError, FormulaError, NonEstimableError, RankDeficiencyError
from trialkit.stats import ancova


@pytest.fixture
def trial() -> pd.DataFrame:
    generator = np.random.default_rng(8)
    n = 80
    data = pd.DataFrame(
        {
            "arm": generator.choice(["control", "exercise"], n),
            "site": generator.choice(list("ABCD"), n),
            "base": generator.normal(40, 9, n),
        }
    )
    data["chg"] = -5 + 0.1 * data.base - 4 * (data.arm == "exercise") + generator.normal(0, 8, n)
    return data


@pytest.mark.analytic
def test_without_covariates_it_is_students_t_test(trial):
    row = ancova("chg ~ arm", trial, treatment="arm", reference="control").contrasts().iloc[0]
    test = stats.ttest_ind(trial.chg[trial.arm == "exercise"], trial.chg[trial.arm == "control"])
    assert row.statistic == pytest.approx(test.statistic, rel=1e-10)
    assert row.p_value == pytest.approx(test.pvalue, rel=1e-10)


@pytest.mark.analytic
def test_adjusting_for_baseline_makes_change_and_final_score_agree(trial):
    trial["final"] = trial.base + trial.chg
    change = ancova("chg ~ arm + base", trial, treatment="arm").contrasts()
    final = ancova("final ~ arm + base", trial, treatment="arm").contrasts()
    numbers = ["estimate", "standard_error", "p_value", "ci_lower"]
    assert np.allclose(change[numbers], final[numbers], rtol=1e-9)


@pytest.mark.analytic
def test_clusters_of_one_row_give_hc1(trial):
    trial["subject"] = np.arange(80)
    fit = ancova("chg ~ arm + base", trial, errors="cluster", cluster="subject")
    X, e = fit.design.X, fit.residuals.to_numpy()
    bread = np.linalg.inv(X.T @ X)
    hc1 = 80 / 77 * bread @ (X.T * e**2) @ X @ bread
    assert np.allclose(fit.coefficient_covariance, hc1, rtol=1e-10)
    assert set(fit.coefficients.df) == {79.0}


@pytest.mark.analytic
def test_a_numeric_arm_is_a_factor_when_it_is_the_treatment(trial):
    trial["code"] = (trial.arm == "exercise").astype(int)
    coded = ancova("chg ~ code + base", trial, treatment="code", reference=0)
    named = ancova("chg ~ arm + base", trial, treatment="arm", reference="control")
    assert coded.contrasts().estimate[0] == pytest.approx(named.contrasts().estimate[0], rel=1e-12)
    assert coded.contrasts().contrast[0] == "1 - 0"


@pytest.mark.analytic
def test_rows_are_counted_by_arm(trial):
    trial.loc[trial.index[trial.arm == "exercise"][:5], "chg"] = np.nan
    by = ancova("chg ~ arm + base", trial, treatment="arm").rows.by.set_index("arm")
    assert by.excluded.to_dict() == {"control": 0, "exercise": 5}


@pytest.mark.independent_reimplementation
def test_hedges_g_is_the_one_pingouin_gives(trial):
    import pingouin

    x, y = trial.chg[trial.arm == "exercise"], trial.chg[trial.arm == "control"]
    sizes = (
        ancova("chg ~ arm", trial, treatment="arm", reference="control").effect_sizes().set_index("measure")
    )
    assert sizes.estimate["cohens_d"] == pytest.approx(
        pingouin.compute_effsize(x, y, eftype="cohen"), rel=1e-10
    )
    # pingouin uses Hedges' approximation 1 - 3 / (4 n - 9), good to about 1e-4 at this size
    assert sizes.estimate["hedges_g"] == pytest.approx(
        pingouin.compute_effsize(x, y, eftype="hedges"), rel=1e-4
    )


@pytest.mark.independent_reimplementation
def test_hc3_and_type_iii_are_those_of_statsmodels(trial):
    import statsmodels.api as sm

    fit = ancova("chg ~ arm + base + site", trial, treatment="arm", reference="control", errors="hc3")
    theirs = sm.OLS(trial.chg.to_numpy(), fit.design.X).fit(cov_type="HC3", use_t=True)
    assert np.allclose(fit.coefficients.standard_error, theirs.bse, rtol=1e-9)
    contrast = np.eye(6)[list(fit.design.term_columns["site"])]
    row = fit.terms.set_index("term").loc["site"]
    assert row.statistic == pytest.approx(float(theirs.f_test(contrast).fvalue), rel=1e-8)


@pytest.mark.analytic
def test_pictures_are_drawn_without_a_window(trial):
    figure = ancova("chg ~ arm + base", trial).plot_diagnostics()
    titles = [axes.get_title() for axes in figure.axes]
    assert titles == ["Residuals and fitted", "Normal Q-Q", "Spread", "Influence"]
    assert all(len(axes.lines[0].get_xdata()) == 80 for axes in figure.axes)


@pytest.mark.analytic
def test_an_outlier_is_named_by_its_label_in_the_data_and_lies_beyond_cooks_line(trial):
    trial.index = [f"P{place:03d}" for place in range(len(trial))]
    trial.loc["P000", "base"] = np.nan
    trial.loc["P017", ["base", "chg"]] = [150.0, 100.0]
    fit = ancova("chg ~ arm + base", trial)
    checks = fit.diagnostics().set_index("check")
    assert checks.note["largest_cook_distance"] == "row P017"
    assert checks.note["largest_leverage"].startswith("row P017; mean")
    assert checks.statistic["largest_cook_distance"] > 1
    for axes in fit.plot_diagnostics().axes:
        assert "P017" in [text.get_text() for text in axes.texts]
    influence = fit.plot_diagnostics().axes[3]
    dashed = [line for line in influence.lines if line.get_linestyle() == "--"]
    leverage, height = (np.abs(axis[-1]) for axis in dashed[-1].get_data())
    assert height**2 * leverage / (1 - leverage) / 3 == pytest.approx(1.0)


@pytest.mark.analytic
@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"treatment": "site"}, DataError),
        ({"treatment": "arm", "reference": "placebo"}, DataError),
        ({"reference": "control"}, DataError),
        ({"errors": "hc4"}, DataError),
        ({"errors": "cluster"}, DataError),
        ({"cluster": "site"}, DataError),
        ({"errors": "cluster", "cluster": "clinic"}, FormulaError),
        ({"confidence_level": 95}, DataError),
        ({"confidence_level": 1.0}, DataError),
    ],
)
def test_arguments_that_cannot_be_meant_are_refused(trial, arguments, error):
    with pytest.raises(error):
        ancova("chg ~ arm + base", trial, **arguments)


@pytest.mark.analytic
def test_a_treatment_outside_the_formula_is_refused(trial):
    with pytest.raises(DataError, match="Add it to the formula"):
        ancova("chg ~ base + site", trial, treatment="arm")


@pytest.mark.analytic
def test_a_saturated_model_is_refused(trial):
    with pytest.raises(DataError, match="more rows used than the 2 columns"):
        ancova("chg ~ arm", trial.drop_duplicates("arm"))


@pytest.mark.analytic
@pytest.mark.parametrize("outcome", ["constant", "computed"])
def test_an_outcome_without_residual_variance_is_refused(trial, outcome):
    trial["chg"] = 3.1 if outcome == "constant" else 2 * trial.base - 7.3
    with pytest.raises(DataError, match="rounding error"):
        ancova("chg ~ arm + base", trial)


@pytest.mark.analytic
def test_a_mean_without_terms_is_the_raw_mean_and_has_no_type_iii_tests(trial):
    fit = ancova("chg ~ 1", trial)
    assert fit.coefficients.estimate[0] == pytest.approx(trial.chg.mean(), rel=1e-12)
    assert len(fit.terms) == 0


@pytest.mark.analytic
def test_an_aliased_site_is_named(trial):
    trial["region"] = trial.site.map({"A": "north", "B": "north", "C": "south", "D": "south"})
    with pytest.raises(RankDeficiencyError, match=r"region\[T.south\]|site\[T.D\]"):
        ancova("chg ~ arm + site + region", trial)


@pytest.mark.analytic
def test_hc3_is_refused_where_one_row_decides_a_coefficient(trial):
    trial.loc[0, "site"] = "E"
    with pytest.raises(DataError, match="determine a coefficient alone"):
        ancova("chg ~ arm + site", trial, errors="hc3")


@pytest.mark.analytic
def test_one_cluster_is_refused(trial):
    trial["clinic"] = "only"
    with pytest.raises(DataError, match="at least two clusters"):
        ancova("chg ~ arm + base", trial, errors="cluster", cluster="clinic")


@pytest.mark.analytic
def test_a_term_of_more_contrasts_than_clusters_says_so_and_the_fit_still_prints(trial):
    trial["clinic"] = np.where(trial.index < 40, "one", "two")
    fit = ancova("chg ~ arm + site", trial, errors="cluster", cluster="clinic")
    terms = fit.terms.set_index("term")
    assert terms.distribution["site"] == "not testable"
    assert np.isnan(terms.p_value["site"])
    assert np.isfinite(terms.p_value["arm"])
    assert "not testable" in repr(fit)
    assert "not testable" in fit._repr_html_()
    sites = [{name: 1.0} for name in fit.coefficients.term if name.startswith("site")]
    with pytest.raises(NonEstimableError, match="singular covariance"):
        fit.joint_test(sites)


@pytest.mark.analytic
def test_effect_sizes_need_a_treatment_and_a_covariate(trial):
    with pytest.raises(DataError, match="with a treatment"):
        ancova("chg ~ arm + base", trial).effect_sizes()
    with pytest.raises(DataError, match="numeric covariate"):
        ancova("chg ~ arm + base", trial, treatment="arm").effect_sizes(baseline="site")


@pytest.mark.parametrize("errors", ["ols", "hc3"])
def test_other_outcomes_give_what_fits_of_their_own_give(trial, errors):
    rng = np.random.default_rng(1)
    outcomes = trial["chg"].to_numpy() + rng.normal(0, 3, (3, len(trial)))
    formula = "chg ~ arm + base + site"
    found = ancova(formula, trial, treatment="arm", errors=errors).with_outcomes(outcomes)
    for fit, outcome in zip(found, outcomes, strict=True):
        alone = ancova(formula, trial.assign(chg=outcome), treatment="arm", errors=errors)
        pd.testing.assert_frame_equal(fit.contrasts(), alone.contrasts(), rtol=1e-12)
        pd.testing.assert_frame_equal(fit.coefficients, alone.coefficients, rtol=1e-12)
        pd.testing.assert_series_equal(fit.residuals, alone.residuals, rtol=1e-12)
        assert fit.predict(trial).equals(alone.predict(trial))


def test_outcomes_of_other_rows_are_refused(trial):
    fit = ancova("chg ~ arm + base", trial, treatment="arm")
    with pytest.raises(DataError, match="finite outcomes"):
        fit.with_outcomes(np.zeros((2, len(trial) - 1)))
