"""A file that is in already: its very bytes, or a copy of it with other line ends, order or separators."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from trialkit.entry import PassRow
from trialkit.entry.checking import CheckedEntry
from trialkit.entry.errors import EntryError
from trialkit.entry.passes import live_passes
from trialkit.operations.gate import OpenAct
from trialkit.operations.import_batches import ImportSource
from trialkit.store.reading.forms import begun_forms, imported_before, pass_rows
from trialkit.wording import said


def file_seen_before(
    progress: OpenAct, source: ImportSource, checked: Sequence[CheckedEntry]
) -> tuple[str, ...]:
    """Two typists may make the same bytes; one file taken for both passes makes them too."""
    names = {one.form.name for one in checked}
    return tuple(
        f"a file with exactly these bytes was imported before: {name}, typed by {typist}, audit record "
        f"{number}. If it is the same file, void this pass and import what the second person typed."
        for name, typist, number in imported_before(progress.reader, source.file_sha256, names)
    )


def refused_as_in_already(
    progress: OpenAct, source: ImportSource, checked: Sequence[CheckedEntry], notes: Sequence[str]
) -> EntryError | None:
    """What to tell whoever imports a file again whose passes were refused; None where it is another file.

    Parameters
    ----------
    notes
        Of :func:`file_seen_before`.
    """
    if notes:
        found = notes[0].partition(". ")[0]  # what to do about it is another: nothing was taken
    elif not source.scans and _stand_already(progress, source, checked):
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


def _stand_already(progress: OpenAct, source: ImportSource, checked: Sequence[CheckedEntry]) -> bool:
    """Whether every form has a pass of this typist with these values; of another typist they are her own."""
    begun = begun_forms(progress.reader, [one.entry.key for one in checked])
    own = {
        key: state.pass_ids[one.number]
        for key, state in begun.items()
        for one in state.passes
        if one.entered_by == source.typist
    }
    if not all(one.entry.key in own for one in checked):
        return False
    rows = pass_rows(progress.reader, list(own.values()))
    return all(
        _content(one.rows) == _content(stored.row for stored in rows[own[one.entry.key]]) for one in checked
    )


def _content(rows: Iterable[PassRow]) -> Counter[frozenset[tuple[str, object]]]:
    """Without the order of its rows."""
    return Counter(frozenset(row.values.items()) for row in rows)
