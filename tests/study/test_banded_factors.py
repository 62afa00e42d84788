"""A stratification factor may be a number cut into bands, such as an age band from the age."""

from __future__ import annotations

from pathlib import Path

import pytest

from trialkit import resources
from trialkit.entry.criteria import true_levels
from trialkit.entry.rules import StudyRules
from trialkit.study import StudyError, load_study
from trialkit.study.model import Factor, Study

SAMPLE = resources.folder("sample_data")
BANDS = 'item = "elig_age_years"\ncuts = [65, 75]\nlevels = ["under 65", "65 to 74", "75 or more"]\n'


def with_band(folder: Path, table: str = BANDS) -> Study:
    text = (SAMPLE / "study.toml").read_text(encoding="utf-8")
    (folder / "study.toml").write_text(f"{text}\n[factors.age_band]\n{table}", encoding="utf-8")
    (folder / "dictionary.csv").write_bytes((SAMPLE / "dictionary.csv").read_bytes())
    return load_study(folder)


@pytest.mark.parametrize(
    ("value", "level"),
    [("64.9", "under 65"), ("65", "65 to 74"), ("74", "65 to 74"), ("75", "75 or more"), ("old", None)],
)
def test_a_value_at_a_cut_is_in_the_band_above(value: str, level: str | None) -> None:
    assert Factor("age", ("under 65", "65 to 74", "75 or more"), "age", (65, 75)).level_of(value) == level


def test_the_band_follows_from_the_item_on_the_final_record(tmp_path: Path) -> None:
    study = with_band(tmp_path)
    visit = study.form(study.item("elig_age_years").form).visits[0]
    levels = true_levels(StudyRules(study), {("elig_age_years", visit): "70"}, "A")
    assert levels["age_band"] == "65 to 74"
    assert levels["site"] == "A"


@pytest.mark.parametrize(
    ("table", "says"),
    [
        (BANDS.replace("[65, 75]", "[75, 65]"), "ascending"),
        (BANDS.replace(', "75 or more"', ""), "3 names of bands"),
        (BANDS.replace("elig_age_years", "sex"), "a number to cut"),
    ],
)
def test_bands_that_do_not_go_with_their_cuts_are_refused(tmp_path: Path, table: str, says: str) -> None:
    with pytest.raises(StudyError, match=says):
        with_band(tmp_path, table)
