"""Estimating equations against R's gee and geepack."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.reference.agreement import agree, own_data, own_reference
from trialkit.errors import DataError, SeparationError
from trialkit.stats import ancova, gee, logistic
from trialkit.stats.generalized.gee import GeeFit


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


def by_loops(fit: GeeFit, rows: pd.DataFrame) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Score and covariances at the fit's own numbers, subject after subject, with each V written out."""
    X, beta, alpha = fit.design.X, fit.coefficients.estimate.to_numpy(), fit.working_correlation
    linear = X @ beta
    mean = {"binomial": 1 / (1 + np.exp(-linear)), "poisson": np.exp(linear), "gaussian": linear}[fit.family]
    variance = {"binomial": mean * (1 - mean), "poisson": mean, "gaussian": np.ones_like(mean)}[fit.family]
    left, parts = fit.design.y - mean, []
    for one in rows.id.unique():
        at = np.flatnonzero(rows.id.to_numpy() == one)
        steps = np.abs(np.subtract.outer(rows.visit.to_numpy()[at], rows.visit.to_numpy()[at]))
        R = {"ar1": alpha**steps, "exchangeable": np.where(steps == 0, 1.0, alpha)}[fit.correlation]
        V = R * np.sqrt(np.outer(variance[at], variance[at]))
        parts.append((X[at] * variance[at][:, None], np.linalg.inv(V), left[at]))
    bread = np.linalg.inv(sum(D.T @ W @ D for D, W, _ in parts))
    scores = [D.T @ W @ r for D, W, r in parts]
    freed = [D.T @ W @ np.linalg.solve(np.eye(len(r)) - D @ bread @ D.T @ W, r) for D, W, r in parts]
    scale = left @ left / (len(mean) - len(beta)) if fit.family == "gaussian" else 1.0
    return sum(scores), {
        "robust": bread @ sum(np.outer(s, s) for s in scores) @ bread,
        "bias-reduced": bread @ sum(np.outer(s, s) for s in freed) @ bread,
        "model": bread * scale,
    }


@pytest.mark.independent_reimplementation
@pytest.mark.parametrize("correlation", ["exchangeable", "ar1"])
@pytest.mark.parametrize(
    ("family", "outcome"), [("binomial", "controlled"), ("poisson", "episodes"), ("gaussian", "pain")]
)
def test_the_equations_are_solved_and_errors_are_those_of_loops(trial, family, outcome, correlation):
    for errors in ("robust", "bias-reduced", "model"):
        fit = gee(f"{outcome} ~ arm + base", trial, "id", family, correlation, visit="visit", errors=errors)
        score, covariances = by_loops(fit, trial)
        error = fit.coefficients.standard_error.to_numpy()
        assert np.abs(score * error).max() < 1e-6  # a step of less than a millionth of an error is left
        np.testing.assert_allclose(fit.coefficient_covariance, covariances[errors], rtol=1e-8, atol=1e-12)


@pytest.mark.independent_reimplementation
def test_the_correlation_of_neighbours_counts_steps_of_visits_and_not_of_rows(trial):
    fit = gee("pain ~ arm + base", trial, "id", "gaussian", "ar1", visit="visit")
    rows = trial.assign(e=fit.residuals)
    pairs = rows.merge(rows.assign(visit=rows.visit - 1), on=["id", "visit"])  # one step apart, no further
    phi = (rows.e**2).sum() / (len(rows) - 3)
    expected = (pairs.e_x * pairs.e_y).sum() / (phi * (len(pairs) - 3))
    assert fit.working_correlation == pytest.approx(expected, rel=1e-7)
    assert len(pairs) < trial.groupby("id").size().sub(1).sum()  # there are gaps


@pytest.mark.external_reference
@pytest.mark.parametrize(
    ("family", "formula"),
    [
        ("Binomial", "controlled ~ arm + base"),
        ("Poisson", "episodes ~ arm"),
        ("Gaussian", "pain ~ arm + base"),
    ],
)
def test_statsmodels_solves_the_exchangeable_equations_alike(trial, family, formula):
    import statsmodels.api as sm

    fit = gee(formula, trial, "id", family.lower(), "exchangeable")
    theirs = sm.GEE(
        fit.design.y, fit.design.X, trial.id, family=getattr(sm.families, family)(),
        cov_struct=sm.cov_struct.Exchangeable(),
    ).fit(maxiter=500, ctol=1e-12)  # fmt: skip
    np.testing.assert_allclose(fit.coefficients.estimate, theirs.params, rtol=1e-7)
    np.testing.assert_allclose(fit.coefficients.standard_error, theirs.bse, rtol=1e-6)
    assert fit.working_correlation == pytest.approx(theirs.cov_struct.dep_params, rel=1e-6)


@pytest.mark.parametrize(
    ("formula", "family", "error", "text"),
    [
        ("still ~ arm", "gaussian", DataError, "varies about its fitted values"),
        ("by_arm ~ arm", "gaussian", DataError, "varies about its fitted values"),
        ("none ~ arm", "poisson", SeparationError, "an event at every level"),
        ("in_arm ~ arm", "poisson", SeparationError, "an event at every level"),
        ("none ~ arm", "binomial", DataError, "both outcomes"),
    ],
)
def test_an_outcome_that_does_not_vary_is_refused_in_words(trial, formula, family, error, text):
    told = (trial.arm == "exercise").astype(int)
    with pytest.raises(error, match=text):
        gee(formula, trial.assign(still=1.0, none=0, by_arm=2.5 * told, in_arm=told), "id", family)


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


@pytest.mark.parametrize("seed", [2, 9, 10])
def test_a_level_with_events_alone_is_separation_though_the_equations_have_a_root(seed):
    """R's geepack runs off to 1e16 there; statsmodels stops at log odds of 5 to 10."""
    rng = np.random.default_rng(seed)
    level = rng.choice(list("abc"), 60)
    data = pd.DataFrame(
        {
            "y": np.where(level == "a", 1, rng.integers(0, 2, 60)),
            "level": level,
            "id": np.repeat(range(12), 5),
        }
    )
    for correlation in ("exchangeable", "independence"):
        with pytest.raises(SeparationError, match="quasi-complete separation along level"):
            gee("y ~ level", data, subject="id", correlation=correlation)
