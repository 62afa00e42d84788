"""What is to do, read without what is done: subjects, open forms, and visits as somebody asks for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from trialkit.operations.gate import Gate
from trialkit.operations.open_forms import OpenForms, open_forms
from trialkit.operations.plan_in_force import PlannedVisit, planned_of_everybody
from trialkit.operations.subjects import local_date
from trialkit.operations.visits_expected import deaths_of
from trialkit.operations.work_state import VisitNow, visit_now
from trialkit.store.reading.review import QueryState
from trialkit.store.reading.subjects import SubjectState, VisitState
from trialkit.study.model import Study


@dataclass(frozen=True)
class OpenWork:
    """What one pair of eyes is shown of the work that waits; ``today`` is by site."""

    study: Study
    today: Mapping[str, date]
    people: Mapping[str, SubjectState]
    recorded: Mapping[tuple[str, str], VisitState]
    planned: Mapping[str, tuple[PlannedVisit, ...]]
    forms: OpenForms
    queries: tuple[QueryState, ...]

    def site_of(self, subject_id: str) -> str:
        return self.people[subject_id].site

    def today_of(self, subject_id: str) -> date:
        return self.today[self.site_of(subject_id)]

    def visit(self, subject_id: str, visit: str) -> VisitNow | None:
        """A visit as it stands today; None where nothing expects it."""
        for one in self.planned[subject_id]:
            if one.visit.name == visit:
                return self._now(subject_id, one)
        return None

    def visits_to_come(self) -> Iterator[VisitNow]:
        """Planned visits of which nobody said whether they took place."""
        for subject_id, planned in self.planned.items():
            for one in planned:
                if (subject_id, one.visit.name) not in self.recorded:
                    yield self._now(subject_id, one)

    def _now(self, subject_id: str, planned: PlannedVisit) -> VisitNow:
        return visit_now(
            subject_id,
            planned,
            self.recorded.get((subject_id, planned.visit.name)),
            self.today_of(subject_id),
        )


def load_open_work(gate: Gate) -> OpenWork:
    """As far as the gate's actor may see it."""
    people, recorded = gate.subjects(), gate.visits()
    now = gate.trial.clock.now()
    today = {site: local_date(gate.trial, site, now) for site in {one.site for one in people.values()}}
    planned = planned_of_everybody(gate, people, recorded, deaths_of(gate))
    queries = tuple(query for query in gate.queries() if query.subject_id in people)
    forms = open_forms(gate, people, recorded, planned, queries)
    return OpenWork(gate.rules.study, today, people, recorded, planned, forms, queries)
