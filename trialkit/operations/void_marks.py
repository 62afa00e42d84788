"""Verifications and signatures that a later change broke: whoever made them looks again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from trialkit.entry.form_content import form_content_sha256
from trialkit.operations.gate import Gate
from trialkit.operations.sight import sight
from trialkit.store.reading.finals import FinalState, final_values
from trialkit.store.reading.forms import FormKey
from trialkit.store.reading.review import MarkState, marks


def void_marks(gate: Gate, kind: str) -> Iterator[FormKey]:
    """Forms that were marked so and no longer stand so; read for all forms at once.

    A mark that was made by eyes which see more than the actor's is taken to stand: that it is void would
    tell of what the actor is not shown.
    """
    people = gate.subjects()
    forms = {state.id: key for key, state in gate.forms().items() if state.subject_id in people}
    made = {
        forms[instance]: [mark for mark in found if mark.kind == kind]
        for instance, found in marks(gate.reader).items()
        if instance in forms
    }
    marked = {key: found for key, found in made.items() if found}
    if not marked:
        return
    finals: dict[FormKey, list[FinalState]] = defaultdict(list)
    for final in final_values(gate.reader, {key[0] for key in marked}, {key[2] for key in marked}):
        finals[final.subject_id, final.visit, final.form].append(final)
    for key, found in marked.items():
        if not any(_stands(gate, mark, finals[key]) for mark in found):
            yield key


def _stands(gate: Gate, mark: MarkState, finals: list[FinalState]) -> bool:
    if gate.sight.blinded and not mark.blinded:
        return True
    eyes = sight(gate.trial, blinded=mark.blinded)
    content = form_content_sha256(
        (final.row, final.item, final.value) for final in finals if eyes.of_item(final.form, final.item)
    )
    return content == mark.content_sha256
