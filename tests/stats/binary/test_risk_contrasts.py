"""Risk differences and ratios."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

from tests.reference.agreement import agree, own_reference
from trialkit.stats import DataError, number_needed_to_treat, risk_difference, risk_ratio, two_proportions

CALL = {"outcome": "better", "by": "arm", "reference": "reference"}
CASES = range(5)


def ends(result):
    return result.contrasts.iloc[0][["ci_lower", "ci_upper"]]


@pytest.fixture
def case(request, from_counts):
    expected = own_reference("risk_difference", "output")[request.param]
    return from_counts(*(expected[name] for name in ("x1", "n1", "x0", "n0"))), expected


@pytest.mark.external_reference
@pytest.mark.parametrize("case", CASES, indirect=True)
def test_score_and_newcombe_intervals_are_those_of_their_definitions_in_r(case):
    data, expected = case
    for method, name in (("newcombe", "newcombe"), ("miettinen-nurminen", "mn")):
        result = risk_difference(data, **CALL, strata="site", method=method)
        agree("risk_difference", "R, definition", "interval", ends(result), expected[name])
        row = result.contrasts.iloc[0]
        agree("risk_difference", "R, definition", "estimate", row["estimate"], expected["difference"])
        agree("risk_difference", "R, definition", "statistic", row["statistic"], expected["score_null"])
    ratio = risk_ratio(data, **CALL, strata="site")
    agree("risk_difference", "R, definition", "estimate", ratio.contrasts["estimate"], expected["ratio"])
    agree("risk_difference", "R, definition", "interval", ends(ratio), expected["mn_ratio"])


@pytest.mark.external_reference
@pytest.mark.parametrize("case", CASES, indirect=True)
def test_tests_against_a_margin_are_those_of_the_definition_in_r(case):
    data, expected = case
    result = risk_difference(data, **CALL, strata="site", null_value=-0.1, alternative="greater")
    row = result.contrasts.iloc[0]
    agree("risk_difference", "R, definition", "statistic", row["statistic"], expected["score_margin"])
    assert row["p_value"] == pytest.approx(math.erfc(expected["score_margin"] / math.sqrt(2)) / 2, rel=1e-6)
    ratio = risk_ratio(data, **CALL, strata="site", null_value=0.8).contrasts.iloc[0]
    agree("risk_difference", "R, definition", "statistic", ratio["statistic"], expected["score_ratio_margin"])


@pytest.mark.external_reference
def test_the_score_interval_is_the_one_newcombe_printed(from_counts):
    """Newcombe, Stat Med 1998;17:873-890, Table II, 56/70 against 48/80, Miettinen-Nurminen."""
    data = from_counts([56], [70], [48], [80])
    limits = ends(risk_difference(data, **CALL, method="miettinen-nurminen"))
    assert limits.tolist() == pytest.approx([0.0528, 0.3382], abs=5.001e-5)


@pytest.mark.analytic
@settings(derandomize=True, deadline=None, max_examples=25)
@given(st.integers(1, 20), st.integers(1, 20), st.data())
def test_the_limits_are_where_the_score_test_turns(from_counts, n1, n0, data):
    x1, x0 = data.draw(st.integers(0, n1)), data.draw(st.integers(0, n0))
    trial = from_counts([x1], [n1], [x0], [n0])
    result = risk_difference(trial, **CALL, method="miettinen-nurminen")
    lower, upper = ends(result)
    assert -1 <= lower <= result.contrasts["estimate"].item() <= upper <= 1
    for limit, sign in ((lower, 1), (upper, -1)):
        if abs(limit) < 0.999:
            row = risk_difference(trial, **CALL, null_value=limit).contrasts.iloc[0]
            assert row["statistic"] == pytest.approx(sign * 1.959963984540054, abs=1e-4)
    flipped = risk_difference(trial.assign(better=1 - trial["better"]), **CALL, method="miettinen-nurminen")
    assert ends(flipped).tolist() == pytest.approx([-upper, -lower], abs=1e-9)
    ratio = risk_ratio(trial, **CALL)
    low, high = ends(ratio)
    assert (low <= 1 <= high) == (abs(ratio.contrasts["statistic"].item()) <= 1.959963984540054)


@pytest.mark.analytic
def test_one_table_gives_what_two_proportions_gives(from_counts):
    data = from_counts([9], [10], [3], [10])
    old = two_proportions(data, "better", "arm", "reference").contrasts.iloc[0]
    new = risk_difference(data, **CALL).contrasts.iloc[0]
    for name in ("estimate", "ci_lower", "ci_upper"):
        assert new[name] == pytest.approx(old[name], rel=1e-12)


@pytest.mark.analytic
def test_the_score_test_of_no_difference_is_pearsons_but_for_n_minus_1(from_counts):
    """z^2 of Miettinen and Nurminen is chi-square times (n - 1) / n; for 30/100, 20/100 it is 8/3."""
    row = risk_difference(from_counts([30], [100], [20], [100]), **CALL).contrasts.iloc[0]
    assert row["statistic"] ** 2 == pytest.approx(8 / 3 * 199 / 200, rel=1e-12)


def test_a_stratum_with_one_arm_contributes_nothing_and_is_listed(from_counts):
    data = from_counts([3, 4, 2], [9, 8, 5], [5, 6, 0], [9, 9, 0])
    result = risk_difference(data, **CALL, strata="site")
    assert result.strata["informative"].tolist() == [True, True, False]
    assert result.strata["weight"].tolist()[2] == 0
    without = risk_difference(data[data["site"] < 2], **CALL, strata="site")
    assert ends(result).tolist() == pytest.approx(ends(without).tolist())
    assert "1 strata without one of the groups" in repr(result)


def test_no_events_anywhere_still_have_an_interval(from_counts):
    data = from_counts([0], [20], [0], [25])
    for method in ("newcombe", "miettinen-nurminen"):
        row = risk_difference(data, **CALL, method=method).contrasts.iloc[0]
        assert row["ci_lower"] < 0 < row["ci_upper"]
        assert row["p_value"] == 1
    ratio = risk_ratio(data, **CALL).contrasts.iloc[0]
    assert math.isnan(ratio["estimate"])
    assert (ratio["ci_lower"], ratio["ci_upper"]) == (0, math.inf)


def test_no_events_in_one_arm_open_the_ratio_on_one_side(from_counts):
    none_in_reference = risk_ratio(from_counts([4], [20], [0], [25]), **CALL).contrasts.iloc[0]
    assert none_in_reference["estimate"] == none_in_reference["ci_upper"] == math.inf
    assert none_in_reference["ci_lower"] > 0
    none_in_test = risk_ratio(from_counts([0], [20], [4], [25]), **CALL).contrasts.iloc[0]
    assert none_in_test["estimate"] == none_in_test["ci_lower"] == 0
    assert 0 < none_in_test["ci_upper"] < math.inf


@pytest.mark.analytic
def test_the_number_needed_to_treat_goes_through_infinity_when_it_must(from_counts):
    sure = risk_difference(from_counts([60], [100], [40], [100]), **CALL).number_needed_to_treat("good")
    assert sure.estimate == pytest.approx(5)
    assert not sure.through_infinity
    assert sure.ci_lower < 5 < sure.ci_upper
    unsure = risk_difference(from_counts([45], [100], [40], [100]), **CALL).number_needed_to_treat("good")
    assert unsure.through_infinity
    assert unsure.ci_upper < 0 < unsure.ci_lower
    # Written as Altman (1998) proposes: from benefit through infinity to harm.
    altman = number_needed_to_treat(0.15, -0.05, 0.35, event="good")
    assert str(altman) == "NNTB 6.6667 (NNTB 2.8571 to infinity to NNTH 20.000)"
    assert str(number_needed_to_treat(0.2, 0.1, 0.25, event="bad")) == "NNTH 5.0000 (4.0000 to 10.0000)"
    assert number_needed_to_treat(0.0, -0.1, 0.1, event="bad").estimate == math.inf
    assert str(number_needed_to_treat(0.1, 0.0, 0.2, event="good")) == "NNTB 10.0000 (5.0000 to infinity)"


def test_labelled_items_are_read_with_the_second_label_as_the_event(from_counts):
    plain = from_counts([8, 5], [12, 9], [4, 6], [10, 11])
    labelled = plain.assign(better=pd.Categorical.from_codes(plain.better, ["no", "yes"]))
    for method in (risk_difference, risk_ratio):
        one, other = (method(data, **CALL, strata="site").contrasts for data in (plain, labelled))
        pd.testing.assert_frame_equal(one, other)
    unused = labelled.assign(better=labelled.better.cat.add_categories("unknown"))
    pd.testing.assert_frame_equal(
        risk_difference(unused, **CALL).contrasts, risk_difference(plain, **CALL).contrasts
    )
    never = risk_difference(labelled.assign(better=pd.Categorical(["no"] * 42, ["no", "yes"])), **CALL)
    assert never.strata[["events_test", "events_reference"]].to_numpy().tolist() == [[0, 0]]
    unused.loc[0, "better"] = "unknown"
    with pytest.raises(DataError, match="3 of 3 categories"):
        risk_difference(unused, **CALL)


def test_columns_that_the_counts_need_for_themselves_are_refused(from_counts):
    data = from_counts([8, 5], [12, 9], [4, 6], [10, 11])
    with pytest.raises(DataError, match="'n_test'"):
        risk_difference(data.rename(columns={"site": "n_test"}), **CALL, strata="n_test")
    with pytest.raises(DataError, match="'n'"):
        two_proportions(data.rename(columns={"arm": "n"}), "better", "n", "reference")
    with pytest.raises(DataError, match="a column of its own"):
        risk_ratio(data, **CALL, strata="arm")


def test_contrasts_carry_the_columns_every_caller_relies_on(from_counts):
    data = from_counts([8, 5], [12, 9], [4, 6], [10, 11])
    difference, ratio = (method(data, **CALL).contrasts for method in (risk_difference, risk_ratio))
    rest = ["df", "statistic", "p_value", "ci_lower", "ci_upper", "alternative", "null_value"]
    assert list(difference.columns) == ["measure", "contrast", "estimate", "standard_error", *rest]
    assert list(ratio.columns) == ["measure", "contrast", "estimate", "log_standard_error", *rest]
    assert np.isinf(difference["df"][0])
    assert ratio["null_value"][0] == 1.0


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda d: risk_difference(d, **CALL, method="wald"), "method"),
        (lambda d: risk_difference(d, **CALL, null_value=1.0), "null_value"),
        (lambda d: risk_difference(d.assign(better=d["better"] * 2), **CALL), "0 or 1"),
        (lambda d: risk_difference(d, "better", "arm", "placebo"), "two groups"),
        (lambda d: risk_difference(d.assign(site=d["arm"]), **CALL, strata="site"), "both groups"),
        (lambda d: risk_ratio(d, **CALL, null_value=0.0), "null_value"),
        (lambda d: risk_ratio(d.assign(better=0), **CALL, method="mantel-haenszel"), "events in both groups"),
        (lambda d: risk_ratio(d, **CALL).number_needed_to_treat("good"), "a risk difference"),
        (lambda d: number_needed_to_treat(0.5, 0.6, 0.7, "good"), "between its limits"),
        (lambda d: number_needed_to_treat(0.5, 0.4, 0.7, "nice"), "event"),
    ],
)
def test_what_makes_no_contrast_is_refused(from_counts, call, text):
    with pytest.raises(DataError, match=text):
        call(from_counts([3], [9], [5], [9]))
