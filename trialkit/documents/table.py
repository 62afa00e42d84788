"""The table object: what a table says, before anyone decides how it looks."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from trialkit.documents.errors import DocumentError
from trialkit.wording import said

Align = Literal["left", "center", "right"]


KEPT_TOGETHER = 6  # lines below a heading that are not parted by a page
FOLDED_BEYOND = 40  # lines of a listing
LISTING = "Listing"


@dataclass(frozen=True, slots=True)
class ResultReference:
    """Where a printed number comes from: one field of one table of one analysis in ``results.json``."""

    analysis: str
    table: str
    row: int  # counted from 0
    column: str

    def __str__(self) -> str:
        return f"{self.analysis}/{self.table}/{self.row}/{self.column}"


@dataclass(frozen=True, slots=True)
class Cell:
    """A printed value. ``reason`` says why there is no number, or what to know of it; it is printed below the
    table.

    ``places`` are words of the text with the anchor of the page they name: links, with page numbers on paper.
    """

    text: str
    references: tuple[ResultReference, ...] = ()
    reason: str = ""
    places: tuple[tuple[str, str], ...] = ()  # in the order of the text


@dataclass(frozen=True, slots=True)
class Column:
    """A column.

    ``note`` is the second line of its head, such as ``N = 157``; neighbours with the same ``group`` share a
    spanning head above them.
    """

    label: str
    note: str = ""
    align: Align = "center"
    group: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A line: a label and one cell for every column after the first.

    ``section`` rows are headings inside the table and may have no cells; a ``spanning`` row has one cell,
    which belongs to all columns together.
    """

    label: str
    cells: tuple[Cell, ...] = ()
    indent: int = 0
    section: bool = False
    spanning: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One numbered table.

    Parameters
    ----------
    number
        As printed after the word Table: ``14.2.1``; empty for a table without one.
    kind
        What it is called: of data by subject a Listing, as ICH E3 has it.
    population
        The analysis set with the numbers in it, in words.
    columns
        The first names the row labels; the others match each row's cells.
    method
        How the numbers were made, in words.
    source
        Plan entry, analysis set, snapshot hash.

    Raises
    ------
    DocumentError
        A row with another number of cells than the table has columns.
    """

    number: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    population: str = ""
    method: str = ""
    footnotes: tuple[str, ...] = ()
    source: str = ""
    kind: str = "Table"

    def __post_init__(self) -> None:
        for position, row in enumerate(self.rows):
            if row.section and not row.cells:
                continue
            expected = 1 if row.spanning else len(self.columns) - 1
            if len(row.cells) != expected:
                raise DocumentError(
                    expected=said("cells in the row: {expected}", expected=expected),
                    found=said("{n_cells} in the row {label!r}", n_cells=len(row.cells), label=row.label),
                    where=said("{table}, row {position}", table=self.called, position=position + 1),
                    next_step="Give every column a cell; an absent number is a Cell with a reason.",
                )

    @property
    def kept(self) -> tuple[bool, ...]:
        """For each row whether it stands on the page of the row after it: a heading, and all but the last
        line of the few below it, so that the levels of a category are not parted."""
        kept = [row.section for row in self.rows]
        for start in [place for place, row in enumerate(self.rows) if row.section]:
            end = start + 1
            while end < len(self.rows) and self.rows[end].indent and not self.rows[end].section:
                end += 1
            if end - start - 1 <= KEPT_TOGETHER:
                kept[start : end - 1] = [True] * (end - 1 - start)
        return tuple(kept)

    @property
    def folds(self) -> bool:
        """Whether a screen shows it when asked: data by subject, longer than a reader goes through."""
        return self.kind == LISTING and len(self.rows) > FOLDED_BEYOND

    @property
    def called(self) -> str:
        """``Table 14.2.1``."""
        return f"{self.kind} {self.number}" if self.number else ""

    @property
    def anchor(self) -> str:
        return f"{self.kind.lower()}-" + self.number.replace(".", "-").lower()

    @property
    def column_groups(self) -> tuple[tuple[str, int], ...]:
        """The spanning heads with the number of columns under each; none where no column has one."""
        if not any(column.group for column in self.columns):
            return ()
        return tuple((group, len(list(run))) for group, run in groupby(c.group for c in self.columns))

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why cells are empty, each reason once, in the order a reader meets them."""
        return tuple(dict.fromkeys(cell.reason for row in self.rows for cell in row.cells if cell.reason))

    def footnote_mark(self, reason: str) -> str:
        """The letter under which a reason is printed: a, b, c ..., after z: aa, bb, cc ..."""
        again, letter = divmod(self.reasons.index(reason), 26)
        return chr(ord("a") + letter) * (again + 1)
