"""Bland-Altman limits and kappa."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.reference.agreement import agree, own_data, own_reference
from trialkit.stats import DataError, bland_altman, weighted_kappa


@pytest.mark.external_reference
@pytest.mark.parametrize("limits", ["exact", "approximate"])
def test_limits_of_agreement_are_those_of_r(limits):
    expected = own_reference("bland_altman", "output")
    result = bland_altman(own_data("bland_altman", "readings"), "scan", "method", "area", limits=limits)
    table = result.table.set_index("measure")
    assert result.contrast == "software - manual"
    ends = ["lower limit", "upper limit"]
    scale = expected["sd"]
    agree("bland_altman", "R", "estimate", table.loc["mean difference", "estimate"], expected["mean"])
    agree("bland_altman", "R", "estimate", table.loc[ends, "estimate"], expected["limits"])
    agree(
        "bland_altman", "R", "standard_error", table.loc[ends[0], "standard_error"], expected["limit_error"]
    )
    around = table.loc["mean difference", ["ci_lower", "ci_upper"]]
    agree("bland_altman", "R", "interval", around, expected["mean_ci"], scale=scale)
    agree("bland_altman", "R", "interval", table.loc[ends, ["ci_lower", "ci_upper"]], expected[limits])
    trend = result.trend.iloc[0]
    slope = trend[["estimate", "standard_error", "statistic"]]
    agree("bland_altman", "lm", "estimate", slope, expected["slope"][:3])
    agree("bland_altman", "lm", "p_value", trend["p_value"], expected["slope"][3])
    agree("bland_altman", "lm", "interval", trend[["ci_lower", "ci_upper"]], expected["slope_ci"])


@pytest.mark.analytic
def test_naming_the_other_reference_turns_the_difference_round():
    data = own_data("bland_altman", "readings")
    one = bland_altman(data, "scan", "method", "area").table["estimate"]
    other = bland_altman(data, "scan", "method", "area", reference="software").table["estimate"]
    assert other.tolist() == pytest.approx([-one[0], -one[2], -one[1]])


def test_readers_a_constant_apart_have_limits_without_intervals():
    data = pd.DataFrame({"s": [1, 2, 3] * 2, "r": list("aaabbb"), "v": [1.0, 2, 4, 3, 4, 6]})
    for limits in ("exact", "approximate"):
        table = bland_altman(data, "s", "r", "v", limits=limits).table
        assert (table["estimate"] == 2).all()
        assert table[["standard_error", "ci_lower", "ci_upper"]].isna().all(axis=None)


@pytest.mark.external_reference
@pytest.mark.parametrize("weights", ["none", "linear", "quadratic"])
def test_kappa_is_that_of_r(weights):
    expected = own_reference("weighted_kappa", "output")[weights]
    result = weighted_kappa(
        own_data("weighted_kappa", "readings"), "scan", "reader", "grade", weights=weights
    )
    row = result.table.iloc[0]
    agree("weighted_kappa", "psych::cohen.kappa", "estimate", row["estimate"], expected["estimate"])
    agree(
        "weighted_kappa",
        "R, delta method",
        "standard_error",
        row["standard_error"],
        expected["standard_error"],
    )
    agree("weighted_kappa", "R, delta method", "statistic", row["statistic"], expected["statistic"])
    plain = own_reference("weighted_kappa", "output")["psych_plain"]
    if weights == "none":
        agree(
            "weighted_kappa", "psych::cohen.kappa", "estimate", row["standard_error"] ** 2, plain["variance"]
        )


@pytest.mark.analytic
def test_quadratic_kappa_is_close_to_the_icc_of_the_same_grades():
    """Fleiss & Cohen (1973): equal to ICC2 but for terms of order 1/n, here by its formula with n in place of
    n - 1."""
    data = own_data("weighted_kappa", "readings")
    wide = data.pivot(index="scan", columns="reader", values="grade").to_numpy(float)
    covariance = np.cov(wide.T, ddof=0)
    apart = np.diff(wide.mean(axis=0))[0]
    exact = 2 * covariance[0, 1] / (covariance[0, 0] + covariance[1, 1] + apart**2)
    kappa = weighted_kappa(data, "scan", "reader", "grade").table["estimate"].item()
    assert kappa == pytest.approx(exact, rel=1e-12)


def test_plain_text_needs_an_order_only_where_distance_counts():
    data = own_data("weighted_kappa", "readings").assign(grade=lambda d: "grade " + d["grade"].astype(str))
    with pytest.raises(DataError, match="categories in an order"):
        weighted_kappa(data, "scan", "reader", "grade")
    order = [f"grade {k}" for k in range(5)]
    named = weighted_kappa(data, "scan", "reader", "grade", categories=order)
    numbered = weighted_kappa(own_data("weighted_kappa", "readings"), "scan", "reader", "grade")
    assert named.table.equals(numbered.table)
    assert "agreement" in repr(weighted_kappa(data, "scan", "reader", "grade", weights="none"))


@pytest.mark.parametrize(
    ("values", "arguments", "text"),
    [
        ([1, 1, 1, 1], {}, "more than one category"),
        ([1, 2, 1, 3], {"categories": [1, 2]}, "values among 1, 2"),
        ([1, 2, 1, 2], {"weights": "cubic"}, "weights"),
        ([1, 2, 1, 2], {"categories": [1, 2, 2]}, "each category once"),
        ([1, 2, 1, 2], {"value": "r"}, "a column of its own"),
    ],
)
def test_readings_without_a_kappa_are_refused(values, arguments, text):
    data = pd.DataFrame({"s": [1, 2, 1, 2], "r": list("aabb"), "v": values})
    with pytest.raises(DataError, match=text):
        weighted_kappa(data, **{"target": "s", "reader": "r", "value": "v", **arguments})


def test_readers_keep_the_order_of_their_categories():
    order = pd.Categorical(list("aaabbb"), ["b", "c", "a"])
    data = pd.DataFrame({"s": [1, 2, 3, 1, 2, 3], "r": order, "v": [1.0, 2, 4, 2, 2, 5]})
    assert bland_altman(data, "s", "r", "v").contrast == "a - b"
    assert list(weighted_kappa(data, "s", "r", "v", weights="none").counts.index.names) == ["b"]


@pytest.mark.parametrize(
    ("readers", "arguments", "text"),
    [
        ("aaabbbccc", {}, "two readers"),
        ("aaabbb", {"reference": "c"}, "two readers, one of them the reference"),
        ("aabb", {}, "at least three"),
    ],
)
def test_readings_without_limits_are_refused(readers, arguments, text):
    count = readers.count("a")
    each = list(range(count)) * (len(readers) // count)
    data = pd.DataFrame({"s": each, "r": list(readers), "v": np.arange(len(readers)) ** 1.5})
    with pytest.raises(DataError, match=text):
        bland_altman(data, "s", "r", "v", **arguments)


@pytest.mark.analytic
def test_limits_of_kappa_stay_within_minus_1_and_1():
    """Two of five targets apart: Wald's upper limit would be 1.09."""
    first, second = [1, 1, 1, 2, 2], [1, 1, 1, 2, 1]
    data = pd.DataFrame(
        {"scan": [*range(5), *range(5)], "reader": ["a"] * 5 + ["b"] * 5, "grade": [*first, *second]}
    )
    row = weighted_kappa(data, "scan", "reader", "grade", weights="none").table.iloc[0]
    assert row.estimate + 1.96 * row.standard_error > 1
    assert row.ci_upper == 1
    swapped = data.assign(grade=[1, 2, 1, 2, 1, 2, 1, 2, 1, 1])
    row = weighted_kappa(swapped, "scan", "reader", "grade", weights="none").table.iloc[0]
    assert row.estimate - 1.96 * row.standard_error < -1
    assert row.ci_lower == -1
