"""Forms as a lock looks at them: where each stands, and whether the signature it must bear still holds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace

from trialkit.entry import FormStanding
from trialkit.entry.form_content import form_content_sha256
from trialkit.operations.form_marks import SIGNED
from trialkit.operations.gate import Gate
from trialkit.operations.sight import sight
from trialkit.operations.standing import FormNow
from trialkit.store.reading.finals import FinalState, final_values
from trialkit.store.reading.forms import FormKey
from trialkit.store.reading.review import marks


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
    says: dict[FormKey, list[FinalState]] = defaultdict(list)
    for final in final_values(gate.reader, subject_ids, forms):
        says[final.subject_id, final.visit, final.form].append(final)
    keys = {state.id: key for key, state in gate.forms(subject_ids).items() if state.form in forms}
    found = set()
    for instance, made in marks(gate.reader, list(keys)).items():
        key = keys[instance]
        for mark in made:
            eyes = sight(gate.trial, blinded=mark.blinded)
            seen = ((f.row, f.item, f.value) for f in says[key] if eyes.of_item(f.form, f.item))
            if mark.kind == SIGNED and form_content_sha256(seen) == mark.content_sha256:
                found.add(key)
    return frozenset(found)
