"""A table with one column an arm and lines of different kinds below each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from trialkit.documents.declared.cells import CellKind
from trialkit.documents.declared.listed import MOST_SIDES
from trialkit.documents.declared.output import Chapter
from trialkit.documents.declared.rows import ResultRow, distinct
from trialkit.documents.declared.shown import Shown
from trialkit.documents.declared.wording import lower_first
from trialkit.documents.page import Block, Notice
from trialkit.documents.table import Cell, Column, Row, Table

Choose = Callable[[ResultRow], bool]


class Line(Protocol):
    def lines(self, shown: Shown, layout: Stacked) -> Iterator[Row]: ...


@dataclass(frozen=True)
class Section:
    """A heading inside the table; left out where the table ``source`` is empty."""

    label: str
    source: str = ""

    def lines(self, shown: Shown, layout: Stacked) -> Iterator[Row]:
        if not self.source or shown.is_shell or shown.rows(self.source):
            yield Row(self.label.format(interval=shown.interval), section=True)


@dataclass(frozen=True)
class ByArm:
    """One statistic, a cell an arm. Left out where no arm has it, or where ``where`` chooses no row."""

    label: str
    source: str
    kind: CellKind
    indent: int = 1
    where: Choose | None = None

    def lines(self, shown: Shown, layout: Stacked) -> Iterator[Row]:
        rows = [row for row in shown.rows(self.source) if self.where is None or self.where(row)]
        if rows or shown.is_shell:
            yield layout.row(shown, self.label, self.kind, rows, self.indent)


@dataclass(frozen=True)
class Difference:
    """A statistic of the contrast, in the last column; its ``label`` may depend on the row."""

    label: str | Callable[[ResultRow], str]
    source: str
    kind: CellKind
    indent: int = 1
    optional: bool = False

    def of(self, shown: Shown, layout: Stacked, row: ResultRow | None) -> Row:
        example = shown.planned_test or row
        made = self.label if isinstance(self.label, str) else (self.label(example) if example else "p")
        cells = (*(Cell("") for _ in layout.columns_of(shown)), shown.cell(self.kind, row))
        return Row(made.format(interval=shown.interval), cells, self.indent)


@dataclass(frozen=True)
class Contrasts:
    """The contrast of ``source`` under its own heading, with its statistics below. Those of more than two
    arms have a table of their own."""

    source: str
    statistics: tuple[Difference, ...]

    def lines(self, shown: Shown, layout: Stacked) -> Iterator[Row]:
        if layout.extra_of(shown) is None:
            return
        rows: Sequence[ResultRow | None] = shown.rows(self.source) or ([None] if shown.is_shell else [])
        for row in rows:
            words = shown.words("contrast", row["contrast"]) if row else "Test minus reference"
            yield Row(words, section=True)
            for one in self.statistics:
                if one.optional and row is not None and not all(row.has(c) for c in one.kind.needs):
                    continue
                yield one.of(shown, layout, row)


@dataclass(frozen=True)
class Each:
    """The same lines for every value of a column: a landmark time, a level. ``as_given``: in the order of the
    rows, not of the values."""

    source: str
    by: str
    kind: CellKind
    label: Callable[[Any], str] = str
    heading: str = ""
    indent: int = 1
    where: Choose | None = None
    as_given: bool = False

    def lines(self, shown: Shown, layout: Stacked) -> Iterator[Row]:
        rows = [row for row in shown.rows(self.source) if self.where is None or self.where(row)]
        if self.heading and (rows or shown.is_shell):
            yield Row(self.heading.format(interval=shown.interval), section=True)
        if not rows and shown.is_shell:
            yield layout.row(shown, "…", self.kind, [], self.indent)
        values = distinct(rows, self.by)
        for value in values if self.as_given else sorted(values):
            here = [row for row in rows if row[self.by] == value]
            yield layout.row(shown, self.label(value), self.kind, here, self.indent)


@dataclass(frozen=True)
class Spanning:
    """A line whose one cell belongs to all columns together: a test over the arms. ``several``: only where
    there are more than two."""

    source: str
    label: Callable[[ResultRow], str]
    kind: CellKind
    shell: str = "Test"
    several: bool = False
    asked: str = ""  # as of a listed table

    def lines(self, shown: Shown, layout: Stacked) -> Iterator[Row]:
        if self.several and len(shown.arms) <= MOST_SIDES:
            return
        planned = shown.is_shell and (not self.asked or shown.asks(self.asked))
        rows: Sequence[ResultRow | None] = shown.rows(self.source) or ([None] if planned else [])
        for row in rows:
            label = self.label(row) if row and not shown.is_shell else self.shell
            yield Row(label, (shown.cell(self.kind, row),), spanning=True)


@dataclass(frozen=True)
class Stacked:
    """Lines below each other over one column an arm, and one more for differences or all subjects."""

    name: str
    title: str
    lines: tuple[Line, ...]
    chapter: Chapter = Chapter.EFFICACY
    first: str = ""
    extra: Mapping[str, str] | None = None  # head and note of a last column for differences
    total: str = ""  # the name under which results hold all subjects together
    footnotes: tuple[str, ...] = ()
    footnotes_of: str = ""  # the table of the results that the footnotes are about: none without it
    reveals_arm: bool = False
    once: bool = False  # not again where an earlier entry has the same numbers in every line
    in_unit: bool = False  # the caption: the entry, what is measured, its unit

    def printed(self, shown: Shown) -> list[Block]:
        endpoint = str(shown.scales.get("endpoint", shown.title))
        title = self.title.format(title=shown.title, endpoint=endpoint)
        if self.in_unit:
            title = shown.words("with_unit", (measured_in(shown.title, endpoint), shown.scales.get("unit")))
        if self.once and (same := shown.earlier(*self._sources())):
            number = shown.number("table", self.chapter)
            return [Notice(f"Table {number}. {title}", f"is that of entry {same}.")]
        rows = [row for line in self.lines for row in line.lines(shown, self)]
        if not rows:
            return []
        heads = [Column(self._head(shown, arm), shown.arm_head(arm)) for arm in self.columns_of(shown)]
        if extra := self.extra_of(shown):
            heads += [Column(head, note.format(direction=shown.direction)) for head, note in extra.items()]
        return [
            Table(
                number=shown.number("table", self.chapter),
                title=title,
                columns=(Column(self.first), *heads),
                rows=tuple(rows),
                population=shown.population,
                method=shown.method,
                footnotes=self._told_below(shown),
                source=shown.source,
            )
        ]

    def _told_below(self, shown: Shown) -> tuple[str, ...]:
        there = not self.footnotes_of or shown.is_shell or shown.rows(self.footnotes_of)
        return self.footnotes if there else ()

    def _sources(self) -> list[str]:
        """Every table of the results that a line is made from."""
        sources = (getattr(line, "source", "") for line in self.lines)
        return list(dict.fromkeys(source for source in sources if source))

    def extra_of(self, shown: Shown) -> Mapping[str, str] | None:
        """The column of differences, where two arms have one."""
        return self.extra if len(shown.arms) <= MOST_SIDES else None

    def columns_of(self, shown: Shown) -> list[str]:
        """The arms, and all subjects together where the table shows them; one column where there is one."""
        return [*shown.arms, self.total] if self.total and len(shown.arms) > 1 else list(shown.arms)

    def _head(self, shown: Shown, arm: str) -> str:
        return "All" if arm == self.total else shown.label(arm)

    def row(self, shown: Shown, label: str, kind: CellKind, rows: Sequence[ResultRow], indent: int) -> Row:
        by_arm = {row.get("arm"): row for row in rows}
        among = list(rows)
        cells = [shown.cell(kind, by_arm.get(arm), among) for arm in self.columns_of(shown)]
        blank = [Cell("")] if self.extra_of(shown) else []
        return Row(label.format(interval=shown.interval), (*cells, *blank), indent)


def measured_in(title: str, endpoint: str) -> str:
    """The entry's title with what is measured behind it, unless it names that itself."""
    return title if endpoint.lower() in title.lower() else f"{title}: {lower_first(endpoint)}"
