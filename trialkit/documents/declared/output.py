"""What an entry of a plan prints: declared tables and figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

from trialkit.documents.page import Block, Figure, Notice

if TYPE_CHECKING:
    from trialkit.documents.declared.shown import Shown


class Chapter(StrEnum):
    """Where an output is numbered, in the manner of ICH E3."""

    SUBJECTS = "14.1"
    EFFICACY = "14.2"
    SAFETY = "14.3"
    APPENDIX = "16.1"
    LISTINGS = "16.2"


class Output(Protocol):
    """A declared table or figure.

    ``reveals_arm``: it would tell which masked group is which arm whatever its numbers are, so a masked run
    prints in its place that it is available after unblinding.
    """

    @property
    def name(self) -> str: ...

    @property
    def chapter(self) -> Chapter: ...

    @property
    def reveals_arm(self) -> bool: ...

    def printed(self, shown: Shown) -> list[Block]: ...


@dataclass(frozen=True)
class Drawn:
    """A figure as a method draws it: the drawing, its words, and a note below."""

    svg: Any
    alt: str
    footnotes: tuple[str, ...] = ()
    title: str = ""


@dataclass(frozen=True)
class DeclaredFigure:
    """A figure: what it will show in words, and how it is drawn from the rows of ``source``.

    ``draw`` is given what is shown and the figure's key (its number with hyphens, for names inside the SVG);
    None where the result has nothing to draw.
    """

    name: str
    source: str
    title: str
    describes: str
    draw: Callable[[Shown, str], Drawn | None]
    chapter: Chapter = Chapter.EFFICACY
    reveals_arm: bool = False
    once: bool = False  # not again where an earlier entry has the same numbers
    asked: str = ""  # the entry's key without which it is not drawn, nor numbered
    least: int = 1  # lines: fewer make no picture, the table says it all
    line: str = ""  # the column of which every value is a line; empty: every row is one
    without: str = ""  # why there may be no rows, in words
    either: bool = False  # this or another output, which the plan knows: without rows, not numbered either

    def found(self, shown: Shown) -> int:
        """How many lines there are to draw."""
        rows = shown.rows(self.source)
        return len({str(row[self.line]) for row in rows}) if self.line else len(rows)

    def printed(self, shown: Shown) -> list[Block]:
        if self.asked and not shown.rows(self.source) and not shown.asks(self.asked):
            return []
        title = self.title.format(title=shown.title, **_words(shown))
        if shown.is_shell and self.either and not shown.rows(self.source):
            return []
        if shown.is_shell:
            number = shown.number("figure", self.chapter)
            return [Notice(f"Figure {number}. {title}", self.describes)]
        if self.found(shown) < self.least:
            return []
        if self.once and (same := shown.earlier(self.source)):
            number = shown.number("figure", self.chapter)
            return [Notice(f"Figure {number}. {title}", f"is that of entry {same}.")]
        number = shown.number("figure", self.chapter)
        drawn = self.draw(shown, f"{self.name}-{number.replace('.', '-')}")
        if drawn is None:
            return []
        return [
            Figure(
                number,
                drawn.title or title,
                drawn.svg,
                drawn.alt,
                population=shown.population,
                method=shown.method,
                footnotes=drawn.footnotes,
                source=shown.source,
            )
        ]


def _words(shown: Shown) -> dict[str, str]:
    return {"endpoint": str(shown.scales.get("endpoint", "")), "interval": shown.interval}
