"""Participant flow: the CONSORT figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialkit.documents.page import Block, Figure
from trialkit.figures.flow import draw_flow
from trialkit.figures.flow_layout import FlowCount, flow_boxes
from trialkit.report.rows import rows_of

if TYPE_CHECKING:
    from trialkit.analysis.results import AnalysisResult
    from trialkit.report.context import Context

CHAPTER = "14.1"


def blocks(result: AnalysisResult, context: Context) -> list[Block]:
    counts = [
        FlowCount(str(row["stage"]), str(row["arm"]), row["n"], str(row["reason"] or ""))
        for row in rows_of(result, "flow")
    ]
    arms = {arm: context.label(arm) for arm in context.arms}
    boxes = flow_boxes(counts, arms)
    number = context.number("figure", CHAPTER)
    alt = "Participant flow. " + " ".join(" ".join(box.text) + "." for box in boxes)
    return [
        Figure(
            number=number,
            title="Participant flow (CONSORT 2025)",
            drawing=draw_flow(boxes, f"flow-{number.replace('.', '-')}", alt),
            alt=alt,
            population=context.population(result),
            method=result.method,
            source=context.source(result),
        )
    ]
