"""The lists of data management give the same answers on SQLite and on PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from chain import ADJUDICATOR, COORDINATOR, FIRST, INVESTIGATOR, MANAGER, SECOND
from test_randomize import screened

from trialkit import operations as op
from trialkit.clock import SimulatedClock
from trialkit.entry import AdjudicationChoice, ReasonCode
from trialkit.entry.serious_events import EventOutcome, Seriousness, Severity
from trialkit.entry.work import WorkKind


def _lived(trial: op.Trial) -> str:
    clock = trial.clock
    assert isinstance(clock, SimulatedClock)
    clock.advance_to(datetime(2024, 6, 1, 3, tzinfo=UTC))
    number, other = screened(trial), screened(trial)
    for one, values in ((number, ("55", "56")), (other, ("20", "20"))):
        for who, value in zip((FIRST, SECOND), values, strict=True):
            row = op.EnteredRow({"vas_mm": value})
            op.enter_pass(trial, who, entry=op.FormEntry(one, "baseline", "vas", (row,)))
    verdict = op.Verdict(
        number, "baseline", "vas", "", "vas_mm", AdjudicationChoice.SECOND, ReasonCode.MISREAD
    )
    op.adjudicate(trial, ADJUDICATOR, verdicts=[verdict])
    line = {"ae_line": "1", "ae_term": "Fall", "ae_start_date": "2024-06-01", "ae_serious": "1"}
    for who in (FIRST, SECOND):
        entry = op.FormEntry(number, "week_6", "adverse_events", (op.EnteredRow(line),))
        op.enter_pass(trial, who, entry=entry)
    return number


def test_both_engines_answer_alike(either: op.Trial) -> None:
    trial, told = either, {}
    number = _lived(trial)
    told["raised"] = len(op.raise_queries(trial, MANAGER).raised)
    assert told["raised"] > 0
    assert op.raise_queries(trial, MANAGER).raised == ()
    place: dict[str, Any] = {"subject_id": number, "visit": "baseline", "form": "vas", "item": "vas_mm"}
    op.correct(trial, COORDINATOR, **place, value="@unknown", reason="Torn page", second_person=INVESTIGATOR)
    rates = op.error_rates(trial, MANAGER)
    vas = {(rate.clerk, rate.group): rate for rate in (*rates.between, *rates.clerks) if rate.by == "form"}
    assert (vas["", "vas"].errors, vas["", "vas"].fields) == (1, 2)
    assert (vas[FIRST.account, "vas"].errors, vas[SECOND.account, "vas"].errors) == (1, 1)
    assert [rate.group for rate in rates.between if rate.by == "month"] == ["2024-06"]
    written = [
        (write.what, write.text)
        for line in op.read_trail(trial, MANAGER, subject_id=number, item="vas_mm")
        for write in line.written
        if write.item
    ]
    assert written == [
        ("pass_1", "55"), ("pass_2", "56"), ("adjudicated", "56"), ("second", "misread"),
        ("corrected", "@unknown"),
    ]  # fmt: skip
    of_subject = op.read_trail(trial, MANAGER, subject_id=number)
    assert {write.what for line in of_subject for write in line.written} >= {"enrolled", "consent", "pass"}
    assert op.list_flags(trial, MANAGER, subject_id=number)
    (event,) = op.list_serious_events(trial, MANAGER)
    assert (event.term, event.number) == ("Fall", None)
    noted = op.note_serious_event(
        trial, COORDINATOR, subject_id=number, term="Fall", aware_at=trial.clock.now()
    )
    report = op.EventReport(
        [Seriousness.DISABILITY, Seriousness.HOSPITAL_STAY], Severity.MILD, EventOutcome.UNKNOWN,
        visit="week_6", row="1",
    )  # fmt: skip
    op.report_serious_event(trial, INVESTIGATOR, number=noted.number, report=report)
    (event,) = op.list_serious_events(trial, MANAGER)
    assert event.reports[0].criteria == ("disability", "hospital_stay")
    kinds = {line.kind for line in op.list_work(trial, MANAGER, kinds=tuple(WorkKind))}
    assert WorkKind.COMPLETE in kinds
    assert op.verify_audit(trial).problems == ()
