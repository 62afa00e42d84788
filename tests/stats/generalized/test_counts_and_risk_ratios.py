"""Poisson, negative binomial and log-binomial regression against R."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.reference.agreement import agree, own_data, own_reference
from trialkit.errors import ConvergenceError, DataError, SeparationError
from trialkit.stats import log_binomial, logistic, negative_binomial, poisson

FORMULA = "episodes ~ arm + base"


@pytest.fixture(scope="module")
def trial() -> pd.DataFrame:
    data = own_data("poisson", "trial")
    return data.assign(arm=pd.Categorical(data.arm, ["control", "both", "exercise"]))


@pytest.fixture(scope="module")
def output() -> dict:
    return own_reference("poisson", "output")


def same(fit, theirs: dict, source: str, errors: str = "standard_error") -> None:
    table = fit.coefficients
    agree("poisson", source, "estimate", table.estimate, theirs["estimate"], scale=theirs["se"])
    agree("poisson", source, errors, table.standard_error, theirs["se"])


@pytest.mark.external_reference
@pytest.mark.parametrize(
    ("errors", "cluster", "entry"),
    [("model", None, "poisson"), ("robust", None, "poisson_robust"), ("cluster", "id", "poisson_cluster")],
)
def test_rates_and_their_errors_are_those_of_glm_and_sandwich(trial, output, errors, cluster, entry):
    fit = poisson(FORMULA, trial, exposure="years", errors=errors, cluster=cluster)
    same(fit, output[entry], "glm, sandwich")
    agree("poisson", "glm", "log_likelihood", fit.log_likelihood, output["poisson_loglik"])
    agree("poisson", "glm", "statistic", fit.pearson_dispersion, output["poisson_pearson"])
    agree("poisson", "glm", "estimate", fit.fitted, output["poisson_fitted"])
    agree("poisson", "glm", "estimate", fit.residuals, output["poisson_residuals"], scale=1.0)
    np.testing.assert_allclose(np.log(fit.rate_ratios.estimate), output[entry]["estimate"][1:], rtol=1e-6)


@pytest.mark.external_reference
@pytest.mark.parametrize(("errors", "entry"), [("model", "nb"), ("robust", "nb_robust")])
def test_overdispersed_rates_are_those_of_glm_nb(trial, output, errors, entry):
    fit = negative_binomial(FORMULA, trial, exposure="years", errors=errors)
    same(fit, output[entry], "MASS::glm.nb")
    agree("poisson", "MASS::glm.nb", "covariance_parameter", fit.dispersion, output["nb_alpha"])
    agree("poisson", "MASS::glm.nb", "log_likelihood", fit.log_likelihood, output["nb_loglik"])
    assert not fit.boundary


@pytest.mark.external_reference
def test_risk_ratios_are_those_of_modified_poisson_and_of_the_binomial_likelihood(trial, output):
    same(poisson("any ~ arm + base", trial, errors="robust"), output["modified"], "glm, sandwich")
    fit = log_binomial("any ~ arm + base", trial)
    same(fit, output["log_binomial"], "glm")
    agree("poisson", "glm", "log_likelihood", fit.log_likelihood, output["log_binomial_loglik"])
    assert fit.events == trial["any"].sum()


@pytest.mark.analytic
def test_one_factor_gives_the_ratio_of_events_over_time(trial):
    two = trial[trial.arm != "both"]
    row = poisson("episodes ~ arm", two, exposure="years").rate_ratios.iloc[0]
    totals = two.groupby("arm", observed=True)[["episodes", "years"]].sum()
    rate = totals.episodes / totals.years
    assert row.estimate == pytest.approx(rate["exercise"] / rate["control"], rel=1e-10)
    assert row.log_standard_error == pytest.approx(np.sqrt((1 / totals.episodes).sum()), rel=1e-10)
    risk = two.groupby("arm", observed=True)["any"].mean()
    found = log_binomial("any ~ arm", two).risk_ratios.iloc[0]
    assert found.estimate == pytest.approx(risk["exercise"] / risk["control"], rel=1e-10)
    n = two.groupby("arm", observed=True)["any"].count()
    assert found.log_standard_error == pytest.approx(np.sqrt(((1 - risk) / (n * risk)).sum()), rel=1e-9)


@pytest.mark.analytic
def test_counts_no_more_variable_than_poissons_have_no_dispersion(trial):
    even = trial.assign(episodes=np.tile([1, 2], len(trial) // 2))
    fit = negative_binomial("episodes ~ arm", even)
    assert fit.boundary
    assert fit.dispersion == 0
    assert fit.rate_ratios.equals(poisson("episodes ~ arm", even).rate_ratios)
    assert "boundary" in repr(fit)


@pytest.mark.analytic
def test_a_level_without_events_has_no_ratio_and_is_named(trial):
    none = trial.assign(episodes=trial.episodes.where(trial.arm != "both", 0))
    for method in (poisson, negative_binomial):
        with pytest.raises(SeparationError, match=r"along arm\[T.both\]"):
            method(FORMULA, none)
    with pytest.raises(SeparationError, match=r"along arm\[T.both\]"):
        log_binomial("any ~ arm", trial.assign(any=trial["any"].where(trial.arm != "both", 0)))


@pytest.mark.analytic
def test_risks_that_would_pass_1_end_at_an_edge_that_is_named():
    data = pd.DataFrame({"x": [0.0, 1, 2, 3, 4, 5] * 4, "y": [0, 0, 0, 1, 1, 1] * 3 + [0, 1, 0, 1, 1, 1]})
    with pytest.raises(ConvergenceError, match="errors='robust'"):
        log_binomial("y ~ x", data)


@pytest.mark.analytic
def test_a_level_whose_rows_all_have_the_event_is_at_the_edge():
    data = pd.DataFrame({"g": list("aabbbb"), "y": [1, 1, 1, 0, 1, 0]})
    with pytest.raises(ConvergenceError, match="rises until a risk is 1: where all rows of a level"):
        log_binomial("y ~ g", data)


@pytest.mark.analytic
@pytest.mark.parametrize(
    ("change", "arguments", "text"),
    [
        ({"episodes": -1}, {}, "whole numbers"),
        ({"episodes": 0.5}, {}, "whole numbers"),
        ({"years": 0.0}, {"exposure": "years"}, "above 0"),
        ({}, {"errors": "cluster"}, "cluster column"),
        ({}, {"cluster": "id"}, "cluster column"),
        ({}, {"errors": "hc3"}, "errors to be one of"),
        ({"id": 1}, {"errors": "cluster", "cluster": "id"}, "two clusters"),
    ],
)
def test_what_is_no_count_or_rate_is_refused(trial, change, arguments, text):
    with pytest.raises(DataError, match=text):
        poisson(FORMULA, trial.assign(**change), **arguments)


@pytest.mark.analytic
def test_fitted_values_and_residuals_stand_on_the_index_of_the_data(trial):
    data = trial.set_index(pd.Index([f"s{k}" for k in range(len(trial))]))
    data.iloc[3, data.columns.get_loc("base")] = np.nan
    for fit, outcome in (
        (poisson(FORMULA, data), "episodes"),
        (log_binomial("any ~ arm", data.drop("s3")), "any"),
        (logistic("any ~ base", data), "any"),
    ):
        assert "s3" not in fit.fitted.index
        assert len(fit.fitted) == len(data) - 1
        np.testing.assert_allclose(fit.fitted + fit.residuals, data[outcome].drop("s3"), atol=1e-12)
