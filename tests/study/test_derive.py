"""What is derived is never typed: body mass index, scores."""

from __future__ import annotations

from pathlib import Path

import pytest

from trialkit.study import load_study
from trialkit.study.derive import derived_items, derived_scores


@pytest.mark.analytic
def test_the_body_mass_index_is_weight_over_height_squared(sample_folder: Path) -> None:
    form = load_study(sample_folder).form("demographics")
    assert derived_items(form, {"weight_kg": "70.0", "height_cm": "175.0"}) == {"bmi": 22.9}
    assert derived_items(form, {"weight_kg": "70.0"}) == {"bmi": None}


def test_a_filled_in_odi_is_scored_from_its_codes(sample_folder: Path) -> None:
    study = load_study(sample_folder)
    form = study.form("odi")
    values: dict[str, str | None] = {item.name: "2" for item in form.items}
    assert derived_scores(study, form, values)["odi"].value == pytest.approx(40)
    values["odi_sex_life"] = values["odi_care"] = None
    scored = derived_scores(study, form, values)["odi"]
    assert scored.value is None
    assert "8 of 10" in scored.reason


def test_the_fat_fraction_of_a_muscle_is_the_mean_of_five_levels(sample_folder: Path) -> None:
    study = load_study(sample_folder)
    values = {f"mri_l{level}_multifidus_fat_percent": str(10 * level) for level in range(1, 6)}
    assert derived_scores(study, study.form("mri"), values)["multifidus_fat"].value == pytest.approx(30)
