"""Correlations against R's cor.test and against the definition of a partial one."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.reference.agreement import agree, own_data, own_reference
from trialkit.errors import DataError
from trialkit.stats import correlations

NAMES = ["fat", "angle", "emg"]


@pytest.fixture(scope="module")
def people() -> pd.DataFrame:
    return own_data("correlations", "people")


@pytest.mark.external_reference
@pytest.mark.parametrize(
    ("entry", "arguments"), [("plain", {}), ("partial", {"given": ["age"]}), ("ranked", {"kind": "spearman"})]
)
def test_pairs_are_those_of_r(people, entry, arguments):
    theirs = own_reference("correlations", "output")[entry]
    table = correlations(people, NAMES, **arguments).table
    agree("correlations", "R", "estimate", table.estimate, [pair["r"] for pair in theirs])
    agree("correlations", "R", "p_value", table.p_value, [pair["p"] for pair in theirs])
    if entry == "plain":
        agree("correlations", "cor.test", "interval", table.ci_lower, [pair["lower"] for pair in theirs])
        agree("correlations", "cor.test", "interval", table.ci_upper, [pair["upper"] for pair in theirs])


@pytest.mark.external_reference
@pytest.mark.parametrize(("adjust", "entry"), [("benjamini-hochberg", "bh"), ("holm", "holm")])
def test_adjusted_p_values_are_those_of_p_adjust(people, adjust, entry):
    table = correlations(people, NAMES, adjust=adjust).table
    agree(
        "correlations",
        "p.adjust",
        "p_value",
        table.adjusted_p_value,
        own_reference("correlations", "output")[entry],
    )


@pytest.mark.external_reference
def test_partial_and_ranked_correlations_are_those_of_pingouin(people):
    pingouin = pytest.importorskip("pingouin")
    row = pingouin.partial_corr(people.dropna(), x="fat", y="angle", covar="age").iloc[0]
    table = correlations(people.dropna(), ["fat"], ["angle"], given=["age"]).table
    assert table.estimate[0] == pytest.approx(row["r"], rel=1e-6)


@pytest.mark.analytic
def test_each_pair_has_its_own_rows_and_the_matrix_is_symmetric(people):
    found = correlations(people, NAMES)
    assert found.table.n.tolist() == [58, 57, 59]
    matrix = found.matrix
    assert list(matrix.index) == list(matrix.columns) == NAMES
    np.testing.assert_allclose(matrix, matrix.T)
    np.testing.assert_allclose(np.diag(matrix), 1.0)
    across = correlations(people, ["fat", "emg"], ["angle", "age"])
    assert across.table[["first", "second"]].to_numpy().tolist() == [
        ["fat", "angle"],
        ["fat", "age"],
        ["emg", "angle"],
        ["emg", "age"],
    ]
    assert across.matrix.shape == (2, 2)


@pytest.mark.analytic
def test_a_line_has_correlation_1_and_no_interval(people):
    row = correlations(people.assign(twice=3 - 2 * people.age), ["age"], ["twice"]).table.iloc[0]
    assert row.estimate == pytest.approx(-1, abs=1e-12)
    assert row.p_value == 0
    assert np.isnan(row.ci_lower)


@pytest.mark.analytic
@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"first": ["fat"]}, "at least two"),
        ({"first": ["fat", "fat"]}, "named once"),
        ({"first": ["fat", "angle"], "given": ["fat"]}, "named once"),
        ({"first": ["fat", "angle"], "kind": "kendall"}, "kind to be one of"),
    ],
)
def test_pairs_that_cannot_be_meant_are_refused(people, arguments, text):
    with pytest.raises(DataError, match=text):
        correlations(people, **arguments)
    with pytest.raises(DataError, match="that varies"):
        correlations(people.assign(angle=1.0), ["fat", "angle"])
    with pytest.raises(DataError, match="at least 4 rows"):
        correlations(people.dropna().head(3), ["fat", "angle"], given=["age"])
