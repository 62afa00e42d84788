"""Two files as two entries of the same records: one spelling of names, what the files declare as text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trialkit.table_files.table_file import TableFile, counted

if TYPE_CHECKING:
    import pandas as pd

    from trialkit.entry.comparison import ComparisonReport


@dataclass(frozen=True)
class FileComparison:
    """The comparison of two files, with the files it is about."""

    first: TableFile
    second: TableFile
    report: ComparisonReport
    notes: tuple[str, ...] = field(default=())


def compare_files(
    first: TableFile,
    second: TableFile,
    keys: Sequence[str],
    items: Sequence[str] | None = None,
    text: Any = "exact",
) -> FileComparison:
    """Compare two files that were read by `read_table`.

    Parameters
    ----------
    first, second
        The two entries. Where one comes from EpiData, column names are matched without regard to case,
        as EpiData does, and the second file's columns take the first one's spelling.
    keys, items, text
        As in ``trialkit.entry.compare``. An item that both files declare as text is compared as text.

    Raises
    ------
    ComparisonError
        As in ``trialkit.entry.compare``, with the file's name.
    """
    from trialkit.entry import compare

    notes = [f"{table.path}: {note}" for table in (first, second) for note in table.notes]
    one, two = first.to_frame(), second.to_frame()
    declared = first.text_columns & second.text_columns
    if first.names_ignore_case or second.names_ignore_case:
        two, renamed = _respelled(two, list(one.columns))
        declared = first.text_columns & {renamed.get(name, name) for name in second.text_columns}
        keys = [_spelling(key, list(one.columns)) for key in keys]
        items = None if items is None else [_spelling(item, list(one.columns)) for item in items]
        if renamed:
            names = counted(len(renamed), "column name")
            notes.append(f"{names} matched without regard to case, as in EpiData.")
    if _same_file(first.path, second.path) and first.part == second.part:
        notes.append("Both entries are the same file.")
    report = compare(
        one,
        two,
        keys=keys,
        items=items,
        text=text,
        text_items=sorted(declared),
        names=(str(first.path), str(second.path)),
    )
    return FileComparison(first, second, report, tuple(notes))


def _same_file(first: Path, second: Path) -> bool:
    try:
        return first.samefile(second)
    except OSError:
        return False


def _respelled(frame: pd.DataFrame, known: list[str]) -> tuple[pd.DataFrame, dict[str, str]]:
    """The frame with its columns spelled as the known ones, where only capitals differ."""
    renamed = {
        name: _spelling(name, known)
        for name in frame.columns
        if name not in known and _spelling(name, known) not in frame.columns
    }
    renamed = {old: new for old, new in renamed.items() if old != new}
    return frame.rename(columns=renamed), renamed


def _spelling(name: str, known: list[str]) -> str:
    """The known name that differs in capitals only; the name itself where there is none or more than one."""
    if name in known:
        return name
    folded = Counter(other.casefold() for other in known)
    if folded[name.casefold()] != 1:
        return name
    return next(other for other in known if other.casefold() == name.casefold())
