"""The forms of the visits after randomization, and of what happened between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from trialkit.simulation.branching import known_by_subject
from trialkit.simulation.forms import CURRENT, FormFiller, Known
from trialkit.simulation.happenings import Happening, recording_visit
from trialkit.simulation.paper import Candidates, FormNotDone, FormRow
from trialkit.simulation.people import baseline_name
from trialkit.simulation.rows import plain_rows
from trialkit.simulation.rules import Facts
from trialkit.simulation.scenario import Scenario
from trialkit.simulation.streams import Streams
from trialkit.study.model import Form, Study

if TYPE_CHECKING:
    from trialkit.simulation.follow_up import Course


class VisitPaper:
    """Writes the paper of turn 2. ``not_done`` fills as `rows` is called."""

    def __init__(
        self,
        study: Study,
        scenario: Scenario,
        course: Course,
        streams: Streams,
        randomized: NDArray[np.int64],
        candidates: Candidates,
    ) -> None:
        self.study, self.scenario, self.course = study, scenario, course
        self.streams, self.randomized = streams, randomized
        self.filler = FormFiller(study, scenario)
        self.not_done: list[FormNotDone] = []
        self.facts = course.people.facts
        self.known = self._known(candidates)
        self.assessed = self._assessed()
        self._of_happenings = {happening.form for happening in course.happenings}

    def rows(self) -> list[FormRow]:
        """All rows after randomization, by subject, visit, form and line."""
        rows = [row for column in range(len(self.course.planned)) for row in self._visit(column)]
        rows += self._happened()
        visits = {visit.name: place for place, visit in enumerate(self.study.visits)}
        forms = {form.name: place for place, form in enumerate(self.study.forms)}
        return sorted(rows, key=lambda row: (row.subject_id, visits[row.visit], forms[row.form]))

    def _known(self, candidates: Candidates) -> list[Known]:
        known = known_by_subject(self.filler.branching, candidates.rows)
        return [known.get(str(subject), {}) for subject in self.facts["subject_id"]]

    def _assessed(self) -> NDArray[np.bool_]:
        """People x visits: present, and asked whether the pain had come back."""
        chance = self.scenario.recurrence.not_assessed if self.scenario.recurrence else 0.0
        assessed = self.course.present.copy()
        for column, visit in enumerate(self.course.planned):
            assessed[:, column] &= self.streams("assessed", visit.name).random(self.facts.n) >= chance
        return assessed

    def _visit(self, column: int) -> list[FormRow]:
        visit = self.course.planned[column].name
        facts = self._facts_at(column)
        arms = facts["arm"]
        rows: list[FormRow] = []
        for form in self.study.forms:
            if visit not in form.visits or form.optional or form.name in self._of_happenings:
                continue
            here = self.course.present[:, column].copy()
            if form.for_arms:
                here &= np.isin(arms, form.for_arms)
            streams = self.streams.under("form", form.name, visit)
            skipped = streams("not_done").random(facts.n) < self.scenario.form_missing.get(form.name, 0.0)
            self._note_not_done(form, visit, self.randomized[(here & skipped)[self.randomized]])
            chosen = self.randomized[(here & ~skipped)[self.randomized]]
            rows += (
                row for _, row in plain_rows(self.filler, form, visit, facts, streams, self.known, chosen)
            )
        return rows

    def _note_not_done(self, form: Form, visit: str, positions: NDArray[np.int64]) -> None:
        self.not_done += (
            FormNotDone(str(self.facts["subject_id"][position]), visit, form.name, "not done at the visit")
            for position in positions.tolist()
        )

    def _facts_at(self, column: int) -> Facts:
        """What is true of everybody at a visit: date, scores and their change, the state of the pain."""
        course, visit = self.course, self.course.planned[column].name
        facts = self.facts.take(np.arange(self.facts.n))
        day = course.days[:, column]
        facts.add("visit_date", self._date(day.astype(float)))
        for measure in self.scenario.measures:
            value = course.scores[measure.name].get(visit)
            if value is not None:
                spec = measure.visits[visit]
                mean = measure.baseline_mean + spec.change
                facts.add(CURRENT.format(measure.name), value, mean, spec.sd)
                facts.add(
                    f"{measure.name}_change", value - facts[baseline_name(measure)], spec.change, spec.sd
                )
        if course.pain is not None:
            since = course.pain.free_since(day)
            facts.add("pain_assessed", np.where(self.assessed[:, column], "1", "0").astype(object))
            facts.add("pain_free", np.where(np.isnan(since), "0", "1").astype(object))
            facts.add("pain_free_since", self._date(since))
        return facts

    def _happened(self) -> list[FormRow]:
        rows: list[FormRow] = []
        lines: dict[tuple[str, str, str], int] = {}
        for happening in self.course.happenings:
            rows += self._one_happening(happening, lines)
        return rows

    def _one_happening(self, happening: Happening, lines: dict[tuple[str, str, str], int]) -> list[FormRow]:
        form = self.study.form(happening.form)
        where = self._where(form, happening)
        rows: list[FormRow] = []
        for number in range(happening.start.shape[1]):
            for place, visit in self._places(form):
                here = (where[:, number] == place) & np.isfinite(happening.start[:, number])
                chosen = self.randomized[here[self.randomized]]
                if not len(chosen):
                    continue
                facts = self._facts_of(happening, number, place)
                streams = self.streams.under("event", happening.name, str(number))
                filled = self.filler.fill(form, visit, facts, streams, self.known, chosen)
                for position, values in zip(chosen.tolist(), filled, strict=True):
                    subject = str(self.facts["subject_id"][position])
                    rows.append(_numbered(form, FormRow(subject, visit, form.name, "", values), lines))
        return rows

    def _places(self, form: Form) -> list[tuple[int, str]]:
        """The visits that have the form, by position among the planned; -1 is a visit without a day."""
        names = {visit.name: place for place, visit in enumerate(self.course.planned)}
        return [(names.get(visit, -1), visit) for visit in form.visits]

    def _where(self, form: Form, happening: Happening) -> NDArray[np.int64]:
        """The place at which each occurrence is written down; a number beyond the visits where it is not."""
        course = self.course
        places = [place for place, _ in self._places(form)]
        open_ = np.zeros_like(course.present)
        open_[:, [place for place in places if place >= 0]] = True
        reached = happening.start <= course.ends[:, None]
        if form.for_arms:
            reached &= np.isin(self.facts["arm"], form.for_arms)[:, None]
        beyond = len(course.planned)
        if -1 in places:
            return np.where(reached, -1, beyond)
        if happening.leaving:
            visit = recording_visit(happening.start, course.days, open_)
            last = max(places, default=beyond)
            return np.where(reached, np.where(visit == beyond, last, visit), beyond)
        recurrence = self.scenario.recurrence
        asked = recurrence is not None and recurrence.form == form.name
        usable = open_ & (self.assessed if asked else course.present)
        return np.where(reached, recording_visit(happening.start, course.days, usable), beyond)

    def _facts_of(self, happening: Happening, number: int, place: int) -> Facts:
        facts = self._facts_at(place) if place >= 0 else self.facts.take(np.arange(self.facts.n))
        start, end = happening.start[:, number], happening.end[:, number]
        facts.add("event_start", self._date(start))
        facts.add("event_end", self._date(end))
        if place < 0:
            facts.add("visit_date", self._date(start))
        ongoing = self._date(end) > facts["visit_date"]
        facts.add("event_ongoing", np.where(ongoing, "1", "0").astype(object))
        for name, column in happening.facts.items():
            facts.add(name, np.where(np.isfinite(column[:, number]), column[:, number], np.nan))
        return facts

    def _date(self, day: NDArray[np.float64]) -> NDArray[np.datetime64]:
        """Days after randomization as dates; NaT for never."""
        known = np.isfinite(day)
        dates = self.facts["randomization_date"] + np.where(known, day, 0).astype("timedelta64[D]")
        dates[~known] = np.datetime64("NaT")
        return np.asarray(dates, dtype="datetime64[D]")


def _numbered(form: Form, row: FormRow, lines: dict[tuple[str, str, str], int]) -> FormRow:
    """The next line of the subject's form at that visit, if it has lines at all."""
    if not form.repeating:
        return row
    key = (row.subject_id, row.visit, row.form)
    lines[key] = line = lines.get(key, 0) + 1
    values = dict(row.values)
    if form.row_key in values:
        values[form.row_key] = str(line)
    return FormRow(row.subject_id, row.visit, row.form, str(line), values)
