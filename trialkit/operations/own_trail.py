"""The audit trail as somebody blinded has it: acts on what is hidden never took place, and have no number.

Whoever knew the stored number of a record, and its place in the trail that they are shown, could count what
was done out of sight, and by that tell who has a form that one arm alone has.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from trialkit.access import ACTS, Actor, Told
from trialkit.operations.sight import Sight, sight_of
from trialkit.operations.trial import Trial
from trialkit.store.audit_chain import AuditStamp
from trialkit.store.engine import Reader
from trialkit.store.reading.audit import AuditEntry, audit_entries, other_records
from trialkit.store.reading.field_writes import fields_written

if TYPE_CHECKING:
    from trialkit.operations.gate import Gate

_TOLD = frozenset(act.name for act in ACTS.values() if act.told_blinded is not Told.NEVER)


class OwnStamp(AuditStamp):
    """The stamp of an act as its actor has it: ``number`` is counted in their own trail, when it is read."""

    _stored: tuple[int, Trial, Actor]

    def __init__(self, stored: AuditStamp, trial: Trial, actor: Actor) -> None:
        object.__setattr__(self, "hash", stored.hash)
        object.__setattr__(self, "at", stored.at)
        object.__setattr__(self, "_stored", (stored.number, trial, actor))

    @property
    def number(self) -> int:
        stored, trial, actor = self._stored
        with trial.store.reading_again() as reader:
            return own_number(reader, sight_of(trial, reader, actor), stored)


def is_shown(sight: Sight, form: str, item: str) -> bool:
    """Whether a write to this place is shown; a visit, which has no form, is shown to everybody."""
    if not form:
        return True
    return sight.of_item(form, item) if item else sight.of_form(form)


def hidden_records(reader: Reader, sight: Sight) -> set[int]:
    """Stored numbers of the records that wrote to nothing but what these eyes are not shown.

    And of acts of which the blinded are never told.
    """
    if not sight.blinded:
        return set()
    hidden = {
        number
        for number, fields in fields_written(reader).items()
        if not any(is_shown(sight, *field) for field in fields)
    }
    return hidden | other_records(reader, _TOLD) if sight.hides else hidden


def own_number(reader: Reader, sight: Sight, number: int) -> int:
    """The number of a record in the trail that these eyes are shown; of a hidden one, that before it."""
    return number - sum(hidden <= number for hidden in hidden_records(reader, sight))


def numbered(gate: Gate) -> Iterator[tuple[int, AuditEntry]]:
    """The records that the actor is shown, each with its number in the actor's own trail."""
    hidden = hidden_records(gate.reader, gate.sight)
    shown = (entry for entry in audit_entries(gate.reader) if entry.number not in hidden)
    if hidden:
        yield from enumerate(shown, start=1)
    else:
        yield from ((entry.number, entry) for entry in shown)
