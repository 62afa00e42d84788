"""Marginal risks from a logistic model."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from tests.reference.agreement import agree, own_data, own_reference
from trialkit.stats import DataError, g_computation, logistic

FORMULAS = {
    "main": "better ~ arm + base + sex",
    "interaction": "better ~ arm * base + sex",
    "alone": "better ~ arm",
}
MEASURES = {"difference": "risk difference", "ratio": "risk ratio", "odds": "odds ratio"}


@pytest.mark.external_reference
@pytest.mark.parametrize("model", FORMULAS)
@pytest.mark.parametrize("errors", ["model", "robust"])
def test_risks_contrasts_and_errors_are_those_of_r(model, errors):
    expected = own_reference("g_computation", "output")[model]
    fit = logistic(FORMULAS[model], own_data("g_computation", "trial"), treatment="arm", reference="control")
    result = g_computation(fit, errors=errors)
    agree("g_computation", "R", "estimate", result.risks["estimate"], expected["risks"])
    agree("g_computation", "R", "standard_error", result.risks["standard_error"], expected[errors])
    table = result.contrasts.set_index(["contrast", "measure"])
    for contrast, theirs in zip(
        ("exercise - control", "usual - control"), expected[f"contrasts_{errors}"], strict=True
    ):
        for name, (centre, error) in theirs.items():
            row = table.loc[(contrast, MEASURES[name])]
            ours = row["estimate"] if name == "difference" else math.log(row["estimate"])
            agree("g_computation", "R", "estimate", ours, centre)
            own = "standard_error" if name == "difference" else "log_standard_error"
            agree("g_computation", "R", "standard_error", row[own], error)


@pytest.mark.analytic
def test_without_covariates_these_are_the_observed_proportions():
    data = own_data("g_computation", "trial")
    risks = g_computation(logistic("better ~ arm", data, treatment="arm")).risks
    groups = data.groupby("arm")["better"].agg(["mean", "size"])
    assert risks["estimate"].to_numpy() == pytest.approx(groups["mean"].to_numpy(), rel=1e-10)
    usual = np.sqrt(groups["mean"] * (1 - groups["mean"]) / groups["size"])
    assert risks["standard_error"].to_numpy() == pytest.approx(usual.to_numpy(), rel=1e-10)


@pytest.mark.analytic
def test_another_reference_turns_the_contrast_round():
    fit = logistic(FORMULAS["main"], own_data("g_computation", "trial"), treatment="arm", reference="control")
    other = g_computation(fit, reference="usual").contrasts.set_index(["contrast", "measure"])
    own = g_computation(fit).contrasts.set_index(["contrast", "measure"])
    ratio = other.loc[("control - usual", "risk ratio")]
    assert ratio["estimate"] == pytest.approx(1 / own.loc[("usual - control", "risk ratio"), "estimate"])
    assert "g-computation, model errors" in repr(g_computation(fit))


@pytest.mark.long
def test_robust_errors_cover_the_population_difference():
    """The risk difference over normal baselines, by a fine grid; 500 trials, four Monte Carlo errors."""
    from scipy.special import expit

    generator, covered = np.random.default_rng(7), 0
    grid = generator.normal(size=2_000_000)
    truth = float((expit(grid + 0.3) - expit(grid - 0.5)).mean())
    for _ in range(500):
        base, arm = generator.normal(size=200), np.repeat(["c", "t"], 100)
        better = generator.binomial(1, expit(base - 0.5 + 0.8 * (arm == "t")))
        fit = logistic("better ~ arm + base", pd.DataFrame({"better": better, "arm": arm, "base": base}))
        row = g_computation(fit, "arm", errors="robust").contrasts.iloc[0]
        covered += row["ci_lower"] <= truth <= row["ci_upper"]
    assert 0.91 < covered / 500 < 0.985


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"treatment": "base"}, "among the factors"),
        ({"treatment": "arm", "reference": "placebo"}, "a reference among"),
        ({}, "a treatment"),
        ({"treatment": "arm", "errors": "hc3"}, "errors"),
    ],
)
def test_a_treatment_that_is_not_in_the_model_is_refused(arguments, text):
    fit = logistic(FORMULAS["main"], own_data("g_computation", "trial"))
    with pytest.raises(DataError, match=text):
        g_computation(fit, **arguments)
