"""The endpoint over time by arm: figure and the numbers behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialkit import numbers
from trialkit.documents.page import Block, Figure
from trialkit.documents.table import Cell, Column, Row, Table
from trialkit.figures.profile import ProfilePoint, draw_profile
from trialkit.report.context import with_unit
from trialkit.report.rows import (
    ResultRow,
    count_cell,
    distinct,
    estimate_cell,
    mean_sd_cell,
    rows_of,
    span_cell,
)

if TYPE_CHECKING:
    from trialkit.analysis.results import AnalysisResult
    from trialkit.report.context import Context

CHAPTER = "14.2"


def blocks(result: AnalysisResult, context: Context) -> list[Block]:
    rows = rows_of(result, "profile")
    outputs: list[Block] = []
    for parameter in distinct(rows, "parameter"):
        chosen = [row for row in rows if row["parameter"] == parameter]
        outputs += [_figure(result, context, chosen), _table(result, context, chosen)]
    return outputs


def _name(rows: list[ResultRow]) -> str:
    return with_unit(rows[0]["parameter_label"], rows[0]["unit"])


def _figure(result: AnalysisResult, context: Context, rows: list[ResultRow]) -> Figure:
    number = context.number("figure", CHAPTER)
    points = [
        ProfilePoint(
            str(row["arm"]),
            str(row["visit_label"]),
            float(row["day"]),
            int(row["n"]),
            *(float(row[column]) for column in ("mean", "ci_lower", "ci_upper")),
        )
        for row in rows
    ]
    last = rows[-1]["visit"]
    ends = ", ".join(
        f"{context.label(row['arm'])} {numbers.fixed(row['mean'], 1)}" for row in rows if row["visit"] == last
    )
    alt = (
        f"Line chart: mean {_name(rows)} with {context.interval_label(result)} at "
        f"{len(distinct(rows, 'visit'))} visits by arm. At {rows[-1]['visit_label']}: {ends}."
    )
    arms = {arm: context.label(arm) for arm in context.arms}
    key = f"profile-{number.replace('.', '-')}"
    return Figure(
        number=number,
        title=f"{_name(rows)}: mean by visit and arm",
        drawing=draw_profile(points, arms, _name(rows), key, alt),
        alt=alt,
        population=context.population(result),
        method=result.method,
        footnotes=(f"Bars: {context.interval_label(result)} of the mean. Arms are set apart sideways.",),
        source=context.source(result),
    )


def _table(result: AnalysisResult, context: Context, rows: list[ResultRow]) -> Table:
    interval = context.interval_label(result)
    by_place = {(row["visit"], row["arm"]): row for row in rows}
    labels = {row["visit"]: str(row["visit_label"]) for row in rows}
    decimals = numbers.decimals_for_spread(max((r["sd"] for r in rows if r.has("sd")), default=None))
    columns = [Column("Visit")]
    for arm in context.arms:
        group = context.label(arm)
        columns += [Column(head, group=group) for head in ("n", "Mean (SD)", interval)]
    lines = []
    for visit, label in labels.items():
        cells = []
        for arm in context.arms:
            row = by_place.get((visit, arm))
            cells += [count_cell(row, "n"), mean_sd_cell(row, "mean", "sd", decimals), _limits(row, decimals)]
        lines.append(Row(label, tuple(cells)))
    return Table(
        number=context.number("table", CHAPTER),
        title=f"{_name(rows)} by visit and arm",
        columns=tuple(columns),
        rows=tuple(lines),
        population=context.population(result),
        method=result.method,
        footnotes=("SD, standard deviation.",),
        source=context.source(result),
    )


def _limits(row: ResultRow | None, decimals: int) -> Cell:
    checked = estimate_cell(row, decimals, estimate="mean", reason="no observations")
    if row is None or checked.reason:
        return checked
    return span_cell(row, "ci_lower", "ci_upper", decimals)
