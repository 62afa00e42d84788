"""A page with one of everything."""

from __future__ import annotations

import pytest

from trialkit.documents import (
    Cell,
    Column,
    Entry,
    Figure,
    Finding,
    Findings,
    Highlight,
    Notice,
    Page,
    ResultReference,
    Row,
    Section,
    Table,
)
from trialkit.figures.drawing import Drawing, drawn
from trialkit.figures.style import house_style, new_figure


def drawing(key: str = "demo", alt: str = "Two bars & a <line>") -> Drawing:
    with house_style(key):
        figure = new_figure(4, 2)
        axes = figure.add_subplot()
        axes.bar([0, 1], [3, 5])
        axes.plot([0, 1], [-1, 5], marker="o")
        axes.set_ylabel("Subjects")
        return drawn(figure, key, alt)


@pytest.fixture(scope="session")
def table() -> Table:
    reference = ResultReference("P1", "contrasts", 0, "estimate")
    return Table(
        number="14.2.1",
        title="ODI <at> 12 months",
        columns=(Column(""), Column("Exercise", "N = 157"), Column("Control", "N = 157")),
        rows=(
            Row("Observed", section=True),
            Row("Mean (SD)", (Cell("27.1 (11.2)", (reference,)), Cell("32.4 (11.2)")), indent=1),
            Row("Median time", (Cell("–", reason="not reached"), Cell("–", reason="not reached")), indent=1),
            Row("Maximum", (Cell("–", reason="not recorded"), Cell("9")), indent=1),
        ),
        population="Full analysis set; n = 314",
        method="ANCOVA",
        footnotes=("SD, standard deviation.",),
        source="Plan A 1.0, entry P1.",
    )


@pytest.fixture(scope="session")
def page(table: Table) -> Page:
    figure = Figure("14.2.1", "Bars", drawing(), "Two bars & a <line>", population="n = 8")
    entry = Entry(
        "entry-p1",
        "Primary & only",
        (table, figure, Notice("Could not be estimated.", "no events", tone="failure")),
        tag="P1 · primary",
        notes=(Cell("A note."),),
    )
    gaps = Entry("gaps", "Gaps", (Findings("Read these.", (Finding("No anchor", "None stated.", "open"),)),))
    return Page(
        title="A trial",
        kicker="Statistical report",
        state="Draft",
        state_tone="draft",
        facts=(("Study", "A 2.1"),),
        sections=(Section("primary", "Primary", (entry, gaps), lead="What was asked."),),
        highlight=Highlight("Does it help?", Cell("−5.2"), "Difference.", (("p", Cell("<0.001")),), ()),
        watermark="DRAFT",
        footer="Printed from results.json.",
    )
