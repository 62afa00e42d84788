"""The complier-average effect against AER::ivreg."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.reference.agreement import agree, own_data, own_reference
from trialkit.errors import DataError
from trialkit.stats import ancova, complier_effect


@pytest.fixture(scope="module")
def trial() -> pd.DataFrame:
    return own_data("complier_effect", "trial")


@pytest.mark.external_reference
@pytest.mark.parametrize(
    ("entry", "formula", "received", "errors"),
    [
        ("received", "chg ~ base + site", "received", "model"),
        ("robust", "chg ~ base + site", "received", "robust"),
        ("sessions", "chg ~ base", "sessions", "model"),
        ("wald", "chg ~ 1", "received", "model"),
    ],
)
def test_two_stage_least_squares_is_that_of_ivreg(trial, entry, formula, received, errors):
    theirs = own_reference("complier_effect", "output")[entry]
    found = complier_effect(formula, trial, received, "arm", "control", errors)
    row = found.effect.iloc[0]
    agree("complier_effect", "AER::ivreg", "estimate", row.estimate, theirs["estimate"])
    agree("complier_effect", "AER::ivreg", "standard_error", row.standard_error, theirs["se"])
    agree("complier_effect", "AER::ivreg", "df", row.df, theirs["df"])
    np.testing.assert_allclose(sorted(found.coefficients.estimate), sorted(theirs["all"]), rtol=1e-8)
    np.testing.assert_allclose(sorted(found.coefficients.standard_error), sorted(theirs["all_se"]), rtol=1e-8)


@pytest.mark.external_reference
def test_the_first_stage_and_the_effect_of_allocation_stand_beside_it(trial):
    theirs = own_reference("complier_effect", "output")
    found = complier_effect("chg ~ base + site", trial, "received", "arm", "control")
    first, whole = found.first_stage.iloc[0], found.intention_to_treat.iloc[0]
    agree("complier_effect", "AER::ivreg", "statistic", first.statistic, theirs["first_f"])
    agree(
        "complier_effect",
        "lm",
        "estimate",
        [first.estimate, whole.estimate],
        [theirs["first"], theirs["itt"][0]],
    )
    agree("complier_effect", "lm", "standard_error", whole.standard_error, theirs["itt"][1])
    assert not found.weak


@pytest.mark.analytic
def test_without_covariates_it_is_walds_ratio_and_with_perfect_compliance_the_difference(trial):
    mean = trial.groupby("arm")[["chg", "received"]].mean()
    ratio = (mean.chg["exercise"] - mean.chg["control"]) / (
        mean.received["exercise"] - mean.received["control"]
    )
    found = complier_effect("chg ~ 1", trial, "received", "arm", "control")
    assert found.effect.estimate[0] == pytest.approx(ratio, rel=1e-10)
    perfect = trial.assign(received=trial.arm == "exercise")
    found = complier_effect("chg ~ base", perfect, "received", "arm", "control").effect.iloc[0]
    theirs = ancova("chg ~ arm + base", trial, treatment="arm", reference="control").contrasts().iloc[0]
    for name in ("estimate", "standard_error", "df", "p_value", "ci_lower", "ci_upper"):
        assert found[name] == pytest.approx(theirs[name], rel=1e-9)
    assert found.contrast == "exercise - control"


@pytest.mark.analytic
def test_what_it_cannot_tell_is_refused_and_a_weak_instrument_is_said(trial):
    for data, formula, text in (
        (trial, "chg ~ arm", "baseline covariates only"),
        (trial, "chg ~ 0 + site", "with an intercept"),
        (trial.assign(received="yes"), "chg ~ 1", "0/1, true/false or an amount"),
        (trial.assign(received=1), "chg ~ 1", "changes what is received"),
        (trial.assign(arm="exercise"), "chg ~ 1", "two arms"),
    ):
        with pytest.raises(DataError, match=text):
            complier_effect(formula, data, "received", "arm", "control")
    chance = trial.assign(received=np.random.default_rng(1).integers(0, 2, len(trial)))
    found = complier_effect("chg ~ 1", chance, "received", "arm", "control")
    assert found.weak
    assert "cannot be trusted" in repr(found)
