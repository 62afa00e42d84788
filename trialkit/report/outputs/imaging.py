"""Does a baseline measurement change the effect? The effect along it, and the interaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialkit import numbers
from trialkit.documents.page import Block, Figure
from trialkit.figures.modifier import EffectPoint, draw_modifier
from trialkit.report.context import lower_first, with_unit
from trialkit.report.outputs.effects import estimates_table
from trialkit.report.rows import ResultRow, distinct, rows_of

if TYPE_CHECKING:
    from trialkit.analysis.results import AnalysisResult
    from trialkit.report.context import Context

CHAPTER = "14.2"


def blocks(result: AnalysisResult, context: Context) -> list[Block]:
    rows = rows_of(result, "effect_by_covariate")
    outputs: list[Block] = [
        _figure(result, context, [row for row in rows if row["covariate"] == covariate])
        for covariate in distinct(rows, "covariate")
    ]
    if rows_of(result, "interaction"):
        outputs.append(
            estimates_table(
                result, context, "interaction", "term", f"{result.title}: interaction", CHAPTER, "Term"
            )
        )
    if rows_of(result, "hazard_ratios"):
        title = f"{result.title}: Cox model"
        outputs.append(
            estimates_table(
                result,
                context,
                "hazard_ratios",
                "term",
                title,
                CHAPTER,
                "Term",
                estimate_head="Hazard ratio",
                error_column="log_standard_error",
            )
        )
    return outputs


def _figure(result: AnalysisResult, context: Context, rows: list[ResultRow]) -> Figure:
    number = context.number("figure", CHAPTER)
    scales = context.scales(result)
    covariate = with_unit(rows[0]["covariate"], rows[0]["unit"])
    points = [
        EffectPoint(*(float(row[c]) for c in ("value", "estimate", "ci_lower", "ci_upper"))) for row in rows
    ]
    first, last = points[0], points[-1]
    alt = (
        f"Line with band: estimated effect across {covariate}. At {numbers.fixed(first.value, 1)}: "
        f"{numbers.fixed(first.estimate, 1)}; at {numbers.fixed(last.value, 1)}: "
        f"{numbers.fixed(last.estimate, 1)}."
    )
    return Figure(
        number=number,
        title=f"Effect of the test arm across {lower_first(covariate)}",
        drawing=draw_modifier(points, covariate, scales, f"modifier-{number.replace('.', '-')}", alt),
        alt=alt,
        population=context.population(result),
        method=result.method,
        footnotes=(f"Band: pointwise {context.interval_label(result)}. Difference: test minus reference.",),
        source=context.source(result),
    )
