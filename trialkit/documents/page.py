"""What a page holds: figures, notices, the analyses with their outputs, and sections of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from trialkit.documents.table import Cell, ResultReference, Table
from trialkit.figures.drawing import Drawing


@dataclass(frozen=True, slots=True)
class Figure:
    """One numbered figure, with the words that stand for it where it cannot be seen."""

    number: str
    title: str
    drawing: Drawing
    alt: str
    population: str = ""
    method: str = ""
    footnotes: tuple[str, ...] = ()
    source: str = ""

    @property
    def svg(self) -> str:
        return self.drawing.svg

    @property
    def anchor(self) -> str:
        return "figure-" + self.number.replace(".", "-").lower()


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the reader has to know in this place; ``tone`` is ``note`` or ``failure``."""

    title: str
    text: str
    tone: str = "note"
    source: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One numbered statement with its evidence, as in a list of a protocol's contradictions."""

    title: str
    text: str
    tag: str = ""


@dataclass(frozen=True, slots=True)
class Findings:
    intro: str
    items: tuple[Finding, ...]


Value = float | int | str | bool | None
Block = Table | Figure | Notice | Findings


@dataclass(frozen=True, slots=True)
class Entry:
    """One analysis on the page: its heading and its outputs, and below them sentences on it."""

    anchor: str
    title: str
    blocks: tuple[Block, ...]
    tag: str = ""
    lead: str = ""
    notes: tuple[Cell, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    anchor: str
    title: str
    entries: tuple[Entry, ...]
    lead: str = ""


@dataclass(frozen=True, slots=True)
class Highlight:
    """The answer to the main question, at the top.

    ``statement`` is the headline number; ``facts`` are (label, cell) pairs; ``remarks`` are
    sentences, which lead to the numbers they are said of.
    """

    question: str
    statement: Cell
    caption: str
    facts: tuple[tuple[str, Cell], ...]
    remarks: tuple[tuple[str, Cell], ...]  # (heading, sentence)
    figure: Figure | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What stands behind the numbers of one analysis: how they were made, by which entry, and their rows."""

    analysis: str
    title: str
    model: str  # in words
    plan_entry: str  # as the plan writes it; empty where there is none
    rows: Mapping[tuple[str, int], Mapping[str, Value]]  # (table, row from 0) -> column -> full precision


@dataclass(frozen=True, slots=True)
class Page:
    """One self-contained document.

    ``watermark`` empty means none; ``state`` is printed beside the title. ``evidence`` lets a reader go from
    a printed number to its row, its model and its entry of the plan.
    """

    title: str
    kicker: str
    state: str
    state_tone: str  # "final" or "draft"
    facts: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    highlight: Highlight | None = None
    watermark: str = ""
    footer: str = ""
    language: str = "en"
    evidence: tuple[Evidence, ...] = ()

    def value_of(self, reference: ResultReference) -> Value:
        """The number a cell was printed from, at full precision; None without evidence of it."""
        for one in self.evidence:
            if one.analysis == reference.analysis:
                return one.rows.get((reference.table, reference.row), {}).get(reference.column)
        return None
