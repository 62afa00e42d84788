"""Two files as two entries of the same records: one spelling of names, what the files declare as text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from trialkit.entry.spelling import Spelling
from trialkit.interchange.unpaired_keys import about_unpaired_keys
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
    *,
    text_items: Sequence[str] = (),
    decimal_comma: bool | Sequence[str] = False,
    date_order: Any = "ymd",
    missing: Sequence[str] = (),
    tolerance: float = 0.0,
    tolerances: Mapping[str, float] = MappingProxyType({}),
) -> FileComparison:
    """Compare two files that were read by `read_table`.

    Parameters
    ----------
    first, second
        The two entries. Where one comes from EpiData, column names are matched without regard to case,
        as EpiData does, and the second file's columns take the first one's spelling.
    keys, items, text
        As in ``trialkit.entry.compare``. An item that both files declare as text is compared as text.
    text_items, decimal_comma, date_order, missing, tolerance, tolerances
        As in ``trialkit.entry.compare``.

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
        text_items=sorted({*declared, *text_items}),
        decimal_comma=decimal_comma,
        date_order=date_order,
        missing=missing,
        tolerance=tolerance,
        tolerances=tolerances,
        names=(str(first.path), str(second.path)),
    )
    stated = _stated(text_items, decimal_comma, date_order, missing, tolerance, tolerances)
    spelling = Spelling(decimal_comma is True, date_order, as_shown=True)
    hints = (*_hints(report), *about_unpaired_keys(report, spelling, {*declared, *text_items}))
    return FileComparison(first, second, report, (*notes, *stated, *hints))


def _stated(
    text_items: Sequence[str],
    decimal_comma: bool | Sequence[str],
    date_order: Any,
    missing: Sequence[str],
    tolerance: float,
    tolerances: Mapping[str, float],
) -> list[str]:
    """What was asked of the reading, each as a sentence."""
    said_of = [
        f"Read as texts: {', '.join(text_items)}." if text_items else "",
        "A decimal comma is read as a point." if decimal_comma is True else "",
        f"A decimal comma is read as a point in {', '.join(decimal_comma or ())}."
        if decimal_comma and decimal_comma is not True
        else "",
        f"Dates are read in the order {date_order}." if date_order != "ymd" else "",
        f"Read as blank: {', '.join(missing)}." if missing else "",
        f"Numbers that differ by no more than {tolerance:g} are equal." if tolerance else "",
        *(
            f"{item}: numbers that differ by no more than {near:g} are equal."
            for item, near in tolerances.items()
        ),
    ]
    return [one for one in said_of if one]


_HINTS = (
    (re.compile(r"[+-]?\d+,\d+"), "--decimal-comma", "decimal comma"),
    (
        re.compile(r"\d{1,2}[/.-]\d{1,2}[/.-]\d{4}.*"),
        "--date-order dmy or mdy",
        "day or month before the year",
    ),
    (re.compile(r"\d{4}[.-]\d{1,2}[.-]\d{1,2}.*"), "--date-order", "year before a month or day of one digit"),
)


def _hints(report: ComparisonReport) -> list[str]:
    """Options that would read what stands in the discrepancies of kind ``type``."""
    found = report.discrepancies
    texts = [
        str(value).strip()
        for column in ("first_value", "second_value")
        for value in found.loc[found["kind"] == "type", column]
    ]
    counts = [(sum(bool(p.fullmatch(text)) for text in texts), option, what) for p, option, what in _HINTS]
    return [
        f"{n} of the values of kind type have a {what}: {option} reads them."
        for n, option, what in counts
        if n
    ]


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
