"""Forms as a lock looks at them: where each stands, and whether the signature it must bear still holds."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from trialkit.entry import FormStanding
from trialkit.operations.form_marks import SIGNED
from trialkit.operations.gate import Gate
from trialkit.operations.standing import FormNow
from trialkit.operations.standing_marks import stands
from trialkit.store.reading.forms import FormKey
from trialkit.store.reading.review import marked_forms


def lockable(gate: Gate, forms: Sequence[FormNow]) -> list[FormStanding]:
    """These forms with what the study says about their signature, and whether one stands."""
    required = {form.name for form in gate.rules.study.forms if form.signature_required}
    wanted = {form.subject_id for form in forms if form.form in required}
    signed = signed_forms(gate, wanted, required) if wanted else frozenset()
    return [
        replace(
            form.standing,
            signature_required=form.form in required,
            signed=(form.subject_id, form.visit, form.form) in signed,
        )
        for form in forms
    ]


def signed_forms(gate: Gate, subject_ids: Collection[str], forms: Collection[str]) -> frozenset[FormKey]:
    """Forms with a signature that a later change did not make void."""
    marked = {
        key: found
        for key, found in marked_forms(gate.reader, SIGNED).items()
        if key[0] in subject_ids and key[2] in forms and gate.sight.of_form(key[2])
    }
    holds = stands(gate, marked)
    return frozenset(key for key, (_, made) in marked.items() if any(holds(key, mark) for mark in made))
