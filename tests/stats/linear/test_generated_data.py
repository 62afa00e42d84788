"""Generated data against slow, obvious programs: one loop a sum, one refit a test, one prediction a cell."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st
from scipy import stats

from trialkit.stats import ancova

pytestmark = pytest.mark.independent_reimplementation

FORMULA = "chg ~ arm * sex + site + base"
ANY = settings(derandomize=True, deadline=None, max_examples=20)
SEEDS = given(seed=st.integers(0, 10**6))


def make_trial(seed: int) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    n = int(random.integers(60, 160))
    cells = list(itertools.product(["control", "exercise", "usual"], ["female", "male"]))
    arm, sex = zip(*(cells[i % 6] if i < 12 else cells[random.integers(6)] for i in range(n)), strict=True)
    data = pd.DataFrame({"arm": arm, "sex": sex, "base": random.normal(40, 9, n)})
    data["site"] = random.permutation(np.resize(list("ABCD"), n))
    data["chg"] = (
        0.3 * data.base - 3 * (data.arm == "exercise") + random.normal(0, 4, n) * (1 + (data.sex == "male"))
    )
    return data


def sum_coded(values: pd.Series) -> np.ndarray:
    levels = sorted(values.unique())
    last = (values == levels[-1]).to_numpy(float)
    return np.column_stack([(values == level).to_numpy(float) - last for level in levels[:-1]])


def blocks(data: pd.DataFrame) -> dict[str, np.ndarray]:
    arm, sex = sum_coded(data.arm), sum_coded(data.sex)
    return {
        "arm": arm,
        "sex": sex,
        "site": sum_coded(data.site),
        "base": data[["base"]].to_numpy(float),
        "arm:sex": arm * sex,
    }


def residual_sum_of_squares(y: np.ndarray, parts: list[np.ndarray]) -> float:
    X = np.column_stack([np.ones(len(y)), *parts])
    return float(((y - X @ np.linalg.lstsq(X, y, rcond=None)[0]) ** 2).sum())


@ANY
@SEEDS
def test_a_type_iii_test_compares_the_fit_with_and_without_the_sum_coded_term(seed):
    data = make_trial(seed)
    y, parts = data.chg.to_numpy(), blocks(data)
    full = residual_sum_of_squares(y, list(parts.values()))
    df = len(y) - 1 - sum(part.shape[1] for part in parts.values())
    terms = ancova(FORMULA, data).terms.set_index("term")
    assert set(terms.index) == set(parts)
    for term, part in parts.items():
        without = residual_sum_of_squares(y, [other for name, other in parts.items() if name != term])
        f = (without - full) / part.shape[1] / (full / df)
        assert terms.statistic[term] == pytest.approx(f, rel=1e-7)
        assert terms.p_value[term] == pytest.approx(stats.f.sf(f, part.shape[1], df), rel=1e-7)


@ANY
@SEEDS
def test_ls_means_are_averages_of_predictions_over_the_cells(seed):
    data = make_trial(seed)
    fit = ancova(FORMULA, data, treatment="arm", reference="control")
    grid = pd.DataFrame(
        list(itertools.product(*(sorted(data[name].unique()) for name in ("arm", "sex", "site")))),
        columns=["arm", "sex", "site"],
    ).assign(base=data.base.mean())
    grid["predicted"] = fit.predict(grid).estimate
    counted = grid.merge(data.groupby(["sex", "site"]).size().rename("observed").reset_index(), how="left")
    counted = counted.merge(
        data.groupby(["arm", "sex", "site"]).size().rename("cells").reset_index(), how="left"
    ).fillna(0)
    for weights in ("equal", "observed", "cells"):
        share = counted.assign(equal=1.0)[weights]
        expected = [
            np.average(counted.predicted[rows], weights=share[rows])
            for rows in (counted.arm == arm for arm in sorted(data.arm.unique()))
        ]
        assert fit.ls_means(weights=weights).estimate.to_numpy() == pytest.approx(expected, rel=1e-9)


@ANY
@SEEDS
def test_robust_errors_are_sums_over_rows_and_clusters(seed):
    data = make_trial(seed).assign(cluster=lambda d: np.arange(len(d)) % 13)
    plain = ancova(FORMULA, data)
    X, e = np.asarray(plain.design.X), plain.residuals.to_numpy()
    inverse = np.linalg.inv(X.T @ X)
    rows = sum(np.outer(x, x) * r**2 / (1 - x @ inverse @ x) ** 2 for x, r in zip(X, e, strict=True))
    hc3 = ancova(FORMULA, data, errors="hc3").coefficient_covariance.to_numpy()
    assert hc3 == pytest.approx(inverse @ rows @ inverse, rel=1e-8)
    sums = [X[data.cluster == c].T @ e[data.cluster == c] for c in range(13)]
    n, p = X.shape
    factor = 13 / 12 * (n - 1) / (n - p)
    clustered = ancova(FORMULA, data, errors="cluster", cluster="cluster").coefficient_covariance.to_numpy()
    expected = factor * inverse @ sum(np.outer(s, s) for s in sums) @ inverse
    assert clustered == pytest.approx(expected, rel=1e-8, abs=1e-12)


@ANY
@given(seed=st.integers(0, 10**6), factor=st.floats(0.01, 100), shift=st.floats(-1000, 1000))
def test_the_unit_of_the_outcome_scales_every_difference_and_changes_no_test(seed, factor, shift):
    data = make_trial(seed)
    plain = ancova(FORMULA, data, treatment="arm", errors="hc3").contrasts(by="sex")
    other = ancova(
        FORMULA, data.assign(chg=factor * data.chg + shift), treatment="arm", errors="hc3"
    ).contrasts(by="sex")
    for name in ("estimate", "standard_error", "ci_lower", "ci_upper"):
        assert other[name].to_numpy() == pytest.approx(
            factor * plain[name].to_numpy(), rel=1e-6, abs=1e-7 * factor
        )
    assert other.statistic.to_numpy() == pytest.approx(plain.statistic.to_numpy(), rel=1e-6, abs=1e-7)
