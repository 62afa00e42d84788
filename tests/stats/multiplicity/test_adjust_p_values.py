"""Adjusted p values."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

from tests.reference.agreement import agree, own_reference
from trialkit.stats import DataError, adjust_p_values

METHODS = ["holm", "hochberg", "bonferroni", "fixed-sequence", "benjamini-hochberg"]
p_lists = st.lists(st.floats(0, 1), min_size=1, max_size=5)


def adjusted(p, method, alpha=0.05):
    return adjust_p_values({f"H{i}": value for i, value in enumerate(p)}, method, alpha).table


@pytest.mark.external_reference
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("family", range(5))
def test_adjusted_p_values_are_those_of_r(method, family):
    expected = own_reference("adjust_p_values", "output")[family]
    ours = adjusted(expected["p"], method)["adjusted_p_value"]
    agree("adjust_p_values", "p.adjust", "estimate", ours, expected[method])


@pytest.mark.independent_reimplementation
@settings(derandomize=True, deadline=None, max_examples=80)
@given(p_lists)
def test_holm_and_hochberg_reject_what_the_closed_tests_reject(p):
    """A hypothesis falls when every intersection with it falls: by Bonferroni for Holm. Hochberg steps up."""
    holm = adjusted(p, "holm")["rejected"]
    everyone = range(len(p))
    for i in everyone:
        subsets = (s for k in range(1, len(p) + 1) for s in itertools.combinations(everyone, k) if i in s)
        assert holm[i] == all(len(s) * min(p[j] for j in s) <= 0.05 for s in subsets)
    ordered = sorted(p)
    steps = [k for k in everyone if ordered[k] * (len(p) - k) <= 0.05]
    limit = ordered[max(steps)] if steps else -1.0
    assert adjusted(p, "hochberg")["rejected"].tolist() == [value <= limit for value in p]


@pytest.mark.analytic
@settings(derandomize=True, deadline=None, max_examples=80)
@given(p_lists)
def test_hochberg_rejects_all_that_holm_does_and_holm_all_that_bonferroni_does(p):
    by_method = {method: adjusted(p, method)["adjusted_p_value"].to_numpy() for method in METHODS}
    assert (by_method["hochberg"] <= by_method["holm"]).all()
    assert (by_method["holm"] <= by_method["bonferroni"]).all()
    assert (np.array(p) <= by_method["hochberg"]).all()


def test_a_fixed_sequence_stops_at_the_first_failure():
    table = adjusted([0.01, 0.2, 0.001], "fixed-sequence")
    assert table["rejected"].tolist() == [True, False, False]


def test_a_hypothesis_without_a_p_value_is_refused_by_name():
    with pytest.raises(DataError, match="function"):
        adjust_p_values({"pain": 0.01, "function": float("nan")})
    with pytest.raises(DataError, match="p values between"):
        adjust_p_values({})
    assert "1 of 2 rejected" in repr(adjust_p_values({"pain": 0.01, "function": 0.3}))


@pytest.mark.independent_reimplementation
@settings(derandomize=True, deadline=None, max_examples=80)
@given(p_lists, st.floats(0.01, 0.3))
def test_false_discoveries_step_up_to_the_last_p_under_the_line(p, alpha):
    under = [k for k in range(1, len(p) + 1) if sorted(p)[k - 1] <= k / len(p) * alpha]
    cut = sorted(p)[max(under) - 1] if under else -1.0
    found = adjusted(p, "benjamini-hochberg", alpha)
    close = [abs(value - alpha) < 1e-12 for value in found["adjusted_p_value"]]
    assert all(
        skip or reject == (x <= cut) for skip, reject, x in zip(close, found["rejected"], p, strict=True)
    )


@pytest.mark.analytic
def test_a_column_of_p_values_by_hypothesis_is_taken_as_it_comes():
    p = {"ODI": 0.012, "VAS": 0.031}
    assert adjust_p_values(pd.Series(p)).table.equals(adjust_p_values(p).table)


@pytest.mark.parametrize(
    ("p", "text"),
    [
        ([0.01, 0.02], "a mapping"),
        (pd.Series([0.01, 0.02], index=["ODI", "ODI"]), "each hypothesis once"),
        ({"ODI": None}, "none of ODI"),
        ({"ODI": "<0.001"}, "none of ODI"),
        ({"ODI": pd.NA}, "none of ODI"),
    ],
)
def test_p_values_that_cannot_be_read_are_refused(p, text):
    with pytest.raises(DataError, match=text):
        adjust_p_values(p)
