"""Indices of blinding against their formulas written out in R."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.reference.agreement import agree, own_reference
from trialkit.errors import DataError
from trialkit.stats import blinding_index


def guesses(counts) -> pd.DataFrame:
    names = ["control", "exercise", "unknown"]
    rows = [(names[a], names[g]) for a in range(2) for g in range(3) for _ in range(int(counts[a][g]))]
    return pd.DataFrame(rows, columns=["arm", "guess"])


@pytest.mark.independent_reimplementation
@pytest.mark.parametrize("entry", ["first", "second"])
def test_both_indices_are_those_of_the_papers(entry):
    theirs = own_reference("blinding_index", "output")[entry]
    found = blinding_index(guesses(theirs["counts"]), "arm", "guess")
    agree("blinding_index", "R", "estimate", found.james.estimate, [theirs["james"]])
    agree("blinding_index", "R", "standard_error", found.james.standard_error, [theirs["james_se"]])
    agree("blinding_index", "R", "estimate", found.bang.estimate, theirs["bang"])
    agree("blinding_index", "R", "standard_error", found.bang.standard_error, theirs["bang_se"])
    agree("blinding_index", "R", "p_value", found.bang.p_value, theirs["bang_p"])


@pytest.mark.analytic
@pytest.mark.parametrize(
    ("counts", "james", "bang"),
    [
        ([[10, 0, 0], [0, 10, 0]], 0.0, [1.0, 1.0]),
        ([[0, 10, 0], [10, 0, 0]], 1.0, [-1.0, -1.0]),
        ([[5, 5, 0], [5, 5, 0]], 0.5, [0.0, 0.0]),
        ([[0, 0, 9], [0, 0, 9]], 1.0, [0.0, 0.0]),
        ([[2, 2, 6], [2, 2, 6]], 0.8, [0.0, 0.0]),
    ],
)
def test_all_right_all_wrong_chance_and_nobody_sure(counts, james, bang):
    found = blinding_index(guesses(counts), "arm", "guess")
    assert found.james.estimate[0] == pytest.approx(james, abs=1e-12)
    assert found.bang.estimate.tolist() == pytest.approx(bang, abs=1e-12)
    sure = found.bang.standard_error.isna()
    assert found.bang.ci_lower.isna().equals(sure)


@pytest.mark.analytic
def test_guesses_that_are_no_arm_are_refused():
    data = guesses([[3, 2, 1], [2, 3, 1]])
    for change, arguments, text in (
        ({"guess": "placebo"}, {}, "one of the arms"),
        ({}, {"unsure": "?"}, "one of the arms"),
        ({"arm": "control"}, {}, "two arms"),
    ):
        with pytest.raises(DataError, match=text):
            blinding_index(data.assign(**change), "arm", "guess", **arguments)
    gap = data.assign(guess=data.guess.where(np.arange(len(data)) > 0))
    assert blinding_index(gap, "arm", "guess").rows.excluded == 1
