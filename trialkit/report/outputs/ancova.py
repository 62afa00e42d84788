"""The continuous endpoint: what was observed, adjusted means, their difference, and the model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialkit import numbers
from trialkit.documents.page import Block
from trialkit.documents.table import Cell, Column, Row, Table
from trialkit.report.context import with_unit
from trialkit.report.outputs.effects import alternative_words, estimates_table
from trialkit.report.rows import (
    ResultRow,
    absent,
    count_cell,
    estimate_cell,
    mean_sd_cell,
    number_cell,
    p_cell,
    rows_of,
    statistic_text,
)

if TYPE_CHECKING:
    from trialkit.analysis.results import AnalysisResult
    from trialkit.report.context import Context

CHAPTER = "14.2"
DECIMALS = 2  # of estimates; observed means follow their SD


def blocks(result: AnalysisResult, context: Context) -> list[Block]:
    outputs: list[Block] = [_main_table(result, context)]
    if rows_of(result, "effect_sizes"):
        outputs.append(
            estimates_table(result, context, "effect_sizes", "measure", "Effect sizes", CHAPTER, "Measure")
        )
    if result.role == "primary" and rows_of(result, "coefficients"):
        outputs.append(
            estimates_table(
                result, context, "coefficients", "term", "Coefficients of the model", CHAPTER, "Term"
            )
        )
    return outputs


def _main_table(result: AnalysisResult, context: Context) -> Table:
    scales = context.scales(result)
    interval = context.interval_label(result)
    arms = context.arms
    rows = [*_observed_rows(result, arms), *_adjusted_rows(result, arms, interval)]
    for contrast in rows_of(result, "contrasts"):
        rows += _contrast_rows(contrast, context, interval, len(arms))
    return Table(
        number=context.number("table", CHAPTER),
        title=with_unit(scales.get("endpoint", result.title), scales.get("unit")),
        columns=(
            Column(""),
            *(Column(context.label(arm), context.arm_head(result, arm)) for arm in arms),
            Column("Difference", "test minus reference"),
        ),
        rows=tuple(rows),
        population=context.population(result),
        method=result.method,
        footnotes=(
            *context.exclusions(result),
            "SD, standard deviation; SE, standard error; LS, least squares.",
        ),
        source=context.source(result),
    )


def _observed_rows(result: AnalysisResult, arms: list[str]) -> list[Row]:
    by_arm = {row["arm"]: row for row in rows_of(result, "descriptives")}
    if not by_arm:
        return []
    spreads = [row[c] for row in by_arm.values() for c in ("base_sd", "sd") if row.has(c)]
    decimals = numbers.decimals_for_spread(max(spreads, default=None))
    chosen = [by_arm.get(arm) for arm in arms]
    blank = Cell("")
    return [
        Row("Observed", section=True),
        Row("Subjects analysed", (*(count_cell(row, "n") for row in chosen), blank), 1),
        Row(
            "Baseline, mean (SD)",
            (*(mean_sd_cell(row, "base_mean", "base_sd", decimals) for row in chosen), blank),
            1,
        ),
        Row("Outcome, mean (SD)", (*(mean_sd_cell(row, "mean", "sd", decimals) for row in chosen), blank), 1),
    ]


def _adjusted_rows(result: AnalysisResult, arms: list[str], interval: str) -> list[Row]:
    by_arm = {row["arm"]: row for row in rows_of(result, "ls_means")}
    if not by_arm:
        return []
    chosen = [by_arm.get(arm) for arm in arms]
    return [
        Row("Adjusted for the covariates", section=True),
        Row(f"LS mean ({interval})", (*(estimate_cell(row, DECIMALS) for row in chosen), Cell("")), 1),
        Row("SE", (*(number_cell(row, "standard_error", DECIMALS) for row in chosen), Cell("")), 1),
    ]


def _contrast_rows(contrast: ResultRow, context: Context, interval: str, arms: int) -> list[Row]:
    blanks = (Cell(""),) * arms
    return [
        Row(context.contrast_words(contrast["contrast"]), section=True),
        Row(f"Difference in LS means ({interval})", (*blanks, estimate_cell(contrast, DECIMALS)), 1),
        Row("SE", (*blanks, number_cell(contrast, "standard_error", DECIMALS)), 1),
        Row("Test statistic", (*blanks, _statistic(contrast)), 1),
        Row(f"p, {alternative_words(contrast)}", (*blanks, p_cell(contrast)), 1),
    ]


def _statistic(contrast: ResultRow) -> Cell:
    if not contrast.has("statistic"):
        return absent("no test")
    return Cell(statistic_text(contrast), (contrast.reference("statistic"), contrast.reference("df")))
