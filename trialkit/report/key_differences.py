"""The key result of matched pairs: a difference for each variable, none put before the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialkit.documents.declared import Estimate, PValue
from trialkit.documents.page import Highlight
from trialkit.documents.table import Cell
from trialkit.report.rows import rows_of

if TYPE_CHECKING:
    from trialkit.analysis.results import AnalysisResult
    from trialkit.report.context import Context

SOURCE = "differences"


def of_pairs(
    context: Context, result: AnalysisResult, remarks: tuple[tuple[str, Cell], ...]
) -> Highlight | None:
    """The box; None where the result has no differences between cases and controls."""
    rows = [row for row in rows_of(result, SOURCE) if row.get("case_mean") is not None]
    if not rows:
        return None
    facts = []
    for row in rows:
        estimate, p = Estimate(decimals=None).fill(row, rows), PValue("adjusted_p_value").fill(row, rows)
        text = f"{estimate.text}, p\u00a0{p.text}" if p.references else estimate.text
        facts.append((str(row["variable"]), Cell(text, (*estimate.references, *p.references))))
    interval = context.interval_label(result)
    adjusted = "adjusted " if any(row["adjusted_p_value"] != row["p_value"] for row in rows) else ""
    return Highlight(
        question=result.title,
        statement=Cell("One difference for each variable"),
        caption=f"Mean of the case minus the control of each pair, with {interval} and {adjusted}p.",
        facts=tuple(facts),
        remarks=remarks,
    )
