"""Recruitment as it stands, and how the arms are balanced: the second only for eyes that may see arms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from trialkit.access import Actor
from trialkit.access.acts.reading import VIEW_BALANCE, VIEW_RECRUITMENT
from trialkit.operations.custody import open_arms
from trialkit.operations.gate import acting, reading
from trialkit.operations.trial import Trial
from trialkit.operations.visits_expected import day_of_randomization
from trialkit.store.audit_chain import AuditStamp
from trialkit.store.reading.allocations import MistakeState, mistakes
from trialkit.store.reading.study import emergency_unblindings
from trialkit.store.reading.subjects import subjects


@dataclass(frozen=True, slots=True)
class RecruitmentCounts:
    """``randomized`` is (site, month ``YYYY-MM``) -> subjects; ``undated`` were allocated elsewhere.

    A person counts once: ``mistakes`` (kind -> subjects) says how many second numbers (``duplicate``) are
    left out, and what else was recorded. ``withdrawn`` are randomized persons who left; an emergency
    unblinding counts each time.
    """

    screened: dict[str, int]
    randomized: dict[tuple[str, str], int]
    undated: int
    mistakes: dict[str, int]
    withdrawn: int
    emergency_unblindings: int


@dataclass(frozen=True, slots=True)
class Balance:
    """``by_level`` is (factor, level, arm) -> subjects, by the values as randomized; a person counts once."""

    overall: dict[str, int]
    by_level: dict[tuple[str, str, str], int]
    stamp: AuditStamp


def recruitment_counts(trial: Trial, actor: Actor) -> RecruitmentCounts:
    """Subjects screened and randomized at the actor's sites, by site and by the month at the site.

    To the blinded a wrong treatment is not among the mistakes, as in a blinded snapshot.

    Raises
    ------
    AccessError
        No right.
    """
    with reading(trial, actor, VIEW_RECRUITMENT) as gate:
        here = gate.subjects()
        opened = sum(subject in here for subject in emergency_unblindings(gate.reader))
        known = [entry for entry in gate.mistakes() if entry.subject_id in here]
    second_numbers = second_numbers_in(known)
    people = [state for number, state in here.items() if number not in second_numbers]
    randomized: Counter[tuple[str, str]] = Counter()
    undated = 0
    for state in people:
        day = day_of_randomization(trial, state)
        if day is not None:
            randomized[state.site, day.isoformat()[:7]] += 1
        elif state.allocated:
            undated += 1
    screened = Counter(state.site for state in people)
    recorded = Counter(entry.kind for entry in known)
    left = sum(state.allocated and state.withdrawn is not None for state in people)
    return RecruitmentCounts(
        dict(screened),
        dict(randomized),
        undated,
        dict(recorded),
        withdrawn=left,
        emergency_unblindings=opened,
    )


def second_numbers_in(known: Sequence[MistakeState]) -> frozenset[str]:
    """The numbers of people who were randomized before under another one."""
    return frozenset(entry.subject_id for entry in known if entry.kind == "duplicate")


def balance_of(trial: Trial, actor: Actor) -> Balance:
    """Subjects in each arm, overall and by the levels of each factor; recorded as an act.

    Raises
    ------
    AccessError
        No right at every site, or a blinded role before the study is unblinded.
    """
    with acting(trial, actor, VIEW_BALANCE) as progress:
        second_numbers = second_numbers_in(mistakes(progress.reader, trial.study.id))
        opened = open_arms(trial, progress.reader)
        arms = {number: arm for number, arm in opened.items() if number not in second_numbers}
        people = subjects(progress.reader, arms)
        progress.state(allocations=len(arms))
    overall = Counter(arms.values())
    by_level = Counter(
        (factor, level, arms[subject_id])
        for subject_id, state in people.items()
        for factor, level in state.factor_values.items()
    )
    return Balance(dict(overall), dict(by_level), progress.stamp)
