"""Checks of the final record ask the sites: each failure once, and again where other values fail."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import chain
import pytest
from chain import (
    ADJUDICATOR,
    ADMIN,
    COORDINATOR,
    FIRST,
    INVESTIGATOR,
    MANAGER,
    SECOND,
    UNBLINDED,
    Role,
    person,
)
from test_randomize import STRATUM, screened

from trialkit import operations as op
from trialkit.access import AccessError, Actor
from trialkit.clock import SimulatedClock
from trialkit.entry import AdjudicationChoice, QueryStatus, ReasonCode
from trialkit.entry.errors import EntryError
from trialkit.errors import LockRefusedError

CHECKS = """
[checks.better]
rule = "[week_6][vas_mm] <= [baseline][vas_mm] + 10"
message = "pain is worse than at baseline by more than 10 mm"
severity = "hard"
[checks.telling]
rule = "[baseline][sex] = '' or [week_6][compl_diary_days] <= 42"
message = "more days than there are"
"""
VAS = {"form": "vas", "item": "vas_mm"}


@pytest.fixture
def asked(tmp_path: Path, definition: Path) -> Iterator[op.Trial]:
    """A founded study with checks of its own, the data manager blinded."""
    shutil.copytree(definition, tmp_path / "definition")
    file = tmp_path / "definition" / "study.toml"
    text = file.read_text(encoding="utf-8").replace(
        '["outcome_assessor"', '["data_manager", "outcome_assessor"'
    )
    file.write_text(text + CHECKS, encoding="utf-8")
    trial = chain.found_study(tmp_path / "study", tmp_path / "definition")
    files = chain.make_list(trial.study, tmp_path / "list", definition, per_stratum=4)
    op.load_schedule(trial, ADMIN, bundle=files.bundle, commitment=files.commitment, allocation_key=files.key)
    clock = trial.clock
    assert isinstance(clock, SimulatedClock)
    clock.advance_to(datetime(2024, 6, 1, 3, tzinfo=UTC))
    yield trial
    trial.close()


def _randomized(trial: op.Trial) -> str:
    number = screened(trial)
    op.randomize(trial, COORDINATOR, subject_id=number, stratum_values=STRATUM)
    return number


def _type(trial: op.Trial, number: str, visit: str, form: str, **values: str) -> None:
    for who in (FIRST, SECOND):
        entry = op.FormEntry(number, visit, form, (op.EnteredRow(values),))
        op.enter_pass(trial, who, entry=entry)


def _raised(trial: op.Trial, check: str, **more: str) -> list[op.QueryListed]:
    return op.list_queries(trial, COORDINATOR, check=check, status=list(QueryStatus), **more)


def _correct(trial: op.Trial, number: str, visit: str, value: str) -> op.Corrected:
    place = {"subject_id": number, "visit": visit, **VAS, "second_person": INVESTIGATOR}
    return op.correct(trial, COORDINATOR, **place, value=value, reason="Read again")


def test_a_failure_is_asked_about_once(asked: op.Trial) -> None:
    number = _randomized(asked)
    _type(asked, number, "baseline", "vas", vas_mm="40")
    op.raise_queries(asked, MANAGER)
    assert _raised(asked, "better") == []
    _type(asked, number, "week_6", "vas", vas_mm="51")
    first = op.raise_queries(asked, MANAGER)
    (query,) = _raised(asked, "better")
    assert first.raised == (query.number,)
    assert query.where == f"{number}/week_6/vas/vas_mm"
    assert (
        "worse than at baseline by more than 10 mm; the record says 51 (check better, hard)"
        in query.thread[0]
    )
    before = op.present_anchor(asked).number
    again = op.raise_queries(asked, MANAGER)
    assert (again.raised, again.reopened, again.stamp) == ((), (), None)
    assert op.present_anchor(asked).number == before, "nothing new, nothing written"
    assert op.verify_audit(asked).problems == ()


def test_a_correction_that_fails_anew_asks_in_the_thread_or_anew(asked: op.Trial) -> None:
    number = _randomized(asked)
    _type(asked, number, "baseline", "vas", vas_mm="40")
    _type(asked, number, "week_6", "vas", vas_mm="90")
    op.raise_queries(asked, MANAGER)
    (query,) = _raised(asked, "better")
    assert _correct(asked, number, "week_6", "80").asked_again == (), "it is asked already, and still open"
    assert op.raise_queries(asked, MANAGER).raised == ()
    op.answer_query(asked, COORDINATOR, number=query.number, text="It is 70.")
    assert _correct(asked, number, "week_6", "70").asked_again == (query.number,)
    assert _raised(asked, "better")[0].status is QueryStatus.REOPENED
    op.answer_query(asked, COORDINATOR, number=query.number, text="It is so.")
    op.close_query(asked, MANAGER, number=query.number)
    assert op.raise_queries(asked, MANAGER).raised == (), "closed, on the value that stands"
    (other,) = _correct(asked, number, "baseline", "30").asked_again
    assert other != query.number, "another value that the check reads makes it fail anew"
    assert _correct(asked, number, "week_6", "40").asked_again == ()
    assert op.raise_queries(asked, MANAGER).settled == (other,)
    assert op.verify_audit(asked).problems == ()


@pytest.mark.parametrize(
    ("visit", "value", "check", "where"),
    [
        ("week_6", "90", "better", "week_6"),
        ("baseline", "20", "better", "week_6"),  # the rule stands at another visit
        ("week_6", "120", "range", "week_6"),
        ("week_6", "", "required", "week_6"),
        ("baseline", "@as_written:4O", "as_written", "baseline"),
    ],
)
def test_a_correction_asks_of_itself_what_the_checks_that_read_it_find(
    asked: op.Trial, visit: str, value: str, check: str, where: str
) -> None:
    number = _randomized(asked)
    _type(asked, number, "baseline", "vas", vas_mm="40")
    _type(asked, number, "week_6", "vas", vas_mm="45")
    done = _correct(asked, number, visit, value)
    (query,) = _raised(asked, check)
    assert query.number in done.asked_again
    assert query.where == f"{number}/{where}/vas/vas_mm"
    assert op.raise_queries(asked, MANAGER).raised == (), "nothing is asked twice"
    assert op.verify_audit(asked).problems == ()


def test_a_correction_asks_nothing_about_what_it_does_not_touch(asked: op.Trial) -> None:
    number = _randomized(asked)
    _type(asked, number, "baseline", "vas", vas_mm="140")
    _type(asked, number, "week_6", "vas", vas_mm="45")
    assert _correct(asked, number, "week_6", "46").asked_again == ()
    assert _raised(asked, "range") == [], "the baseline waits for `trialkit query raise`"


def test_a_visit_out_of_its_window_is_asked_about_as_a_visit(asked: op.Trial) -> None:
    number = _randomized(asked)
    clock = asked.clock
    assert isinstance(clock, SimulatedClock)
    clock.advance_to(datetime(2024, 9, 1, tzinfo=UTC))
    days = (date(2024, 7, 28), date(2024, 7, 30))
    op.record_visits(asked, COORDINATOR, visits_done=[op.VisitDone(number, "week_6", days[0])])
    op.raise_queries(asked, MANAGER)
    (query,) = _raised(asked, "window")
    assert (query.where, query.form) == (f"{number}/week_6", "")
    assert "day 57 after randomization, permitted 35 to 56" in query.thread[0]
    assert op.raise_queries(asked, MANAGER).raised == ()
    assert any(f"{number}/week_6: open query" in line for line in op.obstacles(asked, MANAGER))
    op.close_query(asked, MANAGER, number=query.number)
    moved = op.VisitDone(number, "week_6", days[1], reason="Misread")
    op.record_visits(asked, COORDINATOR, visits_done=[moved])
    assert len(op.raise_queries(asked, MANAGER).raised) == 1, "another day fails anew"
    by_hand = op.open_query(asked, MANAGER, subject_id=number, visit="week_6", text="Who saw her?")
    assert by_hand.status is QueryStatus.OPEN
    for wrong in ({"visit": "week_7"}, {"visit": "week_6", "item": "vas_mm"}):
        with pytest.raises(EntryError):
            op.open_query(asked, MANAGER, subject_id=number, text="?", **wrong)
    op.forms_now(asked, MANAGER)


def test_range_and_required_are_asked_about_after_adjudication(trial: op.Trial) -> None:
    number = screened(trial)
    for who, value in ((FIRST, "150"), (SECOND, "15")):
        entry = op.FormEntry(number, "baseline", "vas", (op.EnteredRow({"vas_mm": value}),))
        op.enter_pass(trial, who, entry=entry)
    op.raise_queries(trial, MANAGER, subject_ids=[number])
    assert _raised(trial, "range", subject_id=number) == [], "no final value yet"
    verdict = op.Verdict(
        number, "baseline", "vas", "", "vas_mm", AdjudicationChoice.FIRST, ReasonCode.MISREAD
    )
    op.adjudicate(trial, ADJUDICATOR, verdicts=[verdict])
    op.raise_queries(trial, MANAGER, subject_ids=[number])
    (query,) = _raised(trial, "range", subject_id=number)
    assert query.item == "vas_mm"
    with pytest.raises(EntryError):
        op.raise_queries(trial, MANAGER, subject_ids=["Z-9"])
    with pytest.raises(AccessError):
        op.raise_queries(trial, COORDINATOR)


def test_the_blinded_neither_raise_nor_see_what_a_hidden_item_made_fail(asked: op.Trial) -> None:
    """Somebody of the exercise arm; the check asks about sex, which everybody has."""
    told = {}
    for _ in range(4):
        number = screened(asked)
        told[number] = op.randomize(asked, COORDINATOR, subject_id=number, stratum_values=STRATUM).arm
    number = next(one for one, arm in told.items() if arm == "exercise")
    values = {"compl_sessions_done": "28", "compl_minutes_per_session": "30", "compl_calls_attended": "6"}
    _type(asked, number, "week_6", "compliance", compl_diary_days="43", **values)
    op.raise_queries(asked, MANAGER)
    assert _raised(asked, "telling") == []
    trail = op.read_trail(asked, MANAGER)
    numbers = op.raise_queries(asked, UNBLINDED).raised
    (query,) = _raised(asked, "telling")
    assert query.where == f"{number}/baseline/demographics/sex"
    seen = {listed.number for listed in op.list_queries(asked, MANAGER)}
    assert all(number not in seen for number in numbers), "the range of a hidden item is another"
    assert op.list_queries(asked, MANAGER, check="telling") == []
    assert query.number not in {task.query for task in op.todo(asked, MANAGER)}
    op.answer_query(asked, COORDINATOR, number=query.number, text="It is so.")
    assert [task for task in op.todo(asked, MANAGER) if task.query] == []
    after = op.read_trail(asked, MANAGER)
    hidden = {query.number}
    assert [line.operation for line in after][: len(trail)] == [line.operation for line in trail]
    assert "answer_query" not in {line.operation for line in after}
    assert hidden.isdisjoint(query.number for query in op.list_queries(asked, MANAGER))
    assert [line.operation for line in op.read_trail(asked, MANAGER, item="sex")].count("answer_query") == 0
    with pytest.raises(op.OperationError, match="number of a query"):
        op.close_query(asked, MANAGER, number=query.number)


def test_a_locked_study_asks_nothing(finished_copy: op.Trial) -> None:
    """The finished trial: what its checks fail is asked, stands against the lock, and is closed."""
    trial = finished_copy
    raised = op.raise_queries(trial, MANAGER).raised
    assert raised, "ten people with laboratory values outside some range"
    with pytest.raises(LockRefusedError):
        op.lock(trial, MANAGER, reason="Done")
    op.add_account(trial, ADMIN, login="moni", person_name="M", role=Role.MONITOR)
    for number in raised:
        op.close_query(trial, person("moni", Role.MONITOR), number=number)
    assert op.raise_queries(trial, MANAGER).raised == ()


def _as_written(trial: op.Trial, who: Actor, number: str, text: str) -> op.PassesEntered:
    entry = op.FormEntry(number, "baseline", "vas", (op.EnteredRow({"vas_mm": text}),))
    return op.enter_pass(trial, who, entry=entry)


@pytest.mark.parametrize(
    ("choice", "asked"),
    [("first", "as written: 4O mm"), ("second", "as written: 40?"), ("new_value", "as written: 4Q")],
)
def test_two_texts_that_are_no_value_and_differ_are_put_to_the_adjudicator(
    trial: op.Trial, choice: str, asked: str
) -> None:
    number = screened(trial)
    _as_written(trial, FIRST, number, "@as_written:4O mm")
    assert _as_written(trial, SECOND, number, "@as_written: 40?").discrepancies == 1
    (found,) = op.reconciliation_rows(trial, ADJUDICATOR)
    assert (found.first, found.second) == ("@unknown (as written: 4O mm)", "@unknown (as written: 40?)")
    op.raise_queries(trial, MANAGER)
    assert _raised(trial, "as_written") == [], "nobody has decided"
    new = "@as_written:4Q" if choice == "new_value" else None
    verdict = op.Verdict(
        number, "baseline", "vas", "", "vas_mm", AdjudicationChoice(choice), ReasonCode.MISREAD, new_value=new
    )
    op.adjudicate(trial, ADJUDICATOR, verdicts=[verdict], second_person=INVESTIGATOR)
    op.raise_queries(trial, MANAGER)
    (query,) = _raised(trial, "as_written")
    assert asked in query.thread[0] and query.thread[0].count("as written") == 1
    (record,) = op.read_trail(trial, MANAGER, operation="adjudicate")
    assert record.facts is not None
    (change,) = record.facts["changes"]
    assert (change["first"], change["second"]) == (found.first, found.second)


def test_a_text_that_is_no_value_differs_from_a_missing_code_alone(trial: op.Trial) -> None:
    number = screened(trial)
    _as_written(trial, FIRST, number, "@as_written:4O mm")
    assert _as_written(trial, SECOND, number, "@unknown").discrepancies == 1
    verdict = op.Verdict(
        number, "baseline", "vas", "", "vas_mm", AdjudicationChoice.SECOND, ReasonCode.ILLEGIBLE
    )
    op.adjudicate(trial, ADJUDICATOR, verdicts=[verdict])
    op.raise_queries(trial, MANAGER)
    assert _raised(trial, "as_written") == [], "the form says that it is unknown"


def test_what_can_be_no_value_is_kept_as_written_and_asked_about(trial: op.Trial) -> None:
    number = screened(trial)
    for who in (FIRST, SECOND):
        done = _as_written(trial, who, number, "@as_written: 4O mm")
        assert any("as written: 4" in str(flag) for flag in done.flags)
    assert done.discrepancies == 0, "both say that the same stands there"
    kept = [flag.text for flag in op.list_flags(trial, MANAGER, form="vas") if flag.check == "as_written"]
    assert kept == ["as written: 4O mm"] * 2
    op.raise_queries(trial, MANAGER)
    (query,) = _raised(trial, "as_written")
    assert query.where == f"{number}/baseline/vas/vas_mm"
    assert "as written: 4O mm" in query.thread[0] and ";" not in query.thread[0]
    op.answer_query(trial, COORDINATOR, number=query.number, text="It is 40.")
    assert _correct(trial, number, "baseline", "40").asked_again == ()
    assert op.raise_queries(trial, MANAGER).settled == (query.number,)
    for wrong in ("@as_written:", "4O mm"):
        entry = op.FormEntry(number, "week_6", "vas", (op.EnteredRow({"vas_mm": wrong}),))
        with pytest.raises(EntryError, match="@as_written:"):
            op.enter_pass(trial, FIRST, entry=entry)
    named = op.EnteredRow({"vas_mm": "@as_written:40, exercise arm"})
    with pytest.raises(op.OperationError):
        op.enter_pass(trial, FIRST, entry=op.FormEntry(number, "week_6", "vas", (named,)))
    assert op.verify_audit(trial).problems == ()
