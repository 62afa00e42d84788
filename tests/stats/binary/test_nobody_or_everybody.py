"""Where each group has the event in all or in none, no method gives an interval of width 0.

There Miettinen and Nurminen's limits can be written down by hand.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from trialkit.stats import risk_difference, risk_ratio, two_proportions

Z = 1.959963984540054


def table(x1: int, n1: int, x0: int, n0: int) -> pd.DataFrame:
    outcomes = [1] * x1 + [0] * (n1 - x1) + [1] * x0 + [0] * (n0 - x0)
    return pd.DataFrame({"y": outcomes, "arm": ["test"] * n1 + ["ref"] * n0})


@pytest.mark.analytic
def test_score_limits_of_nobody_in_either_group_have_a_width():
    """0/10 v 0/20: under d > 0 the likeliest risks are d and 0, so that z^2 = 10 d / (1 - d) 29/30."""
    row = risk_difference(table(0, 10, 0, 20), "y", "arm", "ref", method="miettinen-nurminen").contrasts.iloc[
        0
    ]
    odds = Z**2 * 30 / 29 / np.array([20, 10])
    assert (-row.ci_lower, row.ci_upper) == pytest.approx(tuple(odds / (1 + odds)), rel=1e-9)
    assert (row.ci_lower, row.ci_upper) == pytest.approx((-0.166, 0.284), abs=6e-4)


@pytest.mark.analytic
def test_score_limits_of_nobody_against_everybody_have_a_width():
    """0/1 v 1/1: under d the likeliest risks are (1 + d) / 2 and (1 - d) / 2: z^2 = (1 + d) / (1 - d)."""
    row = risk_difference(table(0, 1, 1, 1), "y", "arm", "ref", method="miettinen-nurminen").contrasts.iloc[0]
    assert (row.ci_lower, row.ci_upper) == pytest.approx((-1, (Z**2 - 1) / (Z**2 + 1)), rel=1e-9)
    assert row.ci_upper == pytest.approx(0.587, abs=6e-4)


@pytest.mark.analytic
def test_score_limits_of_a_ratio_of_all_responding_have_a_width():
    """10/10 v 20/20: under r < 1 the likeliest risks are r and 1, under r > 1 they are 1 and 1 / r."""
    row = risk_ratio(table(10, 10, 20, 20), "y", "arm", "ref").contrasts.iloc[0]
    limits = (1 / (1 + Z**2 * 30 / 29 / 10), 1 + Z**2 * 30 / 29 / 20)
    assert row.estimate == 1
    assert (row.ci_lower, row.ci_upper) == pytest.approx(limits, rel=1e-9)
    assert limits == pytest.approx((0.716, 1.199), abs=6e-4)


@pytest.mark.analytic
@pytest.mark.parametrize("counts", [(0, 1, 1, 1), (0, 10, 0, 20), (10, 10, 20, 20), (10, 10, 0, 20)])
def test_a_wald_interval_without_variance_is_not_given(counts):
    data = table(*counts)
    found = risk_difference(data, "y", "arm", "ref", method="mantel-haenszel")
    row = found.contrasts.iloc[0]
    assert row.estimate == counts[0] / counts[1] - counts[2] / counts[3]
    assert all(math.isnan(row[name]) for name in ("standard_error", "p_value", "ci_lower", "ci_upper"))
    assert "score method" in repr(found)


@pytest.mark.analytic
def test_a_wald_ratio_of_all_responding_has_no_interval():
    data = table(10, 10, 20, 20)
    row = risk_ratio(data, "y", "arm", "ref", method="mantel-haenszel").contrasts.iloc[0]
    assert row.estimate == 1.0
    assert math.isnan(row.ci_lower) and math.isnan(row.ci_upper) and math.isnan(row.p_value)
    ratio = two_proportions(data, "y", "arm", "ref").contrasts.set_index("measure").loc["risk ratio"]
    assert ratio.estimate == 1.0
    assert math.isnan(ratio.ci_lower) and math.isnan(ratio.ci_upper)


def test_a_ratio_to_nobody_has_no_estimate_and_says_why():
    data = pd.DataFrame({"y": [0] * 5 + [0] * 5, "arm": ["t"] * 5 + ["c"] * 5})
    for found in (
        two_proportions(data, "y", "arm", reference="c"),
        risk_ratio(data, "y", "arm", reference="c"),
    ):
        assert "no ratio to a risk of 0" in repr(found)
    seen = data.assign(y=[1, 0, 0, 0, 0] * 2)
    assert "no ratio" not in repr(two_proportions(seen, "y", "arm", reference="c"))
