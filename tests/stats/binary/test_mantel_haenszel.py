"""Mantel-Haenszel estimates and tests."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from tests.reference.agreement import agree, own_data, own_reference
from trialkit.stats import DataError, mantel_haenszel, risk_difference, risk_ratio


@pytest.fixture(scope="module")
def result():
    return mantel_haenszel(own_data("mantel_haenszel", "trial"), "better", "arm", "control", "site")


@pytest.fixture(scope="module")
def expected():
    return own_reference("mantel_haenszel", "output")


@pytest.mark.external_reference
@pytest.mark.parametrize(
    ("measure", "name"),
    [("odds ratio", "log_odds"), ("risk ratio", "log_ratio"), ("risk difference", "difference")],
)
def test_common_effects_are_those_of_metafor(result, expected, measure, name):
    row = result.contrasts.set_index("measure").loc[measure]
    to_log = np.log if name != "difference" else lambda x: x
    theirs = expected[name]
    agree("mantel_haenszel", "metafor", "estimate", to_log(row["estimate"]), theirs["estimate"])
    error = row["standard_error" if name == "difference" else "log_standard_error"]
    agree("mantel_haenszel", "metafor", "standard_error", error, theirs["standard_error"])
    agree("mantel_haenszel", "metafor", "p_value", row["p_value"], theirs["p_value"])
    limits = to_log(row[["ci_lower", "ci_upper"]].to_numpy(float))
    agree("mantel_haenszel", "metafor", "interval", limits, theirs["ci"])


@pytest.mark.external_reference
def test_the_tests_are_those_of_r(result, expected):
    tests = result.tests.set_index("test")
    for test, name in (("", "plain"), (", continuity corrected", "corrected")):
        row = tests.loc[f"Cochran-Mantel-Haenszel{test}"]
        agree(
            "mantel_haenszel", "mantelhaen.test", "statistic", row["statistic"], expected[name]["statistic"]
        )
        agree("mantel_haenszel", "mantelhaen.test", "p_value", row["p_value"], expected[name]["p_value"])
    agree(
        "mantel_haenszel",
        "metafor",
        "statistic",
        tests.loc["Breslow-Day-Tarone", "statistic"],
        expected["log_odds"]["ta"],
    )
    agree(
        "mantel_haenszel",
        "metafor",
        "p_value",
        tests.loc["Breslow-Day-Tarone", "p_value"],
        expected["log_odds"]["ta_p"],
    )


@pytest.mark.external_reference
def test_the_streptomycin_trial_gives_what_r_gave(shared_data, shared_result):
    data = shared_data("strep_tb").assign(improved=lambda d: d["improved"].astype(int))
    result = mantel_haenszel(data, "improved", "arm", "Control", "baseline_condition")
    expected = shared_result("strep_tb", "improved_mantel_haenszel_by_condition")
    odds = result.contrasts.iloc[0]
    agree(
        "mantel_haenszel",
        "R",
        "estimate",
        odds["estimate"],
        expected["nocorrect"]["estimate"]["common odds ratio"],
    )
    agree(
        "mantel_haenszel", "R", "interval", odds[["ci_lower", "ci_upper"]], expected["nocorrect"]["conf_int"]
    )
    tests = result.tests["statistic"]
    theirs = [expected["nocorrect"]["statistic"], expected["correct"]["statistic"]]
    agree("mantel_haenszel", "R", "statistic", tests[:2], theirs)


@pytest.mark.external_reference
def test_the_respiratory_trial_gives_what_r_gave(shared_data, shared_result):
    data = shared_data("respiratory").query("month == 4").assign(good=lambda d: (d["status"] == "good") * 1)
    result = mantel_haenszel(data, "good", "treatment", "placebo", "centre")
    expected = shared_result("respiratory", "month4_CMH_centre")
    odds = result.contrasts.iloc[0]
    agree("mantel_haenszel", "R", "estimate", odds["estimate"], expected["estimate"]["common odds ratio"])
    agree("mantel_haenszel", "R", "interval", odds[["ci_lower", "ci_upper"]], expected["conf_int"])
    agree("mantel_haenszel", "R", "statistic", result.tests["statistic"][0], expected["statistic"])


@pytest.mark.analytic
def test_the_wald_contrasts_are_the_same_from_either_call(result):
    data = own_data("mantel_haenszel", "trial")
    rows = result.contrasts.set_index("measure")
    for call, measure in ((risk_difference, "risk difference"), (risk_ratio, "risk ratio")):
        row = call(data, "better", "arm", "control", strata="site", method="mantel-haenszel").contrasts.iloc[
            0
        ]
        for name in ("estimate", "statistic", "p_value", "ci_lower", "ci_upper"):
            assert row[name] == pytest.approx(rows.loc[measure, name], rel=1e-10)


@pytest.mark.analytic
def test_a_margin_moves_the_wald_statistic_by_its_size_in_errors():
    data = own_data("mantel_haenszel", "trial")
    arguments = {"outcome": "better", "by": "arm", "reference": "control", "strata": "site"}
    for call, name, shift in (
        (risk_difference, "standard_error", -0.1),
        (risk_ratio, "log_standard_error", 0.8),
    ):
        plain = call(data, **arguments, method="mantel-haenszel").contrasts.iloc[0]
        moved = call(data, **arguments, method="mantel-haenszel", null_value=shift).contrasts.iloc[0]
        by = shift if name == "standard_error" else math.log(shift)
        assert moved["statistic"] == pytest.approx(plain["statistic"] - by / plain[name], rel=1e-12)
        assert moved["ci_lower"] == plain["ci_lower"]


@pytest.mark.analytic
def test_one_stratum_gives_the_odds_ratio_of_its_table_with_woolfs_error(from_counts):
    data = from_counts([20], [50], [10], [45])
    odds = mantel_haenszel(data, "better", "arm", "reference", "site")
    row = odds.contrasts.iloc[0]
    assert row["estimate"] == pytest.approx(20 * 35 / (10 * 30), rel=1e-12)
    woolf = math.sqrt(1 / 20 + 1 / 30 + 1 / 10 + 1 / 35)
    assert row["log_standard_error"] == pytest.approx(woolf, rel=1e-12)
    assert math.isnan(odds.tests["p_value"].iloc[2])
    assert "Mantel-Haenszel" in repr(odds)


@pytest.mark.analytic
def test_the_same_odds_ratio_in_every_stratum_leaves_nothing_to_the_homogeneity_test(from_counts):
    data = from_counts([10, 20], [30, 60], [5, 10], [25, 50])
    tests = mantel_haenszel(data, "better", "arm", "reference", "site").tests
    assert tests["statistic"].iloc[2] == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(
    ("counts", "text"),
    [
        (([3, 0], [5, 0], [0, 2], [0, 6]), "both groups"),
        (([0, 0], [5, 4], [1, 2], [5, 6]), "events"),
        (([5, 4], [5, 4], [5, 6], [5, 6]), "events"),
    ],
)
def test_tables_without_a_finite_ratio_are_refused(from_counts, counts, text):
    with pytest.raises(DataError, match=text):
        mantel_haenszel(from_counts(*counts), "better", "arm", "reference", "site")


@pytest.mark.analytic
def test_no_limit_of_a_difference_lies_beyond_one():
    """5 of 6 against 1 of 3, and 1 of 1 against 0 of 1: Wald's upper limit would be above 1."""
    rows = [("a", "test", 1)] * 5 + [("a", "test", 0), ("a", "control", 1)] + [("a", "control", 0)] * 2
    rows += [("b", "test", 1), ("b", "control", 0)]
    data = pd.DataFrame(rows, columns=["site", "arm", "better"])
    both = mantel_haenszel(data, "better", "arm", "control", "site").contrasts
    one = risk_difference(data, "better", "arm", "control", strata="site", method="mantel-haenszel").contrasts
    for row in (both.set_index("measure").loc["risk difference"], one.iloc[0]):
        assert row["estimate"] + 1.96 * row["standard_error"] > 1
        assert row["ci_upper"] == 1
        assert row["ci_lower"] == pytest.approx(
            row["estimate"] - 1.959963984540054 * row["standard_error"], rel=1e-12
        )
