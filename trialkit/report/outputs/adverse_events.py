"""Adverse events by arm received: subjects counted once a line, events counted separately; no p-values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialkit.documents.page import Block
from trialkit.documents.table import Cell, Column, Row, Table
from trialkit.report.rows import count_cell, distinct, percent_cell, rows_of

if TYPE_CHECKING:
    from trialkit.analysis.results import AnalysisResult
    from trialkit.report.context import Context

CHAPTER = "14.3"


def blocks(result: AnalysisResult, context: Context) -> list[Block]:
    outputs: list[Block] = [_table(result, context, "overview", "measure", "Adverse events: overview", "")]
    if rows_of(result, "by_category"):
        outputs.append(
            _table(result, context, "by_category", "category", "Adverse events by category", "Category")
        )
    return outputs


def _table(result: AnalysisResult, context: Context, table: str, label: str, title: str, head: str) -> Table:
    rows = rows_of(result, table)
    by_place = {(row[label], row["arm"]): row for row in rows}
    columns = [Column(head)]
    for arm in context.arms:
        size = context.arm_head(result, arm)
        group = f"{context.label(arm)} ({size})" if size else context.label(arm)
        columns += [Column("Subjects, n (%)", group=group), Column("Events", group=group)]
    lines = []
    for value in distinct(rows, label):
        cells: list[Cell] = []
        for arm in context.arms:
            row = by_place.get((value, arm))
            cells += [percent_cell(row, "n_subjects", "percent"), count_cell(row, "n_events")]
        lines.append(Row(str(value), tuple(cells)))
    return Table(
        number=context.number("table", CHAPTER),
        title=title,
        columns=tuple(columns),
        rows=tuple(lines),
        population=context.population(result),
        method=result.method,
        footnotes=("A subject with several events is counted once in a line.",),
        source=context.source(result),
    )
