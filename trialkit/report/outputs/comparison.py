"""A published result beside ours: the sign turned where it was told the other way, rounding explained."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from trialkit.documents import numbers
from trialkit.documents.page import Block
from trialkit.documents.table import Cell, Column, Row, Table
from trialkit.report.errors import ReportError
from trialkit.report.rows import ResultRow, estimate_cell, rows_of

if TYPE_CHECKING:
    from trialkit.analysis.results import AnalysisResult
    from trialkit.report.context import Context
    from trialkit.report.facts import PublishedResult

CHAPTER = "14.2"
PARTS = ("estimate", "ci_lower", "ci_upper")
NAMES = {"estimate": "estimate", "ci_lower": "lower limit", "ci_upper": "upper limit"}


def comparison_table(published: PublishedResult, result: AnalysisResult, context: Context) -> Table:
    """The published numbers as printed, turned to test minus reference, and ours at the same rounding."""
    contrast = _contrast(result)
    decimals = printed_decimals(published)
    interval = context.interval_label(result)
    turned = turn(published)
    lines = [
        Row("Published, as printed", (Cell(_published_text(published, decimals)), Cell(published.source))),
        Row(
            "Published, as test minus reference",
            (
                Cell(_print(turned, decimals)),
                Cell(sign_words(published)),
            ),
        ),
        Row("This run", (estimate_cell(contrast, decimals + 1), Cell("one decimal more than was printed"))),
        Row(
            "This run, rounded as published",
            (estimate_cell(contrast, decimals), Cell(_agreement(turned, contrast, decimals))),
        ),
    ]
    return Table(
        number=context.number("table", CHAPTER),
        title=f"{published.label}: published and recomputed",
        columns=(
            Column("Result"),
            Column("Estimate", f"({interval})"),
            Column("Remark", align="left"),
        ),
        rows=tuple(lines),
        population=context.population(result),
        method=result.method,
        footnotes=(*((published.note,) if published.note else ()), ROUNDING_NOTE),
        source=context.source(result),
    )


ROUNDING_NOTE = "Rounded half away from zero, after the sign is turned, from full precision."


def blocks(published: PublishedResult, result: AnalysisResult, context: Context) -> list[Block]:
    return [comparison_table(published, result, context)]


def printed_decimals(published: PublishedResult) -> int:
    """How many decimals the publication prints: the most among its three numbers."""
    texts = (repr(float(getattr(published, part))) for part in PARTS)
    return max(len(text.partition(".")[2]) for text in texts)


def turn(published: PublishedResult) -> dict[str, float]:
    """The published numbers as test minus reference; turning the sign swaps the limits."""
    if published.sign == 1:
        return {part: float(getattr(published, part)) for part in PARTS}
    return {
        "estimate": -published.estimate,
        "ci_lower": -published.ci_upper,
        "ci_upper": -published.ci_lower,
    }


def sign_words(published: PublishedResult) -> str:
    if published.sign == 1:
        return "published as test minus reference: no change"
    return "published as reference minus test: signs turned, limits swapped"


def _published_text(published: PublishedResult, decimals: int) -> str:
    return _print({part: float(getattr(published, part)) for part in PARTS}, decimals)


def _print(values: Mapping[str, float], decimals: int) -> str:
    return numbers.estimate_interval(values["estimate"], values["ci_lower"], values["ci_upper"], decimals)


def _agreement(turned: dict[str, float], contrast: ResultRow, decimals: int) -> str:
    """Which of the three printed numbers agree; where one does not, by how much before rounding."""
    apart, agreeing = [], []
    for part, value in turned.items():
        printed, ours = numbers.fixed(value, decimals), numbers.fixed(contrast[part], decimals)
        if printed == ours:
            agreeing.append(NAMES[part])
            continue
        by = numbers.fixed(abs(contrast[part] - value), decimals + 1)
        apart.append(
            f"{NAMES[part]} {ours} where {printed} was printed: {by} apart, more than rounding explains"
        )
    if not apart:
        return "all three numbers agree as printed"
    same = [f"{' and '.join(agreeing)} as printed"] if agreeing else []
    return "; ".join([*same, *apart])


def _contrast(result: AnalysisResult) -> ResultRow:
    rows = rows_of(result, "contrasts")
    if len(rows) != 1:
        raise ReportError(
            expected="one contrast to stand beside the published result",
            found=f"{len(rows)}",
            where=f"{result.id}/contrasts",
            next_step="Name in the published result the analysis it belongs to.",
        )
    return rows[0]
