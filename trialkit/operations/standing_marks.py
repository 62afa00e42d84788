"""Which signatures and verifications still hold: only forms that changed since are read again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping

from trialkit.entry.form_content import form_content_sha256
from trialkit.operations.gate import Gate
from trialkit.operations.sight import sight
from trialkit.store.reading.finals import FinalState, changed_since_marked, final_values, last_written
from trialkit.store.reading.forms import FormKey
from trialkit.store.reading.review import MarkState

Marked = Mapping[FormKey, tuple[int, list[MarkState]]]
"""A form's row in the database and its marks, by the form's place."""


def stands(gate: Gate, marked: Marked) -> Callable[[FormKey, MarkState], bool]:
    """Whether a mark of one of these forms is of what the form says now, and nothing was written since.

    A mark binds what its maker saw, at its place in the trail. A later value of what she saw makes it void
    for good: one that is corrected back is right again, but nobody has looked at it (21 CFR 11.70). Where no
    value was written, a redaction or a version of the study that hides other items may have changed what the
    form says: there it is hashed again.
    """
    suspected = {number for number, _ in marked.values()}
    if not gate.trial.definitions.amended:
        suspected &= changed_since_marked(gate.reader)
    keys = [key for key, (number, _) in marked.items() if number in suspected]
    says = _contents(gate, keys)
    written = last_written(gate.reader, suspected) if suspected else {}

    def holds(key: FormKey, mark: MarkState) -> bool:
        number = marked[key][0]
        if number not in suspected:
            return True
        eyes = sight(gate.trial, blinded=mark.blinded)
        later = (item for item, record in written.get(number, {}).items() if record > mark.audit_number)
        if any(eyes.of_item(key[2], item) for item in later):
            return False
        seen = ((one.row, one.item, one.value) for one in says[key] if eyes.of_item(one.form, one.item))
        return form_content_sha256(seen) == mark.content_sha256

    return holds


def _contents(gate: Gate, keys: Collection[FormKey]) -> Mapping[FormKey, list[FinalState]]:
    says: dict[FormKey, list[FinalState]] = defaultdict(list)
    if keys:
        for final in final_values(gate.reader, {key[0] for key in keys}, {key[2] for key in keys}):
            says[final.subject_id, final.visit, final.form].append(final)
    return says
