"""Volumes from label maps, and Z-scores that have no trend left with age."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from trialkit.errors import MeasurementError
from trialkit.imaging import Segmentation, body_composition, z_scores


@pytest.mark.analytic
def test_lean_muscle_mass_is_volume_over_bmi():
    lean, fat = np.zeros((5, 10, 10), dtype=bool), np.zeros((5, 10, 10), dtype=bool)
    lean[:4], fat[4, :5] = True, True
    told = body_composition(Segmentation({"lean_muscle": lean, "InterMAT": fat}, (5.0, 2.0, 2.0)), 25.0)
    assert told == {
        "lean_muscle_ml": pytest.approx(400 * 20 / 1000),
        "intermuscular_fat_ml": pytest.approx(50 * 20 / 1000),
        "lean_muscle_mass": pytest.approx(8.0 / 25),
    }
    with pytest.raises(MeasurementError, match="intermuscular_fat"):
        body_composition(Segmentation({"lean_muscle": lean}, (5.0, 2.0, 2.0)), 25.0)
    with pytest.raises(MeasurementError, match="BMI"):
        body_composition(Segmentation({"lean_muscle": lean, "IMAT": fat}, (5.0, 2.0, 2.0)), 0.0)


@pytest.mark.external_reference
def test_z_scores_are_standardized_residuals_within_each_sex(rng):
    import statsmodels.formula.api as smf

    data = pd.DataFrame({"age": rng.uniform(20, 75, 80), "sex": ["f", "m"] * 40})
    data["lean"] = 300 + 80 * (data["sex"] == "m") - 1.5 * data["age"] + rng.normal(0, 20, 80)
    data.loc[5, "lean"] = np.nan
    scores = z_scores(data, "lean", "sex", "age")
    assert np.isnan(scores[5])
    for sex in ("f", "m"):
        here = data[(data["sex"] == sex) & data["lean"].notna()]
        fit = smf.ols("lean ~ age", here).fit()
        assert scores[here.index].to_numpy() == pytest.approx((fit.resid / np.sqrt(fit.scale)).to_numpy())
    with pytest.raises(MeasurementError, match="ten persons"):
        z_scores(data.head(12), "lean", "sex", "age")
