"""Turn 1: people come, are screened, and those who may be randomized have their baseline taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trialkit.expressions import Name
from trialkit.simulation.branching import Question, parsed_criteria
from trialkit.simulation.check import check_scenario
from trialkit.simulation.forms import CURRENT, FormFiller, Known
from trialkit.simulation.paper import Candidate, Candidates, FormRow, VisitRecord
from trialkit.simulation.people import People, baseline_name, draw_people, next_batch
from trialkit.simulation.rows import plain_rows
from trialkit.simulation.rules import Facts
from trialkit.simulation.scenario import Scenario
from trialkit.simulation.schedule import visits_before
from trialkit.simulation.streams import Streams
from trialkit.study.model import Form, Study

_LONGEST_LAG = 7
"""Days within which a visit before randomization follows its target, if its window is wider."""


def candidates(study: Study, scenario: Scenario, n: int, seed: int) -> Candidates:
    """Screen people in date order until n of them are eligible.

    Parameters
    ----------
    study, scenario
        The study and its assumptions.
    n
        Eligible people wanted, 1 or more.
    seed
        Of the trial, 0 or more.

    Returns
    -------
    Candidates
        Everybody screened, their screening and baseline forms, and their latent truth. No arm is in it, and
        nothing in it depends on one. Eligible means that the scenario finds no reason against the person
        *and* every criterion of the study holds on the paper.

    Raises
    ------
    SimulationError
        Where scenario and study contradict each other, or the criteria let hardly anybody through.
    """
    check_scenario(study, scenario)
    hoped_for = n
    while True:
        turn = _Turn1(study, scenario, _until(scenario, seed, hoped_for), seed)
        found = int(turn.eligible.sum())
        if found >= n:
            return turn.result(n)
        hoped_for = next_batch(hoped_for, found, n)


def _until(scenario: Scenario, seed: int, hoped_for: int) -> People:
    """Everybody who comes until the scenario itself has nothing against so many of them."""
    screened = 2 * hoped_for + 100
    while True:
        people = draw_people(scenario, Streams(seed, ("trial",)), screened)
        hopeful = np.flatnonzero(people.eligible)
        if len(hopeful) >= hoped_for:
            return people.take(np.arange(int(hopeful[hoped_for - 1]) + 1))
        screened = next_batch(screened, len(hopeful), hoped_for)


@dataclass
class _Sheet:
    """A person's rows by form order, before anybody has decided who belongs to the trial."""

    rows: list[FormRow]
    known: dict[tuple[str, str | None], str]


class _Turn1:
    def __init__(self, study: Study, scenario: Scenario, people: People, seed: int) -> None:
        self.study, self.scenario, self.people = study, scenario, people
        self.streams = Streams(seed, ("trial", "before"))
        self.filler = FormFiller(study, scenario)
        self.visits = visits_before(study)
        self.facts = self._dated(people.facts)
        self.sheets = [_Sheet([], {}) for _ in range(people.facts.n)]
        values = {failure.name: failure.values for failure in scenario.failures}
        self.fixed: list[Mapping[str, str]] = [values.get(name, {}) for name in people.failure]
        everybody = np.arange(people.facts.n)
        criteria = parsed_criteria(study)
        self.first_forms = _first_forms(study, scenario)
        self._fill(self.first_forms, everybody)
        self.failures = [self._failed_criterion(index, criteria) for index in everybody.tolist()]
        self.eligible = np.array([not failure for failure in self.failures])

    def result(self, n: int) -> Candidates:
        """Cut after the n-th eligible person, and take the baseline of those."""
        last = int(np.flatnonzero(self.eligible)[n - 1]) + 1
        chosen = np.flatnonzero(self.eligible[:last])
        rest = [form for form in self.study.forms if form.name not in {f.name for f in self.first_forms}]
        self._fill(rest, chosen)
        order = {form.name: place for place, form in enumerate(self.study.forms)}
        visit_order = {visit.name: place for place, visit in enumerate(self.study.visits)}
        rows = [
            row
            for sheet in self.sheets[:last]
            for row in sorted(sheet.rows, key=lambda row: (visit_order[row.visit], order[row.form]))
        ]
        people = People(self.facts, self.people.failure).take(np.arange(last))
        return Candidates(
            screened=tuple(self._candidate(index) for index in range(last)),
            rows=tuple(rows),
            visits=tuple(self._visit_records(last)),
            people=people,
        )

    def _dated(self, plain: Facts) -> Facts:
        facts = plain.take(np.arange(plain.n))
        facts.add("subject_id", np.array([f"{k:04d}" for k in range(1, plain.n + 1)], dtype=object))
        consent = _arrivals(self.scenario, self.streams, plain.n)
        facts.add("consent_date", consent)
        latest = consent
        for visit in self.visits:
            widest = visit.window_days[1] if visit.window_days else _LONGEST_LAG
            lag = self.streams("lag", visit.name).integers(0, max(min(widest, _LONGEST_LAG), 0) + 1, plain.n)
            target = max(visit.target_days or 0, 0)
            day = np.busday_offset(consent + target + lag, 0, roll="backward")
            latest = np.maximum(latest, np.maximum(day, consent))
            facts.add(f"{visit.name}_date", np.maximum(day, consent))
        low, high = self.scenario.recruitment.days_to_randomization
        wait = self.streams("wait", "randomization").integers(low, high + 1, plain.n)
        facts.add("ready_date", np.busday_offset(latest + wait, 0, roll="forward"))
        return facts

    def _fill(self, forms: Sequence[Form], chosen: NDArray[np.int64]) -> None:
        for visit in self.visits:
            facts = self.facts.take(np.arange(self.facts.n))
            facts.add("visit_date", self.facts[f"{visit.name}_date"])
            for measure in self.scenario.measures:
                if measure.baseline_visit == visit.name:
                    facts.add(CURRENT.format(measure.name), self.facts[baseline_name(measure)])
            for form in forms:
                if visit.name not in form.visits or form.optional or form.for_arms:
                    continue
                self._fill_one(form, visit.name, facts, chosen)

    def _fill_one(self, form: Form, visit: str, facts: Facts, chosen: NDArray[np.int64]) -> None:
        known: list[Known] = [sheet.known for sheet in self.sheets]
        streams = self.streams.under("form", form.name, visit)
        for position, row in plain_rows(self.filler, form, visit, facts, streams, known, chosen, self.fixed):
            self.sheets[position].rows.append(row)
            for item, text in row.values.items():
                self.sheets[position].known[item, None] = self.sheets[position].known[item, visit] = text

    def _failed_criterion(self, index: int, criteria: Mapping[str, Question]) -> str:
        """The scenario's reason, or else the first criterion that the paper does not meet."""
        known = self.sheets[index].known

        def lookup(name: Name) -> str:
            return known.get((name.item, name.visit), "")

        failed = (name for name, question in criteria.items() if not question.holds(lookup))
        return str(self.people.failure[index]) or next(failed, "")

    def _candidate(self, index: int) -> Candidate:
        known = self.sheets[index].known
        site = str(self.facts["site"][index])
        factors = {
            factor.name: site
            if factor.item is None
            else factor.level_of(known.get((factor.item, None), "")) or ""
            for factor in self.study.factors
        }
        eligible = bool(self.eligible[index])
        return Candidate(
            subject_id=str(self.facts["subject_id"][index]),
            site=site,
            consent_date=self.facts["consent_date"][index].item(),
            eligible=eligible,
            failure=self.failures[index],
            ready_on=self.facts["ready_date"][index].item() if eligible else None,
            factors=factors,
        )

    def _visit_records(self, last: int) -> list[VisitRecord]:
        return [
            VisitRecord(
                subject_id=str(self.facts["subject_id"][index]),
                visit=visit.name,
                date=self.facts[f"{visit.name}_date"][index].item(),
                status="done",
            )
            for index in range(last)
            for visit in self.visits
        ]


def _first_forms(study: Study, scenario: Scenario) -> list[Form]:
    """What everybody screened has: the scenario's screening forms, and whatever the criteria ask about."""
    names = set(scenario.recruitment.screening_forms)
    for question in parsed_criteria(study).values():
        names |= {study.item(name.item).form for name in question.expression.names}
    return [form for form in study.forms if form.name in names]


def _arrivals(scenario: Scenario, streams: Streams, n: int) -> NDArray[np.datetime64]:
    """Consent dates in order, on working days: as people come, at random over the recruitment period."""
    gaps = streams("arrival").standard_exponential(n + 1)
    share = np.cumsum(gaps)[:-1] / gaps.sum()
    start = np.datetime64(scenario.recruitment.start, "D")
    day = start + np.floor(share * scenario.recruitment.days).astype("timedelta64[D]")
    return np.asarray(np.busday_offset(day, 0, roll="forward"), dtype="datetime64[D]")
