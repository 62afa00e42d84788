"""The list of serious events: with the clock for whoever must report, by arm for the DSMB."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from trialkit.access import Actor
from trialkit.access.acts.safety import LIST_SERIOUS_EVENTS, LIST_SERIOUS_EVENTS_BY_ARM
from trialkit.entry.serious_events import EventClock, EventOutcome, Seriousness
from trialkit.operations.custody import open_arms
from trialkit.operations.gate import Gate, acting, reading
from trialkit.operations.serious_events import clock_of
from trialkit.operations.trial import Trial
from trialkit.operations.visits_expected import day_of_randomization
from trialkit.store.reading.safety import (
    EventState,
    ReportState,
    SeriousLine,
    serious_events,
    serious_lines,
)
from trialkit.store.reading.subjects import SubjectState
from trialkit.wording import said

_YES = "1"


@dataclass(frozen=True, slots=True)
class SeriousEventListed:
    """A serious event as the line listing shows it; ``arm`` is empty but for whoever asked by arm.

    ``number`` is None for a line of the adverse event form that says "serious" and that no report names,
    and for a death of which no report says so: its clock runs from when the form said it. ``days`` counts
    from randomization to the start. ``reports`` with the initial one first; the last one counts.
    """

    number: int | None
    site: str
    subject_id: str
    arm: str
    term: str
    aware_at: datetime
    clock: EventClock
    randomized_on: date | None
    visit: str
    row: str
    reports: tuple[ReportState, ...]

    @property
    def last(self) -> ReportState | None:
        return self.reports[-1] if self.reports else None

    @property
    def days(self) -> int | None:
        started = self.last.started if self.last else ""
        if self.randomized_on is None or len(started) != len("2024-05-31"):
            return None
        return (date.fromisoformat(started) - self.randomized_on).days


def list_serious_events(
    trial: Trial, actor: Actor, *, by_arm: bool = False, only_overdue: bool = False
) -> list[SeriousEventListed]:
    """Serious events by site and subject, and lines of the adverse event form that were not reported.

    Parameters
    ----------
    by_arm
        With everybody's arm, for the DSMB: leaves a record.
    only_overdue
        Those whose initial report or next follow-up should be there and is not.

    Raises
    ------
    AccessError
        No right; by arm: a blinded role, or a role held at one site alone.

    Degenerate case: a study that does not say in ``[safety]`` where its adverse events are has no such
    lines; neither have those who are not shown that form.
    """
    if by_arm:
        with acting(trial, actor, LIST_SERIOUS_EVENTS_BY_ARM) as progress:
            found = events_of(progress, open_arms(trial, progress.reader))
            progress.state(serious_events=len(found))
    else:
        with reading(trial, actor, LIST_SERIOUS_EVENTS) as gate:
            found = events_of(gate, {})
    return [event for event in found if event.clock.overdue or not only_overdue]


def events_of(
    gate: Gate, arms: Mapping[str, str], people: Mapping[str, SubjectState] | None = None
) -> list[SeriousEventListed]:
    """The same inside an act; ``people`` as the gate gives them, where whoever asks has them already."""
    now = gate.trial.clock.now()
    people = gate.subjects() if people is None else people
    events = [event for event in serious_events(gate.reader) if event.subject_id in people]
    reported = {
        (event.subject_id, event.reports[-1].visit, event.reports[-1].row)
        for event in events
        if event.reports and event.reports[-1].visit
    }
    lines = [
        line
        for line in _serious_lines(gate)
        if line.subject_id in people and (line.subject_id, line.visit, line.row) not in reported
    ]
    died = {
        event.subject_id
        for event in events
        if event.reports and Seriousness.DEATH in event.reports[-1].criteria
    }
    found = [_event(gate, event, people[event.subject_id], arms, now) for event in events]
    found += [_line(gate, line, people[line.subject_id], _term_of(gate, line), arms, now) for line in lines]
    found += [
        _line(gate, death, people[death.subject_id], said("Death"), arms, now)
        for death in _deaths(gate)
        if death.subject_id in people and death.subject_id not in died
    ]
    return sorted(found, key=lambda one: (one.site, one.subject_id, one.aware_at))


def _serious_lines(gate: Gate) -> list[SeriousLine]:
    safety = gate.rules.study.safety
    if not safety.adverse_events:
        return []
    return serious_lines(gate.reader, safety.adverse_events, safety.serious, _YES)


def _deaths(gate: Gate) -> list[SeriousLine]:
    item = gate.rules.study.safety.death_date
    if item not in gate.rules.items:
        return []
    return serious_lines(gate.reader, gate.rules.items[item].form, item, None)


def _event(
    gate: Gate, event: EventState, subject: SubjectState, arms: Mapping[str, str], now: datetime
) -> SeriousEventListed:
    last = event.reports[-1] if event.reports else None
    clock = clock_of(
        gate.trial.study.safety,
        event.aware_at,
        tuple(report.at for report in event.reports),
        settled=last is not None and EventOutcome(last.outcome).final,
        now=now,
    )
    return SeriousEventListed(
        event.id,
        subject.site,
        event.subject_id,
        arms.get(event.subject_id, ""),
        event.term,
        event.aware_at,
        clock,
        day_of_randomization(gate.trial, subject),
        last.visit if last else "",
        last.row if last else "",
        event.reports,
    )


def _term_of(gate: Gate, line: SeriousLine) -> str:
    term = gate.rules.study.safety.term
    texts = (
        final.value.text
        for final in gate.final_values([line.subject_id])
        if (final.item, final.visit, final.row) == (term, line.visit, line.row)
    )
    return next(texts, None) or ""


def _line(
    gate: Gate,
    line: SeriousLine,
    subject: SubjectState,
    term: str,
    arms: Mapping[str, str],
    now: datetime,
) -> SeriousEventListed:
    at = line.at.replace(microsecond=0)
    clock = clock_of(gate.trial.study.safety, at, (), settled=False, now=now)
    return SeriousEventListed(
        None,
        subject.site,
        line.subject_id,
        arms.get(line.subject_id, ""),
        term,
        at,
        clock,
        day_of_randomization(gate.trial, subject),
        line.visit,
        line.row,
        (),
    )
