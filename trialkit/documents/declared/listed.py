"""A table with one line a row of the results: estimates, counts by category, listings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from trialkit.documents.declared.cells import CellKind
from trialkit.documents.declared.output import Chapter
from trialkit.documents.declared.rows import ResultRow, distinct
from trialkit.documents.declared.shown import Shown
from trialkit.documents.page import Block, Notice
from trialkit.documents.table import Align, Cell, Column, Row, Table

MOST_SIDES = 2  # arms that one comparison has
TESTED = frozenset({"contrasts", "deltas", "test"})  # the tables of what a plan's test is about
NO_BREAK = "\u00a0"
MOST_ACROSS = 8  # columns of numbers that a page is wide enough for


@dataclass(frozen=True)
class Plain:
    """The label of a line: a column of the results, in words."""

    column: str

    def of(self, shown: Shown, row: ResultRow) -> str:
        return shown.words(self.column, row[self.column])


@dataclass(frozen=True)
class Col:
    """A column: its head (``{interval}`` stands for "95% CI"), its kind of cell.

    An ``optional`` one is left out where no row has its number. ``note_of`` makes the second line of the head
    from the first row, such as the side of a test. One of ``several`` is there only where there are more than
    two arms.
    """

    head: str
    kind: CellKind
    note: str = ""
    optional: bool = False
    note_of: Callable[[ResultRow], str] | None = None
    align: Align = "center"
    several: bool = False


@dataclass(frozen=True)
class Listed:
    """One line a row; with ``by_arm`` one line a label and every column once an arm, or a line an arm under
    each label where so many arms would be wider than a page.

    ``sections`` names a column whose values head the lines below them, and ``also_by`` one whose values part
    a section where it has more than one. ``several``: printed only where there are more than two arms.
    """

    source: str
    title: str
    label: Plain
    head: str
    columns: tuple[Col, ...]
    chapter: Chapter = Chapter.EFFICACY
    by_arm: bool = False
    sections: str = ""
    footnotes: tuple[str, ...] = ()
    notes_of: Callable[[Shown, Sequence[ResultRow]], tuple[str, ...]] | None = None
    reveals_arm: bool = False
    once: bool = False
    only_primary: bool = False
    heads_with_size: bool = False
    also_by: str = ""
    several: bool = False
    asked: str = ""  # the entry's key (or KEY:WORD) without which it is not printed, nor numbered
    either: bool = False  # this or another output, which the plan knows: without rows, not numbered either

    @property
    def name(self) -> str:
        return self.source

    def printed(self, shown: Shown) -> list[Block]:
        rows = shown.rows(self.source)
        many = len(shown.arms) > MOST_SIDES
        if (not rows and (self.either or not shown.is_shell)) or (self.several and not many):
            return []
        if self.asked and not rows and not shown.asks(self.asked):
            return []
        title = self.title.format(title=shown.title, endpoint=shown.scales.get("endpoint", shown.title))
        if self.once and rows and (same := shown.earlier(self.source)):
            number = shown.number("table", self.chapter)
            return [Notice(f"Table {number}. {title}", f"is that of entry {same}.")]
        columns = [c for c in self.columns if not c.optional or shown.is_shell or _any(rows, c)]
        columns = [c for c in columns if many or not c.several]
        if not shown.is_shell:
            self._require_columns(rows, columns)
        extra = self.notes_of(shown, rows) if self.notes_of and rows else ()
        return [
            Table(
                number=shown.number("table", self.chapter),
                title=title,
                columns=(Column(self.head), *self._heads(shown, columns, rows)),
                rows=tuple(self._lines(shown, columns, rows)),
                population=shown.population,
                method=shown.method,
                footnotes=(*extra, *self.footnotes),
                source=shown.source,
            )
        ]

    def _require_columns(self, rows: Sequence[ResultRow], columns: Sequence[Col]) -> None:
        """A column that no row has was misnamed: printed, it would read as not estimated."""
        for need in {need for col in columns if not col.optional for need in col.kind.needs}:
            if all(need not in row.values for row in rows):
                rows[0][need]  # refused, with the columns there are

    def _heads(self, shown: Shown, columns: Sequence[Col], rows: Sequence[ResultRow]) -> Iterator[Column]:
        if self._is_long(shown, columns):
            yield from (self._head(shown, col, rows) for col in columns)
            return
        for arm in shown.arms if self.by_arm else ("",):
            group = shown.label(arm) if self.by_arm else ""
            if self.heads_with_size and self.by_arm and shown.arm_head(arm):
                size = shown.arm_head(arm).replace(" ", NO_BREAK)
                group = f"{group} ({size})"
            yield from (self._head(shown, col, rows, group) for col in columns)

    def _head(self, shown: Shown, col: Col, rows: Sequence[ResultRow], group: str = "") -> Column:
        planned = shown.planned_test if self.source in TESTED else None
        example = planned or (rows[0] if rows else None)
        note = col.note_of(example) if col.note_of and example else col.note
        words = {"interval": shown.interval, "direction": shown.direction}
        texts = [text.format(**words) for text in (col.head, note)]
        return Column(texts[0], texts[1], align=col.align, group=group)

    def _is_long(self, shown: Shown, columns: Sequence[Col]) -> bool:
        across = len(columns) * len(shown.arms)
        return self.by_arm and len(shown.arms) > MOST_SIDES and across > MOST_ACROSS

    def _lines(self, shown: Shown, columns: Sequence[Col], rows: Sequence[ResultRow]) -> Iterator[Row]:
        if not rows:
            across = self.by_arm and not self._is_long(shown, columns)
            width = len(columns) * (len(shown.arms) if across else 1)
            cells = [shown.cell(col.kind, None) for col in columns] * (width // len(columns))
            yield Row("…", tuple(cells))
            return
        for section in distinct(list(rows), self.sections) if self.sections else ("",):
            here = [row for row in rows if not self.sections or row[self.sections] == section]
            words = shown.words(self.sections, section) if self.sections else ""
            if self.also_by and len(parts := distinct(here, self.also_by)) > 1:
                for part in parts:
                    heads = [text for text in (words, shown.words(self.also_by, part)) if text]
                    yield Row(": ".join(heads), section=True)
                    chosen = [row for row in here if row[self.also_by] == part]
                    yield from self._section(shown, columns, chosen, indent=1)
                continue
            if self.sections:
                yield Row(words, section=True)
            yield from self._section(shown, columns, here, indent=1 if self.sections else 0)

    def _section(
        self, shown: Shown, columns: Sequence[Col], rows: Sequence[ResultRow], indent: int
    ) -> Iterator[Row]:
        if not self.by_arm:
            for row in rows:
                cells = (shown.cell(col.kind, row, rows) for col in columns)
                yield Row(self.label.of(shown, row), tuple(cells), indent=indent)
            return
        by_place = {(row[self.label.column], row.get("arm")): row for row in rows}
        for value in distinct(list(rows), self.label.column):
            first = next(row for row in rows if row[self.label.column] == value)
            if self._is_long(shown, columns):
                yield Row(self.label.of(shown, first), section=True)
                for arm in shown.arms:
                    at = by_place.get((value, arm))
                    in_line = tuple(shown.cell(col.kind, at, rows) for col in columns)
                    yield Row(shown.label(arm), in_line, indent=1)
                continue
            cells_by_arm: list[Cell] = []
            for arm in shown.arms:
                cells_by_arm += [shown.cell(c.kind, by_place.get((value, arm)), rows) for c in columns]
            yield Row(self.label.of(shown, first), tuple(cells_by_arm), indent=indent)


def _any(rows: Sequence[ResultRow], column: Col) -> bool:
    return any(row.has(need) for row in rows for need in column.kind.needs)
