"""Lists that went out to be filled in, and come back: discrepancies, leftover lines, candidates."""

from __future__ import annotations

from collections.abc import Iterable

from trialkit.entry.errors import EntryError
from trialkit.interchange import TableFile
from trialkit.nearest import advice
from trialkit.wording import said


def require_columns(file: TableFile, names: Iterable[str]) -> None:
    """Refuse a file that lacks columns of the list.

    Raises
    ------
    EntryError
        Naming every column that is not there.
    """
    problems = [
        EntryError(
            expected=said("a column {name!r}", name=name),
            found="none",
            where=f"{file.path}:1",
            next_step=advice(name, list(file.columns), otherwise="Write the list again and fill that in."),
        )
        for name in names
        if name not in file.columns
    ]
    if problems:
        raise EntryError.all_of(problems)
