"""The care pathway as a page of its own: the flow, the numbers, what does not go together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from trialkit import numbers
from trialkit.documents.page import Entry, Figure, Finding, Findings, Notice, Page, Section
from trialkit.documents.table import Cell, Column, Row, Table
from trialkit.numbers import plain
from trialkit.prediction.card import NOT_A_DEVICE, NOT_VALIDATED, cautions, kicker
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
        sections=(Section("pathway", "Who goes where", (pathway_entry(development, "1", "1"),)),),
        footer=f"Plan {plan.sha256[:12]}, seed {plan.seed}. {NOT_VALIDATED}",
    )


def pathway_entry(development: Development, figure: str, table: str) -> Entry:
    """What is wrong with the model, flow, table and check; for the page and for the report."""
    simulated = pathway_of(development)
    flow = Figure(
        figure,
        "The pathway",
        pathway_picture(simulated, development.plan.outcome.label),
        "Care pathway",
        footnotes=(_source(development),),
    )
    warnings = tuple(Notice(c.head, c.text, "failure") for c in cautions(development))
    found = check_pathway(development.plan, simulated)
    if found:
        check: Findings | Notice = Findings(
            "Held against plan and data:", tuple(Finding("To settle", text) for text in found)
        )
    elif warnings:
        check = Notice("Held against plan and data", "Its strata hold; the model that fills them does not.")
    else:
        check = Notice("Held against plan and data", "Nothing contradicts the pathway.")
    return Entry(
        "pathway-flow",
        "The flow, and what is expected of it",
        (*warnings, flow, _table(simulated, table, development), check, Notice("Use", NOT_A_DEVICE)),
    )


def _source(development: Development) -> str:
    crossed = development.crossed
    mean = ", each person's mean of the repeats" if len(crossed.passes) > 1 else ""
    return (
        f"Risks: cross-validated, {crossed.folds} folds, "
        + (f"repeated {len(crossed.passes)} times" if mean else "once")
        + f"{mean}; of people without a known outcome by the final model."
    )


def _table(simulated: pd.DataFrame, number: str, development: Development) -> Table:
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
        Column("Stratum, by probability", align="left"),
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
            _source(development),
            "What an action changes is the plan's assumption; nothing here estimates it.",
            "In brackets the middle 95 % of simulated courses: chance alone.",
        ),
    )


def _span(row: Mapping[Any, Any]) -> str:
    return f"{plain(100 * row['from_risk'], 0)}\u00a0to\u00a0{plain(100 * row['to_risk'], 0)}\u00a0%"


def _expected(row: Mapping[Any, Any], name: str) -> str:
    limits = numbers.span(row[f"{name}_lower"], row[f"{name}_upper"], 0)
    return f"{numbers.fixed(row[name], 1)} ({limits})"
