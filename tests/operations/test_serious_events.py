"""Serious adverse events: noted, reported, followed up, held against the adverse event form."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from chain import (
    ADMIN,
    COORDINATOR,
    FIRST,
    INVESTIGATOR,
    MANAGER,
    SECOND,
    STATISTICIAN,
    UNBLINDED,
    Role,
    person,
)
from test_randomize import STRATUM, screened

from trialkit import operations as op
from trialkit.access import AccessError
from trialkit.clock import SimulatedClock
from trialkit.entry.serious_events import EventOutcome, Seriousness, Severity
from trialkit.errors import EntryError, LockRefusedError, OperationError, TrialkitError
from trialkit.operations import TaskKind
from trialkit.report.serious_events import safety_table

DSMB = person("dsmb", Role.DSMB)
FALL = op.EventReport(
    [Seriousness.HOSPITAL_STAY],
    Severity.SEVERE,
    EventOutcome.RECOVERING,
    started="2024-06",
    narrative="A fall.",
)


@pytest.fixture
def subject_id(trial: op.Trial) -> str:
    op.add_account(trial, ADMIN, login="dsmb", person_name="D", role=Role.DSMB)
    number = screened(trial)
    op.randomize(trial, COORDINATOR, subject_id=number, stratum_values=STRATUM)
    _forward(trial, timedelta(days=2))
    return number


def _forward(trial: op.Trial, by: timedelta) -> None:
    clock = trial.clock
    assert isinstance(clock, SimulatedClock)
    clock.advance_to(clock.now() + by)


def _note(trial: op.Trial, subject_id: str, hours_ago: float = 0, term: str = "Hip fracture") -> int:
    at = trial.clock.now() - timedelta(hours=hours_ago)
    return op.note_serious_event(trial, COORDINATOR, subject_id=subject_id, term=term, aware_at=at).number


def test_from_the_hour_the_site_knows_to_the_final_outcome(trial: op.Trial, subject_id: str) -> None:
    number = _note(trial, subject_id, hours_ago=20)
    (event,) = op.list_serious_events(trial, MANAGER)
    assert (event.number, event.clock.overdue, event.reports) == (number, False, ())
    (task,) = [task for task in op.todo(trial, INVESTIGATOR) if task.serious_event == number]
    assert (task.kind, task.overdue) == (TaskKind.REPORT_SERIOUS_EVENT, False)
    _forward(trial, timedelta(hours=5))
    assert [event.number for event in op.list_serious_events(trial, MANAGER, only_overdue=True)] == [number]
    assert op.todo(trial, INVESTIGATOR)[0].serious_event == number, "overdue comes first"
    done = op.report_serious_event(trial, INVESTIGATOR, number=number, report=FALL)
    assert (done.report, done.late) == (0, True)
    assert op.list_serious_events(trial, MANAGER, only_overdue=True) == []
    _forward(trial, timedelta(days=8))
    assert len(op.list_serious_events(trial, MANAGER, only_overdue=True)) == 1, "a follow-up is due"
    ended = op.EventReport(
        [Seriousness.HOSPITAL_STAY], Severity.SEVERE, EventOutcome.RECOVERED, started="2024-06-02",
        ended="2024-06-09", narrative="Home again.",
    )  # fmt: skip
    assert op.report_serious_event(trial, COORDINATOR, number=number, report=ended).report == 1
    _forward(trial, timedelta(days=100))
    assert op.list_serious_events(trial, MANAGER, only_overdue=True) == []
    (event,) = op.list_serious_events(trial, MANAGER)
    assert (event.clock.late, event.days, [report.number for report in event.reports]) == (True, 1, [0, 1])
    reports = safety_table([event], by_arm=False, people={INVESTIGATOR.account: "Ivy Lu"}).rows[0][-1]
    assert " Ivy Lu (initial, " in str(reports) and f" {COORDINATOR.account} (follow-up 1, " in str(reports)
    assert op.verify_audit(trial).problems == ()


def test_a_time_without_a_zone_is_the_sites_own(trial: op.Trial, subject_id: str) -> None:
    """The site is in Shanghai: 10:00 there is 02:00 UTC."""
    done = op.note_serious_event(
        trial, COORDINATOR, subject_id=subject_id, term="Stroke", aware_at=datetime(2024, 6, 2, 10)
    )
    assert done.due_at == datetime(2024, 6, 3, 2, tzinfo=UTC)


def test_a_serious_line_of_the_form_asks_for_its_report(trial: op.Trial, subject_id: str) -> None:
    line = {"ae_line": "1", "ae_term": "Hip fracture", "ae_start_date": "2024-06-02", "ae_serious": "1"}
    for who in (FIRST, SECOND):
        assert op.list_serious_events(trial, MANAGER) == [], "not before both passes are there"
        entry = op.FormEntry(subject_id, "week_6", "adverse_events", (op.EnteredRow(line),))
        op.enter_pass(trial, who, entry=entry)
    (event,) = op.list_serious_events(trial, MANAGER)
    assert (event.number, event.term, event.visit, event.row) == (None, "Hip fracture", "week_6", "1")
    _forward(trial, timedelta(hours=25))
    assert op.list_serious_events(trial, MANAGER, only_overdue=True)[0].clock.overdue
    number = _note(trial, subject_id)
    assert len(op.list_serious_events(trial, MANAGER)) == 2
    linked = op.EventReport(
        [Seriousness.HOSPITAL_STAY], Severity.SEVERE, EventOutcome.RECOVERED, visit="week_6", row="1"
    )
    op.report_serious_event(trial, INVESTIGATOR, number=number, report=linked)
    (event,) = op.list_serious_events(trial, MANAGER)
    assert (event.number, event.visit, event.row) == (number, "week_6", "1")
    op.report_serious_event(trial, INVESTIGATOR, number=number, report=FALL)
    assert len(op.list_serious_events(trial, MANAGER)) == 1, "a later report keeps the line"


def test_a_death_in_the_record_asks_for_its_report(trial: op.Trial, subject_id: str) -> None:
    died = {"death_date": "2024-06-02", "death_cause": "Stroke"}
    for who in (FIRST, SECOND):
        op.enter_pass(trial, who, entry=op.FormEntry(subject_id, "week_6", "death", (op.EnteredRow(died),)))
    (event,) = op.list_serious_events(trial, MANAGER)
    assert (event.number, event.term) == (None, "Death")
    number = _note(trial, subject_id, term="Stroke")
    assert len(op.list_serious_events(trial, MANAGER)) == 2
    fatal = op.EventReport([Seriousness.DEATH], Severity.SEVERE, EventOutcome.FATAL)
    op.report_serious_event(trial, INVESTIGATOR, number=number, report=fatal)
    assert [event.number for event in op.list_serious_events(trial, MANAGER)] == [number]


def test_a_death_that_a_report_tells_and_the_record_does_not_stands_against_a_lock(
    trial: op.Trial, subject_id: str
) -> None:
    number = _note(trial, subject_id, term="Stroke")
    fatal = op.EventReport([Seriousness.DEATH], Severity.SEVERE, EventOutcome.FATAL)
    told = f"{subject_id}: death not recorded (serious event {number})"
    assert told not in op.obstacles(trial, MANAGER)
    op.report_serious_event(trial, INVESTIGATOR, number=number, report=fatal)
    assert told in op.obstacles(trial, MANAGER)
    for scope, place in ((op.FreezeScope.SUBJECT, subject_id), (op.FreezeScope.SITE, "A")):
        with pytest.raises(LockRefusedError) as refused:
            op.lock_place(trial, MANAGER, scope=scope, place=place, reason="Clean")
        assert told in refused.value.obstacles
    with pytest.raises(LockRefusedError) as refused:
        op.lock(trial, MANAGER, reason="Clean")
    assert told in refused.value.obstacles
    died = {"death_date": "2024-06-02", "death_cause": "Stroke"}
    for who in (FIRST, SECOND):
        op.enter_pass(trial, who, entry=op.FormEntry(subject_id, "week_6", "death", (op.EnteredRow(died),)))
    assert told not in op.obstacles(trial, MANAGER)


def test_the_dsmb_sees_arms_and_leaves_a_record(trial: op.Trial, subject_id: str) -> None:
    _note(trial, subject_id)
    (blind,) = op.list_serious_events(trial, DSMB)
    before = op.present_anchor(trial).number
    (told,) = op.list_serious_events(trial, DSMB, by_arm=True)
    assert (blind.arm, told.arm in {"exercise", "control"}) == ("", True)
    assert op.present_anchor(trial).number == before + 1
    assert op.list_serious_events(trial, UNBLINDED, by_arm=True)[0].arm == told.arm
    for nobody in (MANAGER, STATISTICIAN, INVESTIGATOR):
        with pytest.raises(AccessError):
            op.list_serious_events(trial, nobody, by_arm=True)
    with pytest.raises(AccessError):
        op.list_serious_events(trial, FIRST)


def test_what_cannot_be_is_refused(trial: op.Trial, subject_id: str) -> None:
    now = trial.clock.now()
    noted = {"subject_id": subject_id, "term": "Fall", "aware_at": now}
    for wrong in (
        {"aware_at": now + timedelta(hours=1)},
        {"aware_at": now - timedelta(days=400)},
        {"term": " "},
        {"term": "Fell off the e x e r c i s e  arm"},
        {"subject_id": "Z-1"},
    ):
        with pytest.raises(TrialkitError):
            op.note_serious_event(trial, COORDINATOR, **(noted | wrong))
    with pytest.raises(AccessError):
        op.note_serious_event(trial, FIRST, **noted)
    number = _note(trial, subject_id)
    severe = (Severity.SEVERE, EventOutcome.UNKNOWN)
    stay = [Seriousness.HOSPITAL_STAY]
    for report in (
        op.EventReport([], *severe),
        op.EventReport([Seriousness.DEATH], Severity.SEVERE, EventOutcome.RECOVERED),
        op.EventReport([Seriousness.DEATH, *stay], *severe),
        op.EventReport(stay, Severity.SEVERE, EventOutcome.FATAL),
        op.EventReport(stay, *severe, started="2024-13"),
        op.EventReport(stay, *severe, started="2031"),
        op.EventReport(stay, *severe, started="2024-06-02", ended="2024-06-01"),
        op.EventReport(stay, *severe, visit="week_66", row="1"),
        op.EventReport(stay, *severe, visit="week_6"),
    ):
        with pytest.raises((EntryError, OperationError)):
            op.report_serious_event(trial, COORDINATOR, number=number, report=report)
    for nobody in (MANAGER, DSMB):
        with pytest.raises(AccessError):
            op.report_serious_event(trial, nobody, number=number, report=FALL)
    op.add_account(trial, ADMIN, login="there", person_name="B", role=Role.COORDINATOR, site="B")
    there = person("there", Role.COORDINATOR, "B")
    for other in (number, 99):
        with pytest.raises(OperationError, match="the number of a serious event"):
            op.report_serious_event(trial, there, number=other, report=FALL)
    assert op.list_serious_events(trial, there) == []


def test_a_partial_start_is_refused_and_kept_as_it_is_known(trial: op.Trial, subject_id: str) -> None:
    number = _note(trial, subject_id)
    for known, why in (("2024-01", "not before consent"), ("2030", "not after today")):
        report = replace(FALL, started=known)
        with pytest.raises(OperationError) as refused:
            op.report_serious_event(trial, INVESTIGATOR, number=number, report=report)
        assert refused.value.found == known
        assert why in refused.value.expected
    op.report_serious_event(trial, INVESTIGATOR, number=number, report=replace(FALL, started="2024"))
    (event,) = op.list_serious_events(trial, MANAGER)
    assert event.last is not None
    assert (event.last.started, event.days) == ("2024", None)


def test_the_clock_is_told_by_the_clock_of_the_site(trial: op.Trial, subject_id: str) -> None:
    aware = trial.clock.now().replace(tzinfo=None, minute=5)  # at a site eight hours east, this is long ago
    noted = op.note_serious_event(trial, COORDINATOR, subject_id=subject_id, term="A fall", aware_at=aware)
    assert noted.due_at_site.replace(tzinfo=None) == aware + timedelta(hours=24)
    assert noted.due_at_site.utcoffset() == timedelta(hours=8)
    assert noted.due_at == noted.due_at_site
