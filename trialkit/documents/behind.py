"""What a reader of the HTML page finds behind a printed number, as the page carries it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from trialkit.documents.page import Page
from trialkit.documents.table import Cell, ResultReference, Table


def behind(page: Page) -> str:
    """The evidence of a page as JSON that may stand inside a ``script`` element: the rows it prints from."""
    wanted = {(one.analysis, one.table, one.row) for one in _references(page)}
    entries: dict[str, Any] = {}
    for one in page.evidence:
        rows = {
            f"{table}/{row}": values
            for (table, row), values in one.rows.items()
            if (one.analysis, table, row) in wanted
        }
        if rows:
            entries[one.analysis] = {
                "title": one.title,
                "model": one.model,
                "plan": one.plan_entry,
                "rows": rows,
            }
    text = json.dumps(entries, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _references(page: Page) -> Iterator[ResultReference]:
    for cell in _cells(page):
        yield from cell.references


def _cells(page: Page) -> Iterator[Cell]:
    if page.highlight:
        yield page.highlight.statement
        yield from (cell for _, cell in (*page.highlight.facts, *page.highlight.remarks))
    for section in page.sections:
        for entry in section.entries:
            yield from entry.notes
            for block in entry.blocks:
                if isinstance(block, Table):
                    yield from (cell for row in block.rows for cell in row.cells)
