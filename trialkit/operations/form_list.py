"""Forms by where they stand, each by itself: what the counts by status count."""

from __future__ import annotations

from dataclasses import dataclass

from trialkit.access import Actor
from trialkit.access.acts.reading import LIST_FORMS
from trialkit.entry import FormStatus
from trialkit.operations.gate import reading
from trialkit.operations.open_forms import open_forms_shown
from trialkit.operations.trial import Trial


@dataclass(frozen=True, slots=True)
class FormListed:
    subject_id: str
    site: str
    visit: str
    form: str


def forms_that_stand(trial: Trial, actor: Actor, status: FormStatus) -> list[FormListed]:
    """Every expected or touched form of this status, by subject, visit and form as the study has them.

    Raises
    ------
    AccessError
        The actor's role is shown no forms.
    """
    with reading(trial, actor, LIST_FORMS) as gate:
        people, seen = open_forms_shown(gate)
    study = trial.study
    visits = {visit.name: place for place, visit in enumerate(study.visits)}
    forms = {form.name: place for place, form in enumerate(study.forms)}
    found = [*seen.forms, *seen.settled_ones(forms)]
    return [
        FormListed(form.subject_id, people[form.subject_id].site, form.visit, form.form)
        for form in sorted(found, key=lambda one: (one.subject_id, visits[one.visit], forms[one.form]))
        if form.status is status
    ]
