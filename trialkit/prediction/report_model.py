"""What the model is made of, in the report: its features, and what moves its answers."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

from trialkit import numbers
from trialkit.documents.page import Entry, Figure
from trialkit.documents.table import Cell, Column, Row, Table
from trialkit.prediction.developed import Development
from trialkit.prediction.learners import LABELS, SHAP_UNIT
from trialkit.prediction.naming import column_labels
from trialkit.prediction.pictures import lime_picture, selection_picture, shap_picture


def selection_entry(development: Development, number: str) -> Entry:
    stability = development.stability
    index = numbers.estimate_interval(stability.nogueira, stability.ci_lower, stability.ci_upper, 2)
    unit = SHAP_UNIT[development.chosen]
    return Entry(
        "selection-frequency",
        "How often each candidate came back",
        (
            Figure("4", "Selection frequency", selection_picture(development), "Selection frequency"),
            Table(
                number,
                "Features of the model",
                (Column("Column", align="left"), Column("Selected, %"), Column("Definition", align="left")),
                tuple(_definitions(development)),
            ),
        ),
        lead=f"Stability of the selection (Nogueira): {index}; 1 is always the same, 0 is chance.",
        notes=(Cell(f"Contributions of this learner add up to {unit}."),),
    )


def _definitions(development: Development) -> Sequence[Row]:
    features = {f.name: f for f in development.plan.features}
    frequency = dict(zip(development.selection["column"], development.selection["frequency"], strict=True))
    rows, labels = [], column_labels(development.plan)
    for column in development.pipeline.prepared.columns:
        known = [features[t.feature] for t in column.terms if t.feature in features]
        words = "; ".join(", ".join(filter(None, (f.unit, f.definition, f.tag))) for f in known)
        share = numbers.percent(100 * frequency[column.name], 0)
        rows.append(Row(labels[column.name], (Cell(share), Cell(words))))
    return rows


def explained_entry(development: Development, number: str) -> Entry:
    labels = column_labels(development.plan)
    figures = [
        Figure(
            f"5.{i}",
            f"{LABELS[explanation.learner]}, in {explanation.unit}",
            shap_picture(explanation, labels),
            "SHAP values",
        )
        for i, explanation in enumerate(development.explanations, 1)
    ]
    lime = Figure(
        f"5.{len(figures) + 1}",
        "LIME of three people, over five seeds",
        lime_picture(development),
        "LIME weights over five seeds",
    )
    return Entry(
        "shap",
        "SHAP and LIME",
        (*figures, lime, _lime_table(development, number)),
        lead="What the models lean on, no cause. Units differ: compare shapes, not numbers.",
    )


def _lime_table(development: Development, number: str) -> Table:
    """A row a column, a cell a person: mean weight with its reach, and whether its sign holds."""
    lime, labels = development.lime, column_labels(development.plan)
    people = lime.drop_duplicates("person")
    cells = {(row["column"], row["person"]): Cell(_weight(row)) for row in lime.to_dict("records")}
    rows = tuple(
        Row(labels[name], tuple(cells[name, person] for person in people["person"]))
        for name in list(dict.fromkeys(lime["column"]))[:12]
    )
    columns = [
        Column(f"{row['person'].capitalize()} risk, {numbers.percent(100 * row['risk'], 0)} %")
        for row in people.to_dict("records")
    ]
    return Table(
        number,
        "LIME of three people: mean weight (least to greatest) over five seeds",
        (Column("Column", align="left"), *columns),
        rows,
        footnotes=("± : the sign changes with the seed; such a weight explains nothing.",),
    )


def _weight(row: dict[Hashable, Any]) -> str:
    sign = " ±" if row["changes_sign"] else ""
    return numbers.estimate_interval(row["mean"], row["smallest"], row["largest"], 3) + sign
