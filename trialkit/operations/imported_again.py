"""A file that is in already: its very bytes, or a copy of it with other line ends, order or separators."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from trialkit.access.acts.reading import LIST_DISCREPANCIES
from trialkit.entry import PassRow
from trialkit.entry.checking import CheckedEntry
from trialkit.entry.errors import EntryError, InAlreadyError, PassError
from trialkit.entry.passes import live_passes
from trialkit.errors.base import TrialkitError
from trialkit.operations.gate import OpenAct
from trialkit.operations.import_batches import ImportSource
from trialkit.operations.own_trail import own_number
from trialkit.store.reading.forms import begun_forms, imported_before, pass_rows
from trialkit.wording import said


def file_seen_before(
    progress: OpenAct, source: ImportSource, checked: Sequence[CheckedEntry]
) -> tuple[str, ...]:
    """Two typists may make the same bytes; one file taken for both passes makes them too.

    A typist is told of what she typed herself, and not whether the other entry is there and agrees.
    """
    names = {one.form.name for one in checked}
    reviews = progress.actor.role in LIST_DISCREPANCIES.allowed_roles
    return tuple(
        f"a file with exactly these bytes was imported before: {name}, typed by {typist}, audit record "
        f"{own_number(progress.reader, progress.sight, number)}. If it is the same file, void this pass and "
        "import what the second person typed."
        for name, typist, number in imported_before(progress.reader, source.file_sha256, names)
        if reviews or typist == source.typist
    )


@contextmanager
def told_if_in_already(
    progress: OpenAct,
    source: ImportSource | None,
    checked: Sequence[CheckedEntry],
    notes: Sequence[str],
    *,
    partial: bool,
) -> Iterator[None]:
    """Whoever imports a file again, whose passes are refused, is told that it is in; in part, form by form.

    Parameters
    ----------
    source
        None for what is typed here.
    notes
        Of :func:`file_seen_before`.
    """
    try:
        yield
    except PassError as error:
        if source is None:
            raise
        if partial:
            raise _form_by_form(progress, source, checked, error) from error
        again = _refused_as_in_already(progress, source, checked, notes)
        if again is None:
            raise
        raise again from error


def _refused_as_in_already(
    progress: OpenAct, source: ImportSource, checked: Sequence[CheckedEntry], notes: Sequence[str]
) -> EntryError | None:
    """None where it is another file."""
    if notes:
        found = notes[0].partition(". ")[0]  # what to do about it is another: nothing was taken
    elif not source.scans and len(_standing(progress, source, checked)) == len(checked):
        found = said("the very values that {typist} has typed there already", typist=source.typist)
    else:
        return None
    return EntryError(
        expected="a file that is not in yet",
        found=found,
        where=source.file_name,
        next_step="This file is in: nothing is to be done. Another pass is typed by another person."
        if _all_begun(progress, checked)
        else "Some of its forms are in already; an import in part takes the others.",
    )


def _all_begun(progress: OpenAct, checked: Sequence[CheckedEntry]) -> bool:
    keys = [one.entry.key for one in checked]
    begun = begun_forms(progress.reader, keys)
    return all(key in begun and live_passes(begun[key].passes) for key in keys)


def _form_by_form(
    progress: OpenAct, source: ImportSource, checked: Sequence[CheckedEntry], error: PassError
) -> TrialkitError:
    """The refusal of an import in part: of each form that is in as the file has it, that it is in."""
    there = _standing(progress, source, checked)
    each: list[TrialkitError] = [error, *error.also]
    error.also = ()
    return TrialkitError.all_of(
        [
            InAlreadyError(
                expected="a form that is not in yet",
                found=said("the very values that {typist} has typed there already", typist=source.typist),
                where=one.where,
                next_step="Of this form nothing is to be done.",
            )
            if one.where in there
            else one
            for one in each
        ]
    )


def _standing(progress: OpenAct, source: ImportSource, checked: Sequence[CheckedEntry]) -> set[str]:
    """The places of forms with a pass of this typist's with these values; another's values are her own."""
    begun = begun_forms(progress.reader, [one.entry.key for one in checked])
    own = {
        key: state.pass_ids[one.number]
        for key, state in begun.items()
        for one in state.passes
        if one.entered_by == source.typist
    }
    rows = pass_rows(progress.reader, list(own.values()))
    return {
        one.entry.where
        for one in checked
        if one.entry.key in own
        and _content(one.rows) == _content(stored.row for stored in rows[own[one.entry.key]])
    }


def _content(rows: Iterable[PassRow]) -> Counter[frozenset[tuple[str, object]]]:
    """Without the order of its rows."""
    return Counter(frozenset(row.values.items()) for row in rows)
