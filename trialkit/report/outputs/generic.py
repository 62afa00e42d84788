"""Any result whose kind has no layout of its own: its tables as they are, formatted by what columns mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialkit import numbers
from trialkit.documents.declared.rows import ResultRow
from trialkit.documents.declared.wording import readable
from trialkit.documents.page import Block
from trialkit.documents.table import Cell, Column, Row, Table
from trialkit.report.rows import rows_of

if TYPE_CHECKING:
    from trialkit.analysis.results import AnalysisResult
    from trialkit.report.context import Context

CHAPTER = "14.2"
HEADS = {"ci_lower": "CI lower", "ci_upper": "CI upper", "p_value": "p", "df": "df", "standard_error": "SE"}


def blocks(result: AnalysisResult, context: Context) -> list[Block]:
    return [_table(result, context, name) for name in result.tables if rows_of(result, name)]


def _table(result: AnalysisResult, context: Context, name: str) -> Table:
    rows = rows_of(result, name)
    columns = list(rows[0].values)
    lines = []
    for row in rows:
        label = _cell(row, columns[0], context).text
        lines.append(Row(label, tuple(_cell(row, column, context) for column in columns[1:])))
    return Table(
        number=context.number("table", CHAPTER),
        title=f"{result.title}: {readable(name).lower()}",
        columns=tuple(Column(HEADS.get(column, readable(column))) for column in columns),
        rows=tuple(lines),
        population=context.population(result),
        method=result.method,
        footnotes=context.exclusions(result),
        source=context.source(result),
    )


def _cell(row: ResultRow, column: str, context: Context) -> Cell:
    value = row[column]
    reference = (row.reference(column),)
    if isinstance(value, str):
        if column in ("arm", "group"):
            return Cell(context.label(value), reference)
        words = context.contrast_words(value) if column == "contrast" else value
        return Cell(context.term_words(value) if column == "term" else words, reference)
    if isinstance(value, bool):
        return Cell("yes" if value else "no", reference)
    if numbers.is_missing(value):
        return Cell(numbers.EN_DASH, reference, reason="no value in the results")
    if column == "p_value":
        return Cell(numbers.p_value(value), reference)
    whole = float(value).is_integer() and (column.startswith("n") or isinstance(value, int) or column == "df")
    return Cell(numbers.fixed(value, 0 if whole else max(2, numbers.decimals_for_spread(value))), reference)
