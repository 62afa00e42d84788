"""The care pathway as a page of its own: the flow, the numbers, what does not go together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from trialkit import numbers
from trialkit.documents.page import Entry, Figure, Finding, Findings, Notice, Page, Section
from trialkit.documents.table import Cell, Column, Row, Table
from trialkit.prediction.card import NOT_A_DEVICE, NOT_VALIDATED, kicker
from trialkit.prediction.developed import Development
from trialkit.prediction.pathway import TOTAL, check_pathway, simulate_pathway
from trialkit.prediction.pathway_picture import pathway_picture


def pathway_of(development: Development) -> pd.DataFrame:
    """The pathway of the plan, simulated on the people of this development."""
    return simulate_pathway(development.plan.pathway, development.everybody, development.plan.seed)


def pathway_page(development: Development) -> Page:
    """One page: who goes where, when they are seen again, what is expected of it."""
    plan = development.plan
    return Page(
        title=f"Care pathway: {plan.title}",
        kicker=kicker(development, "Risk-stratified care"),
        state=f"version {plan.version}",
        state_tone="final",
        facts=(
            ("Model", str(development.model.get("sha256", ""))[:12]),
            ("People", str(len(development.everybody.risk))),
        ),
        sections=(Section("pathway", "Who goes where", (pathway_entry(development, "1"),)),),
        footer=f"Plan {plan.sha256[:12]}, seed {plan.seed}. {NOT_VALIDATED}",
    )


def pathway_entry(development: Development, number: str) -> Entry:
    """Flow, table and check; for the page and for the report."""
    simulated = pathway_of(development)
    flow = Figure(
        number, "The pathway", pathway_picture(simulated, development.plan.outcome.label), "Care pathway"
    )
    found = check_pathway(development.plan, simulated)
    check = (
        Findings("Held against plan and data:", tuple(Finding("To settle", text) for text in found))
        if found
        else Notice("Held against plan and data", "Nothing contradicts the pathway.")
    )
    return Entry(
        "pathway-flow",
        "The flow, and what is expected of it",
        (flow, _table(simulated, number), check, Notice("Use", NOT_A_DEVICE)),
    )


def _table(simulated: pd.DataFrame, number: str) -> Table:
    rows = [
        Row(
            row["stratum"] if row["stratum"] == TOTAL else f"{row['stratum']} ({_span(row)})",
            (
                Cell(numbers.integer(row["n"])),
                Cell(f"{numbers.fixed(row['observed'], 1)} of {row['known']}"),
                Cell(_expected(row, "without")),
                Cell(_expected(row, "with_action")),
                Cell(numbers.fixed(row["with_action"] - row["without"], 1)),
            ),
        )
        for row in simulated.to_dict("records")
    ]
    columns = (
        Column("Stratum of risk", align="left"),
        Column("People"),
        Column("Observed, of known"),
        Column("As they are", group="Expected with the outcome"),
        Column("With the actions", group="Expected with the outcome"),
        Column("Difference", group="Expected with the outcome"),
    )
    return Table(
        number,
        "The pathway, simulated",
        columns,
        tuple(rows),
        footnotes=(
            "Risks: cross-validated; of people without a known outcome by the final model.",
            "What an action changes is the plan's assumption; nothing here estimates it.",
            "In brackets the middle 95 % of simulated courses: chance alone.",
        ),
    )


def _span(row: Mapping[Any, Any]) -> str:
    return f"{100 * row['from_risk']:.0f}\u00a0to\u00a0{100 * row['to_risk']:.0f}\u00a0%"


def _expected(row: Mapping[Any, Any], name: str) -> str:
    limits = numbers.span(row[f"{name}_lower"], row[f"{name}_upper"], 0)
    return f"{numbers.fixed(row[name], 1)} ({limits})"
