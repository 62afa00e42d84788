"""A study nobody has written a scenario for is simulated from its dictionary alone."""

from __future__ import annotations

from datetime import date

import pytest

from trialkit.errors import SimulationError
from trialkit.simulation import (
    TrialPaper,
    candidates,
    default_scenario,
    outcomes,
    true_effect,
    true_recurrence,
    typed_passes,
)
from trialkit.study import Study, study_from_texts
from trialkit.vocabulary import ItemType

HEADER = (
    "Variable / Field Name,Form Name,Section Header,Field Type,Field Label,"
    '"Choices, Calculations, OR Slider Labels",Field Note,Text Validation Type OR Show Slider Number,'
    "Text Validation Min,Text Validation Max,Identifier?,Branching Logic (Show field only if...),"
    "Required Field?,Custom Alignment,Question Number (surveys only),Matrix Group Name,Matrix Ranking?,"
    "Field Annotation"
)


def field(name: str, form: str, kind: str, **cells: str) -> str:
    places = {"choices": 5, "check": 7, "low": 8, "high": 9, "branch": 11, "required": 12}
    row = [name, form, "", kind, name, *[""] * 13]
    for key, value in cells.items():
        row[places[key]] = value
    return ",".join(f'"{cell}"' for cell in row)


DICTIONARY = "\n".join(
    [
        HEADER,
        field("subject_id", "screening", "text"),
        field("age", "screening", "text", check="integer", low="18", high="90", required="y"),
        field("migraine", "screening", "yesno", required="y"),
        field("days", "diary", "text", check="number_1dp", low="0", high="28"),
        field("drug", "diary", "radio", choices="0, None | 1, Triptan | 2, Other", required="y"),
        field("drug_name", "diary", "text", branch="[drug] = '2' and [migraine] = '1'"),
        field("started", "diary", "text", check="date_ymd", branch="[drug] > 0"),
        field("worst", "diary", "calc", choices="[days] / 28"),
        field("attack", "attacks", "text", check="integer", low="1", high="99"),
        field("hours", "attacks", "text", check="number", low="0.5", high="72", required="y"),
        field("level", "scan", "radio", choices="L1, One | L2, Two", required="y"),
        field("grade", "scan", "text", check="integer", low="0", high="4", required="y"),
        field("needles", "treatment", "text", check="integer", low="1", high="40", required="y"),
        field("fell_on", "fall", "text", check="date_ymd", required="y"),
    ]
)

DEFINITION = """
[study]
id = "H"
title = "A headache trial"
version = "1"
protocol = "1"
demonstration = true

[arms.needles]
label = "Acupuncture"
role = "test"
ratio = 1
[arms.usual]
label = "Usual care"
role = "reference"
ratio = 1

[sites.N]
name = "North"
[sites.S]
name = "South"

[factors.site]
[factors.migraine]
item = "migraine"

[visits.start]
label = "Start"
anchor = "randomization"
target_days = 0
[visits.end]
label = "End"
anchor = "randomization"
target_days = 84
window_days = [70, 98]

[forms.screening]
label = "Screening"
entry = "single"
visits = ["start"]
[forms.diary]
label = "Diary"
entry = "double"
visits = ["start", "end"]
[forms.attacks]
label = "Attacks"
entry = "double"
visits = ["end"]
repeating = true
row_key = "attack"
[forms.scan]
label = "Scan"
entry = "double"
visits = ["end"]
repeating = true
row_key = "level"
[forms.treatment]
label = "Treatment"
entry = "double"
visits = ["end"]
for_arms = ["needles"]
reveals_allocation = true
[forms.fall]
label = "Fall"
entry = "double"
visits = ["end"]
optional = true

[criteria.adult]
kind = "inclusion"
label = "Adult under 66"
rule = "[age] >= 18 and [age] <= 65"
[criteria.migraine]
kind = "inclusion"
label = "Migraine"
rule = "[migraine] = '1'"

[randomization]
method = "stratified_permuted_blocks"
concealment = "demonstration"
[blinding]
stated = "open"
"""


@pytest.fixture(scope="module")
def headache() -> Study:
    return study_from_texts(DEFINITION, DICTIONARY)


@pytest.fixture(scope="module")
def trial(headache: Study) -> TrialPaper:
    scenario = default_scenario(headache)
    people = candidates(headache, scenario, 120, 5)
    arm_of = {p.subject_id: ("needles", "usual")[k % 2] for k, p in enumerate(people.eligible)}
    return outcomes(headache, scenario, people, arm_of, 5)


def test_most_people_pass_a_screening_that_nobody_described(headache: Study) -> None:
    people = candidates(headache, default_scenario(headache), 120, 5)
    assert len(people.eligible) == 120
    assert len(people.screened) < 160
    for row in people.rows:
        if row.form == "screening" and row.subject_id in {p.subject_id for p in people.eligible}:
            assert row.values["migraine"] == "1"
            assert 18 <= int(row.values["age"]) <= 65


def test_every_form_is_filled_in_as_its_dictionary_permits(headache: Study, trial: TrialPaper) -> None:
    items = {item.name: item for form in headache.forms for item in form.items}
    assert {row.form for row in trial.rows} == {form.name for form in headache.forms}
    for row in trial.rows:
        assert "worst" not in row.values
        for name, text in row.values.items():
            item = items[name]
            assert text or not item.required or item.branching
            if text and item.choices:
                assert text in {choice.code for choice in item.choices}
            elif text and item.type in (ItemType.INTEGER, ItemType.NUMBER):
                assert item.minimum <= float(text) <= item.maximum  # type: ignore[operator]
            elif text and item.type is ItemType.DATE:
                date.fromisoformat(text)


def test_branching_reaches_across_forms(trial: TrialPaper) -> None:
    named = 0
    for row in trial.rows:
        if row.form == "diary":
            assert not row.values["drug_name"] or row.values["drug"] == "2"
            assert not row.values["started"] or row.values["drug"] in ("1", "2")
            named += bool(row.values["drug_name"])
    assert named > 30


def test_a_coded_row_key_gives_a_line_for_each_code_and_a_counted_one_counts(trial: TrialPaper) -> None:
    lines: dict[tuple[str, str], list[str]] = {}
    for row in trial.rows:
        if row.form in ("scan", "attacks"):
            lines.setdefault((row.form, row.subject_id), []).append(row.row)
            assert row.row == row.values["level" if row.form == "scan" else "attack"]
    for (form, _), keys in lines.items():
        wanted = ["L1", "L2"] if form == "scan" else [str(k) for k in range(1, len(keys) + 1)]
        assert sorted(keys) == wanted
    assert max(len(keys) for (form, _), keys in lines.items() if form == "attacks") > 1


def test_the_same_study_is_typed_twice_with_errors_that_are_known(headache: Study, trial: TrialPaper) -> None:
    typed = typed_passes(headache, trial, default_scenario(headache), 5)
    assert len(typed.first) == len(typed.second) > 300
    assert {row.form for row in typed.single} == {"screening"}


def test_a_scenario_without_measures_has_no_true_effect_to_tell(headache: Study) -> None:
    scenario = default_scenario(headache)
    assert true_recurrence(headache, scenario) is None
    with pytest.raises(SimulationError, match="primary"):
        true_effect(headache, scenario)


def test_the_reference_trial_too_runs_without_its_scenario(study: Study) -> None:
    scenario = default_scenario(study)
    people = candidates(study, scenario, 30, 1)
    paper = outcomes(study, scenario, people, {p.subject_id: "control" for p in people.eligible}, 1)
    expected = {form.name for form in study.forms if not form.for_arms and not form.optional}
    assert expected <= {row.form for row in paper.rows}
