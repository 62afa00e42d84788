"""Turn 2: the paper of every visit comes in, and two people type it without seeing each other's work."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from trialkit.clock import SimulatedClock
from trialkit.demo.people import coordinator, data_manager, investigator, typist
from trialkit.demo.screening import Progress, as_entries, noon
from trialkit.operations import (
    NotDone,
    Trial,
    VisitDone,
    enter_passes,
    mark_not_done,
    record_visits,
    withdraw,
)
from trialkit.simulation import Candidates, FormRow, TrialPaper, TypedPasses
from trialkit.vocabulary import EntryMode

TO_THE_DATA_CENTRE = timedelta(days=14)


@dataclass(frozen=True)
class Entered:
    forms: int
    fields: int
    discrepancies: int
    unmatched_rows: int


def enter_visits(
    trial: Trial,
    clock: SimulatedClock,
    candidates: Candidates,
    paper: TrialPaper,
    passes: TypedPasses,
    progress: Progress,
) -> Entered:
    """Record visits and type both passes, visit by visit as the paper arrives."""
    forms = discrepancies = unmatched = 0
    for done, visit in enumerate(trial.study.visits, start=1):
        dates = [record.date for record in paper.visits if record.visit == visit.name and record.date]
        if dates:
            clock.advance_to(noon(max(dates)) + TO_THE_DATA_CENTRE)
        _record(trial, visit.name, paper)
        _enter_single(trial, visit.name, candidates, passes.single)
        for number, login, rows in (
            (1, passes.first_typist, passes.first),
            (2, passes.second_typist, passes.second),
        ):
            entries = as_entries(row for row in rows if row.visit == visit.name)
            if entries:
                entered = enter_passes(trial, typist(login, number), entries=entries)
                forms += entered.forms
                discrepancies += entered.discrepancies
                unmatched += entered.unmatched_rows
            clock.advance(timedelta(hours=8))
        progress(done, len(trial.study.visits))
    return Entered(forms, passes.fields, discrepancies, unmatched)


def record_departures(trial: Trial, candidates: Candidates, paper: TrialPaper) -> int:
    """Withdrawals and deaths, each with its date and reason, by the coordinator of the site."""
    site_of = {person.subject_id: person.site for person in candidates.screened}
    reasons = {row.subject_id: row for row in paper.rows if row.form == "withdrawal"}
    left = 0
    for course in paper.courses:
        day = course.death_date or course.withdrawal_date
        if day is None:
            continue
        reason = "Died" if course.death_date else _reason(trial, reasons.get(course.subject_id))
        actor = coordinator(site_of[course.subject_id])
        withdraw(trial, actor, subject_id=course.subject_id, date=day, reason=reason)
        left += 1
    return left


def _reason(trial: Trial, row: FormRow | None) -> str:
    if row is None:
        return "Not stated"
    return trial.study.item("withdrawal_reason").label_of(row.values["withdrawal_reason"]) or "Not stated"


def _record(trial: Trial, visit: str, paper: TrialPaper) -> None:
    """Visits and forms that were done or not; the baseline of the randomized is recorded already."""
    records = [record for record in paper.visits if record.visit == visit]
    is_baseline = visit == trial.study.visits[0].name
    done = [VisitDone(r.subject_id, r.visit, r.date) for r in records if r.date and not is_baseline]
    if done:
        record_visits(trial, data_manager(), visits_done=done)
    not_done = [NotDone(r.subject_id, r.visit, r.reason) for r in records if r.status == "not_done"]
    not_done += [
        NotDone(form.subject_id, form.visit, form.reason, form.form)
        for form in paper.not_done
        if form.visit == visit
    ]
    if not_done:
        mark_not_done(trial, data_manager(), entries=not_done)


def _enter_single(trial: Trial, visit: str, candidates: Candidates, rows: Iterable[FormRow]) -> None:
    """Single-entry forms that screening has not entered already."""
    single = {form.name for form in trial.study.forms if form.entry is EntryMode.SINGLE}
    entered = {row.key for row in candidates.rows if row.form in single}
    entries = as_entries(row for row in rows if row.visit == visit and row.key not in entered)
    sites = {person.subject_id: person.site for person in candidates.screened}
    for site in trial.study.sites:
        here = [entry for entry in entries if sites[entry.subject_id] == site.code]
        if here:
            enter_passes(
                trial,
                coordinator(site.code),
                entries=here,
                confirmed=True,
                confirmed_by=investigator(site.code),
            )
