"""Baseline characteristics by arm, without p-values: after randomization, differences are chance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialkit import numbers
from trialkit.documents.page import Block
from trialkit.documents.table import Cell, Column, Row, Table
from trialkit.report.context import with_unit
from trialkit.report.rows import (
    ResultRow,
    absent,
    count_cell,
    distinct,
    mean_sd_cell,
    percent_cell,
    rows_of,
    span_cell,
)

if TYPE_CHECKING:
    from trialkit.analysis.results import AnalysisResult
    from trialkit.report.context import Context

CHAPTER = "14.1"
TOTAL = "total"
NOBODY = "no observations"


def blocks(result: AnalysisResult, context: Context) -> list[Block]:
    rows = rows_of(result, "baseline")
    present = set(distinct(rows, "arm"))
    arms = [arm for arm in [*context.arms, TOTAL] if arm in present]
    lines: list[Row] = []
    for variable in distinct(rows, "variable"):
        lines += _variable([row for row in rows if row["variable"] == variable], arms)
    table = Table(
        number=context.number("table", CHAPTER),
        title="Baseline characteristics",
        columns=(Column("Characteristic"), *(_head(result, context, arm) for arm in arms)),
        rows=tuple(lines),
        population=context.population(result),
        method=result.method,
        footnotes=("SD, standard deviation; Q1, Q3, quartiles.",),
        source=context.source(result),
    )
    return [table]


def _head(result: AnalysisResult, context: Context, arm: str) -> Column:
    if arm != TOTAL:
        return Column(context.label(arm), context.arm_head(result, arm))
    return Column("All", context.arm_head(result, TOTAL))


def _variable(rows: list[ResultRow], arms: list[str]) -> list[Row]:
    first = rows[0]
    levels = [level for level in distinct(rows, "level") if level != ""]
    label = f"{first['label']}, n (%)" if levels else with_unit(first["label"], first["unit"])
    lines = [Row(label, section=True)]
    lines += _levels(rows, arms, levels) if levels else _numeric(rows, arms)
    return lines + _missing(rows, arms)


def _levels(rows: list[ResultRow], arms: list[str], levels: list[str]) -> list[Row]:
    by_place = {(row["level"], row["arm"]): row for row in rows}
    return [
        Row(
            str(level),
            tuple(
                percent_cell(by_place.get((level, arm)), "count", "percent", reason=NOBODY) for arm in arms
            ),
            indent=1,
        )
        for level in levels
    ]


def _numeric(rows: list[ResultRow], arms: list[str]) -> list[Row]:
    by_arm = {row["arm"]: row for row in rows}
    spreads = [row["sd"] for row in rows if row.has("sd")]
    decimals = numbers.decimals_for_spread(max(spreads, default=None))
    chosen = [by_arm.get(arm) for arm in arms]
    middle, ends = (
        numbers.decimals_needed((row[column] for row in rows for column in columns), decimals)
        for columns in (("median", "q1", "q3"), ("minimum", "maximum"))
    )
    return [
        Row("Mean (SD)", tuple(mean_sd_cell(row, "mean", "sd", decimals) for row in chosen), indent=1),
        Row("Median (Q1–Q3)", tuple(_median(row, middle) for row in chosen), indent=1),
        Row(
            "Range",
            tuple(span_cell(row, "minimum", "maximum", ends, joint="–") for row in chosen),
            indent=1,
        ),
    ]


def _median(row: ResultRow | None, decimals: int) -> Cell:
    if row is None or not row.has("median"):
        return absent(NOBODY)
    quartiles = numbers.span(row["q1"], row["q3"], decimals, joint="–")
    text = f"{numbers.fixed(row['median'], decimals)} ({quartiles})"
    return Cell(text, tuple(row.reference(column) for column in ("median", "q1", "q3")))


def _missing(rows: list[ResultRow], arms: list[str]) -> list[Row]:
    """A line only where something is missing."""
    by_arm = {row["arm"]: row for row in rows}
    if not any(row.has("missing") and row["missing"] for row in rows):
        return []
    return [Row("Missing, n", tuple(count_cell(by_arm.get(arm), "missing") for arm in arms), indent=1)]
