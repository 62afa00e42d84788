"""Tables of estimates that several kinds share: differences, ratios, coefficients."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialkit import numbers
from trialkit.documents.table import Column, Row, Table
from trialkit.report.context import readable
from trialkit.report.rows import ResultRow, estimate_cell, number_cell, p_cell, rows_of

if TYPE_CHECKING:
    from trialkit.analysis.results import AnalysisResult
    from trialkit.report.context import Context


def alternative_words(row: ResultRow) -> str:
    """``two-sided``, or one-sided with the direction in words."""
    alternative = row.get("alternative")
    null = numbers.fixed(row.get("null_value") if row.has("null_value") else 0, 2)
    null = null.rstrip("0").rstrip(".") if "." in null else null
    if alternative in ("less", "greater"):
        return f"one-sided (H₁: {'below' if alternative == 'less' else 'above'} {null})"
    return "two-sided"


def estimates_table(
    result: AnalysisResult,
    context: Context,
    table: str,
    label_column: str,
    title: str,
    chapter: str,
    head: str,
    *,
    estimate_head: str = "Estimate",
    error_column: str = "standard_error",
) -> Table:
    """One line an estimate: interval, standard error where there is one, p where it was tested."""
    rows = rows_of(result, table)
    with_error = any(row.has(error_column) for row in rows)
    with_p = any(row.has("p_value") for row in rows)
    columns = [Column(head), Column(estimate_head, f"({context.interval_label(result)})")]
    columns += [Column("SE", "of the log" if error_column.startswith("log") else "")] if with_error else []
    columns += [Column("p", alternative_words(rows[0]))] if with_p else []
    lines = []
    for row in rows:
        decimals = decimals_of(row, error_column)
        cells = [estimate_cell(row, decimals)]
        cells += [number_cell(row, error_column, max(decimals, 2))] if with_error else []
        cells += [p_cell(row)] if with_p else []
        label = str(row[label_column])
        lines.append(Row(_words(label_column, label, context), tuple(cells)))
    return Table(
        number=context.number("table", chapter),
        title=title,
        columns=tuple(columns),
        rows=tuple(lines),
        population=context.population(result),
        method=result.method,
        footnotes=("SE, standard error.",) if with_error else (),
        source=context.source(result),
    )


def _words(column: str, label: str, context: Context) -> str:
    if column == "term":
        return context.term_words(label)
    return context.contrast_words(label) if column == "contrast" else readable(label)


def decimals_of(row: ResultRow, error_column: str = "standard_error") -> int:
    """Two decimals, more where the standard error is so small that two would hide it."""
    error = row.get(error_column)
    return max(2, numbers.decimals_for_spread(error) if row.has(error_column) else 2)
