"""A scenario is read strictly, and held against its study."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from trialkit.errors import SimulationError, TrialkitError
from trialkit.simulation import Scenario, check_scenario, load_scenario
from trialkit.study import Study

MISTAKES = [
    ("total = 0.10", "totel = 0.10", "totel", "Did you mean 'total'?"),
    ("total = 0.10", "total = 1.10", "1.1", "probability from 0 to 1"),
    ('start = "2024-02-01"', 'start = "2024-02-30"', "2024-02-30", "YYYY-MM-DD"),
    ("days_to_randomization = [0, 6]", "days_to_randomization = [6, 0]", "6, 0", "smaller first"),
    ("eligible = 314", "eligible = 'all'", "all", "whole number"),
    ("smoking = { weights", 'smoking = { constant = "1", weights', "constant and weights", "exactly one"),
    (
        "loads = { severity = 0.70 }",
        "loads = { severity = 0.70, prognosis = 0.9 }",
        "severity",
        "squares sum",
    ),
    ('score = "odi"', 'score = "odi"\nitem = "vas_mm"', "both", "one of score and item"),
    ("correlation = 0.60, effect", "correlation = 1.60, effect", "1.6", "between -1 and 1"),
    ("cuts = [-16.0, -7.0, 0.0]", "cuts = [-16.0, -7.0]", "4", "3 codes for 2 cuts"),
    ("step = 2.0", "step = 0.0", "0.0", "above 0"),
]


@pytest.mark.parametrize(("right", "wrong", "found", "said"), MISTAKES)
def test_a_mistake_in_a_scenario_is_one_clear_error_with_its_place(
    study_folder: Path, tmp_path: Path, right: str, wrong: str, found: str, said: str
) -> None:
    text = (study_folder / "simulation.toml").read_text(encoding="utf-8")
    assert right in text
    path = tmp_path / "simulation.toml"
    path.write_text(text.replace(right, wrong, 1), encoding="utf-8")
    with pytest.raises(TrialkitError) as error:
        load_scenario(path)
    message = str(error.value)
    assert f"{path}:" in message
    assert found in message
    assert said in message


@pytest.mark.parametrize(
    ("right", "wrong", "kind"),
    [
        ("{ A = 0.30", "{ Z = 0.30", "site"),
        ("effect = { exercise = -5.0 }", "effect = { exercize = -5.0 }", "arm"),
        ("week_6   =", "week_7   =", "visit"),
        ('form = "withdrawal"', 'form = "withdrawel"', "form"),
        ("consent_given =", "consent_giwen =", "item"),
        ('score = "odi"', 'score = "odj"', "score"),
    ],
)
def test_a_name_the_study_does_not_have_is_refused_with_the_nearest_one(
    study: Study, study_folder: Path, tmp_path: Path, right: str, wrong: str, kind: str
) -> None:
    text = (study_folder / "simulation.toml").read_text(encoding="utf-8")
    assert right in text
    path = tmp_path / "simulation.toml"
    path.write_text(text.replace(right, wrong, 1), encoding="utf-8")
    with pytest.raises(SimulationError, match=f"expected a {kind} of study A"):
        check_scenario(study, load_scenario(path))


def test_the_scenario_of_study_a_fits_study_a(study: Study, scenario: Scenario) -> None:
    check_scenario(study, scenario)
    assert scenario.eligible == study.sample_size.total  # type: ignore[union-attr]
    assert scenario.estimand("primary").visit == "month_12"


def test_a_scenario_for_another_study_is_refused(study: Study, scenario: Scenario) -> None:
    with pytest.raises(SimulationError, match="'B'"):
        check_scenario(study, replace(scenario, study="B"))


def test_every_item_of_study_a_that_somebody_writes_is_described(study: Study, scenario: Scenario) -> None:
    """Nothing of the reference trial is left to the dictionary's fallback."""
    by_measure = {item for score in ("odi", "joa") for item in study.score(score).items} | {
        "vas_mm",
        "sorensen_s",
    }
    lines = {form.row_key for form in study.forms}
    undescribed = {
        item.name
        for form in study.forms
        for item in form.items
        if item.type != "derived" and item.name not in by_measure | lines
    } - set(scenario.items)
    assert undescribed == set()
