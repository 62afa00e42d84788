"""Intraclass correlations."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from tests.reference.agreement import agree, column, own_data, own_reference
from trialkit.stats import DataError, icc

R = "psych::ICC"
FORMS = ["ICC1", "ICC2", "ICC3", "ICC1k", "ICC2k", "ICC3k"]


def compare(table, rows, names, reference=R):
    assert table["form"].tolist() == FORMS
    form, estimate, statistic, df_num, df_den, p_value, lower, upper = names
    if form:
        assert [row[form] for row in rows] == FORMS
    agree("icc", reference, "estimate", table["estimate"], column(rows, estimate))
    agree("icc", reference, "statistic", table["statistic"], column(rows, statistic))
    agree("icc", reference, "df", table["df_num"], column(rows, df_num))
    agree("icc", reference, "df", table["df_den"], column(rows, df_den))
    agree("icc", reference, "p_value", table["p_value"], column(rows, p_value))
    agree("icc", reference, "interval", table["ci_lower"], column(rows, lower))
    agree("icc", reference, "interval", table["ci_upper"], column(rows, upper))


OWN_NAMES = ("form", "estimate", "statistic", "df_num", "df_den", "p_value", "ci_lower", "ci_upper")
PSYCH_NAMES = ("type", "ICC", "F", "df1", "df2", "p", "lower bound", "upper bound")
FORMULA_NAMES = (None, "icc", "F", "df1", "df2", "p", "lower", "upper")


@pytest.mark.external_reference
def test_the_six_forms_and_the_measurement_error_are_those_of_r():
    expected = own_reference("icc", "output")
    data = own_data("icc", "readings")
    result = icc(data, target="scan", reader="reader", value="value")
    compare(result.table, expected["table"], OWN_NAMES)
    compare(icc(data, "scan", "reader", "value", 0.9).table, expected["table90"], OWN_NAMES)
    two = data[data["reader"] != "third"]
    compare(icc(two, "scan", "reader", "value").table, expected["two"], OWN_NAMES)
    errors = result.measurement_error.set_index("form")
    sem = errors["standard_error_of_measurement"]
    agree("icc", "anova", "estimate", sem["agreement"], expected["agreement"])
    agree("icc", "anova", "estimate", sem["consistency"], expected["consistency"])
    limits = errors.loc["consistency", ["ci_lower", "ci_upper"]]
    agree("icc", "anova", "interval", limits, expected["consistency_ci"])


@pytest.fixture
def shrout_fleiss(shared_data):
    return shared_data("shrout_fleiss").melt("subject", var_name="judge", value_name="rating")


@pytest.mark.external_reference
def test_the_table_of_shrout_and_fleiss_is_reproduced(shrout_fleiss, shared_result):
    result = icc(shrout_fleiss, "subject", "judge", "rating")
    compare(result.table, shared_result("shrout_fleiss", "icc_psych"), PSYCH_NAMES)
    compare(
        result.table,
        shared_result("shrout_fleiss", "icc_anova_formulae")["table"],
        FORMULA_NAMES,
        "formula in R",
    )
    # As printed in their Table 4, two decimals.
    assert result.table["estimate"].round(2).tolist() == [0.17, 0.29, 0.71, 0.44, 0.62, 0.91]
    expected = shared_result("shrout_fleiss", "sem_mdc")
    consistency = result.measurement_error.set_index("form").loc["consistency"]
    agree(
        "icc",
        "formula in R",
        "estimate",
        consistency["standard_error_of_measurement"],
        expected["SEM_from_MSE"],
    )
    # R's program says 1.96 where the quantile is meant.
    change = consistency["smallest_detectable_change"] * 1.96 / 1.959963984540054
    agree("icc", "formula in R", "estimate", change, expected["MDC95"])


@pytest.mark.external_reference
def test_nights_of_the_sleep_study_as_readers_give_what_r_gave(shared_data, shared_result):
    result = icc(shared_data("sleepstudy"), "Subject", "Days", "Reaction")
    expected = shared_result("sleepstudy", "icc_days_as_raters")["table"]
    compare(result.table, expected, FORMULA_NAMES, "formula in R")


@pytest.mark.analytic
def test_icc3k_is_cronbachs_alpha(shrout_fleiss):
    wide = shrout_fleiss.pivot(index="subject", columns="judge", values="rating")
    alpha = 4 / 3 * (1 - wide.var().sum() / wide.sum(axis=1).var())
    table = icc(shrout_fleiss, "subject", "judge", "rating").table.set_index("form")
    assert table.loc["ICC3k", "estimate"] == pytest.approx(alpha, rel=1e-12)


@pytest.mark.analytic
def test_a_readers_constant_error_spares_consistency_only():
    data = own_data("icc", "readings")
    shifted = data.assign(value=data["value"] + 20 * (data["reader"] == "third"))
    before, after = (icc(d, "scan", "reader", "value").table.set_index("form") for d in (data, shifted))
    assert after.loc["ICC3", "estimate"] == pytest.approx(before.loc["ICC3", "estimate"], rel=1e-10)
    assert after.loc["ICC2", "estimate"] < before.loc["ICC2", "estimate"] - 0.2


def test_readers_without_error_agree_wholly():
    data = pd.DataFrame({"scan": [1, 2, 3] * 2, "reader": list("aaabbb"), "value": [0.1, 0.7, 0.3] * 2})
    table = icc(data, "scan", "reader", "value").table
    assert (table["estimate"] == 1).all()
    assert table[["ci_lower", "ci_upper"]].isna().all(axis=None)  # no error was seen
    assert np.isinf(table["statistic"]).all()
    shifted = data.assign(value=data["value"] + (data["reader"] == "b"))
    table = icc(shifted, "scan", "reader", "value").table.set_index("form")
    assert table.loc["ICC3", "estimate"] == 1
    assert table.loc["ICC2", "estimate"] < 0.5
    assert math.isnan(table.loc["ICC2", "ci_lower"])


def test_targets_that_a_reader_missed_are_left_out_and_counted():
    data = own_data("icc", "readings")
    incomplete = data.drop(index=3).reset_index(drop=True)
    incomplete.loc[10, "value"] = None
    whole = data[~data["scan"].isin([4, incomplete.loc[10, "scan"]])]
    result = icc(incomplete, "scan", "reader", "value")
    pd.testing.assert_frame_equal(result.table, icc(whole, "scan", "reader", "value").table)
    assert result.rows["subjects_excluded"] == 2
    assert result.rows.excluded == 2 + 3
    assert "subjects read 24, used 22" in repr(result)


@pytest.mark.analytic
def test_targets_that_are_all_alike_on_average_have_the_least_correlation_there_is():
    """-1 / (k - 1) of one reading, and minus infinity of the mean; of nothing but readers, no number."""
    turned = pd.DataFrame({"s": [0, 0, 1, 1, 2, 2], "r": list("ababab"), "v": [1.0, 2, 2, 1, 1, 2]})
    found = icc(turned, "s", "r", "v").table.set_index("form")
    assert found.loc[["ICC1", "ICC3", "ICC1k", "ICC3k"], "estimate"].tolist() == [-1, -1, -np.inf, -np.inf]
    only_readers = icc(turned.assign(v=[1.0, 2] * 3), "s", "r", "v").table.set_index("form").loc["ICC3"]
    assert only_readers[["estimate", "statistic", "p_value", "ci_lower", "ci_upper"]].isna().all()


@pytest.mark.analytic
@pytest.mark.parametrize("unit", [1.0, 0.1, 1e6 / 3])
def test_equal_means_of_targets_and_of_readers_leave_icc2_without_an_interval(unit):
    """Satterthwaite's df is 0 / 0 there."""
    readings = np.array([1.0, 4, 2, 3, 3, 2, 4, 1]) * unit
    found = icc(
        pd.DataFrame({"s": np.repeat(range(4), 2), "r": list("ab") * 4, "v": readings}), "s", "r", "v"
    )
    assert found.table.set_index("form").loc["ICC2", ["ci_lower", "ci_upper"]].isna().all()
    assert "no interval" in repr(found)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"reader": ["a"] * 4, "scan": [1, 2, 3, 4]}, "at least two readers"),
        ({"scan": [1, 1, 1, 2]}, "one reading of each target"),
        ({"scan": [1, 2, 3, 1]}, "at least two targets"),
        ({"value": [2.0] * 4}, "readings that differ"),
        ({"value": list("abcd")}, "numbers"),
    ],
)
def test_readings_without_an_icc_are_refused(change, text):
    data = pd.DataFrame({"scan": [1, 2, 1, 2], "reader": list("aabb"), "value": [1.0, 2, 3, 5]} | change)
    with pytest.raises(DataError, match=text):
        icc(data, "scan", "reader", "value")
