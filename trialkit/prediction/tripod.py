"""TRIPOD+AI: each item and where the report, the card or the plan tells it.

Items in our words after Collins et al., BMJ 2024;385:e078378; the published wording counts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from trialkit.documents.declared.wording import lower_first
from trialkit.numbers import plain
from trialkit.prediction.card import carried_out, cautions
from trialkit.prediction.developed import Development
from trialkit.prediction.environment import FILE
from trialkit.prediction.numbering import table_numbers
from trialkit.prediction.plan import PredictionPlan
from trialkit.prediction.report_data import gap_steps

_TO_WRITE = "to be written by the authors: page ____"
_PLACE = re.compile(r"(?:Table|Figure)s? (?:[\d.]*\d)(?: to [\d.]*\d)?")
_NUMBER = re.compile(r"[\d.]*\d")


def tripod_rows(development: Development) -> list[tuple[str, str]]:
    """(item, where); what the software cannot know says so."""
    plan, of = development.plan, table_numbers(development)
    first, last = (f"{of['performance']}.{part}" for part in (1, 6))
    data = f"Table {of['data']}"
    return [
        ("1 Title", plan.title),
        ("2 Abstract", _TO_WRITE),
        ("3a-b Background, intended use", plan.intended_use or _TO_WRITE),
        ("3c Known inequalities in health", _TO_WRITE),
        ("4 Objectives", f"development and internal validation of a model of {plan.outcome.label}"),
        ("5a Data: source", plan.provenance.source or _TO_WRITE),
        ("5b Data: dates", plan.provenance.dates or _TO_WRITE),
        ("6 Participants: setting, eligibility", plan.population or _TO_WRITE),
        ("7 Data preparation", f"filled, filtered and standardized inside every resample: {data}"),
        ("8 Outcome", _outcome(plan)),
        ("9 Predictors", _predictors(plan, of)),
        ("10 Sample size", f"Table {of['size']}"),
        ("11 Missing data", _missing(development, of)),
        ("12a-b Analysis, predictors' use", "LASSO inside every resample, folds by original person"),
        ("12c-e Model, performance, updating", f"Tables {first} to {last}; no updating"),
        ("13 Class imbalance", "none corrected: risks stay risks"),
        ("14 Fairness", f"Table {of['groups']}" if "groups" in of else "no groups stated in the plan"),
        ("15 Model output", "risk, with a threshold chosen on training data"),
        (
            "16 Training versus evaluation",
            f"Table {of['performance']}.4: {_split(plan)} split, test set {development.split.words()}; "
            f"Table {first}: everybody, corrected",
        ),
        ("17 Ethical approval", _TO_WRITE),
        (
            "18 Open science: protocol, data, code",
            f"plan SHA-256 {plan.sha256[:12]}, seed {plan.seed}, model.json, {FILE}: Table {of['software']}",
        ),
        ("19 Patient and public involvement", _TO_WRITE),
        ("20 Flow of participants", _flow(development)),
        (
            "21 Model development",
            f"{development.events} with the outcome; {lower_first(carried_out(plan))} "
            f"Table {of['features']}, Figure 4",
        ),
        ("22 Model specification", "model.json and the equation on the card"),
        ("23 Model performance", f"Tables {first} to {last}, Figures 1 to 3, with intervals"),
        ("24 Model updating", "none"),
        ("25 Interpretation", _TO_WRITE),
        ("26 Limitations", _limitations(development, of)),
        ("27 Usability in current care", "the calculator; external validation not done"),
    ]


def _split(plan: PredictionPlan) -> str:
    train = int(plain(100 * plan.resampling.train_share, 0))
    return f"{train}:{100 - train}"


def _outcome(plan: PredictionPlan) -> str:
    assessed = plan.provenance.outcome_assessment or f"how and by whom assessed, {_TO_WRITE}"
    return f"{plan.outcome.label}: {', '.join(plan.outcome.columns)}; {assessed}"


def _predictors(plan: PredictionPlan, of: Mapping[str, str]) -> str:
    images = f"; how images were read: Table {of['data']}" if plan.of_images else ""
    return f"Table {of['features']}; the plan defines every candidate with unit and IBSI tag{images}"


def _missing(development: Development, of: Mapping[str, str]) -> str:
    """How gaps are filled, a step each, and where it is shown who has none."""
    steps = ". ".join(f"{step}: {what}" for step, what in gap_steps(development))
    who = f"; who they are: Table {of['without_outcome']}" if "without_outcome" in of else ""
    weighed = f"; weighed for: Table {of['weighed']}" if "weighed" in of else ""
    return f"{steps}{who}{weighed}"


def _limitations(development: Development, of: Mapping[str, str]) -> str:
    without = development.without_outcome
    left_out = [f"{without} people without an outcome left out."] if without else []
    found = (caution.text for caution in cautions(development))
    return " ".join((*found, *development.contradictions, *left_out, f"Below Table {of['size']}."))


def _flow(development: Development) -> str:
    """Everybody in the data, and where they went."""
    without, unweighted = development.without_outcome, development.n - development.known
    censored = f", {unweighted} of them censored before the horizon" if unweighted else ""
    return (
        f"{development.n + without} people, {without} without outcome left out, {development.n} in the "
        f"development{censored}; Table {table_numbers(development)['size']}"
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
