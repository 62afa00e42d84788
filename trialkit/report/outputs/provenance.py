"""The appendix: what every number came from, and which analyses were run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialkit.analysis.modes import withheld_words
from trialkit.documents.page import Block
from trialkit.documents.table import Cell, Column, Row, Table
from trialkit.report.context import ROLE_LABELS

if TYPE_CHECKING:
    from trialkit.analysis.results import AnalysisResult
    from trialkit.report.context import Context

CHAPTER = "16.1"


def blocks(context: Context) -> list[Block]:
    return [_analyses(context), _inputs(context), _software(context)]


def _analyses(context: Context) -> Table:
    lines = []
    for result in context.results.analyses:
        state = _state(result, context)
        cells = (result.title, ROLE_LABELS.get(result.role, result.role), context.set_label(result), state)
        lines.append(Row(result.id, tuple(Cell(text) for text in cells)))
    return Table(
        number=context.number("table", CHAPTER),
        title="Entries of the analysis plan",
        columns=(
            Column("Entry"),
            Column("Title", align="left"),
            Column("Role"),
            Column("Analysis set"),
            Column("State"),
        ),
        rows=tuple(lines),
        source="Every entry of the plan appears, carried out or not.",
    )


def _state(result: AnalysisResult, context: Context) -> str:
    if result.withheld:
        return f"withheld: {withheld_words(context.results.mode)}"
    if result.failure is not None:
        return "could not be estimated"
    return "carried out in part: the rest could not be estimated" if result.warnings else "carried out"


def _inputs(context: Context) -> Table:
    where = context.results.provenance
    pairs = (
        ("Study", f"{where.study_id}, version {where.study_version}"),
        ("Study definition, SHA-256", where.study_sha256),
        ("Analysis plan", f"{where.plan_id}, version {where.plan_version}"),
        ("Analysis plan, SHA-256", where.plan_sha256),
        ("Snapshot, state", where.snapshot_state),
        ("Snapshot content, SHA-256", where.snapshot_content_sha256),
    )
    return Table(
        number=context.number("table", CHAPTER),
        title="Inputs",
        columns=(Column("Input"), Column("Value", align="left")),
        rows=tuple(Row(label, (Cell(value),)) for label, value in pairs),
        footnotes=("The snapshot's hash covers its clinical content and nothing else.",),
        source="Every number, unrounded, is in results.json.",
    )


def _software(context: Context) -> Table:
    software = context.results.provenance.software
    return Table(
        number=context.number("table", CHAPTER),
        title="Software",
        columns=(Column("Package"), Column("Version", align="left")),
        rows=tuple(Row(name, (Cell(version),)) for name, version in sorted(software.items())),
    )
