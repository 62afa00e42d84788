"""Worklists, tasks and the missing-form report, on a subject whose days are counted by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from chain import (
    ADJUDICATOR,
    ADMIN,
    COORDINATOR,
    FIRST,
    INVESTIGATOR,
    MANAGER,
    SECOND,
    STATISTICIAN,
    Role,
    person,
)
from test_randomize import STRATUM, screened

from trialkit import operations as op
from trialkit.access import AccessError, Actor
from trialkit.clock import SimulatedClock
from trialkit.entry import AdjudicationChoice, ReasonCode
from trialkit.entry.work import WorkKind as W
from trialkit.operations import TaskKind as T

RANDOMIZED = date(2024, 6, 1)
HERE = {"visit": "week_6", "form": "vas"}


@pytest.fixture
def subject_id(trial: op.Trial) -> str:
    """Somebody randomized on 1 June 2024; week 6 is due from 6 to 27 July."""
    number = screened(trial)
    op.randomize(trial, COORDINATOR, subject_id=number, stratum_values=STRATUM)
    return number


def _on(trial: op.Trial, day: date) -> None:
    clock = trial.clock
    assert isinstance(clock, SimulatedClock)
    clock.advance_to(datetime(day.year, day.month, day.day, 3, tzinfo=UTC))


def _kind(trial: op.Trial, visit: str, form: str = "", actor: Actor = MANAGER) -> W | None:
    lines = op.list_work(trial, actor, kinds=tuple(W))
    return next((line.kind for line in lines if (line.visit, line.form) == (visit, form)), None)


def _type(trial: op.Trial, actor: Actor, subject_id: str, value: str) -> None:
    row = op.EnteredRow({"vas_mm": value})
    op.enter_pass(trial, actor, entry=op.FormEntry(subject_id, "week_6", "vas", (row,)))


def _visited(trial: op.Trial, subject_id: str, day: date) -> None:
    op.record_visits(trial, COORDINATOR, visits_done=[op.VisitDone(subject_id, "week_6", day)])


def _kinds(tasks: list[op.Task], **place: str) -> list[T]:
    return [task.kind for task in tasks if all(getattr(task, key) == place[key] for key in place)]


def test_a_visit_is_expected_then_due_then_overdue(trial: op.Trial, subject_id: str) -> None:
    for day, kind in ((date(2024, 7, 5), W.EXPECTED), (date(2024, 7, 6), W.DUE), (date(2024, 7, 27), W.DUE),
                      (date(2024, 7, 28), W.OVERDUE)):  # fmt: skip
        _on(trial, day)
        assert _kind(trial, "week_6") is kind
        assert _kind(trial, "week_6", "vas") is kind
        recording = _kinds(op.todo(trial, COORDINATOR), visit="week_6")
        assert (T.RECORD_VISIT in recording) == (kind is not W.EXPECTED)
        assert (T.ENTER_FORM in _kinds(op.todo(trial, FIRST), **HERE)) == (kind is not W.EXPECTED)
    late = op.list_work(trial, MANAGER, kinds=(W.OVERDUE,), form="vas")
    (line,) = [line for line in late if line.visit == "week_6"]
    assert (line.due_on, line.days_late, line.site) == (date(2024, 7, 27), 1, "A")
    (first, *_) = op.todo(trial, COORDINATOR)
    assert first.overdue, "what is overdue comes first"


def test_a_form_goes_from_due_over_entered_once_and_conflict_to_complete(
    trial: op.Trial, subject_id: str
) -> None:
    _on(trial, date(2024, 8, 1))
    _visited(trial, subject_id, date(2024, 7, 13))
    assert _kind(trial, "week_6") is W.COMPLETE
    assert _kind(trial, "week_6", "vas") is W.OVERDUE, "19 days after the visit"
    assert T.RECORD_VISIT not in _kinds(op.todo(trial, COORDINATOR), visit="week_6")
    _type(trial, FIRST, subject_id, "55")
    (once,) = [line for line in op.list_work(trial, MANAGER, form="vas") if line.kind is W.ENTERED_ONCE]
    assert (once.entered_by, once.note) == ((FIRST.account,), "second entry missing")
    assert T.ENTER_FORM not in _kinds(op.todo(trial, FIRST), **HERE)
    assert T.ENTER_FORM in _kinds(op.todo(trial, SECOND), **HERE)
    _type(trial, SECOND, subject_id, "56")
    assert _kind(trial, "week_6", "vas") is W.IN_CONFLICT
    (task,) = op.todo(trial, ADJUDICATOR)
    assert (task.kind, task.count, task.where) == (T.ADJUDICATE, 1, f"{subject_id}/week_6/vas")
    verdict = op.Verdict(
        subject_id, "week_6", "vas", "", "vas_mm", AdjudicationChoice.FIRST, ReasonCode.MISREAD
    )
    op.adjudicate(trial, ADJUDICATOR, verdicts=[verdict])
    assert _kind(trial, "week_6", "vas") is W.COMPLETE
    assert op.todo(trial, ADJUDICATOR) == []


@pytest.mark.parametrize("visited", [None, date(2024, 7, 6), date(2024, 7, 13)])
@pytest.mark.parametrize("today", [date(2024, 7, 20), date(2024, 7, 27), date(2024, 8, 3)])
def test_one_form_is_due_and_overdue_on_the_same_day_in_every_list(
    trial: op.Trial, subject_id: str, visited: date | None, today: date
) -> None:
    _on(trial, today)
    if visited:
        _visited(trial, subject_id, visited)
    listed = {(line.visit, line.form): line for line in op.list_work(trial, MANAGER) if line.form}
    tasks = [task for task in op.todo(trial, FIRST) if task.kind is T.ENTER_FORM]
    assert (("week_6", "vas") in listed) and tasks
    for task in tasks:
        line = listed[task.visit, task.form]
        assert (task.due_on, task.overdue) == (line.due_on, line.kind is W.OVERDUE), task.where


def test_whether_a_form_is_late_does_not_tell_whether_it_was_typed(trial: op.Trial, subject_id: str) -> None:
    """Two typists who made no pass see the same task, before and after the first pass."""
    op.add_account(trial, ADMIN, login="third", person_name="T", role=Role.SECOND_ENTRY)
    third = person("third", Role.SECOND_ENTRY)
    _on(trial, date(2024, 8, 1))
    _visited(trial, subject_id, date(2024, 7, 13))
    before = op.todo(trial, third)
    _type(trial, FIRST, subject_id, "55")
    assert op.todo(trial, third) == before


def test_out_of_window_and_not_done_are_said_with_day_and_reason(trial: op.Trial, subject_id: str) -> None:
    _on(trial, date(2024, 8, 10))
    _visited(trial, subject_id, date(2024, 7, 28))
    (line,) = op.list_work(trial, MANAGER, kinds=(W.OUT_OF_WINDOW,))
    assert line.note == "2024-07-28, permitted 2024-07-06 to 2024-07-27"
    op.mark_not_done(trial, MANAGER, entries=[op.NotDone(subject_id, "week_6", "No time", "odi")])
    (form,) = op.list_work(trial, MANAGER, kinds=(W.NOT_DONE,))
    assert (form.form, form.note) == ("odi", "No time")


def test_a_withdrawal_closes_what_is_due_later(trial: op.Trial, subject_id: str) -> None:
    _on(trial, date(2024, 8, 10))
    left = date(2024, 7, 20)
    assert _kind(trial, "month_1") is not None
    op.withdraw(trial, COORDINATOR, subject_id=subject_id, date=left, reason="Moved away")
    assert _kind(trial, "week_6") is W.OVERDUE, "due on 13 July, a week before"
    assert _kind(trial, "month_1") is None
    assert _kind(trial, "month_12", "odi") is None
    assert not [now for now in op.forms_now(trial, MANAGER) if now.visit == "month_12"]


def test_a_death_in_the_final_record_closes_what_is_due_later(trial: op.Trial, subject_id: str) -> None:
    _on(trial, date(2024, 8, 10))
    died = op.FormEntry(
        subject_id, "week_6", "death", (op.EnteredRow({"death_date": "2024-07-10", "death_cause": "Fall"}),)
    )
    op.enter_pass(trial, FIRST, entry=died)
    assert _kind(trial, "month_1") is W.DUE, "one pass is no final record"
    op.enter_pass(trial, SECOND, entry=died)
    assert _kind(trial, "month_1") is None
    assert _kind(trial, "week_6", "odi") is None, "due three days after the death"
    assert _kind(trial, "week_6", "death") is W.COMPLETE


def test_queries_wait_for_the_site_and_then_for_data_management(trial: op.Trial, subject_id: str) -> None:
    asked = {**HERE, "subject_id": subject_id, "text": "Which page?"}
    number = op.open_query(trial, MANAGER, **asked).number
    (task,) = [task for task in op.todo(trial, INVESTIGATOR) if task.kind is T.ANSWER_QUERY]
    assert (task.query, task.text, task.age_days) == (number, "Which page?", 0)
    assert T.CLOSE_QUERY not in _kinds(op.todo(trial, MANAGER))
    op.answer_query(trial, INVESTIGATOR, number=number, text="Page 2.")
    assert T.ANSWER_QUERY not in _kinds(op.todo(trial, INVESTIGATOR))
    assert _kinds(op.todo(trial, MANAGER), form="vas") == [T.CLOSE_QUERY]


def test_a_data_manager_is_told_of_queries_with_the_site_and_of_what_stands_against_a_lock(
    trial: op.Trial, subject_id: str
) -> None:
    before = [task for task in op.todo(trial, MANAGER) if task.kind is T.CLEAR_FOR_LOCK]
    number = op.open_query(trial, MANAGER, **HERE, subject_id=subject_id, text="Which page?").number
    (chased,) = [task for task in op.todo(trial, MANAGER) if task.kind is T.CHASE_QUERY]
    assert (chased.query, chased.text) == (number, "Which page?")
    (standing,) = [task for task in op.todo(trial, MANAGER) if task.kind is T.CLEAR_FOR_LOCK]
    assert (standing.site, standing.where, standing.count - before[0].count) == ("A", "A", 1)
    assert "1 open query" in standing.text
    listed = op.obstacles(trial, MANAGER)
    assert standing.count == len(listed)
    assert T.CLEAR_FOR_LOCK not in _kinds(op.todo(trial, INVESTIGATOR))


def test_who_is_ready_is_to_be_randomized(trial: op.Trial) -> None:
    number = screened(trial)
    assert T.RANDOMIZE in _kinds(op.todo(trial, COORDINATOR), subject_id=number)
    assert op.todo(trial, STATISTICIAN) == []


def test_the_missing_form_report_counts_what_is_expected_by_now(trial: op.Trial, subject_id: str) -> None:
    other = screened(trial)
    op.randomize(trial, COORDINATOR, subject_id=other, stratum_values=STRATUM)
    _on(trial, date(2024, 7, 20))
    _visited(trial, subject_id, date(2024, 7, 13))
    _type(trial, FIRST, subject_id, "55")
    rows = {(row.visit, row.form): row for row in op.missing_forms(trial, MANAGER)}
    vas, odi = rows["week_6", "vas"], rows["week_6", "odi"]
    assert (vas.expected, vas.entered_once, vas.missing, vas.late) == (2, 1, 1, 0)
    assert (odi.expected, odi.entered_once, odi.missing, odi.late) == (2, 0, 2, 0)
    assert ("month_1", "vas") not in rows, "not due yet"
    _on(trial, date(2024, 7, 28))
    rows = {(row.visit, row.form): row for row in op.missing_forms(trial, MANAGER)}
    assert rows["week_6", "odi"].late == 2, "one visit is past its window, of the other 15 days went by"


def test_work_by_person_is_what_each_would_be_shown(trial: op.Trial, subject_id: str) -> None:
    _on(trial, date(2024, 7, 20))
    _visited(trial, subject_id, date(2024, 7, 13))
    by_person = {one.account: one for one in op.work_by_person(trial, MANAGER)}
    for actor in (FIRST, SECOND, COORDINATOR, ADJUDICATOR, INVESTIGATOR, STATISTICIAN):
        tasks = op.todo(trial, actor)
        assert sum(by_person[actor.account].waiting.values()) == len(tasks)
        assert by_person[actor.account].overdue == sum(task.overdue for task in tasks)


def test_typists_are_shown_tasks_and_no_worklist(trial: op.Trial, subject_id: str) -> None:
    for refused in (op.list_work, op.missing_forms, op.work_by_person):
        with pytest.raises(AccessError):
            refused(trial, FIRST)
    op.add_account(trial, ADMIN, login="there", person_name="B", role=Role.COORDINATOR, site="B")
    there = person("there", Role.COORDINATOR, "B")
    assert op.list_work(trial, there) == []
    assert op.todo(trial, there) == []


def test_nothing_is_asked_of_a_screening_failure(trial: op.Trial) -> None:
    number = screened(trial)
    op.screen_fail(trial, COORDINATOR, subject_id=number, date=date(2024, 6, 1), reason="Too young")
    _on(trial, date(2024, 6, 1) + timedelta(days=100))
    assert op.todo(trial, COORDINATOR) == []
    assert [line for line in op.list_work(trial, MANAGER) if line.kind in (W.DUE, W.OVERDUE)] == []


def test_a_broken_verification_and_signature_are_to_be_made_again(trial: op.Trial, subject_id: str) -> None:
    op.add_account(trial, ADMIN, login="moni", person_name="M", role=Role.MONITOR)
    monitor = person("moni", Role.MONITOR)
    place = {"subject_id": subject_id, "visit": "baseline", "form": "demographics"}
    again = {T.VERIFY_AGAIN, T.SIGN_AGAIN}
    op.verify_source(trial, monitor, **place)
    op.sign_form(trial, INVESTIGATOR, **place, meaning="approved")
    for actor in (monitor, INVESTIGATOR):
        assert again.isdisjoint(_kinds(op.todo(trial, actor)))
    op.correct(trial, COORDINATOR, **place, item="height_cm", value="161", reason="Read again")
    assert _kinds(op.todo(trial, monitor), form="demographics") == [T.VERIFY_AGAIN]
    assert T.SIGN_AGAIN in _kinds(op.todo(trial, INVESTIGATOR), form="demographics")
    op.verify_source(trial, monitor, **place)
    assert op.todo(trial, monitor) == []
    op.correct(trial, COORDINATOR, **place, item="height_cm", value="160", reason="It was right")
    assert T.SIGN_AGAIN in _kinds(op.todo(trial, INVESTIGATOR), form="demographics"), "nobody looked since"
    assert _kinds(op.todo(trial, monitor), form="demographics") == [T.VERIFY_AGAIN]


def test_a_value_whose_tick_broke_is_to_be_held_against_its_source_again(
    trial: op.Trial, subject_id: str
) -> None:
    op.add_account(trial, ADMIN, login="moni", person_name="M", role=Role.MONITOR)
    monitor = person("moni", Role.MONITOR)
    place = {"subject_id": subject_id, "visit": "baseline", "form": "demographics"}

    def asked() -> list[tuple[T, str]]:
        return [(task.kind, task.item) for task in op.todo(trial, monitor)]

    op.verify_values(trial, monitor, **place, items=["height_cm", "weight_kg"])
    assert asked() == []
    for value in ("161", "160"):  # there and back: the value is another one
        op.correct(trial, COORDINATOR, **place, item="height_cm", value=value, reason="Read again")
        assert asked() == [(T.VERIFY_AGAIN, "height_cm")]
    op.verify_values(trial, monitor, **place, items=["height_cm"])
    assert asked() == []
    op.correct(trial, COORDINATOR, **place, item="weight_kg", value="61", reason="Read again")
    assert asked() == [(T.VERIFY_AGAIN, "weight_kg")]
    op.verify_source(trial, monitor, **place)
    assert asked() == [], "the whole form was held against its source"
    op.correct(trial, COORDINATOR, **place, item="weight_kg", value="62", reason="Read again")
    assert asked() == [(T.VERIFY_AGAIN, "")], "asked once, of the form"
