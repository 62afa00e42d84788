"""Whether a subject can be randomized now, criterion by criterion, and in which stratum."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from trialkit.access import Actor
from trialkit.access.acts.subjects import RANDOMIZE
from trialkit.entry.criteria import ValueRead, criteria_met, true_levels, values_read
from trialkit.entry.lookup import texts_of
from trialkit.entry.rules import StudyRules
from trialkit.operations.gate import Gate, reading
from trialkit.operations.screening import screening_rules
from trialkit.operations.trial import Trial
from trialkit.store.reading.finals import FinalState, final_values
from trialkit.store.reading.subjects import SubjectState
from trialkit.study.model import Criterion


@dataclass(frozen=True, slots=True)
class Readiness:
    """``criteria`` says of each whether it holds, None where missing values leave it open.

    ``read`` is what each was judged by, as far as the actor is shown it, by the criterion's name.
    ``levels`` is each stratification factor's level on the final record, None where there is none.
    """

    subject_id: str
    site: str
    consent_date: date | None
    criteria: tuple[tuple[Criterion, bool | None], ...]
    levels: dict[str, str | None]
    allocated: bool
    left: bool
    read: Mapping[str, tuple[ValueRead, ...]] = field(default_factory=dict)

    @property
    def ready(self) -> bool:
        open_end = self.allocated or self.left or self.consent_date is None
        holds = all(met is True for _, met in self.criteria)
        return not open_end and holds and None not in self.levels.values()


def readiness_of(trial: Trial, actor: Actor, subject_id: str) -> Readiness:
    """What stands for and against randomizing a subject; the act itself looks again.

    Raises
    ------
    AccessError
        A role that may not randomize.
    EntryError
        No such subject at the actor's sites.
    """
    with reading(trial, actor, RANDOMIZE) as gate:
        return _readiness(gate, gate.subject(subject_id), final_values(gate.reader, [subject_id]))


def ready_among(gate: Gate, people: Mapping[str, SubjectState]) -> list[str]:
    """The same inside a reading."""
    waiting = [
        state
        for state in people.values()
        if not state.allocated and not state.screen_failed and not state.withdrawn
    ]
    finals: dict[str, list[FinalState]] = {state.subject_id: [] for state in waiting}
    for final in final_values(gate.reader, finals):
        finals[final.subject_id].append(final)
    return sorted(
        state.subject_id for state in waiting if _readiness(gate, state, finals[state.subject_id]).ready
    )


def _readiness(gate: Gate, state: SubjectState, finals: Sequence[FinalState]) -> Readiness:
    rules = screening_rules(gate, state)
    texts = texts_of(rules, finals)
    return Readiness(
        state.subject_id,
        state.site,
        state.consent_date,
        tuple(criteria_met(rules, texts)),
        true_levels(rules, texts, state.site),
        state.allocated,
        state.screen_failed is not None or state.withdrawn is not None,
        {one.name: _shown(gate, rules, values_read(rules, texts, one)) for one in rules.study.criteria},
    )


def _shown(gate: Gate, rules: StudyRules, read: Iterable[ValueRead]) -> tuple[ValueRead, ...]:
    scored = {score.name: score.items for score in rules.study.scores}
    return tuple(
        one
        for one in read
        if all(gate.sight.of_item(rules.items[of].form, of) for of in scored.get(one.name, (one.name,)))
    )
