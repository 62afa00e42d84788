"""Generated data against slow, obvious programs, and what must not change a result."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings, strategies as st
from scipy.optimize import minimize

from trialkit.errors import SeparationError
from trialkit.stats import g_computation, logistic, mixed_logistic, ordinal

ANY = settings(derandomize=True, deadline=None, max_examples=15)
NUMBERS = ["estimate", "standard_error", "statistic", "p_value", "ci_lower", "ci_upper"]


def columns_by_hand(data: pd.DataFrame) -> np.ndarray:
    """arm + sex + base: an intercept, an indicator a level after the first, and the number."""
    arms, sexes = sorted(data.arm.unique())[1:], sorted(data.sex.unique())[1:]
    indicators = [data.arm == arm for arm in arms] + [data.sex == sex for sex in sexes]
    return np.column_stack([np.ones(len(data)), *indicators, data.base]).astype(float)


def curvature(function, at: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """Second derivatives by central differences."""
    size = len(at)
    found = np.empty((size, size))
    for i in range(size):
        for j in range(size):
            a, b = steps[i] * np.eye(size)[i], steps[j] * np.eye(size)[j]
            corners = (
                function(at + a + b) - function(at + a - b) - function(at - a + b) + function(at - a - b)
            )
            found[i, j] = corners / (4 * steps[i] * steps[j])
    return found


def check_maximum(log_likelihood, estimates: np.ndarray, errors: np.ndarray, value: float) -> None:
    """The value is the program's own, no optimizer climbs higher, and the curvature gives the errors."""
    assert log_likelihood(estimates) == pytest.approx(value, rel=1e-10)
    near = minimize(
        lambda z: -log_likelihood(estimates + errors * z), np.full(len(errors), 0.3), method="Nelder-Mead"
    )
    assert -near.fun <= value + 1e-9
    information = -curvature(log_likelihood, estimates, 0.02 * errors)
    assert np.sqrt(np.diag(np.linalg.inv(information))) == pytest.approx(errors, rel=2e-3)


@pytest.mark.independent_reimplementation
@ANY
@given(seed=st.integers(0, 10**6))
def test_a_logistic_fit_is_the_maximum_of_the_product_of_bernoulli_chances(make_categories, seed):
    data = make_categories(seed)
    fit = logistic("event ~ arm + sex + base", data)
    X, y = columns_by_hand(data), data.event.to_numpy()

    def log_likelihood(b: np.ndarray) -> float:
        p = 1.0 / (1.0 + np.exp(-X @ b))
        return float(np.log(np.where(y == 1, p, 1 - p)).sum())

    table = fit.coefficients
    check_maximum(
        log_likelihood, table.estimate.to_numpy(), table.standard_error.to_numpy(), fit.log_likelihood
    )


@pytest.mark.independent_reimplementation
@ANY
@given(seed=st.integers(0, 10**6))
def test_an_ordinal_fit_is_the_maximum_of_the_product_of_category_chances(make_categories, seed):
    data = make_categories(seed)
    fit = ordinal("score ~ arm + sex + base", data)
    X, y = columns_by_hand(data)[:, 1:], data.score.to_numpy()

    def log_likelihood(b: np.ndarray) -> float:
        at_most = 1.0 / (1.0 + np.exp(-(b[:3] - (X @ b[3:])[:, None])))
        bounds = np.column_stack([np.zeros(len(X)), at_most, np.ones(len(X))])
        return float(np.log(bounds[np.arange(len(X)), y + 1] - bounds[np.arange(len(X)), y]).sum())

    table = pd.concat([fit.thresholds, fit.coefficients])
    check_maximum(
        log_likelihood, table.estimate.to_numpy(), table.standard_error.to_numpy(), fit.log_likelihood
    )


@pytest.mark.independent_reimplementation
@ANY
@given(seed=st.integers(0, 10**6))
def test_marginal_risks_are_averages_of_predictions_subject_by_subject(make_categories, seed):
    data = make_categories(seed)
    fit = logistic("event ~ arm * base + sex", data, treatment="arm", reference="control")
    result = g_computation(fit)
    risks = result.risks.set_index("arm").estimate
    for arm in risks.index:
        each = [fit.predict(data.iloc[[i]].assign(arm=arm)).estimate.iloc[0] for i in range(0, len(data), 40)]
        whole = fit.predict(data.assign(arm=arm)).estimate
        assert whole.iloc[::40].to_numpy() == pytest.approx(each, rel=1e-12)
        assert risks[arm] == pytest.approx(whole.mean(), rel=1e-12)
    contrasts = result.contrasts.set_index(["contrast", "measure"]).estimate
    difference = risks["exercise"] - risks["control"]
    assert contrasts["exercise - control", "risk difference"] == pytest.approx(difference, rel=1e-10)


FITS = {
    "logistic": lambda data, **k: logistic("event ~ arm * sex + base", data, **k),
    "ordinal": lambda data, **k: ordinal("score ~ arm * sex + base", data, **k),
    "mixed_logistic": lambda data, **k: mixed_logistic("event ~ arm * sex + base", data, "1 | site", 5, **k),
}


@pytest.mark.analytic
@pytest.mark.parametrize("method", FITS)
@ANY
@given(seed=st.integers(0, 10**6), scale=st.floats(0.01, 100), shift=st.floats(-1000, 1000))
def test_row_order_coding_and_units_change_no_test_and_no_mean(make_categories, method, seed, scale, shift):
    data = make_categories(seed)
    try:
        plain = FITS[method](data, treatment="arm", reference="control")
    except SeparationError:
        assume(False)
    other = data.sample(frac=1, random_state=seed)
    other["base"] = scale * other.base + shift
    other["sex"] = pd.Categorical(other.sex, categories=["male", "female"])
    other["arm"] = pd.Categorical(other.arm, categories=["usual", "unused", "exercise", "control"])
    changed = FITS[method](other, treatment="arm", reference="control")
    assert changed.log_likelihood == pytest.approx(plain.log_likelihood, rel=1e-9)
    ours, theirs = (fit.terms.set_index("term").statistic for fit in (changed, plain))
    assert ours[theirs.index].to_numpy() == pytest.approx(theirs.to_numpy(), rel=1e-5, abs=1e-8)
    means = [fit.ls_means("arm", by="sex").sort_values(["sex", "arm"]) for fit in (changed, plain)]
    for fit_means in means:
        fit_means["arm"] = fit_means.arm.astype(str)
    ours, theirs = (table.sort_values(["sex", "arm"])[NUMBERS].to_numpy() for table in means)
    assert ours == pytest.approx(theirs, rel=1e-5, abs=1e-7)
    ratios = [
        fit.contrasts().set_index("contrast").sort_index()[NUMBERS].to_numpy() for fit in (changed, plain)
    ]
    assert ratios[0] == pytest.approx(ratios[1], rel=1e-5, abs=1e-7)


@pytest.mark.analytic
@ANY
@given(counts=st.tuples(*[st.integers(1, 60)] * 4))
def test_any_two_by_two_table_gives_its_cross_product_ratio_in_every_model(counts):
    a, b, c, d = counts
    rows = [("exercise", 1)] * a + [("exercise", 0)] * b + [("control", 1)] * c + [("control", 0)] * d
    data = pd.DataFrame(rows, columns=["arm", "event"])
    error = np.sqrt(1 / a + 1 / b + 1 / c + 1 / d)
    for fit in (logistic("event ~ arm", data), ordinal("event ~ arm", data)):
        row = fit.odds_ratios.iloc[0]
        assert row.estimate == pytest.approx(a * d / (b * c), rel=1e-9)
        assert row.log_standard_error == pytest.approx(error, rel=1e-9)
