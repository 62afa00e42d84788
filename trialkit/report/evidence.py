"""What stands behind the numbers of a report: their rows at full precision, model, and entry of the plan."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from trialkit.documents.declared.rows import records_of
from trialkit.documents.page import Evidence, Value

if TYPE_CHECKING:
    from trialkit.analysis.results import AnalysisResult, Results

_HEAD = re.compile(r"^\[\[?\s*(?P<name>[^\]]+?)\s*\]\]?", re.M)
_ID = re.compile(r"""^\s*id\s*=\s*["'](?P<id>[^"']+)["']""", re.M)


def evidence(results: Results, plan_text: str = "") -> tuple[Evidence, ...]:
    """The evidence of every analysis.

    Parameters
    ----------
    results
        What was computed.
    plan_text
        The plan's file; empty where there is none, and then no entry is shown.
    """
    entries = plan_entries(plan_text)
    return tuple(
        Evidence(one.id, one.title, _model(one), entries.get(one.id, ""), _rows(one))
        for one in (*results.analyses, *results.told)
    )


def plan_entries(text: str) -> Mapping[str, str]:
    """Each ``[[analysis]]`` of a plan as it is written there, comments and sub-tables included, by its id."""
    heads = list(_HEAD.finditer(text))
    starts = [head for head in heads if head["name"] == "analysis"]
    entries = {}
    for start in starts:
        after = (h.start() for h in heads if h.start() > start.start() and not _inside(h["name"]))
        written = text[start.start() : next(after, len(text))].rstrip()
        found = _ID.search(written)
        if found:
            entries[found["id"]] = _without_trailing_comment(written)
    return entries


def _inside(name: str) -> bool:
    return name.startswith("analysis.")


def _without_trailing_comment(written: str) -> str:
    """A comment above the next entry belongs to that one."""
    lines = written.splitlines()
    while lines and (not lines[-1].strip() or lines[-1].startswith("#")):
        lines.pop()
    return "\n".join(lines)


def _model(one: AnalysisResult) -> str:
    return f"{one.method}. Analysis set: {one.analysis_set}."


def _rows(one: AnalysisResult) -> dict[tuple[str, int], dict[str, Value]]:
    rows: dict[tuple[str, int], dict[str, Value]] = {}
    for name, frame in (*one.tables.items(), ("counts", one.counts)):
        for place, record in enumerate(records_of(frame)):
            rows[name, place] = {column: _plain(value) for column, value in record.items()}
    return rows


def _plain(value: Any) -> Value:
    """A value as JSON and a workbook hold it; missing is None, infinite is text."""
    plain = value.item() if hasattr(value, "item") else value
    if isinstance(plain, float) and not math.isfinite(plain):
        return None if math.isnan(plain) else ("inf" if plain > 0 else "-inf")
    if plain is None or isinstance(plain, bool | int | float | str):
        return plain
    return None if str(plain) in ("NaT", "<NA>") else str(plain)
