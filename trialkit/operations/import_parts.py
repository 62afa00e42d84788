"""Files with more values than one act takes: all of it checked, its forms claimed, then taken in parts.

A writer holds the study's trail while it writes, and a million values take a minute: so long nobody else
would get anything in. Each part is an act with a record of its own. Between the first and the last nobody
makes a pass of a claimed form, voids it, or freezes or locks its place; an import that breaks off goes on
when it is run again, and takes nothing twice. See docs/decisions/0015.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from trialkit.access import Actor
from trialkit.access.acts.capture import IMPORT_PASS
from trialkit.entry.checking import CheckedEntry, FormEntry
from trialkit.errors import TrialkitError
from trialkit.operations.batches import (
    Batch,
    Hands,
    Terms,
    admitted,
    pass_numbers,
    read_batch,
)
from trialkit.operations.errors import OperationError
from trialkit.operations.gate import OpenAct, acting, reading
from trialkit.operations.import_batches import ImportSource
from trialkit.operations.imported_again import file_seen_before, told_if_in_already
from trialkit.operations.passes import NO_STAMP, PassesEntered, acting_or_rehearsing, write_checked
from trialkit.operations.trial import Trial
from trialkit.store import models as m
from trialkit.store.reading.imports import forms_claimed, forms_written, open_imports
from trialkit.vocabulary import EntryMode
from trialkit.wording import said, said_count

LARGEST_ACT = 10_000
"""Values that one act takes: on a small server about a third of a second, which is what others wait."""


def takes_parts(entries: Sequence[FormEntry]) -> bool:
    """Whether these are more values than one act takes."""
    return sum(len(row.values) for entry in entries for row in entry.rows) > LARGEST_ACT


def import_in_parts(
    trial: Trial,
    actor: Actor,
    *,
    entries: Sequence[FormEntry],
    terms: Terms,
    options: Mapping[str, str | None],
) -> PassesEntered:
    """Take a large file in: from its begin, or from where it broke off.

    Parameters
    ----------
    terms
        With the source, which names the file.
    options
        How the file was read; a file that broke off is read alike when it goes on.

    Raises
    ------
    As :func:`trialkit.operations.passes.enter_passes`, before anything is written. A part that is refused
    (a full disk, a right withdrawn meanwhile) says how much is in and that the same import goes on.
    """
    if terms.rehearsed:
        return _rehearsed(trial, actor, entries, terms)
    source = terms.source
    assert source is not None
    stated = json.dumps(options, sort_keys=True)
    found = _begun(trial, actor, source, stated)
    notes: tuple[str, ...] = ()
    if found is None:
        batch = read_batch(trial, actor, IMPORT_PASS, entries)
        number, notes = _begin(trial, actor, batch, terms, stated)
        written = 0
    else:
        number, there = found
        written = len(there)
        left = [entry for entry in entries if entry.key not in there]
        batch = read_batch(trial, actor, IMPORT_PASS, left)
        notes = (
            said_count(
                "{n} form of this file was in already; the rest was taken now.",
                "{n} forms of this file were in already; the rest was taken now.",
                written,
            ),
        )
    own = replace(terms, source=replace(source, batch=number))
    done = _take(trial, actor, batch, own, written, len(entries))
    return replace(done, notes=(*notes, *done.notes))


def _rehearsed(trial: Trial, actor: Actor, entries: Sequence[FormEntry], terms: Terms) -> PassesEntered:
    """What the begin of a large import would say; its values are checked, and not laid beside the others."""
    source = terms.source
    assert source is not None
    batch = read_batch(trial, actor, IMPORT_PASS, entries)
    with acting_or_rehearsing(trial, actor, IMPORT_PASS, terms) as progress:
        checked = admitted(progress, batch, terms)
        keys = [one.entry.key for one in checked]
        _require_unclaimed(progress, set(keys), source.file_name)
        hands = Hands(source.typist, actor.account)
        notes = file_seen_before(progress, source, checked)
        with told_if_in_already(progress, source, checked, notes, partial=terms.partial):
            numbers = pass_numbers(progress, checked, progress.begun_forms(keys), hands, confirmed=True)
    alone = sum(one.form.entry is EntryMode.SINGLE for one in checked)
    return PassesEntered(
        forms=len(checked),
        single=alone,
        first_passes=numbers.count(1) - alone,
        second_passes=numbers.count(2),
        discrepancies=0,
        unmatched_rows=0,
        flags=tuple(flag for one in checked for flag in one.flags),
        stamp=NO_STAMP,
        notes=notes,
    )


def _begun(
    trial: Trial, actor: Actor, source: ImportSource, options: str
) -> tuple[int, set[tuple[str, str, str]]] | None:
    """The import of this very file that broke off, with its forms that are in."""
    with reading(trial, actor, IMPORT_PASS) as gate:
        for one in open_imports(gate.reader):
            if (one.file_sha256, one.typist) != (source.file_sha256, source.typist):
                continue
            if one.options != options:
                raise OperationError(
                    expected=said("the file read as when its import began: {options}", options=one.options),
                    found=options,
                    where=source.file_name,
                    next_step="Give the same options, or give up the rest of it: trialkit end-import.",
                )
            return one.number, forms_written(gate.reader, one.number)
    return None


def _begin(
    trial: Trial, actor: Actor, batch: Batch, terms: Terms, options: str
) -> tuple[int, tuple[str, ...]]:
    """Claim every form, once nothing stands against taking all of them."""
    source = terms.source
    assert source is not None
    with acting(trial, actor, IMPORT_PASS) as progress:
        checked = admitted(progress, batch, terms)
        keys = [one.entry.key for one in checked]
        _require_unclaimed(progress, set(keys), source.file_name)
        hands = Hands(source.typist, actor.account)
        notes = file_seen_before(progress, source, checked)
        with told_if_in_already(progress, source, checked, notes, partial=terms.partial):
            pass_numbers(progress, checked, progress.begun_forms(keys), hands, confirmed=terms.confirmed)
        number = next(progress.next_ids(m.ImportBatch))
        progress.add(
            m.ImportBatch,
            id=number,
            file_name=source.file_name,
            file_sha256=source.file_sha256,
            declared_typist=source.typist,
        )
        progress.add(m.ImportRun, import_batch=number, options=options, forms=len(keys))
        progress.add_all(
            m.ImportClaim,
            [
                {"subject_id": subject, "visit": visit, "form": form, "import_batch": number}
                for subject, visit, form in keys
            ],
        )
        progress.state(
            import_number=number, forms=len(keys), typist=source.typist, begins=True, **source.told
        )
    return number, notes


def _require_unclaimed(progress: OpenAct, keys: set[tuple[str, str, str]], where: str) -> None:
    for one in open_imports(progress.reader):
        if keys & forms_claimed(progress.reader, one.number):
            raise OperationError(
                expected="forms that no other import is bringing in",
                found=said("forms of import {number}, {file}", number=one.number, file=one.file_name),
                where=where,
                next_step=said(
                    "Let it come to its end, or give up its rest: trialkit end-import --import {number}.",
                    number=one.number,
                ),
            )


def _take(trial: Trial, actor: Actor, batch: Batch, terms: Terms, written: int, every: int) -> PassesEntered:
    """The parts, one act each; the last says that the import is done."""
    done: list[PassesEntered] = []
    parts = list(_parts(batch.checked)) or [[]]
    for position, part in enumerate(parts, start=1):
        try:
            with acting(trial, actor, IMPORT_PASS) as progress:
                checked = admitted(progress, batch.part(part), terms)
                entered = write_checked(progress, checked, terms)
                progress.state(import_number=_number(terms), forms_in=written + len(part), of_forms=every)
                if position == len(parts):
                    progress.add(m.ImportEnd, import_batch=_number(terms), outcome="done", reason="")
        except TrialkitError as error:
            error.next_step = _goes_on(error, _number(terms), written, every)
            raise
        written += len(part)
        done.append(replace(entered, stamp=progress.stamp))
        trial.store.give_way()
    return _together(done)


def _number(terms: Terms) -> int:
    assert terms.source is not None and terms.source.batch is not None
    return terms.source.batch


def _goes_on(error: TrialkitError, number: int, written: int, every: int) -> str:
    return said(
        "{advice} {written} of {every} forms of this file are in, as import {number}. Run the same import "
        "again: it goes on where it broke off and takes nothing twice.",
        advice=error.next_step,
        written=written,
        every=every,
        number=number,
    ).strip()


def _parts(checked: Sequence[CheckedEntry]) -> Iterator[list[CheckedEntry]]:
    """In their order, as many forms as one act takes; one form is never taken apart."""
    part: list[CheckedEntry] = []
    size = 0
    for one in checked:
        values = sum(len(row.values) for row in one.rows)
        if part and size + values > LARGEST_ACT:
            yield part
            part, size = [], 0
        part.append(one)
        size += values
    if part:
        yield part


def _together(done: Sequence[PassesEntered]) -> PassesEntered:
    counted = ("forms", "single", "first_passes", "second_passes", "discrepancies", "unmatched_rows")
    return replace(
        done[-1],
        **{name: sum(getattr(one, name) for one in done) for name in counted},
        flags=tuple(flag for one in done for flag in one.flags),
        notes=tuple(note for one in done for note in one.notes),
        parts=len(done),
    )
