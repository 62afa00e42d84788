"""How many of a number of simulated trials may come out as they do, and how many are simulated."""

from __future__ import annotations

import pytest
from scipy.stats import binom

FEW = 200
MANY = 4000

SIZES = pytest.mark.parametrize("repeats", [FEW, pytest.param(MANY, marks=pytest.mark.long)])
"""A short form in every run of the tests, and a long one that can tell 95 % from 94 %."""


def within(count: int, repeats: int, probability: float, slack: float = 0.0) -> bool:
    """Whether a count lies where a binomial one with this probability lies but once in 10,000 simulations.

    ``slack`` allows for a known small-sample error of the method.
    """
    low = binom.ppf(0.5e-4, repeats, probability - slack)
    high = binom.isf(0.5e-4, repeats, min(probability + slack, 1.0))
    return bool(low <= count <= high)


def at_most(count: int, repeats: int, probability: float) -> bool:
    """Whether a count is no higher than a binomial one with this probability is but once in 10,000."""
    return bool(count <= binom.isf(1e-4, repeats, probability))
