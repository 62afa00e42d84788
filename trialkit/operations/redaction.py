"""Redaction: a text that identifies somebody is taken out of the record; the chain over it stays whole."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from trialkit.access import Actor
from trialkit.access.acts.redaction import REDACT
from trialkit.operations.errors import OperationError
from trialkit.operations.gate import Gate, OpenAct, acting
from trialkit.operations.second_person import confirm_critical
from trialkit.operations.text_places import (
    TextFound,
    among,
    exactly,
    in_json,
    is_telling,
    kept_texts,
    require_whole_sight,
    telling_pattern,
)
from trialkit.operations.trial import Trial
from trialkit.operations.web_desk import FILE as WEB_DESK
from trialkit.store.audit_chain import AuditStamp
from trialkit.store.desk_file import DeskFile
from trialkit.store.models import AuditTransaction, Redaction
from trialkit.store.reading.audit import audit_entries
from trialkit.store.reading.redactions import (
    PRIMARY_KEYS,
    WrittenText,
    items_of_values,
    marks_of_forms,
    values_at,
    written_texts,
)
from trialkit.store.reading.row_places import place_of_row
from trialkit.store.reading.study import lock_stands
from trialkit.store.reading.subjects import sites_of
from trialkit.store.redactable import VALUES
from trialkit.store.redacted_records import MARK, Cell, holds_a_text, payload_digest, redacted_payload
from trialkit.store.scrubbing import scrub, scrub_file
from trialkit.vocabulary import ItemType

NOT_COVERED = (
    "backups, archives and snapshots that were written before, and exports of them",
    "files that were imported, and paper",
    "what a disk keeps of blocks that were freed",
    "hashes made earlier (of a lock, a snapshot, an imported file): a guess can be held against them",
)
_NOT_COVERED_ON_POSTGRESQL = "old rows until VACUUM FULL, and archived logs as long as they are kept"

_MISSING = {"raw_text": None, "state": "missing", "missing_code": "unknown"}

Clean = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class FieldPlace:
    """A field of a form; ``row`` is the line of a repeating one."""

    subject_id: str
    visit: str
    form: str
    item: str
    row: str = ""

    @property
    def where(self) -> str:
        return "/".join(
            part for part in (self.subject_id, self.visit, self.form, self.row, self.item) if part
        )


@dataclass(frozen=True, slots=True)
class Redacted:
    """What was taken out.

    ``places``: values, reasons and statements of records in which it stood, as `verify_audit` counts them.
    ``drafts``: half-typed forms of the web application in which it stood. ``kept``: places that still hold
    it. ``file_clean``: whether the old bytes are out of the database file; False on PostgreSQL.
    """

    places: int
    records: int
    drafts: int
    kept: tuple[TextFound, ...]
    file_clean: bool
    stamp: AuditStamp
    not_covered: tuple[str, ...]


def redact(
    trial: Trial,
    actor: Actor,
    *,
    reason: str,
    text: str = "",
    place: FieldPlace | None = None,
    second_person: Actor | None = None,
) -> Redacted:
    """Take a text out of the record, wherever it stands: values, history, queries, reasons, the trail itself.

    ``[redacted]`` stands in its place; the trail says of a record by which act (``TrailLine.redacted_by``). A
    value that is no text (a date, a number) becomes the missing code "unknown". Verifications and signatures
    of the forms are void from then on. `verify_audit` counts them, and accepts what they say alone.

    Parameters
    ----------
    reason
        Why, without the text.
    text
        What is to go, in any case of its letters. Never in this act's own record.
    place
        A field: everything that ever stood in it goes as a whole; with ``text``, what it says goes there and
        nowhere else. A telling text of that field is then looked for elsewhere too.
    second_person
        Proved by password, and not the actor: needed where a value of a critical item goes.

    Raises
    ------
    AccessError
        No right or reason, not signed with the password; a role that is not shown the whole record.
    OperationError
        The study is locked; nothing is there; the text is in the reason, or too short to be told from others;
        a value of a critical item, and no second person.
    StoreError
        On PostgreSQL, a role that does not own the tables: this act is done as their owner.
    """
    with acting(trial, actor, REDACT, reason=reason, exclusive=True) as progress:
        require_whole_sight(progress)
        if lock_stands(progress.reader):
            raise OperationError(
                expected="an unlocked study",
                found="a lock, which is bound to every value as it is",
                next_step="Unlock with a reason, redact, and lock again.",
            )
        wanted = _wanted(progress, text, place)
        wanted.refuse_in(reason)
        changed = _change(progress, wanted, second_person)
        if not changed:
            raise OperationError(
                expected="a place in which it stands",
                found="none",
                where=place.where if place else "",
                next_step="Look for a part of it: trialkit redact --find.",
            )
        places = sum(changed.values())
        progress.state(redacted_places=places, redacted_records=len(changed), at_field=_field_said(place))
    patterns = wanted.everywhere
    drafts = _clean_drafts(trial, patterns)
    clean = scrub(trial.store)
    with trial.store.reading() as reader:
        kept = kept_texts(reader, progress.sight, patterns)
    uncovered = NOT_COVERED if trial.store.dialect == "sqlite" else (*NOT_COVERED, _NOT_COVERED_ON_POSTGRESQL)
    return Redacted(places, len(changed), drafts, kept, clean, progress.stamp, uncovered)


@dataclass(frozen=True)
class _Wanted:
    """What is to go: cells as a whole, and patterns in every other text."""

    cells: tuple[WrittenText, ...]
    everywhere: tuple[re.Pattern[str], ...]
    part: re.Pattern[str] | None

    def cleaned(self, repeated: Collection[str] = ()) -> Clean:
        def clean(text: str) -> str:
            if text in repeated:
                return MARK
            for pattern in (*self.everywhere, *((self.part,) if self.part else ())):
                text = pattern.sub(MARK, text)
            return text

        return clean

    def refuse_in(self, reason: str) -> None:
        if any(pattern.search(reason) for pattern in self.everywhere):
            raise OperationError(
                expected="a reason without the text that is to go",
                found="one that repeats it",
                next_step='Say what it is: "name of the subject typed into a remark".',
            )


def _wanted(gate: Gate, text: str, place: FieldPlace | None) -> _Wanted:
    if place is None:
        return _Wanted((), (telling_pattern(text),), None)
    gate.subject(place.subject_id)
    item = gate.rules.form_items.get(place.form, {}).get(place.item)
    if item is None:
        raise OperationError(
            expected="an item of a form of the study",
            found=repr(f"{place.form}/{place.item}"),
            next_step="Check the study definition.",
        )
    cells = tuple(values_at(gate.reader, place.subject_id, place.visit, place.form, place.item, place.row))
    if text:
        pattern = exactly(text)
        here = tuple(cell for cell in cells if pattern.search(cell.text))
        return _Wanted(here, (pattern,) if is_telling(text) else (), pattern)
    texts = {cell.text for cell in cells} if item.type is ItemType.TEXT else set()
    return _Wanted(cells, tuple(exactly(each) for each in sorted(texts) if is_telling(each)), None)


def _change(progress: OpenAct, wanted: _Wanted, second_person: Actor | None) -> dict[int, int]:
    """Rewrite rows and records; how many places in each record."""
    found = {one.cell: one for one in wanted.cells}
    for one in written_texts(progress.reader, among(*wanted.everywhere)):
        found.setdefault(one.cell, one)
    whole = set() if wanted.part else {one.cell for one in wanted.cells}
    for one in marks_of_forms(progress.reader, list(found.values())):
        found[one.cell] = one
        whole.add(one.cell)
    items = _items_of(progress, found.values())
    _confirm(progress, [(found[cell], name) for cell, name in items.items()], second_person)
    new = _new_values(progress, found.values(), items, whole, wanted.cleaned())
    cells: dict[int, dict[Cell, str | None]] = defaultdict(dict)
    repeated: dict[int, set[str]] = defaultdict(set)
    for one in found.values():
        values = new[one.cell]
        progress.rewrite(one.model, one.key, values)
        for column, value in values.items():
            cells[one.record][Cell(one.cell.table, one.cell.key, column)] = value
        if one.cell in whole:
            repeated[one.record].add(one.text)
    changed: dict[int, int] = {}
    ids = progress.next_ids(Redaction)
    for record, payload, stated in _records(progress, wanted.everywhere, cells):
        text, places = redacted_payload(
            payload, cells[record], PRIMARY_KEYS, wanted.cleaned(repeated[record])
        )
        if not places:
            continue
        digest = payload_digest(text)
        for place in places:
            progress.add(Redaction, id=next(ids), record=record, place=place, after_sha256=digest)
        says = json.loads(text)["reason"]
        values = {"payload_text": text} | ({"reason": says} if says != stated else {})
        progress.rewrite(AuditTransaction, {"number": record}, values)
        changed[record] = sum(map(holds_a_text, places))
    return changed


def _confirm(
    progress: OpenAct, values: Collection[tuple[WrittenText, str]], second_person: Actor | None
) -> None:
    """A second person for values of critical items, with a right at the sites of their subjects."""
    known, reader = progress.trial.rules.items, progress.reader
    concerned = [one for one, name in values if known[name].critical] or [one for one, _ in values]
    people = {place_of_row(reader, one.cell.table, one.key)["subject_id"] for one in concerned}
    fields = sorted({(known[name].form, name) for _, name in values})
    sites = set(sites_of(reader, people).values())
    confirm_critical(progress, fields, second_person, sites=sites)


def _records(
    progress: OpenAct, patterns: Collection[re.Pattern[str]], cells: Collection[int]
) -> list[tuple[int, str, str]]:
    """Number, payload and reason of every record that may have to change."""
    escaped = [in_json(pattern) for pattern in patterns]
    return [
        (entry.number, entry.payload_text, entry.reason)
        for entry in audit_entries(progress.reader)
        if entry.number in cells or any(pattern.search(entry.payload_text) for pattern in escaped)
    ]


def _items_of(gate: Gate, found: Iterable[WrittenText]) -> dict[Cell, str]:
    """The item of each cell that holds a value."""
    found = list(found)
    items: dict[Cell, str] = {}
    for table in VALUES:
        here = [one for one in found if one.cell.table == table]
        named = items_of_values(gate.reader, table, [one.key for one in here])
        items |= {one.cell: named[one.cell.key] for one in here}
    return items


def _new_values(
    gate: Gate,
    found: Iterable[WrittenText],
    items: Mapping[Cell, str],
    whole: Collection[Cell],
    clean: Clean,
) -> dict[Cell, dict[str, str | None]]:
    """What each row says from now on: a value that is no text is none."""
    texts = {name for name, item in gate.trial.rules.items.items() if item.type is ItemType.TEXT}
    new: dict[Cell, dict[str, str | None]] = {}
    for one in found:
        if one.cell in items and items[one.cell] not in texts:
            new[one.cell] = dict(_MISSING)
        else:
            new[one.cell] = {one.cell.column: MARK if one.cell in whole else clean(one.text)}
    return new


def _clean_drafts(trial: Trial, patterns: Collection[re.Pattern[str]]) -> int:
    path = trial.folder / WEB_DESK
    if not patterns or not path.is_file():
        return 0
    escaped = [in_json(pattern) for pattern in patterns]
    cleaned = DeskFile(path).take_out(escaped, MARK)
    scrub_file(path)
    return cleaned


def _field_said(place: FieldPlace | None) -> str:
    return "" if place is None else place.where
