"""One result, as the declared tables and figures of its method are printed from it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from trialkit import numbers
from trialkit.analysis.modes import Mode
from trialkit.documents.declared import CellKind, DeclaredFigure, Output, Shown
from trialkit.documents.declared.rows import ResultRow
from trialkit.documents.declared.wording import readable, with_unit
from trialkit.documents.page import Block, Notice
from trialkit.documents.table import Cell, ResultReference, Row
from trialkit.report.rows import rows_of
from trialkit.report.told import TRUTH

if TYPE_CHECKING:
    from trialkit.analysis.results import AnalysisResult
    from trialkit.report.context import Context

RATE_DECIMALS = 1
DIFFERENCE = "risk difference"


class ShownResult(Shown):
    """A result with the labels and numbering of its report."""

    is_shell = False

    def __init__(self, result: AnalysisResult, context: Context) -> None:
        self._result, self._context = result, context
        self.title, self.method = result.title, result.method
        self.population, self.source = context.population(result), context.source(result)
        self.scales = context.scales(result)
        self.interval = context.interval_label(result)
        self.arms = list(result.arms) or context.arms
        if context.has_letters:
            self.direction = " minus ".join(self.arms[:2])

    def printed(self, output: Output) -> list[Block]:
        """An output, unless the report is not the place for it."""
        if getattr(output, "only_primary", False) and self._result.role != "primary":
            return []
        blocks = output.printed(self)
        return blocks or self._nothing(output)

    def _nothing(self, output: Output) -> list[Block]:
        """Where a result has no rows for an output, a line under its number: the plan's shell has one too."""
        title = getattr(output, "title", "")
        alike = self._context.results.mode in (Mode.UNBLINDED, Mode.DRY_RUN)
        told = any(getattr(output, name, None) for name in ("several", "asked", "either"))
        if not title or not alike or told:
            return []
        kind = "figure" if isinstance(output, DeclaredFigure) else "table"
        words = {"title": self.title, "endpoint": self.scales.get("endpoint", self.title)}
        called = title.format(interval=self.interval, **words)
        number = self.number(kind, output.chapter)
        why = f"has nothing to show: {self._why_nothing(output)}."
        return [Notice(f"{kind.capitalize()} {number}. {called}", why)]

    def _why_nothing(self, output: Output) -> str:
        """Why there is no table or picture: no line for it, too few, or none that can be drawn."""
        if not self.rows(getattr(output, "source", "")):
            return getattr(output, "without", "") or "the analysis found no line for it"
        if isinstance(output, DeclaredFigure) and (found := output.found(self)) < output.least:
            there = "one there is" if found == 1 else f"{found} there are"
            return f"a picture needs {output.least} lines, and the table tells the {there}"
        return "its values make no picture"

    def rows(self, table: str) -> list[ResultRow]:
        return rows_of(self._result, table)

    def cell(self, kind: CellKind, row: ResultRow | None, among: Sequence[ResultRow] = ()) -> Cell:
        return kind.fill(row, among)

    def number(self, kind: str, chapter: str) -> str:
        return self._context.number(kind, chapter)

    def label(self, arm: Any) -> str:
        return self._context.label(arm)

    def arm_head(self, arm: str) -> str:
        return self._context.arm_head(self._result, arm)

    def words(self, column: str, value: Any) -> str:
        return words(self._context, column, value)

    def earlier(self, *tables: str) -> str:
        same = self._context.earlier(self._result, tables)
        return same.id if same is not None else ""

    def known_rows(self, table: str) -> tuple[Row, ...]:
        """Wrong values that stayed in the final record: as measured against paper, and as planted."""
        truth, lines = self._context.truth, []
        if table == "quality" and truth.measured_errors_per_10000 is not None:
            text = numbers.estimate_interval(*truth.measured_errors_per_10000, RATE_DECIMALS)
            label = "Wrong final values per 10,000 fields, held against paper (95% CI)"
            lines.append(
                Row(label, (Cell(text, _known("measured_errors_per_10000", "ci_lower", "ci_upper")),))
            )
        if table == "quality" and truth.residual_errors_per_10000 is not None:
            text = numbers.fixed(truth.residual_errors_per_10000, RATE_DECIMALS)
            cell = Cell(text, _known("residual_errors_per_10000"))
            lines.append(Row("Wrong final values per 10,000 fields, known to the simulator", (cell,)))
        return tuple(lines)

    def known_notes(self, table: str) -> tuple[str, ...]:
        if table != "quality" or self._context.truth.residual_errors_per_10000 is None:
            return ()
        return ("The simulator's truth is known only because it made the errors.",)


def _known(*columns: str) -> tuple[ResultReference, ...]:
    return tuple(ResultReference(TRUTH, "quality", 0, column) for column in columns)


def words(context: Context, column: str, value: Any) -> str:
    """A value of a label column for readers."""
    if column == "with_unit":
        return with_unit(*value)
    if column == "term":
        return context.term_words(value)
    if column == "contrast":
        return context.contrast_words(value)
    if column in ("arm", "group"):
        return context.label(value)
    if column != "measure":
        return str(value)
    return measure_words(str(value))


def measure_words(measure: str) -> str:
    """``risk difference`` in the unit it is printed in; other measures with a capital."""
    if not measure.lower().startswith(DIFFERENCE):
        return readable(measure)
    return f"{readable(measure)}, percentage points"
