"""What a declared table is printed from: a result, or a plan entry before there are data (a shell)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from trialkit.documents.declared.rows import ResultRow
from trialkit.documents.table import Cell, Row

if TYPE_CHECKING:
    from trialkit.documents.declared.cells import CellKind


class Shown(ABC):
    """One entry of the plan as it is being printed.

    ``title``, ``method``, ``population`` and ``source`` are in words; ``scales`` says how its
    numbers are to be read (``endpoint unit better mcid confidence_level alpha``).
    """

    title: str
    method: str
    population: str
    source: str
    scales: Mapping[str, Any]
    interval: str  # "95% CI"
    arms: Sequence[str]  # test arm first

    @abstractmethod
    def rows(self, table: str) -> list[ResultRow]:
        """The rows of one table of the result; of a shell, its lines as far as the plan names them."""

    @abstractmethod
    def cell(self, kind: CellKind, row: ResultRow | None, among: Sequence[ResultRow] = ()) -> Cell:
        """A cell filled from its row, or as it will look; decimals agree with the rows ``among``."""

    @abstractmethod
    def number(self, kind: str, chapter: str) -> str:
        """The next number of a ``table`` or ``figure`` of the chapter."""

    @abstractmethod
    def label(self, arm: Any) -> str:
        """An arm as the study calls it."""

    @abstractmethod
    def arm_head(self, arm: str) -> str:
        """``N = 157``."""

    @abstractmethod
    def words(self, column: str, value: Any) -> str:
        """A value of a label column for readers: terms, contrasts and arms in words."""

    @property
    @abstractmethod
    def is_shell(self) -> bool: ...

    def asks(self, key: str) -> bool:
        """Whether the entry says something under a key, or with ``KEY:WORD`` has that word in its list there;
        a result shows that by its rows."""
        return False

    direction: str = "test minus reference"  # what a difference is taken from
    planned_test: ResultRow | None = None  # of a shell: the side and null value of its contrasts' test

    def earlier(self, *tables: str) -> str:
        """The id of an earlier entry with the same numbers in all these tables; empty where there is none."""
        return ""

    def known_rows(self, table: str) -> tuple[Row, ...]:
        """Lines the page knows from elsewhere, such as what a simulator planted."""
        return ()

    def known_notes(self, table: str) -> tuple[str, ...]:
        return ()
