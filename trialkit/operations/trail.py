"""The audit trail, as far as the reader may know."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from trialkit.access import Actor
from trialkit.access.acts.capture import ENTER_PASSES
from trialkit.access.acts.reading import READ_HISTORY, READ_TRAIL, READ_TRAIL_DETAILS, READ_TRAIL_OF
from trialkit.entry import live_passes
from trialkit.entry.errors import EntryError
from trialkit.nearest import advice
from trialkit.operations.gate import Gate, reading
from trialkit.operations.own_trail import is_shown, numbered
from trialkit.operations.taken_out import acts_that_took_out
from trialkit.operations.trial import Trial
from trialkit.store.reading.audit import AuditEntry
from trialkit.store.reading.field_writes import FieldWrite, writes_about
from trialkit.vocabulary import EntryMode


@dataclass(frozen=True, slots=True)
class TrailLine:
    """One record; ``reason``, ``facts`` and ``hash`` are None for whoever may not read them.

    ``written`` is what it wrote about the subject, form or item that was asked for, ``changes`` what was old
    and new there, ``confirmed_by`` who confirmed what was typed, ``redacted_by`` the records of the acts that
    took a text out of it, where what it stood in is shown or asked about: to whoever is told the reason.
    """

    number: int
    at: str
    account: str
    role: str
    site: str | None
    authentication: str
    operation: str
    reason: str | None = None
    facts: Mapping[str, Any] | None = None
    hash: str | None = None
    written: tuple[FieldWrite, ...] = ()
    changes: tuple[Mapping[str, Any], ...] = ()
    confirmed_by: str = ""
    redacted_by: tuple[int, ...] = ()

    @property
    def detailed(self) -> bool:
        return self.hash is not None

    def told_of(self, visit: str, row: str, item: str) -> tuple[FieldWrite, ...]:
        """What it wrote to one field, one typing told once: of a form entered once, as ``entered``.

        Who typed is left out where it is the account of the record; an import tells who typed, a second entry
        that both agreed.
        """
        here = [
            write
            for write in self.written
            if write.visit == visit and write.row in ("", row) and write.item in ("", item)
        ]
        typed = {write.text for write in here if write.what in ("pass_1", "pass_2")}
        entered = {write.text for write in here if write.what == "entered"}
        return tuple(
            write
            for write in here
            if not (write.what == "pass" and typed and write.text == self.account)
            and not (write.what == "pass_1" and write.text in entered)
        )


def read_trail(
    trial: Trial,
    actor: Actor,
    *,
    first: int = 1,
    last: int | None = None,
    operation: str | None = None,
    account: str | None = None,
    subject_id: str | None = None,
    form: str | None = None,
    item: str | None = None,
) -> list[TrailLine]:
    """Who did what, and when.

    Parameters
    ----------
    first, last
        From this number on; only the last so many.
    operation, account
        Only records of this act, of this account.
    subject_id, form, item
        Only records that wrote about this subject, form or item, whichever are given. An item's records
        include the passes of its form.

    Returns
    -------
    list of TrailLine
        Reasons and facts for administrator, data manager and monitor; of a subject, form or item the
        adjudicator and the site too are told the reason and what was written: the site, which may type, of
        a form entered twice once both passes are in. Whoever acts at one site is shown the records of that
        site, and of its subjects those of others too, without their facts. To the blinded, acts on what
        they are not shown never took place: the lines left are numbered as if there were no others.

    Raises
    ------
    AccessError
        No right; by subject, form and item nobody looks who types passes.
    EntryError
        No such subject, form or item to these eyes.
    """
    wanted = {"subject_id": subject_id, "form": form, "item": item}
    by_place = any(wanted.values())
    with reading(trial, actor, READ_TRAIL_OF if by_place else READ_TRAIL) as gate:
        detailed = gate.permits(READ_TRAIL_DETAILS)
        written = _written_about(gate, **wanted) if by_place else {}
        told = _told(gate, written) if by_place and gate.permits(READ_HISTORY) else {}
        own: dict[int, int] = {}
        lines: dict[int, TrailLine] = {}
        for number, entry in numbered(gate):
            own[entry.number] = number
            here = gate.sites is None or entry.site in gate.sites
            if (
                number >= first
                and operation in (None, entry.operation)
                and account in (None, entry.account)
                and (entry.number in written if by_place else here)
            ):
                lines[entry.number] = _line(number, entry, told.get(entry.number), detailed=detailed and here)
        if last:
            lines = dict(list(lines.items())[-last:])
        for record, acts in acts_that_took_out(gate, lines, own, wanted).items():
            lines[record] = replace(lines[record], redacted_by=acts)
    return list(lines.values())


def _written_about(
    gate: Gate, subject_id: str | None, form: str | None, item: str | None
) -> dict[int, list[FieldWrite]]:
    """What the records that wrote about a place wrote there, as far as the actor is shown it."""
    if subject_id is not None:
        gate.subject(subject_id)
    for name, known in ((form, gate.rules.forms), (item, gate.rules.items)):
        if name is not None and name not in known:
            raise EntryError(
                expected="a form or item of the study",
                found=repr(name),
                next_step=advice(name, list(known), otherwise="Check the study definition."),
            )
    of_item = gate.rules.items[item].form if item is not None else form
    found: dict[int, list[FieldWrite]] = defaultdict(list)
    if form not in (None, of_item):
        return found
    blinded = gate.sight.blinded
    people = None if subject_id is not None or gate.sites is None else gate.subjects()
    for write in writes_about(
        gate.reader, subject_id=subject_id, form=of_item, item=item, to_blinded=blinded
    ):
        here = (item is None or write.item in ("", item)) and (people is None or write.subject_id in people)
        if here and is_shown(gate.sight, write.form, write.item):
            found[write.number].append(write)
    return found


def _told(gate: Gate, written: Mapping[int, list[FieldWrite]]) -> dict[int, list[FieldWrite]]:
    """What of it is told, with the reason: to who may type, no record that wrote to a form entered once of
    two times.
    """
    if gate.actor.role not in ENTER_PASSES.allowed_roles:
        return dict(written)
    forms = gate.forms({write.subject_id for writes in written.values() for write in writes})

    def is_guarded(write: FieldWrite) -> bool:
        if not write.form or gate.rules.forms[write.form].entry is not EntryMode.DOUBLE:
            return False
        state = forms.get((write.subject_id, write.visit, write.form))
        return state is None or len(live_passes(state.passes)) < 2

    return {number: writes for number, writes in written.items() if not any(map(is_guarded, writes))}


def _changes(facts: Mapping[str, Any], written: Sequence[FieldWrite]) -> tuple[Mapping[str, Any], ...]:
    """Old and new at the places that are shown."""
    places = {write.where for write in written} | {"departure"}
    changes = facts.get("changes", ()) if written else ()
    return tuple(one for one in changes if isinstance(one, dict) and one.get("field") in places)


def _line(number: int, entry: AuditEntry, told: Sequence[FieldWrite] | None, *, detailed: bool) -> TrailLine:
    more: dict[str, Any] = {}
    if detailed or told is not None:
        facts = json.loads(entry.payload_text)["facts"]
        own = tuple(replace(write, number=number) for write in told or ())
        more = {"reason": entry.reason, "written": own, "changes": _changes(facts, own)}
        confirmer = facts.pop("confirmed_by", None) or ""
        more["confirmed_by"] = confirmer if own or detailed else ""
        more |= {"facts": facts, "hash": entry.hash} if detailed else {}
    return TrailLine(
        number=number,
        at=entry.at,
        account=entry.account,
        role=entry.role,
        site=entry.site,
        authentication=entry.authentication,
        operation=entry.operation,
        **more,
    )
