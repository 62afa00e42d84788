"""The monitor's tick at a single value: it was held against its source. A later value has none."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from trialkit.access import Actor
from trialkit.access.acts.closing import VERIFY_SOURCE
from trialkit.access.acts.reading import LIST_FORMS
from trialkit.nearest import advice
from trialkit.operations.errors import OperationError
from trialkit.operations.gate import Gate, acting, reading
from trialkit.operations.trial import Trial
from trialkit.store import models as m
from trialkit.store.audit_chain import AuditStamp
from trialkit.store.reading.finals import ticked_values
from trialkit.store.reading.review import source_ticks


@dataclass(frozen=True, slots=True)
class ValuesTicked:
    """``items`` that were ticked now, as line and item; ``standing``: how many had this account's tick."""

    where: str
    items: tuple[tuple[str, str], ...]
    standing: int
    stamp: AuditStamp


@dataclass(frozen=True, slots=True)
class TickShown:
    """A tick at one value; ``void`` where another value stands there by now, or the form was voided."""

    where: str
    account: str
    at: datetime
    void: bool


def value_ticks(trial: Trial, actor: Actor, *, subject_ids: Collection[str] | None = None) -> list[TickShown]:
    """Every value that somebody held against its source, as far as this actor is shown it, by place.

    Raises
    ------
    AccessError
        No right.
    """
    with reading(trial, actor, LIST_FORMS) as gate:
        return ticks_shown(gate, subject_ids)


def ticks_shown(gate: Gate, subject_ids: Collection[str] | None = None) -> list[TickShown]:
    """The same inside a reading."""
    people = gate.subjects(subject_ids)
    found = []
    for tick in ticked_values(gate.reader, list(people)):
        if gate.sight.of_item(tick.form, tick.item):
            place = (tick.subject_id, tick.visit, tick.form, tick.row, tick.item)
            where = "/".join(part for part in place if part)
            found.append(TickShown(where, tick.account, tick.at, tick.later or tick.voided))
    return sorted(found, key=lambda tick: (tick.where, tick.at))


def verify_values(
    trial: Trial,
    actor: Actor,
    *,
    subject_id: str,
    visit: str,
    form: str,
    items: Sequence[str],
    row: str = "",
) -> ValuesTicked:
    """State that values of the final record were held against their source, one by one.

    A value that is corrected later is another one and bears no tick: the monitor looks again. The form need
    not be complete.

    Parameters
    ----------
    items
        By name; on a form with several lines, of the line ``row``.

    Raises
    ------
    AccessError, EntryError, OperationError
        No right at the site; no such subject; an item without a final value; nothing left to tick.
    """
    where = "/".join(part for part in (subject_id, visit, form, row) if part)
    with acting(trial, actor, VERIFY_SOURCE) as progress:
        progress.known_subjects([subject_id])
        progress.require_form_unlocked([(subject_id, visit, form)])
        finals = {
            final.item: final.id
            for final in progress.final_values([subject_id])
            if (final.visit, final.form, final.row) == (visit, form, row)
        }
        for item in items:
            if item not in finals:
                raise OperationError(
                    expected="an item with a value of the final record",
                    found=repr(item),
                    where=where,
                    next_step=advice(item, list(finals), otherwise="Enter the form; both passes of it."),
                )
        wanted = {finals[item]: item for item in items}
        made = source_ticks(progress.reader, list(wanted))
        due = {
            number: item
            for number, item in wanted.items()
            if actor.account not in {tick.account for tick in made.get(number, ())}
        }
        if not due:
            raise OperationError(
                expected="a value that this account has not ticked", found="none", where=where,
                next_step="Nothing to do.",
            )  # fmt: skip
        ids = progress.next_ids(m.SourceTick)
        for number in sorted(due):
            progress.add(
                m.SourceTick, id=next(ids), final_value=number, account=actor.account, at=progress.at
            )
        progress.state(form=where, items=sorted(due.values()))
    ticked = tuple((row, item) for _, item in sorted(due.items()))
    return ValuesTicked(where, ticked, len(wanted) - len(due), progress.stamp)
