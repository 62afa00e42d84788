"""Which forms are expected of a subject, and where each stands; pure but for the reading at the end."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from trialkit.access import Actor
from trialkit.access.acts.reading import LIST_FORMS
from trialkit.entry import FormStanding, FormStatus, form_status
from trialkit.entry.rules import StudyRules
from trialkit.entry.study_checks import completions
from trialkit.entry.work import last_day_expected, visit_dates
from trialkit.operations.custody import open_arms
from trialkit.operations.gate import Gate, reading
from trialkit.operations.subjects import local_date
from trialkit.operations.trial import Trial
from trialkit.store.reading.finals import final_values
from trialkit.store.reading.forms import FormKey, FormState
from trialkit.store.reading.subjects import SubjectState, VisitState
from trialkit.study.model import Form, Study, Visit


@dataclass(frozen=True, slots=True)
class FormNow:
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


def expected_forms(
    study: Study,
    subject: SubjectState,
    recorded: Mapping[tuple[str, str], VisitState],
    randomized_on: date | None,
    arm: str | None,
    died_on: date | None = None,
) -> list[tuple[str, str]]:
    """The (visit, form) pairs that must be complete or "not done" before a lock.

    Parameters
    ----------
    subject, recorded, randomized_on, died_on
        As in :func:`expected_visits`.
    arm
        For forms that only one arm has; None leaves them out.
    """
    return [
        (visit.name, form.name)
        for visit in expected_visits(study, subject, recorded, randomized_on, died_on)
        for form in study.forms
        if visit.name in form.visits and not form.optional and _is_for(form, arm)
    ]


def expected_visits(
    study: Study,
    subject: SubjectState,
    recorded: Mapping[tuple[str, str], VisitState],
    randomized_on: date | None,
    died_on: date | None = None,
) -> list[Visit]:
    """The visits that are to take place, or be stated not to.

    Parameters
    ----------
    subject
        Nothing more is expected of a screening failure. Before randomization only visits counted from
        consent are; after withdrawal or death no visit due later, unless it took place.
    recorded
        Visits by subject and visit.
    randomized_on
        The day at the site.
    died_on
        From the final record.
    """
    if subject.screen_failed is not None:
        return []
    left = last_day_expected(subject.withdrawn.date if subject.withdrawn else None, died_on)
    found = []
    for visit in study.visits:
        due = visit_dates(study, visit, subject.consent_date, randomized_on).target
        asked = subject.allocated or visit.anchor == "consent"
        open_ = left is None or due is None or due <= left
        if (subject.subject_id, visit.name) in recorded or (asked and open_):
            found.append(visit)
    return found


def deaths_of(gate: Gate, subject_ids: Collection[str] | None = None) -> dict[str, date]:
    """The day on which a subject died, as the final record has it; a day not known is its last possible.

    To eyes from which the item is hidden nobody has died.
    """
    item = gate.trial.study.safety.death_date
    form = gate.rules.items[item].form if item in gate.rules.items else ""
    if not form:
        return {}
    found = {}
    for final in final_values(gate.reader, subject_ids, [form]):
        if final.item == item and final.value.text is not None:
            days = completions(final.value.text)
            if days:
                found[final.subject_id] = days[-1]
    return found


def _is_for(form: Form, arm: str | None) -> bool:
    return not form.for_arms or arm in form.for_arms


def day_of_randomization(trial: Trial, subject: SubjectState) -> date | None:
    """The day at the subject's site; None for the unrandomized and where an outside source does not say."""
    if subject.allocated_at is None:
        return subject.randomized_on
    return local_date(trial, subject.site, subject.allocated_at)


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
        expected = expected_forms(
            gate.rules.study,
            subject,
            recorded,
            day_of_randomization(gate.trial, subject),
            arms.get(subject_id),
            deaths.get(subject_id),
        )
        places = {*expected, *((visit, form) for _, visit, form in touched[subject_id])}
        places |= {place for place, n in asked[subject_id].items() if n and place[1]}
        for visit, form in sorted(places, key=lambda place: (visit_order[place[0]], form_order[place[1]])):
            here = touched[subject_id].get((subject_id, visit, form))
            visit_state = recorded.get((subject_id, visit))
            open_queries = asked[subject_id][visit, form]
            found.append(_now(gate.rules, subject_id, visit, form, here, visit_state, open_queries))
    return found


def _now(
    rules: StudyRules,
    subject_id: str,
    visit: str,
    form: str,
    state: FormState | None,
    recorded: VisitState | None,
    open_queries: int,
) -> FormNow:
    passes = state.passes if state else ()
    missed = recorded is not None and recorded.status == "not_done" and not passes
    visit_reason = recorded.reason if recorded and missed else None
    reason = state.not_done_reason if state and state.not_done_reason is not None else visit_reason
    undecided = state.undecided if state else 0
    status = form_status(rules.forms[form].entry, passes, undecided=undecided, not_done=reason is not None)
    return FormNow(subject_id, visit, form, status, reason or "", undecided, open_queries)
