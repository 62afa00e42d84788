"""Turn 2: the paper of everybody randomized, given the arm that a real allocation gave each of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from trialkit.simulation.attendance import draw_attendance
from trialkit.simulation.check import check_scenario
from trialkit.simulation.errors import SimulationError
from trialkit.simulation.happenings import Happening, draw_event, first_day
from trialkit.simulation.pain import PainCourse, draw_pain
from trialkit.simulation.paper import Candidates, SubjectCourse, TrialPaper, VisitRecord
from trialkit.simulation.people import People, add_fact
from trialkit.simulation.rules import pick
from trialkit.simulation.scenario import Scenario
from trialkit.simulation.schedule import PlannedVisit, visit_days, visits_after
from trialkit.simulation.streams import Streams
from trialkit.simulation.trajectories import draw_measure, first_recurrence
from trialkit.simulation.visit_paper import VisitPaper
from trialkit.study.model import Study
from trialkit.wording import said

Days = NDArray[np.float64]


@dataclass(frozen=True)
class Course:
    """Everything that truly happens after randomization, for every eligible candidate by position.

    ``days``, ``present`` are people x visits. Positions without an arm take part in the draws and in nothing
    else, so that nobody's course depends on who else was randomized.
    """

    people: People
    planned: tuple[PlannedVisit, ...]
    days: NDArray[np.int64]
    present: NDArray[np.bool_]
    ends: Days
    scores: Mapping[str, Mapping[str, NDArray[np.float64]]]
    happenings: tuple[Happening, ...]
    pain: PainCourse | None
    withdrawal: Days
    death: Days
    first_recurrence: Days


def outcomes(
    study: Study,
    scenario: Scenario,
    candidates: Candidates,
    arm_of: Mapping[str, str],
    seed: int,
    randomized_on: Mapping[str, date] | None = None,
) -> TrialPaper:
    """Live the trial through and write down what reaches paper.

    Parameters
    ----------
    study, scenario, candidates, seed
        Those of turn 1; another seed gives the same people another course.
    arm_of
        subject_id -> arm, as really allocated. Candidates without an arm have no follow-up.
    randomized_on
        subject_id -> day of randomization; ``ready_on`` of the candidate where absent.

    Returns
    -------
    TrialPaper
        All forms of the randomized, those of turn 1 included.

    Raises
    ------
    SimulationError
        For an unknown subject, one who failed screening, or an arm the study does not have.
    """
    check_scenario(study, scenario)
    _check_allocation(study, candidates, arm_of)
    eligible = np.array([k for k, person in enumerate(candidates.screened) if person.eligible])
    people = candidates.people.take(eligible)
    subjects = people.facts["subject_id"]
    days = randomized_on or {}
    people.facts.add("arm", np.array([arm_of.get(subject, "") for subject in subjects], dtype=object))
    people.facts.add(
        "randomization_date",
        np.array(
            [
                days.get(who, ready.item())
                for who, ready in zip(subjects, people.facts["ready_date"], strict=True)
            ],
            dtype="datetime64[D]",
        ),
    )
    streams = Streams(seed, ("trial", "after"))
    for fact in scenario.later_facts:
        add_fact(fact, people.facts, streams.under("person"))
    course = _live(study, scenario, people, streams)
    randomized = np.flatnonzero(people.facts["arm"] != "")
    after = VisitPaper(study, scenario, course, streams, randomized, candidates)
    chosen = {str(subjects[position]) for position in randomized}
    return TrialPaper(
        rows=(*(row for row in candidates.rows if row.subject_id in chosen), *after.rows()),
        visits=(
            *(visit for visit in candidates.visits if visit.subject_id in chosen),
            *_visit_records(scenario, course, streams, randomized),
        ),
        not_done=tuple(after.not_done),
        courses=tuple(_subject_course(course, position) for position in randomized.tolist()),
    )


def _check_allocation(study: Study, candidates: Candidates, arm_of: Mapping[str, str]) -> None:
    eligible = {person.subject_id for person in candidates.eligible}
    strangers = sorted(set(arm_of) - eligible)
    if strangers:
        raise SimulationError(
            expected="arms of eligible candidates only",
            found=said("subject {strangers}, who is none", strangers=strangers[0]),
            next_step="Use the allocations made for these candidates.",
        )
    if set(arm_of.values()) - {arm.name for arm in study.arms}:
        raise SimulationError(
            expected=said("arms of study {id}", id=study.id),
            found="another word in the allocations",
            next_step="Use the arms' names as in the study definition.",
        )


def _live(study: Study, scenario: Scenario, people: People, streams: Streams) -> Course:
    arm, n = people.facts["arm"], people.facts.n
    planned = visits_after(study)
    names = tuple(visit.name for visit in planned)
    days = visit_days(planned, scenario.visits, streams, n)
    scores = {measure.name: draw_measure(measure, streams, people, arm) for measure in scenario.measures}
    attendance = draw_attendance(
        scenario, streams, people, names, scores.get(str(scenario.dropout.measure), {})
    )
    happenings = [draw_event(event, streams, arm) for event in scenario.events]
    pain: PainCourse | None = None
    if scenario.recurrence is not None:
        pain, episodes = draw_pain(scenario.recurrence, streams, people, arm)
        happenings.append(episodes)
    death = first_day(happenings, n)
    withdrawal = _withdrawal_days(streams, days, attendance.left_before)
    withdrawal[withdrawal >= death] = np.inf
    death[withdrawal < death] = np.inf  # the study never learns of it
    if scenario.dropout.form is not None:
        column = withdrawal[:, None]
        happenings.append(Happening("withdrawal", scenario.dropout.form, column, column, leaving=True))
    ends = np.minimum(withdrawal, death)
    return Course(
        people=people,
        planned=planned,
        days=days,
        present=attendance.present & (days < ends[:, None]),
        ends=ends,
        scores=scores,
        happenings=tuple(happenings),
        pain=pain,
        withdrawal=withdrawal,
        death=death,
        first_recurrence=first_recurrence(scenario, streams, people, arm),
    )


def _withdrawal_days(streams: Streams, days: NDArray[np.int64], left_before: NDArray[np.int64]) -> Days:
    """A day between the last visit reached and the first one not reached; infinite for those who stay."""
    n, visits = days.shape
    share = streams("withdrawal_day").random(n)
    day = np.full(n, np.inf)
    for column in range(visits):
        leaving = left_before == column
        previous = days[:, column - 1] if column else np.zeros(n)
        between = previous + 1 + np.floor(share * np.maximum(days[:, column] - previous - 1, 1))
        day[leaving] = between[leaving]
    return day


def _visit_records(
    scenario: Scenario, course: Course, streams: Streams, randomized: NDArray[np.int64]
) -> list[VisitRecord]:
    facts = course.people.facts
    reasons = scenario.visits.reasons or {"did not attend": 1.0}
    records = []
    for column, visit in enumerate(course.planned):
        why = pick(reasons, streams("missed_reason", visit.name).random(facts.n))
        dates = facts["randomization_date"] + course.days[:, column].astype("timedelta64[D]")
        for position in randomized.tolist():
            subject = str(facts["subject_id"][position])
            if course.present[position, column]:
                records.append(VisitRecord(subject, visit.name, dates[position].item(), "done"))
                continue
            reason = str(why[position])
            if course.days[position, column] >= course.ends[position]:
                dead = course.death[position] < course.withdrawal[position]
                reason = "died" if dead else "withdrew from the study"
            records.append(VisitRecord(subject, visit.name, None, "not_done", reason))
    return records


def _subject_course(course: Course, position: int) -> SubjectCourse:
    facts = course.people.facts
    start = facts["randomization_date"][position]

    def day(after: float) -> date | None:
        return (start + np.timedelta64(int(after), "D")).item() if np.isfinite(after) else None

    recurrence = course.first_recurrence[position]
    return SubjectCourse(
        subject_id=str(facts["subject_id"][position]),
        withdrawal_date=day(course.withdrawal[position]),
        death_date=day(course.death[position]),
        first_recurrence_day=int(recurrence) if np.isfinite(recurrence) else None,
    )
