"""Which forms still wait for something, and how many there are of each status: without reading the others.

A trial at its end has thousands of complete forms and few open ones. :func:`~trialkit.operations.forms_now`
reads every pass of every form; here the database counts what is settled, and only the rest is read.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from trialkit.access import Actor
from trialkit.access.acts.reading import LIST_FORMS
from trialkit.entry import FormStatus
from trialkit.entry.rules import StudyRules
from trialkit.operations.custody import open_arms
from trialkit.operations.gate import Gate, reading
from trialkit.operations.plan_in_force import PlannedVisit, planned_of_everybody
from trialkit.operations.standing import FormNow, form_now
from trialkit.operations.trial import Trial
from trialkit.operations.visits_expected import deaths_of, is_for
from trialkit.store.reading.discrepancies import discrepancies
from trialkit.store.reading.forms import (
    FormKey,
    FormsAlike,
    FormState,
    forms_alike,
    forms_at,
    undecided_places,
)
from trialkit.store.reading.review import QueryState
from trialkit.store.reading.subjects import SubjectState, VisitState
from trialkit.vocabulary import EntryMode

_SETTLED = frozenset({FormStatus.COMPLETE, FormStatus.NOT_DONE})
Place = tuple[str, str]
"""subject_id, visit."""


@dataclass(frozen=True)
class OpenForms:
    """What one pair of eyes is shown of the forms.

    ``forms``: those that are not settled, and settled ones that somebody asks about, by subject, visit and
    form as the study has them; ``touched`` their passes. ``settled``: all others, by place and status.
    """

    forms: tuple[FormNow, ...]
    touched: Mapping[FormKey, FormState]
    settled: Mapping[tuple[str, str, FormStatus], frozenset[str]]

    @cached_property
    def places(self) -> Mapping[Place, frozenset[str]]:
        """The forms of every visit of every subject that has any."""
        found: dict[Place, frozenset[str]] = {}
        for (subject_id, visit, _), names in self.settled.items():
            place = (subject_id, visit)
            found[place] = found[place] | names if place in found else names
        rest: dict[Place, set[str]] = defaultdict(set)
        for form in self.forms:
            rest[form.subject_id, form.visit].add(form.form)
        for place, more in rest.items():
            found[place] = found.get(place, frozenset()) | more
        return found

    @cached_property
    def keys(self) -> frozenset[FormKey]:
        return frozenset((form.subject_id, form.visit, form.form) for form in self.forms)

    def settled_ones(self, names: Collection[str]) -> Iterator[FormNow]:
        """Those of these names among the settled; why one was not done is not read."""
        wanted = frozenset(names)
        for (subject_id, visit, status), forms in self.settled.items():
            for form in sorted(wanted & forms):
                yield FormNow(subject_id, visit, form, status, "", 0)

    def counted(self, people: Mapping[str, SubjectState]) -> Counter[tuple[str, str, FormStatus]]:
        """How many forms by site, form and status."""
        found: Counter[tuple[str, str, FormStatus]] = Counter()
        for form in self.forms:
            found[people[form.subject_id].site, form.form, form.status] += 1
        alike: Counter[tuple[str, frozenset[str], FormStatus]] = Counter()
        for (subject_id, _, status), names in self.settled.items():
            alike[people[subject_id].site, names, status] += 1
        for (site, names, status), n in alike.items():
            for name in names:
                found[site, name, status] += n
        return found


def count_forms(trial: Trial, actor: Actor) -> Counter[tuple[str, str, FormStatus]]:
    """How many expected or touched forms there are, by site, form and status.

    Raises
    ------
    AccessError
        The actor's role is shown no forms.
    """
    with reading(trial, actor, LIST_FORMS) as gate:
        people, seen = open_forms_shown(gate)
        return seen.counted(people)


def states_by_visit(trial: Trial, actor: Actor) -> dict[Place, Counter[FormStatus]]:
    """How many forms stand where, by subject and visit.

    Raises
    ------
    AccessError
        The actor's role is shown no forms.
    """
    with reading(trial, actor, LIST_FORMS) as gate:
        _, seen = open_forms_shown(gate)
    found: dict[Place, Counter[FormStatus]] = defaultdict(Counter)
    for (subject_id, visit, status), names in seen.settled.items():
        found[subject_id, visit][status] += len(names)
    for form in seen.forms:
        found[form.subject_id, form.visit][form.status] += 1
    return dict(found)


def open_forms_shown(gate: Gate) -> tuple[Mapping[str, SubjectState], OpenForms]:
    """Everybody whom the actor is shown, and where their forms stand."""
    people, recorded = gate.subjects(), gate.visits()
    planned = planned_of_everybody(gate, people, recorded, deaths_of(gate))
    return people, open_forms(gate, people, recorded, planned, gate.queries())


def open_forms(
    gate: Gate,
    people: Mapping[str, SubjectState],
    recorded: Mapping[Place, VisitState],
    planned: Mapping[str, tuple[PlannedVisit, ...]],
    queries: Collection[QueryState],
) -> OpenForms:
    """As :func:`trialkit.operations.standing.forms_of` has them, of everybody the gate's actor is shown.

    Parameters
    ----------
    people, recorded, planned, queries
        As the gate and :func:`planned_of_everybody` give them: whoever asks has them already.
    """
    asked = Counter((q.subject_id, q.visit, q.form) for q in queries if q.form and not q.closed)
    asked = Counter({key: n for key, n in asked.items() if key[0] in people})
    waits = {key for key in undecided_places(gate.reader) if key[0] in people and gate.sight.of_form(key[2])}
    apart = {*asked, *waits}
    settled: dict[tuple[str, str, FormStatus], frozenset[str]] = {}
    there: dict[Place, frozenset[str]] = {}
    begun: set[FormKey] = set(waits)
    double = frozenset(name for name, form in gate.rules.forms.items() if form.entry is EntryMode.DOUBLE)
    for alike in forms_alike(gate.reader):
        if alike.subject_id not in people:
            continue
        place = (alike.subject_id, alike.visit)
        names = _in_sight(alike.forms, gate.rules)
        there[place] = there[place] | names if place in there else names
        status, done = _settled_at(alike, names, double)
        done = _without(done, place, apart) if apart else done
        if status is not None and done:
            settled[*place, status] = settled.get((*place, status), frozenset()) | done
        begun.update((*place, name) for name in names - done)
    missing = _untouched(gate, people, recorded, planned, there, settled, waits | asked.keys())
    touched = _touched(gate, begun | (asked.keys() - missing))
    visit_order = {visit.name: place for place, visit in enumerate(gate.trial.study.visits)}
    form_order = {form.name: place for place, form in enumerate(gate.trial.study.forms)}
    keys = sorted(
        {*begun, *missing, *asked}, key=lambda key: (key[0], visit_order[key[1]], form_order[key[2]])
    )
    forms = tuple(
        form_now(gate.rules, key, touched.get(key), recorded.get(key[:2]), asked[key]) for key in keys
    )
    return OpenForms(forms, touched, settled)


@lru_cache(2000)
def _in_sight(forms: str, rules: StudyRules) -> frozenset[str]:
    return frozenset(name for name in forms.split(",") if name in rules.forms)


def _settled_at(
    alike: FormsAlike, names: frozenset[str], double: frozenset[str]
) -> tuple[FormStatus | None, frozenset[str]]:
    """What is settled of forms with as many passes each; whatever is odd is left to whoever reads it."""
    if alike.not_done:
        return (None, frozenset()) if alike.passes else (FormStatus.NOT_DONE, names)
    if not alike.passes:
        return None, frozenset()
    return FormStatus.COMPLETE, names if alike.passes > 1 else names - double


def _without(names: frozenset[str], place: Place, apart: Collection[FormKey]) -> frozenset[str]:
    out = {name for name in names if (*place, name) in apart}
    return names - out if out else names


def _untouched(
    gate: Gate,
    people: Mapping[str, SubjectState],
    recorded: Mapping[Place, VisitState],
    planned: Mapping[str, tuple[PlannedVisit, ...]],
    there: Mapping[Place, frozenset[str]],
    settled: dict[tuple[str, str, FormStatus], frozenset[str]],
    apart: Collection[FormKey],
) -> set[FormKey]:
    """Expected forms that nobody touched; those of a visit that was not done are settled with it."""
    arms: Mapping[str, str] = {}
    if any(form.for_arms for form in gate.trial.study.forms):
        arms = open_arms(gate.trial, gate.reader)  # whoever asks: the blinded wait as long as the others
    none: frozenset[str] = frozenset()
    missing: set[FormKey] = set()
    for subject_id in people:
        arm = arms.get(subject_id)
        for one in planned[subject_id]:
            place = (subject_id, one.visit.name)
            rest = _expected_at(one.rules, one.visit.name, arm) - there.get(place, none)
            if not rest:
                continue
            visit = recorded.get(place)
            if visit is not None and visit.status == "not_done":
                kept = _without(rest, place, apart)
                key = (*place, FormStatus.NOT_DONE)
                settled[key] = settled.get(key, none) | kept
                rest -= kept
            missing.update((*place, name) for name in rest)
    return missing


@lru_cache(2000)
def _expected_at(rules: StudyRules, visit: str, arm: str | None) -> frozenset[str]:
    """As :func:`trialkit.operations.plan_in_force.planned_forms`, of one visit."""
    return frozenset(
        form.name
        for form in rules.study.forms
        if visit in form.visits and not form.optional and is_for(form, arm)
    )


def _touched(gate: Gate, keys: Collection[FormKey]) -> dict[FormKey, FormState]:
    """As :meth:`Gate.forms` has them: what is undecided about items out of sight is not counted."""
    found = forms_at(gate.reader, keys)
    if gate.sight.blinded and any(state.undecided for state in found.values()):
        subjects = {key[0] for key, state in found.items() if state.undecided}
        for unseen in discrepancies(gate.reader, subjects, only_open=True):
            key = (unseen.subject_id, unseen.visit, unseen.form)
            if key in found and not gate.sight.of_item(unseen.form, unseen.item):
                found[key] = found[key]._replace(undecided=found[key].undecided - 1)
    return found
