"""Turn 2: what reaches paper after a real allocation, and what must not."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date
from math import sqrt

import pytest

from trialkit.errors import SimulationError
from trialkit.simulation import Candidates, FormRow, Scenario, TrialPaper, outcomes
from trialkit.study import Study
from trialkit.vocabulary import ItemType

SEED = 20260101


def of_form(paper: TrialPaper, form: str) -> list[FormRow]:
    return [row for row in paper.rows if row.form == form]


def test_another_arm_for_one_subject_changes_nobody_elses_paper(
    study: Study, scenario: Scenario, screened: Candidates, arms: dict[str, str], paper: TrialPaper
) -> None:
    subject = screened.eligible[10].subject_id
    other = {"exercise": "control", "control": "exercise"}[arms[subject]]
    changed = outcomes(study, scenario, screened, {**arms, subject: other}, SEED)
    assert [row for row in changed.rows if row.subject_id != subject] == [
        row for row in paper.rows if row.subject_id != subject
    ]
    assert changed.rows != paper.rows


def test_who_was_not_allocated_has_no_paper_and_changes_nobody_elses(
    study: Study, scenario: Scenario, screened: Candidates, arms: dict[str, str], paper: TrialPaper
) -> None:
    left_out = screened.eligible[0].subject_id
    fewer = {subject: arm for subject, arm in arms.items() if subject != left_out}
    without = outcomes(study, scenario, screened, fewer, SEED)
    assert without.rows == tuple(row for row in paper.rows if row.subject_id != left_out)


def test_an_arm_for_somebody_who_failed_screening_is_refused(
    study: Study, scenario: Scenario, screened: Candidates
) -> None:
    failed = next(person.subject_id for person in screened.screened if not person.eligible)
    with pytest.raises(SimulationError, match=failed):
        outcomes(study, scenario, screened, {failed: "exercise"}, 1)


def test_an_unknown_arm_is_refused_without_being_named(
    study: Study, scenario: Scenario, screened: Candidates
) -> None:
    subject = screened.eligible[0].subject_id
    with pytest.raises(SimulationError) as error:
        outcomes(study, scenario, screened, {subject: "placebo"}, 1)
    assert "placebo" not in str(error.value)


def test_visits_are_counted_from_the_real_day_of_randomization(
    study: Study, scenario: Scenario, screened: Candidates
) -> None:
    subject = screened.eligible[0].subject_id
    day = date(2025, 3, 3)
    paper = outcomes(study, scenario, screened, {subject: "control"}, SEED, randomized_on={subject: day})
    dates = {visit.visit: visit.date for visit in paper.visits}
    assert dates["week_6"] is not None
    assert 35 <= (dates["week_6"] - day).days <= 56 + 14


def test_visits_lie_mostly_in_their_windows_and_always_in_order(
    paper: TrialPaper, screened: Candidates, study: Study
) -> None:
    ready = {person.subject_id: person.ready_on for person in screened.eligible}
    order = [visit.name for visit in study.visits]
    windows = {"week_6": (35, 56), "month_1": (58, 86), "month_3": (112, 154), "month_6": (196, 252)}
    windows["month_12"] = (335, 425)
    inside, after = 0, 0
    by_subject: dict[str, list[tuple[int, date]]] = defaultdict(list)
    for visit in paper.visits:
        if visit.date is None:
            continue
        by_subject[visit.subject_id].append((order.index(visit.visit), visit.date))
        if visit.visit in windows:
            low, high = windows[visit.visit]
            day = (visit.date - ready[visit.subject_id]).days  # type: ignore[operator]
            inside += low <= day <= high
            after += day > high
            assert day >= low
    for visits in by_subject.values():
        days = [day for _, day in sorted(visits)]
        assert days == sorted(days)
    share = after / (inside + after)
    assert abs(share - 0.03) < 3.9 * sqrt(0.03 * 0.97 / (inside + after)) + 0.01


def test_dropout_lies_near_its_stated_share(paper: TrialPaper) -> None:
    left = sum(course.withdrawal_date is not None for course in paper.courses)
    assert abs(left / 314 - 0.10) < 3.3 * sqrt(0.1 * 0.9 / 314)


def test_nobody_comes_after_leaving_and_everybody_who_leaves_has_the_form(paper: TrialPaper) -> None:
    end = {
        course.subject_id: min(
            day for day in (course.withdrawal_date, course.death_date, date.max) if day is not None
        )
        for course in paper.courses
    }
    for visit in paper.visits:
        if visit.date is not None:
            assert visit.date < end[visit.subject_id]
    withdrawn = {c.subject_id for c in paper.courses if c.withdrawal_date is not None}
    assert {row.subject_id for row in of_form(paper, "withdrawal")} == withdrawn
    for row in of_form(paper, "withdrawal"):
        assert row.values["withdrawal_date"] == end[row.subject_id].isoformat()
    died = {c.subject_id for c in paper.courses if c.death_date is not None}
    assert {row.subject_id for row in of_form(paper, "death")} == died


def test_a_form_of_one_arm_is_filled_in_for_that_arm_only(paper: TrialPaper, arms: dict[str, str]) -> None:
    assert {arms[row.subject_id] for row in of_form(paper, "compliance")} == {"exercise"}


def test_a_form_at_a_visit_that_took_place_is_either_there_or_noted_as_not_done(
    paper: TrialPaper, study: Study, arms: dict[str, str]
) -> None:
    there = {(row.subject_id, row.visit, row.form) for row in paper.rows}
    noted = {(empty.subject_id, empty.visit, empty.form) for empty in paper.not_done}
    assert noted
    assert not there & noted
    for visit in paper.visits:
        for form in study.forms:
            if visit.visit not in form.visits or form.optional:
                continue
            expected = visit.status == "done" and (
                not form.for_arms or arms[visit.subject_id] in form.for_arms
            )
            key = (visit.subject_id, visit.visit, form.name)
            assert ((key in there) or (key in noted)) == expected, key


def test_each_value_is_one_the_dictionary_permits(paper: TrialPaper, study: Study) -> None:
    items = {item.name: item for form in study.forms for item in form.items}
    seen: Counter[str] = Counter()
    for row in paper.rows:
        for name, text in row.values.items():
            item = items[name]
            if text == "" or (text == "@unknown" and item.required):
                continue
            seen[name] += 1
            if item.choices:
                assert text in {choice.code for choice in item.choices}, (name, text)
            elif item.type in (ItemType.INTEGER, ItemType.NUMBER):
                value = float(text)
                assert (item.minimum is None or value >= item.minimum) and (
                    item.maximum is None or value <= item.maximum
                ), (name, text)
                assert item.type is ItemType.NUMBER or text.lstrip("-").isdigit(), (name, text)
            elif item.type is ItemType.DATE:
                date.fromisoformat(text if len(text) == 10 else f"{text}-01")
                assert len(text) == 10 or item.partial_date, (name, text)
    typed = {item.name for item in items.values() if item.type is not ItemType.DERIVED}
    rare = {"withdrawal_reason_other", "death_date", "death_cause"}
    assert typed - set(seen) <= rare


def test_branching_is_kept_on_paper(paper: TrialPaper) -> None:
    for row in of_form(paper, "adverse_events"):
        assert (row.values["ae_end_date"] != "") == (row.values["ae_ongoing"] == "0")
    for row in of_form(paper, "lbp_status"):
        if row.values["lbp_assessed"] == "0":
            assert row.values["lbp_in_pain"] == row.values["lbp_pain_free_since_date"] == ""


def test_lines_of_a_repeating_form_are_numbered_from_one_within_a_visit(paper: TrialPaper) -> None:
    lines: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for row in paper.rows:
        if row.form == "recurrence":
            assert row.row == row.values["rec_line"]
            lines[row.subject_id, row.visit, row.form].append(row.row)
        elif row.form == "odi":
            assert row.row == ""
    assert max(map(len, lines.values())) > 1
    for numbers in lines.values():
        assert numbers == [str(k) for k in range(1, len(numbers) + 1)]


@pytest.mark.independent_reimplementation
def test_the_first_recurrence_on_paper_is_the_true_one(paper: TrialPaper, screened: Candidates) -> None:
    """Lasting 24 h or more, worst pain above 20 mm, after 30 days or more without pain."""
    ready = {person.subject_id: person.ready_on for person in screened.eligible}
    first: dict[str, int] = {}
    for row in of_form(paper, "recurrence"):
        hours, worst = int(row.values["rec_lbp_hours"]), int(row.values["rec_vas_mm"])
        text = row.values["rec_onset_date"]
        if hours < 24 or worst <= 20 or int(row.values["rec_pain_free_days"]) < 30:
            continue
        if len(text) == 10:
            day = (date.fromisoformat(text) - ready[row.subject_id]).days  # type: ignore[operator]
            first[row.subject_id] = min(day, first.get(row.subject_id, day))
    truth = {course.subject_id: course.first_recurrence_day for course in paper.courses}
    assert len(first) > 50
    agree = sum(truth[subject] == day for subject, day in first.items())
    vague = sum(len(row.values["rec_onset_date"]) == 7 for row in of_form(paper, "recurrence"))
    assert len(first) - agree <= vague


def test_deaths_end_follow_up_when_they_are_made_common(
    study: Study, scenario: Scenario, screened: Candidates, arms: dict[str, str]
) -> None:
    events = tuple(
        replace(event, rate_per_year={"exercise": 1.0, "control": 1.0}) if event.name == "death" else event
        for event in scenario.events
    )
    paper = outcomes(study, replace(scenario, events=events), screened, arms, SEED)
    deaths = {
        course.subject_id: course.death_date for course in paper.courses if course.death_date is not None
    }
    assert len(deaths) > 150
    assert {row.subject_id for row in of_form(paper, "death")} == set(deaths)
    for visit in paper.visits:
        if visit.subject_id in deaths and visit.date is not None:
            assert visit.date < deaths[visit.subject_id]
        if visit.reason == "died":
            assert visit.subject_id in deaths


def test_imaging_goes_with_the_outcome(paper: TrialPaper) -> None:
    """Fattier multifidus at baseline, worse ODI at twelve months, as the scenario says."""
    import numpy as np

    fat = {
        row.subject_id: float(row.values["mri_l4_multifidus_fat_percent"])
        for row in of_form(paper, "mri")
        if row.values["mri_l4_multifidus_fat_percent"]
    }
    odi = {
        row.subject_id: 2 * sum(map(int, row.values.values()))
        for row in of_form(paper, "odi")
        if row.visit == "month_12" and all(text.isdigit() for text in row.values.values())
    }
    both = sorted(set(fat) & set(odi))
    r = float(np.corrcoef([fat[s] for s in both], [odi[s] for s in both])[0, 1])
    assert r > 0.03


def test_arm_and_seed_give_the_same_trial_again(
    study: Study, scenario: Scenario, screened: Candidates, arms: dict[str, str], paper: TrialPaper
) -> None:
    again = outcomes(study, scenario, screened, dict(reversed(arms.items())), SEED)
    assert again == paper
    assert outcomes(study, scenario, screened, arms, SEED + 1).rows != paper.rows
