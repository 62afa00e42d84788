"""Turn 1: who comes, who fails screening, and what is on paper before anybody has an arm."""

from __future__ import annotations

import ast
from dataclasses import replace
from datetime import timedelta
from math import sqrt
from pathlib import Path

import pytest

import trialkit.simulation
from trialkit.errors import SimulationError
from trialkit.simulation import Candidates, Scenario, candidates
from trialkit.simulation.people import eligible_people
from trialkit.simulation.streams import Streams
from trialkit.study import Study
from trialkit.study.model import Form, Item
from trialkit.vocabulary import EntryMode, ItemType


def meets_the_criteria(values: dict[str, str]) -> bool:
    """The criteria of study A, written down a second time."""
    return (
        float(values["elig_age_years"]) >= 60
        and float(values["elig_lbp_months"]) >= 3
        and 20 <= float(values["elig_odi_percent"]) <= 60
        and int(values["elig_goutallier"]) >= 2
        and values["elig_no_surgery_indicated"] == "1"
        and values["elig_able_to_exercise"] == "1"
        and values["consent_given"] == "1"
        and all(
            values[f"excl_{name}"] == "0"
            for name in ("spinal_pathology", "lumbar_surgery", "comorbidity", "cognitive", "other_trial")
        )
    )


def paper_of(screened: Candidates) -> dict[str, dict[str, str]]:
    values: dict[str, dict[str, str]] = {}
    for row in screened.rows:
        values.setdefault(row.subject_id, {}).update(row.values)
    return values


@pytest.mark.independent_reimplementation
def test_a_candidate_is_eligible_exactly_when_the_paper_meets_every_criterion(screened: Candidates) -> None:
    paper = paper_of(screened)
    assert len(screened.screened) > 380
    for person in screened.screened:
        assert person.eligible == meets_the_criteria(paper[person.subject_id]), person.subject_id
        assert person.eligible == (person.failure == "") == (person.ready_on is not None)


def test_screening_stops_with_the_last_eligible_candidate_wanted(screened: Candidates) -> None:
    assert len(screened.eligible) == 314
    assert screened.screened[-1].eligible


def test_people_come_in_date_order_on_working_days_within_the_recruitment_period(
    screened: Candidates, scenario: Scenario
) -> None:
    days = [person.consent_date for person in screened.screened]
    assert days == sorted(days)
    assert all(day.weekday() < 5 for day in days)
    last = scenario.recruitment.start + timedelta(days=scenario.recruitment.days + 3)
    assert scenario.recruitment.start <= days[0] <= days[-1] <= last
    assert all(person.ready_on >= person.consent_date for person in screened.eligible if person.ready_on)


def test_sites_recruit_in_the_shares_of_the_scenario(screened: Candidates, scenario: Scenario) -> None:
    n = len(screened.screened)
    for site, share in scenario.recruitment.sites.items():
        found = sum(person.site == site for person in screened.screened) / n
        assert abs(found - share) < 3.9 * sqrt(share * (1 - share) / n), site


def test_the_true_factor_values_are_those_on_the_demographics_form(screened: Candidates) -> None:
    paper = paper_of(screened)
    for person in screened.eligible:
        assert person.factors == {"site": person.site, "sex": paper[person.subject_id]["sex"]}


def test_who_fails_screening_has_the_screening_forms_only(screened: Candidates) -> None:
    failed = {person.subject_id for person in screened.screened if not person.eligible}
    assert {row.form for row in screened.rows if row.subject_id in failed} == {"consent", "eligibility"}


@pytest.mark.analytic
def test_the_ten_items_add_up_to_the_true_baseline_score(screened: Candidates) -> None:
    truth = dict(zip(screened.people.facts["subject_id"], screened.people.facts["odi_baseline"], strict=True))
    whole = 0
    for row in screened.rows:
        if row.form == "odi" and all(text.isdigit() for text in row.values.values()):
            whole += 1
            assert 2 * sum(map(int, row.values.values())) == truth[row.subject_id]
    assert whole > 250


def test_baseline_lies_near_the_scenario(screened: Candidates, scenario: Scenario) -> None:
    """Against the cut normal of the scenario: mean 38, SD 10, kept between 20 and 60."""
    people = eligible_people(scenario, Streams(7), 200_000)
    odi = people.facts["odi_baseline"]
    assert odi.min() >= 20
    assert odi.max() <= 60
    assert odi.mean() == pytest.approx(38.5, abs=0.3)
    assert odi.std() == pytest.approx(9.0, abs=0.3)
    assert (people.facts["sex"] == "female").mean() == pytest.approx(0.62, abs=0.005)


def test_a_seed_makes_one_trial_and_another_seed_another(study: Study, scenario: Scenario) -> None:
    first, again, other = (candidates(study, scenario, 40, seed) for seed in (3, 3, 4))
    assert first.rows == again.rows
    assert first.screened == again.screened
    assert first.rows != other.rows


def test_turn_one_knows_nothing_of_the_arms(study: Study, scenario: Scenario) -> None:
    """With the arms of the study exchanged, everything before randomization stays as it was."""
    swapped = replace(study, arms=tuple(reversed(study.arms)))
    assert candidates(swapped, scenario, 40, 3).rows == candidates(study, scenario, 40, 3).rows
    assert "arm" not in candidates(study, scenario, 40, 3).people.facts


def test_no_module_of_the_room_can_reach_the_randomization_list() -> None:
    """The room neither imports the list nor asks for a random arm: arms come in as arguments."""
    folder = Path(trialkit.simulation.__file__).parent
    for module in folder.glob("*.py"):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                assert not (node.module or "").startswith("trialkit.randomization"), module.name
            if isinstance(node, ast.Attribute):
                assert node.attr not in ("choice", "shuffle", "permutation", "permuted"), module.name
                assert not (node.attr == "seed" and ast.unparse(node.value).endswith("random"))


def test_a_new_form_changes_no_other_value(study: Study, scenario: Scenario) -> None:
    item = Item(name="grip_kg", form="grip", label="Grip", type=ItemType.NUMBER, minimum=0, maximum=90)
    grip = Form("grip", "Grip strength", EntryMode.DOUBLE, ("baseline",), (item,))
    wider = replace(study, forms=(study.forms[0], grip, *study.forms[1:]))
    before = candidates(study, scenario, 40, 3).rows
    after = candidates(wider, scenario, 40, 3).rows
    assert tuple(row for row in after if row.form != "grip") == before
    assert sum(row.form == "grip" for row in after) == 40


def test_criteria_that_nobody_can_meet_are_an_error_and_not_an_endless_search(
    study: Study, scenario: Scenario
) -> None:
    impossible = replace(
        scenario, failures=(replace(scenario.failures[0], probability=1.0), *scenario.failures[1:])
    )
    with pytest.raises(SimulationError, match="eligible people"):
        candidates(study, impossible, 2, 1)
