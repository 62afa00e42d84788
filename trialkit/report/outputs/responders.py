"""Responders: proportions by arm, absolute and relative effects (CONSORT 2025 item 26)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trialkit import numbers
from trialkit.documents.page import Block
from trialkit.documents.table import Cell, Column, Row, Table
from trialkit.report.context import readable
from trialkit.report.rows import ResultRow, absent, distinct, estimate_cell, p_cell, rows_of

if TYPE_CHECKING:
    from trialkit.analysis.results import AnalysisResult
    from trialkit.report.context import Context

CHAPTER = "14.2"
DIFFERENCE = "risk difference"
NEEDED_TO_TREAT = "number needed to treat"


def blocks(result: AnalysisResult, context: Context) -> list[Block]:
    return [_proportions(result, context), _effects(result, context)]


def _proportions(result: AnalysisResult, context: Context) -> Table:
    rows = rows_of(result, "proportions")
    by_place = {(row["definition"], row["arm"]): row for row in rows}
    interval = context.interval_label(result)
    columns = [Column("Definition of response")]
    for arm in context.arms:
        columns += [Column(head, group=context.label(arm)) for head in ("n / N", f"% ({interval})")]
    lines = []
    for definition in distinct(rows, "definition"):
        cells: list[Cell] = []
        for arm in context.arms:
            row = by_place.get((definition, arm))
            cells += [_of(row), estimate_cell(row, 1, estimate="proportion", scale=100)]
        lines.append(Row(str(definition), tuple(cells)))
    return _table(result, context, "Responders by arm", columns, lines, context.exclusions(result))


def _of(row: ResultRow | None) -> Cell:
    if row is None or not row.has("responders"):
        return absent()
    text = f"{numbers.integer(row['responders'])} / {numbers.integer(row['n'])}"
    return Cell(text, (row.reference("responders"), row.reference("n")))


def _effects(result: AnalysisResult, context: Context) -> Table:
    rows = rows_of(result, "contrasts")
    with_p = any(row.has("p_value") for row in rows)
    columns = [Column("Effect"), Column("Estimate", f"({context.interval_label(result)})")]
    columns += [Column("p", "two-sided")] if with_p else []
    lines: list[Row] = []
    for definition in distinct(rows, "definition"):
        lines.append(Row(str(definition), section=True))
        for row in (row for row in rows if row["definition"] == definition):
            cells = [_estimate(row)]
            cells += [p_cell(row)] if with_p else []
            lines.append(Row(_measure(row["measure"]), tuple(cells), indent=1))
    words = dict.fromkeys(context.contrast_words(row["contrast"]) for row in rows)
    notes = (f"Contrast: {'; '.join(words)}.", *_needed_note(rows))
    return _table(result, context, "Effect on response", columns, lines, notes)


def _measure(measure: Any) -> str:
    text = str(measure).lower()
    return "Risk difference, percentage points" if text == DIFFERENCE else readable(text)


def _estimate(row: ResultRow) -> Cell:
    measure = str(row["measure"]).lower()
    if measure == DIFFERENCE:
        return estimate_cell(row, 1, scale=100)
    if measure == NEEDED_TO_TREAT:
        return _needed_cell(row)
    return estimate_cell(row, 2)


def _needed_cell(row: ResultRow) -> Cell:
    """A number needed to treat; its interval passes through infinity where the difference's passes zero."""
    if not row.has("estimate"):
        return absent("not defined: the difference is zero")
    limits = row["ci_lower"], row["ci_upper"]
    references = tuple(row.reference(column) for column in ("estimate", "ci_lower", "ci_upper"))
    estimate = numbers.fixed(row["estimate"], 1)
    if any(numbers.is_missing(limit) for limit in limits):
        return Cell(estimate, references, reason="no interval: the interval of the difference contains zero")
    joint = " to ∞ to " if min(limits) < 0 < max(limits) and float("inf") not in map(abs, limits) else " to "
    return Cell(f"{estimate} ({numbers.span(*limits, 1, joint)})", references)


def _needed_note(rows: list[ResultRow]) -> tuple[str, ...]:
    if not any(str(row["measure"]).lower() == NEEDED_TO_TREAT for row in rows):
        return ()
    return ("A negative number needed to treat is a number needed to harm.",)


def _table(
    result: AnalysisResult,
    context: Context,
    title: str,
    columns: list[Column],
    rows: list[Row],
    footnotes: tuple[str, ...],
) -> Table:
    return Table(
        number=context.number("table", CHAPTER),
        title=title,
        columns=tuple(columns),
        rows=tuple(rows),
        population=context.population(result),
        method=result.method,
        footnotes=footnotes,
        source=context.source(result),
    )
