"""Exact intervals of an error rate."""

from __future__ import annotations

from math import isnan
from pathlib import Path

import pandas as pd
import pytest
from scipy.stats import binom

from trialkit.entry import clopper_pearson

REFERENCE = Path(__file__).parents[1] / "reference" / "compare"
RELATIVE = 1e-7
"""scipy's inverse of the incomplete beta function stops at about 1e-8 for a million trials; R goes on."""


@pytest.mark.analytic
@pytest.mark.parametrize("trials", [1, 10, 5770, 100_000])
def test_no_error_and_all_errors_have_closed_forms(trials: int) -> None:
    assert clopper_pearson(0, trials) == (0.0, pytest.approx(1 - 0.025 ** (1 / trials), rel=1e-10))
    assert clopper_pearson(trials, trials) == (pytest.approx(0.025 ** (1 / trials), rel=1e-10), 1.0)


@pytest.mark.analytic
@pytest.mark.parametrize(("events", "trials"), [(1, 10), (3, 7), (22, 14_590), (999, 1_000_000)])
def test_each_limit_is_the_rate_whose_tail_is_exactly_the_level(events: int, trials: int) -> None:
    lower, upper = clopper_pearson(events, trials, confidence_level=0.9)
    assert binom.sf(events - 1, trials, lower) == pytest.approx(0.05, rel=RELATIVE)
    assert binom.cdf(events, trials, upper) == pytest.approx(0.05, rel=RELATIVE)


def test_no_fields_give_no_interval() -> None:
    assert all(isnan(limit) for limit in clopper_pearson(0, 0))


@pytest.mark.parametrize(("events", "trials"), [(-1, 5), (6, 5)])
def test_counts_that_are_no_proportion_are_refused(events: int, trials: int) -> None:
    with pytest.raises(ValueError, match="not a proportion"):
        clopper_pearson(events, trials)


@pytest.mark.external_reference
def test_the_interval_is_that_of_binom_test_in_r() -> None:
    reference = pd.read_csv(REFERENCE / "output.csv")
    assert len(reference) == 8
    for row in reference.itertuples():
        lower, upper = clopper_pearson(int(row.events), int(row.trials))
        assert (lower, upper) == (
            pytest.approx(row.lower, rel=RELATIVE),
            pytest.approx(row.upper, rel=RELATIVE),
        )
