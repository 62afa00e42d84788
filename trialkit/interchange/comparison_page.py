"""The comparison as one self-contained HTML page."""

from __future__ import annotations

from trialkit.documents.html import render_html
from trialkit.documents.page import Entry, Notice, Page, Section
from trialkit.documents.table import Cell, Column, Row, Table
from trialkit.interchange.comparison_text import overview, shown, told_apart
from trialkit.interchange.entry_pair import FileComparison


def comparison_page(comparison: FileComparison) -> str:
    """The page's HTML: overview, notes, every discrepancy, every key that was not compared."""
    report = comparison.report
    blocks = [_overview_table(comparison)]
    if not report.discrepancies.empty:
        blocks.append(_frame_table("2", "Discrepancies", report.discrepancies))
    if not report.unpaired.empty:
        blocks.append(_frame_table("3", "Keys not compared", report.unpaired))
    left_out = tuple(f"{item} was not compared: {why}." for item, why in report.items_left_out.items())
    notices = tuple(Notice("Note", note) for note in (*comparison.notes, *left_out))
    entry = Entry(anchor="comparison", title="Comparison", blocks=(*notices, *blocks))
    page = Page(
        title="Comparison of two independent entries",
        kicker="Double data entry",
        state="identical" if report.identical else "discrepancies found",
        state_tone="final" if report.identical else "draft",
        facts=(
            ("First entry", str(comparison.first.path)),
            ("Second entry", str(comparison.second.path)),
            ("Key fields", ", ".join(report.keys)),
            ("Fields compared", ", ".join(report.items)),
            ("Text", str(report.text)),
        ),
        sections=(Section(anchor="entries", title="Two entries of the same records", entries=(entry,)),),
    )
    return render_html(page)


def _overview_table(comparison: FileComparison) -> Table:
    return Table(
        number="1",
        title="Overview",
        columns=(Column("Count"), Column("Value", align="right")),
        rows=tuple(Row(label.strip(), (Cell(number),)) for label, number in overview(comparison)),
        method="Rate of discordant among compared fields with its exact (Clopper-Pearson) interval.",
    )


def _frame_table(number: str, title: str, frame: object) -> Table:
    columns = list(frame.columns)  # type: ignore[attr-defined]
    rows = frame.itertuples(index=False, name=None)  # type: ignore[attr-defined]
    return Table(
        number=number,
        title=title,
        columns=tuple(Column(str(name), align="left") for name in columns),
        rows=tuple(Row(shown(row[0]), tuple(Cell(told_apart(value)) for value in row[1:])) for row in rows),
    )
