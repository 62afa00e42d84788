"""Which visits are expected of a subject, each by the version in force at the site on its day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from trialkit.entry.rules import StudyRules
from trialkit.entry.work import VisitDates, visit_dates
from trialkit.operations.binding import today_at
from trialkit.operations.gate import Gate
from trialkit.operations.visits_expected import day_of_randomization, expected_visits, is_for
from trialkit.store.reading.subjects import SubjectState, VisitState
from trialkit.study.model import Visit

_REMEMBERED = 20_000


@dataclass(frozen=True, slots=True)
class PlannedVisit:
    """A visit that is to take place, or be stated not to; ``rules`` say what is filled in at it."""

    visit: Visit
    dates: VisitDates
    number: int
    rules: StudyRules


def planned_visits(
    gate: Gate,
    subject: SubjectState,
    recorded: Mapping[tuple[str, str], VisitState],
    died_on: date | None,
) -> list[PlannedVisit]:
    """The visits expected of a subject, in the order of the study.

    A visit belongs to the version in force on the day it took place or, before that, on the day it is aimed
    at: a new version neither asks for a visit whose day was over nor takes back one that was missed.
    """
    definitions = gate.trial.definitions
    found: dict[str, PlannedVisit] = {}
    for version in definitions.of_site(subject.site):
        for one in _by_version(gate, version.number, subject, recorded, died_on):
            if not definitions.amended or _is_of_its_day(gate, subject, one, recorded):
                found[one.visit.name] = one
            elif (subject.subject_id, one.visit.name) in recorded:
                found.setdefault(one.visit.name, one)
    order = {name: place for place, name in enumerate(gate.trial.rules.visits)}
    return sorted(found.values(), key=lambda one: order[one.visit.name])


def planned_of_everybody(
    gate: Gate,
    people: Mapping[str, SubjectState],
    recorded: Mapping[tuple[str, str], VisitState],
    deaths: Mapping[str, date],
) -> dict[str, tuple[PlannedVisit, ...]]:
    """The same of many: subjects who stand alike have the same visits, and most stand as when last asked."""
    known = gate.trial.definitions.planned
    if len(known) > _REMEMBERED:
        known.clear()
    at: dict[str, list[tuple[str, date | None]]] = {subject_id: [] for subject_id in people}
    for (subject_id, visit), state in recorded.items():
        if subject_id in at:
            at[subject_id].append((visit, state.date))
    today = {}
    if gate.trial.definitions.amended:  # only then does it matter which day it is
        today = {site: today_at(gate, site) for site in {one.site for one in people.values()}}
    found = {}
    for subject_id, subject in people.items():
        died_on = deaths.get(subject_id)
        key = (
            gate.sight.blinded,
            subject.site,
            today.get(subject.site),
            subject.consent_date,
            day_of_randomization(gate.trial, subject),
            subject.allocated,
            subject.screen_failed is not None,
            subject.withdrawn.date if subject.withdrawn else None,
            died_on,
            tuple(at[subject_id]),
        )
        if key not in known:
            known[key] = tuple(planned_visits(gate, subject, recorded, died_on))
        found[subject_id] = known[key]
    return found


def planned_forms(planned: list[PlannedVisit], arm: str | None) -> list[tuple[str, str]]:
    """The (visit, form) pairs that must be complete or "not done" before a lock.

    ``arm`` is for forms that only one arm has; None leaves them out.
    """
    return [
        (one.visit.name, form.name)
        for one in planned
        for form in one.rules.study.forms
        if one.visit.name in form.visits and not form.optional and is_for(form, arm)
    ]


def _by_version(
    gate: Gate,
    number: int,
    subject: SubjectState,
    recorded: Mapping[tuple[str, str], VisitState],
    died_on: date | None,
) -> list[PlannedVisit]:
    rules = gate.asked_by(number)
    randomized = day_of_randomization(gate.trial, subject)
    return [
        PlannedVisit(visit, visit_dates(rules.study, visit, subject.consent_date, randomized), number, rules)
        for visit in expected_visits(rules.study, subject, recorded, randomized, died_on)
    ]


def _is_of_its_day(
    gate: Gate,
    subject: SubjectState,
    planned: PlannedVisit,
    recorded: Mapping[tuple[str, str], VisitState],
) -> bool:
    state = recorded.get((subject.subject_id, planned.visit.name))
    done_on = state.date if state else None
    day = done_on or planned.dates.target or today_at(gate, subject.site)
    return gate.trial.definitions.in_force(subject.site, day).number == planned.number
