"""Marginal risks from a logistic model."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

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


@pytest.mark.analytic
def test_a_margin_moves_the_difference_s_statistic_and_nothing_else():
    fit = logistic(FORMULAS["main"], own_data("g_computation", "trial"), treatment="arm", reference="control")
    plain, margin = (
        g_computation(fit).contrasts,
        g_computation(fit, null_value=-0.1, alternative="greater").contrasts,
    )
    same = ["measure", "contrast", "estimate", "standard_error", "log_standard_error", "ci_lower", "ci_upper"]
    pd.testing.assert_frame_equal(plain[same], margin[same])
    assert list(plain.columns) == [
        *same[:5], "df", "statistic", "p_value", "ci_lower", "ci_upper", "alternative", "null_value"
    ]  # fmt: skip
    differences = margin.measure == "risk difference"
    moved = (margin.statistic - plain.statistic)[differences]
    assert moved.to_numpy() == pytest.approx((0.1 / plain.standard_error[differences]).to_numpy(), rel=1e-9)
    assert (margin.statistic == plain.statistic)[~differences].all()
    assert margin.null_value.tolist() == [-0.1, 1.0, 1.0] * 2
    assert margin.p_value.to_numpy() == pytest.approx(stats.norm.sf(margin.statistic), rel=1e-9)
    with pytest.raises(DataError, match="null_value"):
        g_computation(fit, null_value=1.5)


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
