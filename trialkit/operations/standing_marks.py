"""Which signatures and verifications still hold: only forms that changed since are read again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping

from trialkit.entry.form_content import form_content_sha256
from trialkit.operations.gate import Gate
from trialkit.operations.sight import sight
from trialkit.store.reading.finals import FinalState, changed_since_marked, final_values
from trialkit.store.reading.forms import FormKey
from trialkit.store.reading.review import MarkState

Marked = Mapping[FormKey, tuple[int, list[MarkState]]]
"""A form's row in the database and its marks, by the form's place."""


def stands(gate: Gate, marked: Marked) -> Callable[[FormKey, MarkState], bool]:
    """Whether a mark of one of these forms is of what the form says now.

    A mark binds what its maker saw. Where no value of the form was written since, and no version of the study
    came that might hide other items, it is of what the form says; elsewhere what it says is hashed again.
    """
    suspected = {number for number, _ in marked.values()}
    if not gate.trial.definitions.amended:
        suspected &= changed_since_marked(gate.reader)
    keys = [key for key, (number, _) in marked.items() if number in suspected]
    says = _contents(gate, keys)

    def holds(key: FormKey, mark: MarkState) -> bool:
        if marked[key][0] not in suspected:
            return True
        eyes = sight(gate.trial, blinded=mark.blinded)
        seen = ((one.row, one.item, one.value) for one in says[key] if eyes.of_item(one.form, one.item))
        return form_content_sha256(seen) == mark.content_sha256

    return holds


def _contents(gate: Gate, keys: Collection[FormKey]) -> Mapping[FormKey, list[FinalState]]:
    says: dict[FormKey, list[FinalState]] = defaultdict(list)
    if keys:
        for final in final_values(gate.reader, {key[0] for key in keys}, {key[2] for key in keys}):
            says[final.subject_id, final.visit, final.form].append(final)
    return says
