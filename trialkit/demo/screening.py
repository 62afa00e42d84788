"""Turn 1 of the trial: people are screened in date order, and those who are eligible are randomized."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from trialkit.clock import SimulatedClock
from trialkit.demo.people import coordinator, investigator
from trialkit.operations import (
    EnteredRow,
    FormEntry,
    Trial,
    VisitDone,
    enrol,
    enter_passes,
    randomize,
    record_visits,
    screen_fail,
)
from trialkit.simulation import Candidate, Candidates, FormRow
from trialkit.vocabulary import EntryMode

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Recruitment:
    """The arm each subject was really allocated, and when. It lives in memory: no file of ours holds it."""

    arm_of: dict[str, str]
    randomized_on: dict[str, date]


def recruit(trial: Trial, clock: SimulatedClock, candidates: Candidates, progress: Progress) -> Recruitment:
    """Screen everyone and randomize the eligible, each on the day it happened."""
    single = {form.name for form in trial.study.forms if form.entry is EntryMode.SINGLE}
    rows = defaultdict(list)
    for row in candidates.rows:
        if row.form in single:
            rows[row.subject_id].append(row)
    baseline = {visit.subject_id: visit for visit in candidates.visits if visit.date is not None}
    steps = sorted(_steps(candidates.screened), key=lambda step: step[:3])
    recruitment = Recruitment({}, {})
    for done, (day, _, subject_id, person, is_randomization) in enumerate(steps, start=1):
        clock.advance_to(noon(day))
        if is_randomization:
            visit = baseline[subject_id]
            assert visit.date is not None
            record_visits(
                trial,
                coordinator(person.site),
                visits_done=[VisitDone(subject_id, visit.visit, visit.date)],
            )
            answer = randomize(
                trial, coordinator(person.site), subject_id=subject_id, stratum_values=person.factors
            )
            recruitment.arm_of[subject_id] = answer.arm
            recruitment.randomized_on[subject_id] = day
        else:
            _screen(trial, person, rows[subject_id])
        clock.advance(timedelta(seconds=1))
        progress(done, len(steps))
    return recruitment


def noon(day: date) -> datetime:
    """Noon in Beijing: the same date there and in UTC."""
    return datetime.combine(day, time(4), tzinfo=UTC)


def as_entries(rows: Iterable[FormRow]) -> list[FormEntry]:
    """Lines of paper as forms: one entry a form, with its lines in order."""
    forms: dict[tuple[str, str, str], list[EnteredRow]] = defaultdict(list)
    for row in rows:
        forms[row.subject_id, row.visit, row.form].append(EnteredRow(row.values, row=row.row))
    return [FormEntry(*key, rows=tuple(lines)) for key, lines in forms.items()]


def _steps(people: Iterable[Candidate]) -> Iterable[tuple[date, int, str, Candidate, bool]]:
    for person in people:
        yield person.consent_date, 0, person.subject_id, person, False
        if person.ready_on is not None:
            yield person.ready_on, 1, person.subject_id, person, True


def _screen(trial: Trial, person: Candidate, rows: list[FormRow]) -> None:
    actor = coordinator(person.site)
    enrol(trial, actor, site=person.site, consent_date=person.consent_date, subject_id=person.subject_id)
    enter_passes(
        trial, actor, entries=as_entries(rows), confirmed=True, confirmed_by=investigator(person.site)
    )
    if not person.eligible:
        screen_fail(
            trial, actor, subject_id=person.subject_id, date=person.consent_date, reason=person.failure
        )
