"""By which version's criteria a subject is judged."""

from __future__ import annotations

from trialkit.entry.rules import StudyRules
from trialkit.expressions import parse
from trialkit.operations.binding import today_at
from trialkit.operations.gate import Gate
from trialkit.store.reading.forms import forms
from trialkit.store.reading.subjects import SubjectState


def screening_rules(gate: Gate, subject: SubjectState) -> StudyRules:
    """The version that the subject was screened under, with what tells an arm.

    The newest of those that the forms with the criteria's items were entered under: a criterion on an item
    that those forms did not ask could never be met. Where none was entered yet, the one in force today.
    """
    definitions = gate.trial.definitions
    if not definitions.amended:
        return gate.trial.rules
    today = definitions.in_force(subject.site, today_at(gate, subject.site))
    read = {
        today.rules.items[name.item].form
        for criterion in today.study.criteria
        for name in parse(criterion.rule).names
        if name.item in today.rules.items
    }
    begun = [
        state.study_version
        for state in forms(gate.reader, [subject.subject_id]).values()
        if state.form in read
    ]
    return definitions.version(max(begun)).rules if begun else today.rules
