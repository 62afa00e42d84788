"""Source verification as a monitor works through it: which forms, and what each of them says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from trialkit.access import Actor
from trialkit.access.acts.closing import VERIFY_SOURCE
from trialkit.entry import FormStatus
from trialkit.operations.adjudication import shown
from trialkit.operations.errors import OperationError
from trialkit.operations.form_marks import VERIFIED, form_marks
from trialkit.operations.gate import reading
from trialkit.operations.standing import forms_of
from trialkit.operations.trial import Trial
from trialkit.store.reading.review import source_ticks


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
    ticks = {mark.where: mark for mark in form_marks(trial, actor) if mark.kind == VERIFIED and not mark.void}
    with reading(trial, actor, VERIFY_SOURCE) as gate:
        people = gate.subjects()
        found = []
        for now in forms_of(gate, people):
            if now.status is FormStatus.COMPLETE:
                tick = ticks.get(f"{now.subject_id}/{now.visit}/{now.form}")
                found.append(
                    ToVerify(
                        people[now.subject_id].site,
                        now.subject_id,
                        now.visit,
                        now.form,
                        tick.at if tick else None,
                        tick.account if tick else "",
                    )
                )
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
