"""Estimating equations against R's gee and geepack."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.reference.agreement import agree, own_data, own_reference
from trialkit.errors import DataError, SeparationError
from trialkit.stats import ancova, gee, logistic


@pytest.fixture(scope="module")
def trial() -> pd.DataFrame:
    return own_data("gee", "trial")


@pytest.mark.external_reference
@pytest.mark.parametrize(
    ("entry", "formula", "family", "correlation"),
    [
        ("exchangeable", "controlled ~ arm + base + visit", "binomial", "exchangeable"),
        ("independence", "controlled ~ arm + base + visit", "binomial", "independence"),
        ("poisson", "episodes ~ arm + visit", "poisson", "exchangeable"),
        ("gaussian", "pain ~ arm + base", "gaussian", "exchangeable"),
    ],
)
def test_estimates_and_both_kinds_of_error_are_those_of_gee(trial, entry, formula, family, correlation):
    theirs = own_reference("gee", "output")[entry]
    fit = gee(formula, trial, "id", family, correlation)
    agree("gee", "gee", "estimate", fit.coefficients.estimate, theirs["estimate"])
    agree("gee", "gee", "standard_error", fit.coefficients.standard_error, theirs["robust"])
    agree("gee", "gee", "covariance_parameter", [fit.scale], [theirs["scale"]])
    np.testing.assert_allclose(fit.working_correlation, theirs["alpha"], rtol=1e-5, atol=1e-12)
    naive = gee(formula, trial, "id", family, correlation, errors="model").coefficients
    agree("gee", "gee", "standard_error", naive.standard_error, theirs["naive"])


@pytest.mark.external_reference
def test_independence_is_that_of_geepack(trial):
    theirs = own_reference("gee", "output")["independence_of_geepack"]
    fit = gee("controlled ~ arm + base + visit", trial, "id", correlation="independence")
    agree("gee", "geepack", "estimate", fit.coefficients.estimate, theirs["estimate"])
    agree("gee", "geepack", "standard_error", fit.coefficients.standard_error, theirs["robust"])


@pytest.mark.analytic
def test_one_row_a_subject_is_the_model_of_single_outcomes(trial):
    once = trial.drop_duplicates("id")
    fit = gee("controlled ~ arm + base", once, "id", correlation="independence")
    single = logistic("controlled ~ arm + base", once)
    np.testing.assert_allclose(fit.coefficients.estimate, single.coefficients.estimate, rtol=1e-8)
    np.testing.assert_allclose(fit.fitted, single.fitted, rtol=1e-8)
    line = gee("pain ~ arm", once, "id", "gaussian", "independence")
    np.testing.assert_allclose(line.coefficients.estimate, ancova("pain ~ arm", once).coefficients.estimate)


@pytest.mark.analytic
def test_the_order_of_the_rows_changes_nothing_and_residuals_keep_their_index(trial):
    mixed = trial.sample(frac=1.0, random_state=3)
    for correlation in ("exchangeable", "ar1"):
        one = gee("controlled ~ arm + base", trial, "id", correlation=correlation, visit="visit")
        two = gee("controlled ~ arm + base", mixed, "id", correlation=correlation, visit="visit")
        np.testing.assert_allclose(two.coefficients.estimate, one.coefficients.estimate, rtol=1e-7)
        np.testing.assert_allclose(
            two.coefficients.standard_error, one.coefficients.standard_error, rtol=1e-7
        )
        pd.testing.assert_series_equal(two.fitted.sort_index(), one.fitted.sort_index(), rtol=1e-7)
        np.testing.assert_allclose(two.fitted + two.residuals, mixed.controlled)
    reduced = gee("controlled ~ arm + base", trial, "id", errors="bias-reduced").coefficients
    assert (
        reduced.standard_error > gee("controlled ~ arm + base", trial, "id").coefficients.standard_error
    ).all()


@pytest.mark.analytic
def test_what_cannot_be_meant_is_refused(trial):
    for call, text in (
        (lambda: gee("controlled ~ arm", trial, "id", correlation="ar1"), "visit='...'"),
        (lambda: gee("controlled ~ arm", trial, "id", "gamma"), "family to be one of"),
        (lambda: gee("pain ~ arm", trial, "id", "poisson"), "whole numbers"),
        (lambda: gee("pain ~ arm", trial.assign(id=1), "id", "gaussian"), "two subjects"),
        (
            lambda: gee("pain ~ arm", trial.assign(visit=1), "id", "gaussian", visit="visit"),
            "one row for each",
        ),
        (lambda: gee("pain ~ arm", trial, "id", "gaussian").ratios, "binomial or Poisson"),
    ):
        with pytest.raises(DataError, match=text):
            call()
    with pytest.raises(SeparationError, match="along base"):
        gee("sick ~ base", trial.assign(sick=(trial.base > 0).astype(int)), "id")
    text = repr(gee("controlled ~ arm", trial, "id", treatment="arm"))
    assert "Odds ratios" in text and "working correlation" in text and "log-likelihood" not in text
