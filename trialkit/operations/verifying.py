"""Source verification as a monitor works through it: which forms, and what each of them says."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from datetime import datetime

from trialkit.access import Actor
from trialkit.access.acts.closing import VERIFY_SOURCE
from trialkit.entry import FormStatus
from trialkit.operations.adjudication import shown
from trialkit.operations.errors import OperationError
from trialkit.operations.form_marks import VERIFIED, tells_of_hidden
from trialkit.operations.gate import Gate, reading
from trialkit.operations.open_forms import OpenForms
from trialkit.operations.open_work import load_open_work
from trialkit.operations.standing_marks import stands
from trialkit.operations.trial import Trial
from trialkit.store.reading.forms import FormKey
from trialkit.store.reading.review import MarkState, marked_forms, source_ticks


@dataclass(frozen=True, slots=True)
class ToVerify:
    """A complete form; ``verified_at`` None where it was not held against its source as it stands now."""

    site: str
    subject_id: str
    visit: str
    form: str
    verified_at: datetime | None
    verified_by: str


@dataclass(frozen=True, slots=True)
class Shown:
    """One value of the final record as people read it; ``label`` is a code's.

    ``verified_by``: who held this value against its source, one by one, as it stands now.
    """

    row: str
    item: str
    question: str
    text: str
    label: str
    verified_by: tuple[str, ...] = ()


def forms_to_verify(trial: Trial, actor: Actor) -> list[ToVerify]:
    """Every complete form this actor is shown, with its tick.

    Raises
    ------
    AccessError
        A role that verifies nothing.
    """
    with reading(trial, actor, VERIFY_SOURCE) as gate:
        work = load_open_work(gate)
        ticks = verifications(gate, work.people)
        visits = {visit.name: place for place, visit in enumerate(trial.study.visits)}
        order = {form.name: place for place, form in enumerate(trial.study.forms)}
        found = []
        for key in sorted(
            complete_forms(work.forms), key=lambda key: (key[0], visits[key[1]], order[key[2]])
        ):
            tick = ticks.get(key)
            at, by = (tick.at, tick.account) if tick else (None, "")
            found.append(ToVerify(work.site_of(key[0]), *key, at, by))
    return found


def complete_forms(forms: OpenForms) -> frozenset[FormKey]:
    """Those that have a final record with nothing undecided, whatever somebody asks about them."""
    found = {(f.subject_id, f.visit, f.form) for f in forms.forms if f.status is FormStatus.COMPLETE}
    for (subject_id, visit, status), names in forms.settled.items():
        if status is FormStatus.COMPLETE:
            found.update((subject_id, visit, name) for name in names)
    return frozenset(found)


def verifications(gate: Gate, people: Container[str]) -> dict[FormKey, MarkState]:
    """The last verification of each form that holds, of those this actor may be told of."""
    marked = {
        key: (number, [mark for mark in made if not tells_of_hidden(gate, key, mark)])
        for key, (number, made) in marked_forms(gate.reader, VERIFIED).items()
        if key[0] in people and gate.sight.of_form(key[2])
    }
    holds = stands(gate, marked)
    found = {}
    for key, (_, made) in marked.items():
        for mark in made:
            if holds(key, mark):
                found[key] = mark
    return found


def form_to_verify(trial: Trial, actor: Actor, *, subject_id: str, visit: str, form: str) -> list[Shown]:
    """What the final record of a form says, in the dictionary's order.

    Raises
    ------
    AccessError, EntryError, OperationError
        A role that verifies nothing; no such subject at its sites; no such form with a final record.
    """
    with reading(trial, actor, VERIFY_SOURCE) as gate:
        gate.subject(subject_id)
        known = gate.rules.forms.get(form)
        order = {item.name: (number, item) for number, item in enumerate(known.items)} if known else {}
        finals = [
            final
            for final in gate.final_values([subject_id])
            if final.visit == visit and final.form == form and final.item in order
        ]
        ticks = source_ticks(gate.reader, [final.id for final in finals])
    if not finals:
        raise OperationError(
            expected="a form with a final record", found="none", where=f"{subject_id}/{visit}/{form}"
        )
    finals.sort(key=lambda final: (final.row, order[final.item][0]))
    told = []
    for final in finals:
        item, text = order[final.item][1], shown(final.value) or ""
        label = item.label_of(text) if item.choices else ""
        by = tuple(tick.account for tick in ticks.get(final.id, ()))
        told.append(Shown(final.row, final.item, item.label, text, label if label != text else "", by))
    return told
