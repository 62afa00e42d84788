"""`fitted` and `residuals` stand on the index of the data, whatever the method; they are those of R."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.reference.agreement import own_data, own_reference
from trialkit import stats

ORDER = ["worse", "unchanged", "better", "well"]


def satisfaction() -> pd.DataFrame:
    data = own_data("ordinal", "satisfaction")
    return data.assign(satisfaction=pd.Categorical(data.satisfaction, ORDER, ordered=True))


@pytest.mark.external_reference
@pytest.mark.parametrize(
    ("entry", "more"),
    [
        ("efron", {}),
        ("breslow", {"ties": "breslow"}),
        ("strata", {"strata": "site"}),
        ("entry", {"entry": "entry"}),
    ],
)
def test_expected_events_and_martingale_residuals_are_those_of_coxph(
    entry: str, more: dict[str, Any]
) -> None:
    theirs = own_reference("cox", "residuals")[entry]
    fit = stats.cox("arm + base", own_data("cox", "trial"), "time", "event", **more)
    np.testing.assert_allclose(fit.fitted, theirs["expected"], rtol=1e-7, atol=1e-10)
    np.testing.assert_allclose(fit.residuals, theirs["martingale"], rtol=1e-7, atol=1e-10)
    assert fit.residuals.sum() == pytest.approx(0, abs=1e-9)


@pytest.mark.external_reference
def test_probabilities_are_those_of_polr_and_residuals_those_of_lrm() -> None:
    theirs = own_reference("ordinal", "residuals")
    fit = stats.ordinal("satisfaction ~ arm + sex + age", satisfaction())
    np.testing.assert_allclose(fit.fitted, theirs["fitted"], rtol=1e-4)  # polr stops at 1e-5
    np.testing.assert_allclose(fit.residuals, theirs["residuals"], rtol=1e-6, atol=1e-8)
    assert list(fit.fitted.columns) == ORDER


@pytest.mark.external_reference
def test_times_and_their_residuals_are_those_of_survreg() -> None:
    theirs = own_reference("parametric_survival", "residuals")
    fit = stats.parametric_survival("arm + age", own_data("parametric_survival", "trial"), "days", "event")
    np.testing.assert_allclose(fit.fitted, theirs["fitted"], rtol=1e-6)
    np.testing.assert_allclose(fit.residuals, theirs["residuals"], rtol=1e-5, atol=1e-4)


@pytest.mark.external_reference
@pytest.mark.parametrize(
    ("received", "formula"), [("received", "chg ~ base + site"), ("sessions", "chg ~ base")]
)
def test_of_two_stages_they_are_those_at_what_was_received(received: str, formula: str) -> None:
    theirs = own_reference("complier_effect", "residuals")[received]
    data = own_data("complier_effect", "trial")
    fit = stats.complier_effect(formula, data, received, "arm", "control")
    np.testing.assert_allclose(fit.fitted, theirs["fitted"], rtol=1e-9)
    np.testing.assert_allclose(fit.residuals, theirs["residuals"], rtol=1e-7, atol=1e-9)


@pytest.mark.external_reference
def test_of_intervals_they_are_the_sums_of_the_probabilities_of_glm() -> None:
    theirs = own_reference("interval_cloglog", "residuals")
    data = own_data("interval_cloglog", "trial")
    fit = stats.interval_cloglog("arm + base", data, "visit", "event")
    np.testing.assert_allclose(fit.fitted, theirs["fitted"], rtol=1e-7)
    np.testing.assert_allclose(fit.residuals, theirs["residuals"], rtol=1e-6, atol=1e-9)


def rows() -> pd.DataFrame:
    made = np.random.default_rng(8)
    n = 120
    data = pd.DataFrame(
        {
            "id": np.repeat(np.arange(n // 3), 3),
            "visit": pd.Categorical(np.tile([1, 2, 3], n // 3), ordered=True),
            "arm": np.repeat(made.choice(["a", "b"], n // 3), 3),
            "x": made.normal(size=n),
            "site": np.repeat(made.choice(list("pqr"), n // 3), 3),
            "t": made.integers(1, 30, n).astype(float),
            "d": made.integers(0, 2, n),
            "count": made.poisson(2, n),
            "grade": pd.Categorical(made.integers(1, 4, n), ordered=True),
        }
    )
    data["y"] = data.x + made.normal(size=n) + np.repeat(made.normal(size=n // 3), 3)
    data["took"] = ((data.arm == "b") & (made.random(n) < 0.8)).astype(int)
    data["seen"] = np.ceil(data.t / 10).astype(int)
    data.loc[[3, 50], "x"] = np.nan
    return data.set_axis([f"row {i}" for i in range(n)]).sample(frac=1.0, random_state=1)


FITS: dict[str, Callable[[pd.DataFrame], Any]] = {
    "ancova": lambda d: stats.ancova("y ~ arm + x", d),
    "mmrm": lambda d: stats.mmrm("y ~ arm * visit + x", d, "id", "visit"),
    "lmm": lambda d: stats.lmm("y ~ arm + x", d, random="1 | id"),
    "logistic": lambda d: stats.logistic("d ~ arm + x", d),
    "mixed_logistic": lambda d: stats.mixed_logistic("d ~ arm + x", d, random="1 | site"),
    "ordinal": lambda d: stats.ordinal("grade ~ arm + x", d),
    "poisson": lambda d: stats.poisson("count ~ arm + x", d),
    "negative_binomial": lambda d: stats.negative_binomial("count ~ arm + x", d),
    "log_binomial": lambda d: stats.log_binomial("d ~ arm + x", d),
    "gee": lambda d: stats.gee("d ~ arm + x", d, "id"),
    "cox": lambda d: stats.cox("arm + x", d, "t", "d"),
    "parametric_survival": lambda d: stats.parametric_survival("arm + x", d, "t", "d"),
    "complier_effect": lambda d: stats.complier_effect("y ~ x", d, "took", "arm", "a"),
    "interval_cloglog": lambda d: stats.interval_cloglog("arm + x", d, "seen", "d"),
}


@pytest.mark.parametrize("method", FITS)
def test_they_stand_on_the_index_of_the_rows_used(method: str) -> None:
    data = rows()
    fit = FITS[method](data)
    residuals = fit.residuals() if callable(fit.residuals) else fit.residuals
    expected = [name for name in data.index if pd.notna(data.x[name])]
    assert sorted(fit.fitted.index) == sorted(residuals.index) == sorted(expected)
    assert np.isfinite(fit.fitted).all(axis=None)
    assert np.isfinite(residuals).all()
    assert list(fit.fitted.index) == list(residuals.index)
