"""The model card as a page of its own."""

from __future__ import annotations

from trialkit.documents.page import Entry, Figure, Notice, Page, Section
from trialkit.documents.table import Cell, Column, Row, Table
from trialkit.prediction.calculator.card_rows import card_rows
from trialkit.prediction.card import cautions, kicker
from trialkit.prediction.developed import Development
from trialkit.prediction.naming import column_labels
from trialkit.prediction.pictures import calibration_picture, shap_picture


def card_page(development: Development) -> Page:
    """What a reader must know before using the model, on one page."""
    card = development.card
    rows = tuple(Row(name, (Cell(value),)) for name, value in card_rows(development.model, card))
    table = Table("1", "Model card", (Column("", align="left"), Column("", align="left")), rows)
    crossed = f"Cross-validated: {development.crossed.words()}."
    curve = Figure(
        "1", "Calibration", calibration_picture(development), "Calibration curve", footnotes=(crossed,)
    )
    shap = next(e for e in development.explanations if e.learner == development.chosen)
    moves = Figure(
        "2",
        f"What moves its answers, in {shap.unit}: no cause",
        shap_picture(shap, column_labels(development.plan)),
        "SHAP values",
    )
    cautious = tuple(Notice(c.head, c.text, "failure") for c in cautions(development))
    warning = Notice("Use", card["disclaimer"], "failure")
    return Page(
        title=f"Model card: {card['title']}",
        kicker=kicker(development, "Prediction model"),
        state=f"version {card['version']}",
        state_tone="final",
        facts=(("Model", card["learner"]), ("People", str(card["n"]))),
        sections=(
            Section(
                "card",
                "Model card",
                (Entry("model-card", "The model", (*cautious, warning, table, curve, moves)),),
            ),
        ),
    )
