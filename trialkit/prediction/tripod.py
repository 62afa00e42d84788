"""TRIPOD+AI: each item and where the report, the card or the plan tells it.

Items in our words after Collins et al., BMJ 2024;385:e078378; the published wording counts.
"""

from __future__ import annotations

import re

from trialkit.documents.declared.wording import lower_first
from trialkit.prediction.card import carried_out
from trialkit.prediction.developed import Development

_TO_WRITE = "to be written by the authors: page ____"
_PLACE = re.compile(r"(?:Table|Figure)s? (?:[\d.]*\d)(?: to [\d.]*\d)?")
_NUMBER = re.compile(r"[\d.]*\d")


def tripod_rows(development: Development) -> list[tuple[str, str]]:
    """(item, where); what the software cannot know says so."""
    plan = development.plan
    return [
        ("1 Title", plan.title),
        ("2 Abstract", _TO_WRITE),
        ("3a-b Background, intended use", plan.intended_use or _TO_WRITE),
        ("3c Known inequalities in health", _TO_WRITE),
        ("4 Objectives", f"development and internal validation of a model of {plan.outcome.label}"),
        ("5 Data: source and dates", plan.population or _TO_WRITE),
        ("6 Participants: setting, eligibility", plan.population or _TO_WRITE),
        ("7 Data preparation", "filled, filtered and standardized inside every resample: plan, preparation"),
        ("8 Outcome", f"{plan.outcome.label}: {', '.join(plan.outcome.columns)}"),
        ("9 Predictors", "Table 3; the plan defines every candidate with unit and IBSI tag"),
        ("10 Sample size", "Table 1"),
        ("11 Missing data", "; ".join(development.notes) or "none missing"),
        ("12a-b Analysis, predictors' use", "LASSO inside every resample, folds by original person"),
        ("12c-e Model, performance, updating", "Tables 2.1 to 2.6; no updating"),
        ("13 Class imbalance", "none corrected: risks stay risks"),
        ("14 Fairness", "Table 5" if len(development.subgroups) else "no groups stated in the plan"),
        ("15 Model output", "risk, with a threshold chosen on training data"),
        ("16 Training versus evaluation", "Table 2.4: 7:3 split; Table 2.1: everybody, corrected"),
        ("17 Ethical approval", _TO_WRITE),
        (
            "18 Open science: protocol, data, code",
            f"plan SHA-256 {plan.sha256[:12]}, seed {plan.seed}, model.json",
        ),
        ("19 Patient and public involvement", _TO_WRITE),
        (
            "20 Flow of participants",
            _flow(development),
        ),
        (
            "21 Model development",
            f"{development.events} with the outcome; {lower_first(carried_out(plan))} Table 3, Figure 4",
        ),
        ("22 Model specification", "model.json and the equation on the card"),
        ("23 Model performance", "Tables 2.1 to 2.6, Figures 1 to 3, with intervals"),
        ("24 Model updating", "none"),
        ("25 Interpretation", _TO_WRITE),
        ("26 Limitations", " ".join((*development.contradictions, "Below Table 1."))),
        ("27 Usability in current care", "the calculator; external validation not done"),
    ]


def _flow(development: Development) -> str:
    """Everybody in the data, and where they went."""
    without, unweighted = development.without_outcome, development.n - development.known
    censored = f", {unweighted} of them censored before the horizon" if unweighted else ""
    return (
        f"{development.n + without} people, {without} without outcome left out, {development.n} in the "
        f"development{censored}; Table 1"
    )


def places_of(text: str) -> tuple[tuple[str, str], ...]:
    """The tables and figures that a text names: words and anchor, in its order."""
    places = []
    for named in _PLACE.finditer(text):
        kind = "table" if named[0].startswith("Table") else "figure"
        plural = named[0].startswith(kind.capitalize() + "s")
        for number in _NUMBER.findall(named[0]):
            anchor = f"{kind}-{number.replace('.', '-')}"
            places.append((number if plural else named[0], anchor))
    return tuple(places)
