"""Verifications and signatures that a later change broke: whoever made them looks again."""

from __future__ import annotations

from collections.abc import Container, Iterator

from trialkit.operations.gate import Gate
from trialkit.operations.standing_marks import stands
from trialkit.store.reading.forms import FormKey
from trialkit.store.reading.review import MarkState, marked_forms


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
