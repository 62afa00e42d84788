"""Which forms that decide what others ask hold nothing and never will: another arm's, and those not done."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from trialkit.entry.branching import AbsentForms
from trialkit.operations.custody import open_arms

if TYPE_CHECKING:
    from trialkit.operations.gate import Gate


def absent_forms(gate: Gate, subject_ids: Collection[str]) -> dict[str, AbsentForms]:
    """Subject -> its deciding forms that nobody waits for; nothing where no form decides about another.

    A blinded actor has no form of one arm only, nor what hangs on one, and no arm is opened.
    """
    versions, blinded = gate.trial.definitions.versions, gate.sight.blinded
    deciding = frozenset[str]().union(
        *(one.seen(blinded=blinded).final_branching.deciding_forms for one in versions)
    )
    if not deciding:
        return {}
    arms = _forms_of_other_arms(gate, subject_ids, deciding)
    not_done = _not_done(gate, subject_ids, deciding)
    return {
        subject_id: AbsentForms(arms.get(subject_id, frozenset()), frozenset(not_done.get(subject_id, ())))
        for subject_id in subject_ids
    }


def _forms_of_other_arms(
    gate: Gate, subject_ids: Collection[str], deciding: Collection[str]
) -> Mapping[str, frozenset[str]]:
    """Of the randomized: whoever is not may yet come into any arm."""
    forms = [form for form in gate.trial.study.forms if form.for_arms and form.name in deciding]
    if not forms:
        return {}
    return {
        subject_id: frozenset(form.name for form in forms if arm not in form.for_arms)
        for subject_id, arm in open_arms(gate.trial, gate.reader, subject_ids).items()
    }


def _not_done(
    gate: Gate, subject_ids: Collection[str], deciding: Collection[str]
) -> Mapping[str, set[tuple[str, str]]]:
    """Stated by themselves or with their visit; a form that somebody began counts no more."""
    found: dict[str, set[tuple[str, str]]] = {}
    for visit in gate.visits(subject_ids).values():
        if visit.status == "not_done":
            found.setdefault(visit.subject_id, set()).update((visit.visit, form) for form in deciding)
    for state in gate.forms(subject_ids).values():
        place = (state.visit, state.form)
        if state.passes:
            found.get(state.subject_id, set()).discard(place)
        elif state.not_done_reason is not None:
            found.setdefault(state.subject_id, set()).add(place)
    return found
