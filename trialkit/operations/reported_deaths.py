"""Deaths that the last report of a serious event tells, beside those that the final record tells."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from trialkit.entry import Obstacle, ObstacleKind
from trialkit.entry.serious_events import EventOutcome
from trialkit.operations.gate import Gate
from trialkit.operations.visits_expected import deaths_of
from trialkit.store.reading.safety import serious_events
from trialkit.wording import said


def reported_deaths(gate: Gate, people: Collection[str]) -> dict[str, int]:
    """Subject -> the number of the serious event that ended in death."""
    return {
        event.subject_id: event.id
        for event in serious_events(gate.reader, people)
        if event.reports and event.reports[-1].outcome == EventOutcome.FATAL
    }


def deaths_not_recorded(gate: Gate, people: Collection[str]) -> Iterator[Obstacle]:
    """Who is dead by a report and not by the final record, whose death closes the visits to come.

    Nobody where the study has no item for the day of death, or hides it from these eyes.
    """
    if gate.trial.study.safety.death_date not in gate.rules.items:
        return
    reported = reported_deaths(gate, people)
    recorded = deaths_of(gate, list(reported)) if reported else {}
    for subject_id, number in sorted(reported.items()):
        if subject_id not in recorded:
            detail = said("serious event {number}", number=number)
            yield Obstacle(ObstacleKind.DEATH_NOT_RECORDED, subject_id, detail=detail)
