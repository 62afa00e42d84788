"""Recruitment: by month as a figure, by site as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialkit import numbers
from trialkit.documents.page import Block, Figure
from trialkit.documents.table import Cell, Column, Row, Table
from trialkit.figures.recruitment import draw_recruitment

if TYPE_CHECKING:
    import pandas as pd

    from trialkit.report.context import Context
    from trialkit.report.facts import TrialFacts

CHAPTER = "14.1"


def blocks(facts: TrialFacts, context: Context) -> list[Block]:
    recruitment = facts.recruitment
    if recruitment is None or recruitment.empty:
        return []
    return [_figure(recruitment, facts, context), _table(recruitment, facts, context)]


def consecutive_months(first: str, last: str) -> list[str]:
    """Every month from the first to the last, ``YYYY-MM``: a month without recruitment is a fact too."""
    year, month = (int(part) for part in first.split("-"))
    months = [first]
    while months[-1] < last:
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
        months.append(f"{year:04d}-{month:02d}")
    return months


def _source(context: Context) -> str:
    where = context.results.provenance
    return f"Subjects of snapshot {where.snapshot_content_sha256[:12]} ({where.snapshot_state})."


def _figure(recruitment: pd.DataFrame, facts: TrialFacts, context: Context) -> Figure:
    number = context.number("figure", CHAPTER)
    by_month = {str(month): int(n) for month, n in recruitment.groupby("month")["n"].sum().items()}
    months = consecutive_months(min(by_month), max(by_month))
    counts = [by_month.get(month, 0) for month in months]
    total = numbers.integer(sum(counts))
    alt = f"Bars by month with running total: {total} subjects randomized from {months[0]} to {months[-1]}."
    key = f"recruitment-{number.replace('.', '-')}"
    return Figure(
        number=number,
        title="Recruitment",
        drawing=draw_recruitment(months, counts, facts.target, key, alt),
        alt=alt,
        population=f"All randomized subjects; n = {total}",
        method="Counted by month of randomization.",
        source=_source(context),
    )


def _table(recruitment: pd.DataFrame, facts: TrialFacts, context: Context) -> Table:
    labels = dict(facts.site_labels)
    lines = []
    for site, rows in recruitment.groupby("site"):
        active = rows[rows["n"] > 0]
        cells = (
            Cell(numbers.integer(rows["n"].sum())),
            Cell(str(active["month"].min())),
            Cell(str(active["month"].max())),
        )
        lines.append(Row(labels.get(str(site), str(site)), cells))
    total = numbers.integer(recruitment["n"].sum())
    return Table(
        number=context.number("table", CHAPTER),
        title="Recruitment by site",
        columns=(Column("Site"), Column("Randomized"), Column("First month"), Column("Last month")),
        rows=(*lines, Row("All", (Cell(total), Cell(""), Cell("")))),
        population=f"All randomized subjects; n = {total}",
        method="Counted by month of randomization.",
        source=_source(context),
    )
