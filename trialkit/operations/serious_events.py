"""Serious adverse events: noted when the site knows, reported within the protocol's hours, followed up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from trialkit.access import Actor
from trialkit.access.acts.safety import NOTE_SERIOUS_EVENT, REPORT_SERIOUS_EVENT
from trialkit.entry.errors import EntryError
from trialkit.entry.serious_events import (
    EventClock,
    EventOutcome,
    Expectedness,
    Relatedness,
    Seriousness,
    Severity,
    event_clock,
)
from trialkit.entry.study_checks import completions
from trialkit.operations.errors import OperationError
from trialkit.operations.gate import Gate, OpenAct, acting
from trialkit.operations.subjects import require_possible_day
from trialkit.operations.trial import Trial
from trialkit.store import models as m
from trialkit.store.audit_chain import AuditStamp
from trialkit.store.reading.safety import EventState, serious_events
from trialkit.study.conduct import Safety
from trialkit.wording import said


@dataclass(frozen=True, slots=True)
class SeriousEventNoted:
    """The number of the event, and when its initial report is due: in UTC, and by the clock of its site."""

    number: int
    due_at: datetime
    due_at_site: datetime
    stamp: AuditStamp


@dataclass(frozen=True, slots=True)
class SafetyReported:
    """``report`` 0 is the initial one; ``late`` says that it came after its time."""

    number: int
    report: int
    late: bool
    stamp: AuditStamp


@dataclass(frozen=True, slots=True)
class EventReport:
    """What one report says of an event, as far as it is known when it is written.

    Parameters
    ----------
    criteria
        Why it is serious, one or more.
    started, ended
        Days, YYYY-MM-DD, or as much as is known (YYYY-MM, YYYY); empty where it is not, or goes on.
    narrative
        What happened, in words that name no arm.
    visit, row
        The line of the adverse event form that tells of the same event; empty until there is one.
    """

    criteria: Sequence[Seriousness]
    severity: Severity
    outcome: EventOutcome
    related: Relatedness = Relatedness.NOT_ASSESSED
    expected: Expectedness = Expectedness.NOT_ASSESSED
    started: str = ""
    ended: str = ""
    narrative: str = ""
    visit: str = ""
    row: str = ""


def note_serious_event(
    trial: Trial, actor: Actor, *, subject_id: str, term: str, aware_at: datetime
) -> SeriousEventNoted:
    """Note that the site knows of a serious event: from here the clock runs.

    Parameters
    ----------
    term
        The event in the reporter's words, which name no arm.
    aware_at
        When the site knew; without a time zone: the site's own time.

    Raises
    ------
    AccessError, EntryError, OperationError
        No right at the site; no such subject; no term, or one that names an arm; a time to come, or before
        consent.
    """
    with acting(trial, actor, NOTE_SERIOUS_EVENT) as progress:
        subject = progress.known_subjects([subject_id])[subject_id]
        if aware_at.tzinfo is None:
            aware_at = aware_at.replace(tzinfo=ZoneInfo(trial.study.site(subject.site).time_zone))
        if aware_at > datetime.fromisoformat(progress.at):
            raise OperationError(
                expected=said("a time not after now ({now})", now=progress.at[:16]),
                found=aware_at.isoformat(),
                where=subject_id,
                next_step="Check date, time and time zone.",
            )
        day = aware_at.astimezone(ZoneInfo(trial.study.site(subject.site).time_zone)).date()
        require_possible_day(trial, subject, day, progress.at, subject_id)
        _require_words(progress, term, subject_id)
        number = next(progress.next_ids(m.SeriousEvent))
        in_utc = aware_at.astimezone(datetime.fromisoformat(progress.at).tzinfo)
        progress.add(
            m.SeriousEvent,
            id=number,
            subject_id=subject_id,
            term=term.strip(),
            aware_at=in_utc.isoformat(timespec="minutes"),
        )
        progress.state(subject=subject_id, serious_event=number)
    due_at = clock_of(trial.study.safety, in_utc, (), settled=False, now=in_utc).initial_due_at
    there = due_at.astimezone(ZoneInfo(trial.study.site(subject.site).time_zone))
    return SeriousEventNoted(number, due_at, there, progress.stamp)


def report_serious_event(trial: Trial, actor: Actor, *, number: int, report: EventReport) -> SafetyReported:
    """Report a serious event: the first report is the initial one, each further one follows up.

    Raises
    ------
    AccessError, OperationError, EntryError
        No right at the site; no such event; no criterion; death without the outcome fatal, or the other way
        round; days that cannot be; a narrative that names an arm; no such line of the adverse event form's.
    """
    with acting(trial, actor, REPORT_SERIOUS_EVENT) as progress:
        event = event_seen(progress, number)
        subject = progress.known_subjects([event.subject_id])[event.subject_id]
        event = event_seen(progress, number)  # once more, now that nobody else writes of this subject
        where = said("serious event {number}", number=number)
        if not report.criteria:
            raise EntryError(expected="why the event is serious", found="nothing", where=where)
        _require_one_end(report, where)
        for text in (report.started, report.ended):
            days = _days(text, where)
            if days:  # of a partial date, the first day that could be
                day = min(max(days[0], subject.consent_date or days[0]), days[-1])
                require_possible_day(trial, subject, day, progress.at, where, text.strip())
        _require_order(report, where)
        if report.narrative:
            progress.require_no_arm_named(report.narrative, where=where)
        _require_line(progress, report, where)
        _write(progress, event, report)
        progress.state(subject=event.subject_id, serious_event=number, report=len(event.reports))
        at = datetime.fromisoformat(progress.at)
    first = event.reports[0].at if event.reports else at
    clock = clock_of(trial.study.safety, event.aware_at, (first,), settled=True, now=at)
    return SafetyReported(number, len(event.reports), clock.late, progress.stamp)


def event_seen(gate: Gate, number: int) -> EventState:
    """A serious event of a subject that this actor is shown.

    Raises
    ------
    OperationError
        None with that number: in the same words where it is another site's.
    """
    found = next((event for event in serious_events(gate.reader) if event.id == number), None)
    if found is None or found.subject_id not in gate.subjects([found.subject_id]):
        raise OperationError(
            expected="the number of a serious event",
            found=str(number),
            next_step="Look at the list of serious events.",
        )
    return found


def clock_of(
    safety: Safety, aware_at: datetime, reported_at: tuple[datetime, ...], *, settled: bool, now: datetime
) -> EventClock:
    """The clock of one event under the study's own hours and days."""
    return event_clock(
        aware_at,
        reported_at,
        settled=settled,
        now=now,
        report_within_hours=safety.report_within_hours,
        follow_up_days=safety.follow_up_days,
    )


def _write(progress: OpenAct, event: EventState, report: EventReport) -> None:
    last = event.reports[-1] if event.reports else None
    progress.add(
        m.SafetyReport,
        id=next(progress.next_ids(m.SafetyReport)),
        serious_event=event.id,
        number=len(event.reports),
        criteria=",".join(sorted({str(one) for one in report.criteria})),
        severity=str(report.severity),
        related=str(report.related),
        expected=str(report.expected),
        outcome=str(report.outcome),
        started=report.started.strip(),
        ended=report.ended.strip(),
        visit=report.visit or (last.visit if last else ""),
        row_key=report.row or (last.row if last else ""),
        narrative=report.narrative.strip(),
        account=progress.actor.account,
        at=progress.at,
    )


def _days(text: str, where: str) -> list[date]:
    """Every day that a text may be; none for no text."""
    if not text.strip():
        return []
    found = completions(text.strip())
    if not found:
        raise EntryError(
            expected="a day YYYY-MM-DD, or as much of it as is known",
            found=repr(text),
            where=where,
            next_step="Look at the report.",
        )
    return found


def _require_order(report: EventReport, where: str) -> None:
    started, ended = _days(report.started, where), _days(report.ended, where)
    if started and ended and ended[-1] < started[0]:
        raise EntryError(
            expected=said("an end not before the start, {start}", start=report.started),
            found=report.ended,
            where=where,
            next_step="Check both days.",
        )


def _require_one_end(report: EventReport, where: str) -> None:
    """What resulted in death ended with it (ICH E2A, E2B: one cannot be said without the other)."""
    if (Seriousness.DEATH in report.criteria) != (report.outcome is EventOutcome.FATAL):
        raise EntryError(
            expected="how it stands: fatal where the event resulted in death, and only there",
            found=said(
                "{criteria} and {outcome}",
                criteria=", ".join(sorted({str(one) for one in report.criteria})),
                outcome=str(report.outcome),
            ),
            where=where,
            next_step="Check why the event is serious, and how it stands.",
        )


def _require_line(progress: OpenAct, report: EventReport, where: str) -> None:
    """The line need not be typed yet, but its form and visit are the study's."""
    form = progress.rules.forms.get(progress.trial.study.safety.adverse_events)
    if not (report.visit or report.row):
        return
    if form is None or report.visit not in form.visits or not report.row:
        raise EntryError(
            expected="a visit and line number of the adverse event form",
            found=repr(f"{report.visit}/{report.row}"),
            where=where,
            next_step="Look at the form, or leave both out.",
        )


def _require_words(progress: OpenAct, text: str, where: str) -> None:
    if not text.strip():
        raise EntryError(expected="the event in the reporter's words", found="none", where=where)
    progress.require_no_arm_named(text, where=where)
