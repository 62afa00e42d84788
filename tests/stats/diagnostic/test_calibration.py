"""Calibration of predicted probabilities."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.reference.agreement import agree, own_data, own_reference
from trialkit.stats import DataError, SeparationError, calibration, logistic


@pytest.mark.external_reference
def test_intercept_slope_and_groups_are_those_of_r():
    expected = own_reference("roc", "output")["calibration"]
    result = calibration(own_data("roc", "trial"), "recurred", "predicted")
    table = result.coefficients.set_index("term")[["estimate", "standard_error"]]
    agree(
        "calibration", "glm", "estimate", table["estimate"], [expected["intercept"][0], expected["slope"][0]]
    )
    errors = [expected["intercept"][1], expected["slope"][1]]
    agree("calibration", "glm", "standard_error", table["standard_error"], errors)
    agree("calibration", "formula in R", "count", result.groups["n"], expected["n"])
    agree("calibration", "formula in R", "count", result.groups["events"], expected["events"])
    agree("calibration", "formula in R", "estimate", result.groups["expected"], expected["expected"])
    agree("calibration", "formula in R", "statistic", result.hosmer_lemeshow["statistic"], expected["chisq"])
    agree("calibration", "formula in R", "estimate", result.brier_score, expected["brier"])
    assert result.hosmer_lemeshow["df"].item() == expected["groups"] - 2


@pytest.mark.external_reference
def test_the_haemorrhage_cohort_fits_as_in_r(shared_data, shared_result):
    expected = shared_result("aSAH", "hosmer_lemeshow_g10")
    data = shared_data("aSAH").assign(poor=lambda d: (d["outcome"] == "Poor").astype(int))
    fit = logistic("poor ~ s100b + ndka + age + gender", data)
    row = calibration(data.assign(p=fit.fitted), "poor", "p").hosmer_lemeshow.iloc[0]
    agree("calibration", "formula in R", "statistic", row["statistic"], expected["chisq"])
    agree("calibration", "formula in R", "p_value", row["p_value"], expected["p"])
    assert row["df"] == expected["df"]


@pytest.mark.analytic
def test_a_model_in_its_own_data_has_intercept_zero_and_slope_one():
    data = own_data("roc", "trial")
    fit = logistic("recurred ~ fat_fraction + muscle_area", data)
    table = calibration(data.assign(p=fit.fitted), "recurred", "p").coefficients.set_index("term")
    assert table.loc["intercept", "estimate"] == pytest.approx(0, abs=1e-9)
    assert table.loc["slope", "estimate"] == pytest.approx(1, rel=1e-9)


@pytest.mark.analytic
def test_predictions_from_other_data_keep_their_degrees_of_freedom():
    result = calibration(own_data("roc", "trial"), "recurred", "predicted", external=True)
    assert result.hosmer_lemeshow["df"].item() == len(result.groups)
    assert "Brier score" in repr(result)


@pytest.mark.parametrize(
    ("p", "text"), [([0.2, 0.4, 1.0, 0.3], "strictly between"), ([0.2, 0.2, 0.3, 0.3], "three groups")]
)
def test_predictions_that_cannot_be_judged_are_refused(p, text):
    with pytest.raises(DataError, match=text):
        calibration(pd.DataFrame({"y": [0, 1, 1, 0], "p": np.array(p)}), "y", "p")


def test_predictions_without_fault_have_no_slope_and_the_error_speaks_of_them():
    data = pd.DataFrame({"y": [0] * 6 + [1] * 6, "p": np.linspace(0.1, 0.9, 12)})
    with pytest.raises(SeparationError, match="predictions that tell the outcome without fault"):
        calibration(data, "y", "p", groups=3)
