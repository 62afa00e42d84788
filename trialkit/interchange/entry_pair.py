"""Two files as two entries of the same records: one spelling of names, what the files declare as text."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trialkit.entry.spelling import Spelling, spelling_of
from trialkit.interchange.declared_columns import NOTHING_DECLARED, DeclaredColumns
from trialkit.interchange.reading_hints import reading_hints
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
    date_order: str | None = None,
    missing: Sequence[str] = (),
    tolerance: float = 0.0,
    declared: DeclaredColumns = NOTHING_DECLARED,
) -> FileComparison:
    """Compare two files that were read by `read_table`.

    Parameters
    ----------
    first, second
        The two entries. Where one comes from EpiData, column names are matched without regard to case,
        as EpiData does, and the second file's columns take the first one's spelling.
    keys, items, text
        As in ``trialkit.entry.compare``. An item that both files declare as text is compared as text.
    text_items, decimal_comma, date_order, missing, tolerance
        As in ``trialkit.entry.compare``.
    declared
        What a dictionary says of the columns; a ``date_order`` other than None goes before its own.

    Names of columns, here and in the files, are the same whether a letter and its accent are written as one
    or as two.

    Raises
    ------
    ComparisonError
        As in ``trialkit.entry.compare``, with the file's name.
    """
    from trialkit.entry import compare

    notes = [f"{table.path}: {note}" for table in (first, second) for note in table.notes]
    one = first.to_frame()
    two, as_text, renamed = _in_one_spelling(first, second, one)
    known = list(one.columns) if first.names_ignore_case or second.names_ignore_case else []
    keys, text_items = _named(keys, known), _named(text_items, known)
    items = None if items is None else _named(items, known)
    missing = _named(missing, [])
    if renamed:
        names = counted(len(renamed), "column name")
        notes.append(f"{names} matched without regard to case, as in EpiData.")
    if _same_file(first.path, second.path) and first.part == second.part:
        notes.append("Both entries are the same file.")
    declared = declared.among({*one.columns, *two.columns})
    options = _Options(
        sorted({*text_items, *declared.texts}),
        decimal_comma or declared.commas,
        date_order or declared.date_orders,
        missing,
        tolerance,
        declared.tolerances,
    )
    texts = {*as_text, *options.text_items}
    report = compare(
        one,
        two,
        keys=keys,
        items=items,
        text=text,
        text_items=sorted(texts),
        decimal_comma=options.decimal_comma,
        date_order=options.date_order,
        missing=missing,
        tolerance=tolerance,
        tolerances=declared.tolerances,
        names=(str(first.path), str(second.path)),
    )
    hints = (
        *reading_hints(report, options.spelled),
        *about_unpaired_keys(report, options.spelled_in_all(keys), texts),
    )
    return FileComparison(first, second, report, (*notes, *options.told(), *hints))


def _named(names: Sequence[str], known: list[str]) -> list[str]:
    """Composed, and spelled as the known ones."""
    return [_spelling(unicodedata.normalize("NFC", name), known) for name in names]


def _in_one_spelling(
    first: TableFile, second: TableFile, one: pd.DataFrame
) -> tuple[pd.DataFrame, frozenset[str], dict[str, str]]:
    """The second frame in the first one's spelling, what both declare as text, and which names changed."""
    two = second.to_frame()
    if not (first.names_ignore_case or second.names_ignore_case):
        return two, first.text_columns & second.text_columns, {}
    two, renamed = _respelled(two, list(one.columns))
    return two, first.text_columns & {renamed.get(name, name) for name in second.text_columns}, renamed


@dataclass(frozen=True, slots=True)
class _Options:
    """What was asked of the reading, by the user or by a dictionary."""

    text_items: Sequence[str]
    decimal_comma: bool | Sequence[str]
    date_order: str | Mapping[str, str]
    missing: Sequence[str]
    tolerance: float
    tolerances: Mapping[str, float]

    def spelled(self, column: str) -> Spelling:
        return spelling_of(column, self.decimal_comma, self.date_order)

    def spelled_in_all(self, columns: Sequence[str]) -> Spelling:
        """One spelling for all keys: the first order that is not the year's first."""
        orders = [self.spelled(column).date_order for column in columns]
        order = next((one for one in orders if one != "ymd"), "ymd")
        return Spelling(self.decimal_comma is True, order, as_shown=True)

    def told(self) -> list[str]:
        """Each as a sentence."""
        commas = self.decimal_comma
        orders = (
            {"": self.date_order}
            if isinstance(self.date_order, str)
            else _columns_of_each_order(self.date_order)
        )
        told = [
            f"Read as texts: {', '.join(self.text_items)}." if self.text_items else "",
            "A decimal comma is read as a point." if commas is True else "",
            f"A decimal comma is read as a point in {', '.join(commas)}."
            if commas and commas is not True
            else "",
            *(
                f"Dates are read in the order {order}{columns}."
                for columns, order in orders.items()
                if order != "ymd"
            ),
            f"Read as blank: {', '.join(self.missing)}." if self.missing else "",
            f"Numbers that differ by no more than {self.tolerance:g} are equal." if self.tolerance else "",
            *(
                f"{item}: numbers that differ by no more than {near:g} are equal."
                for item, near in self.tolerances.items()
            ),
        ]
        return [one for one in told if one]


def _columns_of_each_order(by_column: Mapping[str, str]) -> dict[str, str]:
    """`` in a, b`` -> the order in which the days of these columns are typed."""
    return {
        f" in {', '.join(name for name, own in by_column.items() if own == order)}": order
        for order in sorted(set(by_column.values()))
    }


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
