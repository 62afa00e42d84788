"""Responders over imputations: against base R, by hand without missing values, and at the edges."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from tests.reference.agreement import own_data, own_reference
from trialkit.errors import TrialkitError
from trialkit.stats import pool_proportions, risk_difference, two_proportions

NAMES = {"fraction_missing_information": "fmi"}
COMPARED = ("df", "statistic", "p_value", "ci_lower", "ci_upper", "fraction_missing_information")


@pytest.fixture(scope="module")
def r() -> dict:
    return own_reference("pool", "proportions")


@pytest.fixture(scope="module")
def completed() -> list[pd.DataFrame]:
    stacked = own_data("pool", "imputed")
    stacked["responder"] = (stacked.month12 < 32).astype(int)
    return [frame[frame.arm.isin(["A", "B"])] for _, frame in stacked.groupby(".imp")]


@pytest.mark.parametrize(
    ("measure", "key"),
    [
        ("risk difference", "difference"),
        ("risk difference, stratified", "stratified"),
        ("risk ratio", "log_ratio"),
    ],
)
def test_contrasts_are_those_of_rubins_rules_in_r(completed, r, measure: str, key: str):
    row = (
        pool_proportions(completed, "responder", "arm", "A", "site")
        .contrasts.set_index("measure")
        .loc[measure]
    )
    reference, ratio = r[key], measure == "risk ratio"
    assert row["contrast"] == "B - A"
    shown = math.exp(reference["estimate"]) if ratio else reference["estimate"]
    assert row["estimate"] == pytest.approx(shown, rel=1e-9)
    error = row["log_standard_error" if ratio else "standard_error"]
    assert error == pytest.approx(reference["standard_error"], rel=1e-9)
    for name in COMPARED:
        expected = reference[NAMES.get(name, name)]
        expected = math.exp(expected) if ratio and name.startswith("ci_") else expected
        assert row[name] == pytest.approx(expected, rel=1e-9), name


def test_limits_of_one_proportion_are_lott_and_reiters(completed, r):
    table = pool_proportions(completed, "responder", "arm", "A").proportions.set_index("arm")
    assert list(table.index) == ["B", "A"]
    for group in ("A", "B"):
        for name in ("estimate", "ci_lower", "ci_upper", "n"):
            assert table.loc[group, name] == pytest.approx(r[group][name], rel=1e-9)


@pytest.mark.analytic
def test_without_missing_values_it_is_one_table(completed):
    one = completed[0]
    pooled = pool_proportions([one] * 3, "responder", "arm", "A", "site")
    alone = two_proportions(one, "responder", "arm", "A")
    for name in ("estimate", "ci_lower", "ci_upper"):  # Wilson's
        assert list(pooled.proportions[name]) == pytest.approx(list(alone.proportions[name]), rel=1e-12)
    of_strata = risk_difference(
        one, "responder", "arm", "A", "site", method="mantel-haenszel"
    ).contrasts.iloc[0]
    row = pooled.contrasts.iloc[1]
    for name in ("estimate", "standard_error", "statistic", "p_value", "ci_lower", "ci_upper"):
        assert row[name] == pytest.approx(of_strata[name], rel=1e-9), name
    assert (pooled.contrasts["df"] == math.inf).all()
    assert (pooled.contrasts["fraction_missing_information"] == 0).all()


def test_nobody_responding_leaves_a_ratio_without_a_number(completed):
    sets = [frame.assign(responder=np.where(frame.arm == "A", 0, frame.responder)) for frame in completed]
    found = pool_proportions(sets, "responder", "arm", "A")
    ratio = found.contrasts.set_index("measure").loc["risk ratio"]
    assert ratio[["estimate", "ci_lower", "ci_upper", "p_value"]].isna().all()
    assert found.contrasts.iloc[0]["estimate"] > 0
    none = found.proportions.set_index("arm").loc["A"]
    assert (none["estimate"], none["ci_lower"]) == (0.0, 0.0)
    assert none["ci_upper"] > 0
    alike = pool_proportions([frame.assign(responder=0) for frame in completed], "responder", "arm", "A")
    assert alike.contrasts.iloc[0][["standard_error", "ci_lower", "ci_upper"]].isna().all()


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda sets: sets[:1], "at least two imputations"),
        (lambda sets: [sets[0], sets[1].iloc[1:]], "the same subjects in every data set"),
    ],
)
def test_what_cannot_be_pooled_is_refused(completed, change, word: str):
    with pytest.raises(TrialkitError, match=word):
        pool_proportions(change(completed), "responder", "arm", "A")
