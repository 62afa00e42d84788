"""The rows of a result's tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trialkit.documents.declared.rows import ResultRow, frame_rows

if TYPE_CHECKING:
    from trialkit.analysis.results import AnalysisResult


def rows_of(result: AnalysisResult, table: str, **where: Any) -> list[ResultRow]:
    """The rows of a table that match; none where the result has no such table."""
    frame = result.tables.get(table)
    rows = [] if frame is None else frame_rows(result.id, table, frame)
    return [row for row in rows if all(row[column] == value for column, value in where.items())]
