"""Which forms are expected of a subject, and where each stands."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from typing import NamedTuple

from trialkit.access import Actor
from trialkit.access.acts.reading import LIST_FORMS
from trialkit.entry import FormStanding, FormStatus, form_status
from trialkit.entry.rules import StudyRules
from trialkit.operations.custody import open_arms
from trialkit.operations.gate import Gate, reading
from trialkit.operations.plan_in_force import planned_forms, planned_visits
from trialkit.operations.trial import Trial
from trialkit.operations.visits_expected import deaths_of
from trialkit.store.reading.forms import FormKey, FormState
from trialkit.store.reading.subjects import VisitState


class FormNow(NamedTuple):
    """A form that is expected, or that somebody has touched: its status and why it was not done."""

    subject_id: str
    visit: str
    form: str
    status: FormStatus
    reason: str
    undecided: int
    open_queries: int = 0

    @property
    def standing(self) -> FormStanding:
        return FormStanding(
            self.subject_id, self.visit, self.form, self.status, self.undecided, self.open_queries
        )


def forms_now(trial: Trial, actor: Actor, *, subject_ids: Collection[str] | None = None) -> list[FormNow]:
    """Every expected or touched form, by subject, visit and form as the study has them.

    Parameters
    ----------
    subject_ids
        Only of these; None: of everybody, at the sites of the actor's right.

    Raises
    ------
    AccessError
        The actor's role is shown no forms.
    """
    with reading(trial, actor, LIST_FORMS) as gate:
        return forms_of(gate, subject_ids)


def forms_of(gate: Gate, subject_ids: Collection[str] | None = None) -> list[FormNow]:
    """The same inside an act.

    Arms are opened here where the study has forms for one arm only, whoever asks: whoever is blinded is
    shown none of those forms, and waits as long as the others.
    """
    study = gate.trial.study
    people = gate.subjects(subject_ids)
    recorded = gate.visits(subject_ids)
    touched: dict[str, dict[FormKey, FormState]] = defaultdict(dict)
    for key, state in gate.forms(subject_ids).items():
        touched[state.subject_id][key] = state
    asked: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    for query in gate.queries(subject_ids):
        asked[query.subject_id][query.visit, query.form] += not query.closed
    deaths = deaths_of(gate, subject_ids)
    arms: Mapping[str, str] = {}
    if any(form.for_arms for form in study.forms):
        arms = open_arms(gate.trial, gate.reader, subject_ids)
    visit_order = {visit.name: place for place, visit in enumerate(study.visits)}
    form_order = {form.name: place for place, form in enumerate(study.forms)}
    found = []
    for subject_id, subject in people.items():
        planned = planned_visits(gate, subject, recorded, deaths.get(subject_id))
        expected = planned_forms(planned, arms.get(subject_id))
        places = {*expected, *((visit, form) for _, visit, form in touched[subject_id])}
        places |= {place for place, n in asked[subject_id].items() if n and place[1]}
        for visit, form in sorted(places, key=lambda place: (visit_order[place[0]], form_order[place[1]])):
            here = touched[subject_id].get((subject_id, visit, form))
            visit_state = recorded.get((subject_id, visit))
            open_queries = asked[subject_id][visit, form]
            found.append(form_now(gate.rules, (subject_id, visit, form), here, visit_state, open_queries))
    return found


def form_now(
    rules: StudyRules,
    key: FormKey,
    state: FormState | None,
    recorded: VisitState | None,
    open_queries: int,
) -> FormNow:
    """One form, from its passes, its visit and what is asked about it."""
    passes = state.passes if state else ()
    missed = recorded is not None and recorded.status == "not_done" and not passes
    visit_reason = recorded.reason if recorded and missed else None
    reason = state.not_done_reason if state and state.not_done_reason is not None else visit_reason
    undecided = state.undecided if state else 0
    status = form_status(rules.forms[key[2]].entry, passes, undecided=undecided, not_done=reason is not None)
    return FormNow(*key, status, reason or "", undecided, open_queries)
