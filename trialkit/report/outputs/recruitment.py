"""Recruitment: by month as a figure, by site as a table, printed from the result ``_recruitment``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialkit import numbers
from trialkit.documents.declared.rows import ResultRow, count_cell
from trialkit.documents.page import Block, Figure
from trialkit.documents.table import Cell, Column, Row, Table
from trialkit.figures.recruitment import draw_recruitment
from trialkit.report.rows import rows_of
from trialkit.report.told import RECRUITMENT

if TYPE_CHECKING:
    from trialkit.analysis.results import AnalysisResult
    from trialkit.report.context import Context

CHAPTER = "14.1"


def blocks(context: Context) -> list[Block]:
    """The figure and the table; nothing where the results hold no recruitment."""
    found = next((one for one in context.results.told if one.id == RECRUITMENT), None)
    return [] if found is None else [_figure(found, context), _table(found, context)]


def _source(context: Context) -> str:
    where = context.results.provenance
    return f"Subjects of snapshot {where.snapshot_content_sha256[:12]} ({where.snapshot_state})."


def _figure(recruitment: AnalysisResult, context: Context) -> Figure:
    number = context.number("figure", CHAPTER)
    rows = rows_of(recruitment, "by_month")
    months = [str(row["month"]) for row in rows]
    total = numbers.integer(rows[-1]["total"])
    target = next((int(row["n"]) for row in rows_of(recruitment, "target")), None)
    alt = f"Bars by month with running total: {total} subjects randomized from {months[0]} to {months[-1]}."
    key = f"recruitment-{number.replace('.', '-')}"
    return Figure(
        number=number,
        title="Recruitment",
        drawing=draw_recruitment(months, [int(row["n"]) for row in rows], target, key, alt),
        alt=alt,
        population=f"All randomized subjects; n = {total}",
        method=f"{recruitment.method}.",
        source=_source(context),
    )


def _table(recruitment: AnalysisResult, context: Context) -> Table:
    rows = rows_of(recruitment, "by_site")
    total = numbers.integer(rows[-1]["n"])
    heads = ("Site", "Randomized", "First month", "Last month")
    return Table(
        number=context.number("table", CHAPTER),
        title="Recruitment by site",
        columns=tuple(Column(head) for head in heads),
        rows=tuple(Row(str(row["label"]), _cells(row)) for row in rows),
        population=f"All randomized subjects; n = {total}",
        method=f"{recruitment.method}.",
        source=_source(context),
    )


def _cells(row: ResultRow) -> tuple[Cell, ...]:
    return (count_cell(row, "n"), _month_cell(row, "first_month"), _month_cell(row, "last_month"))


def _month_cell(row: ResultRow, column: str) -> Cell:
    return Cell(str(row[column]), (row.reference(column),) if row[column] else ())
