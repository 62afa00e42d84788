"""Verifications and signatures that a later change broke: whoever made them looks again."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from operator import itemgetter

from trialkit.operations.form_marks import SIGNED, VERIFIED, tells_of_hidden
from trialkit.operations.gate import Gate
from trialkit.operations.standing_marks import stands
from trialkit.store.reading.finals import TickedState, ticked_values
from trialkit.store.reading.forms import FormKey
from trialkit.store.reading.review import MarkState, marked_forms, voided_marks


def void_ticks(gate: Gate, people: Collection[str]) -> Iterator[TickedState]:
    """Values in force of which an earlier one was held against its source, and they were not.

    Those of a form that was verified as a whole are asked about with it; those of a form that was voided,
    once it is entered anew.
    """
    whole = {
        key
        for key, (_, made) in marked_forms(gate.reader, VERIFIED).items()
        if not all(tells_of_hidden(gate, key, mark) for mark in made)
    } | _entered_anew(gate, VERIFIED, people)
    last: dict[tuple[str, ...], TickedState] = {}
    gone: dict[tuple[str, ...], TickedState] = {}
    for tick in ticked_values(gate.reader, people):
        form = (tick.subject_id, tick.visit, tick.form)
        if form not in whole and gate.sight.of_item(tick.form, tick.item):
            field = (*form, tick.row, tick.item)
            if tick.voided:
                gone[field] = tick
            else:
                last[field] = tick if field not in last or last[field].later else last[field]
    again = {field: tick for field, tick in last.items() if tick.later} | _there_again(gate, last, gone)
    yield from (tick for _, tick in sorted(again.items(), key=itemgetter(0)))


def void_marks(gate: Gate, kind: str, people: Collection[str]) -> Iterator[FormKey]:
    """Forms of these people that were marked so and no longer stand so; read for all forms at once.

    A mark that was made by eyes which see more than the actor's is taken to stand: that it is void would
    tell of what the actor is not shown.
    """
    marked = {
        key: (number, made)
        for key, (number, made) in marked_forms(gate.reader, kind).items()
        if key[0] in people and gate.sight.of_form(key[2])
    }
    holds = stands(gate, marked)

    def counts(key: FormKey, mark: MarkState) -> bool:
        return (gate.sight.blinded and not mark.blinded) or holds(key, mark)

    broken = {key for key, (_, made) in marked.items() if not any(counts(key, mark) for mark in made)}
    yield from sorted(broken | _entered_anew(gate, kind, people))


def _entered_anew(gate: Gate, kind: str, people: Collection[str]) -> set[FormKey]:
    """Forms that were marked, voided and entered again, and were not marked since.

    A signature that the study requires is asked for as that of any other form.
    """
    gone = {
        key
        for key, mark in voided_marks(gate.reader, people)
        if mark.kind == kind
        and gate.sight.of_form(key[2])
        and (mark.blinded or not gate.sight.blinded)
        and not (kind == SIGNED and gate.rules.forms[key[2]].signature_required)
    } - marked_forms(gate.reader, kind).keys()
    return {key for key, form in gate.begun_forms(gone).items() if form.passes} if gone else set()


def _there_again(
    gate: Gate, last: Collection[tuple[str, ...]], gone: dict[tuple[str, ...], TickedState]
) -> dict[tuple[str, ...], TickedState]:
    """Of the ticks on voided forms, those whose field has a value again that nobody verified."""
    lost = {field: tick for field, tick in gone.items() if field not in last}
    if not lost:
        return {}
    there = {
        (final.subject_id, final.visit, final.form, final.row, final.item)
        for final in gate.final_values({field[0] for field in lost})
    }
    return {field: tick for field, tick in lost.items() if field in there}
