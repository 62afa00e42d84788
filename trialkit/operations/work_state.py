"""All that worklists are made of, read once: subjects, visits with their dates, forms and queries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from trialkit.entry.work import VisitDates, WorkKind, form_work, visit_work
from trialkit.operations.gate import Gate
from trialkit.operations.plan_in_force import PlannedVisit, planned_visits
from trialkit.operations.standing import FormNow, forms_of
from trialkit.operations.subjects import local_date
from trialkit.operations.visits_expected import deaths_of
from trialkit.store.reading.forms import FormKey, FormState
from trialkit.store.reading.review import QueryState
from trialkit.store.reading.subjects import SubjectState, VisitState
from trialkit.study.model import Study


@dataclass(frozen=True, slots=True)
class VisitNow:
    """A visit of a subject, as it stands today."""

    subject_id: str
    visit: str
    dates: VisitDates
    done_on: date | None
    kind: WorkKind
    reason: str


@dataclass(frozen=True)
class WorkState:
    """What one pair of eyes is shown of the study's work; ``today`` is by site."""

    study: Study
    today: Mapping[str, date]
    people: Mapping[str, SubjectState]
    visits: Mapping[tuple[str, str], VisitNow]
    forms: tuple[FormNow, ...]
    touched: Mapping[FormKey, FormState]
    queries: tuple[QueryState, ...]

    def site_of(self, subject_id: str) -> str:
        return self.people[subject_id].site

    def today_of(self, subject_id: str) -> date:
        return self.today[self.site_of(subject_id)]

    def kind_of(self, form: FormNow) -> WorkKind:
        """Where a form stands, with the days that its visit gives it."""
        visit = self.visits.get((form.subject_id, form.visit))
        return form_work(
            form.status,
            visit.kind if visit else WorkKind.EXPECTED,
            done_on=visit.done_on if visit else None,
            days_to_enter=self.study.capture.days_to_enter,
            today=self.today_of(form.subject_id),
        )

    def form_due_on(self, form: FormNow) -> date | None:
        """The last day for typing a form."""
        visit = self.visits.get((form.subject_id, form.visit))
        return typing_due_on(visit, self.study.capture.days_to_enter)


def typing_due_on(visit: VisitNow | None, days_to_enter: int) -> date | None:
    """So many days after the visit, else the last of its window; None where the protocol gives no days."""
    if visit is None or visit.done_on is None:
        return visit.dates.last if visit else None
    return visit.done_on + timedelta(days=days_to_enter)


def load_work(gate: Gate) -> WorkState:
    """As far as the gate's actor may see it."""
    study = gate.rules.study
    people = gate.subjects()
    recorded = gate.visits()
    now = gate.trial.clock.now()
    today = {site: local_date(gate.trial, site, now) for site in {one.site for one in people.values()}}
    deaths = deaths_of(gate)
    visits = {
        (visit.subject_id, visit.visit): visit
        for subject in people.values()
        for visit in _visits_of(gate, subject, recorded, deaths.get(subject.subject_id), today[subject.site])
    }
    return WorkState(
        study,
        today,
        people,
        visits,
        tuple(forms_of(gate)),
        gate.forms(),
        tuple(query for query in gate.queries() if query.subject_id in people),
    )


def _visits_of(
    gate: Gate,
    subject: SubjectState,
    recorded: Mapping[tuple[str, str], VisitState],
    died_on: date | None,
    today: date,
) -> Iterator[VisitNow]:
    for planned in planned_visits(gate, subject, recorded, died_on):
        yield visit_now(
            subject.subject_id, planned, recorded.get((subject.subject_id, planned.visit.name)), today
        )


def visit_now(subject_id: str, planned: PlannedVisit, state: VisitState | None, today: date) -> VisitNow:
    """Where one planned visit stands."""
    visit, dates = planned.visit, planned.dates
    done_on = state.date if state else None
    not_done = state is not None and state.date is None
    kind = visit_work(dates, done_on=done_on, not_done=not_done, today=today)
    reason = state.reason if state and not_done else ""
    return VisitNow(subject_id, visit.name, dates, done_on, kind, reason)
