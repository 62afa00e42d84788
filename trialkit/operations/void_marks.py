"""Verifications and signatures that a later change broke: whoever made them looks again."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterator
from operator import itemgetter

from trialkit.operations.form_marks import VERIFIED, tells_of_hidden
from trialkit.operations.gate import Gate
from trialkit.operations.standing_marks import stands
from trialkit.store.reading.finals import TickedState, ticked_values
from trialkit.store.reading.forms import FormKey
from trialkit.store.reading.review import MarkState, marked_forms


def void_ticks(gate: Gate, people: Collection[str]) -> Iterator[TickedState]:
    """Values in force of which an earlier one was held against its source, and they were not.

    Those of a form that was verified as a whole are asked about with it.
    """
    whole = {
        key
        for key, (_, made) in marked_forms(gate.reader, VERIFIED).items()
        if not all(tells_of_hidden(gate, key, mark) for mark in made)
    }
    last: dict[tuple[str, ...], TickedState] = {}
    for tick in ticked_values(gate.reader, people):
        form = (tick.subject_id, tick.visit, tick.form)
        if not tick.voided and form not in whole and gate.sight.of_item(tick.form, tick.item):
            field = (*form, tick.row, tick.item)
            last[field] = tick if field not in last or last[field].later else last[field]
    yield from (tick for _, tick in sorted(last.items(), key=itemgetter(0)) if tick.later)


def void_marks(gate: Gate, kind: str, people: Container[str]) -> Iterator[FormKey]:
    """Forms of these people that were marked so and no longer stand so; read for all forms at once.

    A mark that was made by eyes which see more than the actor's is taken to stand: that it is void would
    tell of what the actor is not shown.
    """
    marked = {
        key: (number, made)
        for key, (number, made) in marked_forms(gate.reader, kind).items()
        if key[0] in people and gate.sight.of_form(key[2])
    }
    if not marked:
        return
    holds = stands(gate, marked)

    def counts(key: FormKey, mark: MarkState) -> bool:
        return (gate.sight.blinded and not mark.blinded) or holds(key, mark)

    for key, (_, made) in sorted(marked.items()):
        if not any(counts(key, mark) for mark in made):
            yield key
