"""The report of a development: what can be believed, how it was measured, what was not done."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

from trialkit import numbers
from trialkit.documents.declared.wording import lower_first
from trialkit.documents.page import Entry, Figure, Finding, Findings, Highlight, Notice, Page, Section
from trialkit.documents.table import Cell, Column, Row, Table
from trialkit.prediction.audit import Audit
from trialkit.prediction.card import NOT_VALIDATED, carried_out, cautions, kicker
from trialkit.prediction.developed import Development
from trialkit.prediction.learners import LABELS, MEMORIZES
from trialkit.prediction.numbering import table_numbers
from trialkit.prediction.pathway_page import pathway_entry
from trialkit.prediction.pictures import areas_picture, calibration_picture, decision_picture
from trialkit.prediction.report_compared import METRIC_LABELS, compared_entries
from trialkit.prediction.report_data import data_entry, software_entry
from trialkit.prediction.report_model import explained_entry, selection_entry
from trialkit.prediction.tripod import places_of, tripod_rows

SHORT = {
    "logistic": "Logistic",
    "random_forest": "Forest",
    "xgboost": "XGBoost",
    "lightgbm": "LightGBM",
    "mlp": "Perceptron",
}
RESAMPLING_LABELS = {
    "optimism_corrected": "Everybody, corrected for optimism: the primary estimate",
    "optimism_harrell": "Everybody, corrected by Harrell's optimism",
    "cross_validation": "Everybody, cross-validated by the plan's folds, once",
    "split_test": "Test part of the mandated split, looked at once",
    "split_train": "Training part of the split, cross-validated",
    "apparent": "Everybody, apparent (flatters itself)",
}


def development_page(development: Development) -> Page:
    """The page; every number stands in ``performance.json``."""
    plan, of = development.plan, table_numbers(development)
    return Page(
        title=plan.title,
        kicker=kicker(development, "Prediction model"),
        state=f"version {plan.version}",
        state_tone="final",
        facts=(
            ("People", f"{development.n}, {development.events} with the outcome"),
            ("Outcome", plan.outcome.label),
            ("Chosen", LABELS[development.chosen]),
            ("Model", str(development.model.get("sha256", ""))[:12]),
        ),
        highlight=_highlight(development),
        sections=(
            Section("size", "What this many people can support", (_size(development, of["size"]),)),
            Section("data", "Data and images", (data_entry(development, of["data"]),)),
            Section("performance", "How good it is", _performance(development, of["performance"])),
            Section("leaks", "Does the pipeline leak?", (_leaks(development, of.get("leaks", "")),)),
            Section("selection", "What was selected", (selection_entry(development, of["features"]),)),
            Section("explained", "What moves its answers", (explained_entry(development, of["lime"]),)),
            Section(
                "compared", "Beside plainer models, and within groups", compared_entries(development, of)
            ),
            *_pathway(development, of),
            Section("software", "Software", (software_entry(development, of["software"]),)),
            Section("reporting", "TRIPOD+AI", (_tripod(development, of["tripod"]),)),
        ),
        footer=f"Plan {plan.sha256[:12]}, data {development.data_sha256[:12]}, seed {plan.seed}.",
    )


def _highlight(development: Development) -> Highlight:
    estimate, lower, upper = development.estimate(development.chosen, "optimism_corrected", "auc")
    slope, brier = (
        development.estimate(development.chosen, "optimism_corrected", metric)
        for metric in ("calibration_slope", "brier")
    )
    return Highlight(
        question=f"How well it predicts: {lower_first(development.plan.outcome.label)}",
        statement=Cell(f"AUC {numbers.estimate_interval(estimate, lower, upper, 2)}"),
        caption=f"{LABELS[development.chosen]}, corrected for optimism on all {development.n} people",
        facts=(
            ("Calibration slope", Cell(numbers.estimate_interval(*slope, decimals=2))),
            (
                "Brier score, and p (1 − p)",
                Cell(f"{numbers.fixed(brier[0], 3)}, {numbers.fixed(development.brier_of_prevalence, 3)}"),
            ),
            ("Threshold", Cell(f"{numbers.percent(100 * development.threshold, 0)} %")),
        ),
        remarks=(
            ("Chosen", Cell(f"{LABELS[development.chosen]}: {development.choice.words()}.")),
            ("Resamples", Cell(carried_out(development.plan))),
            *((caution.head, Cell(caution.text)) for caution in cautions(development)),
            ("Test set", Cell(f"{_sentence(development.split.words())}.")),
            ("Not done", Cell(NOT_VALIDATED)),
        ),
    )


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def _size(development: Development, number: str) -> Entry:
    size = development.sample_size
    rows = [
        ("Candidate parameters", numbers.integer(size.parameters)),
        (
            "People with the rarer outcome a candidate parameter",
            numbers.fixed(_rarer(development) / size.parameters, 1),
        ),
        ("Prevalence of the outcome", f"{numbers.percent(100 * size.prevalence)} %"),
        ("Anticipated AUC", numbers.fixed(size.auc, 2)),
        ("Needed for shrinkage of at most 10 %", numbers.integer(size.shrinkage_n)),
        ("Needed for optimism in R² of at most 0.05", numbers.integer(size.optimism_n)),
        ("Needed for the overall risk within 0.05", numbers.integer(size.risk_n)),
        ("There are", numbers.integer(size.n)),
        ("They support, candidate parameters", numbers.integer(size.supported)),
        ("The training part of the split supports", numbers.integer(development.sample_size_split.supported)),
    ]
    table = Table(
        number,
        "Sample size before any model was fitted",
        (Column("", align="left"), Column("Value")),
        tuple(Row(label, (Cell(value),)) for label, value in rows),
        method="Riley et al. 2019, three criteria for a binary outcome.",
    )
    said = Findings(
        "What the plan asks for and the data cannot give:",
        tuple(Finding("Contradiction", text) for text in development.contradictions),
    )
    return Entry("sample-size", "Sample size", (table, said))


def _rarer(development: Development) -> int:
    return min(development.events, development.known - development.events)


def _performance(development: Development, number: str) -> tuple[Entry, ...]:
    names = {**METRIC_LABELS, "brier": f"Brier score (p (1 − p): {_of_prevalence(development)})"}
    columns = (Column("", align="left"), *(Column(SHORT[name]) for name in development.plan.learners))
    tables = []
    for place, (resampling, label) in enumerate(RESAMPLING_LABELS.items(), 1):
        rows = []
        for metric, name in names.items():
            cells = [
                Cell(
                    numbers.estimate_interval(
                        *development.estimate(learner, resampling, metric), decimals=2 + (metric == "brier")
                    )
                )
                for learner in development.plan.learners
            ]
            rows.append(Row(name, tuple(cells)))
        if resampling == "split_test" and development.split.record.again:
            label = label.replace("once", "again")
        if resampling == "split_test" and not development.split.looked:
            label = "Test part of the mandated split: not looked at" + ", this is a try" * (
                development.plan.cut_short
            )
        notes = _footnotes(development, resampling)
        tables.append(Table(f"{number}.{place}", label, columns, tuple(rows), footnotes=notes))
    crossed = (f"Cross-validated: {development.crossed.words()}.",)
    figures = (
        Figure("1", "AUC of each model", areas_picture(development), "AUC of each model with intervals"),
        Figure("2", "Calibration", calibration_picture(development), "Calibration curve", footnotes=crossed),
        Figure("3", "Decision curve", decision_picture(development), "Decision curve", footnotes=crossed),
    )
    return (
        Entry("areas", "Discrimination, calibration, use", figures),
        Entry("tables", "Every metric", tuple(tables)),
    )


_OF_THE_CHOICE = (
    "The choice among the learners is made once, by these folds, outside the bootstrap: what it flatters the "
    "chosen one is taken off nowhere."
)


def _of_prevalence(development: Development) -> str:
    return numbers.fixed(development.brier_of_prevalence, 3)


def _footnotes(development: Development, resampling: str) -> tuple[str, ...]:
    share = numbers.percent(100 * development.threshold, 0)
    folds = development.plan.resampling.folds
    own = {
        "optimism_corrected": f"Corrected: {_corrected_by(development)}.",
        "optimism_harrell": f"The ICI is cross-validated: {development.crossed.words()}.",
        "cross_validation": f"{folds} folds, one pass; AUC the mean of the folds'.",
        "split_train": f"{folds} folds, one pass; AUC the mean of the folds'.",
        "split_test": f"Test set: {development.split.words()}.",
    }
    return (
        *([own[resampling]] if resampling in own else []),
        *(
            [_OF_THE_CHOICE]
            if resampling == "optimism_corrected" and len(development.plan.learners) > 1
            else []
        ),
        f"Sensitivity to F1 at thresholds chosen on training data only (chosen model: {share} %).",
        "Intervals: people drawn anew; corrected values with the spread of cross-validated ones.",
    )


def _corrected_by(development: Development) -> str:
    """Which learner by what."""
    crossed = development.crossed.words()
    if MEMORIZES & set(development.plan.learners):
        return f"logistic regression .632+; the others, and every ICI, {crossed}"
    return f"logistic regression .632+; the ICI, {crossed}"


def _leaks(development: Development, number: str) -> Entry:
    audit = development.leak_audit
    if audit is None:
        missing = "Not run on this plan and these data: trialkit predict audit PLAN DATA --into this folder."
        return Entry("leak-audit", "Outcomes shuffled", (Notice("Leak audit", missing, "failure"),))
    rows = tuple(
        Row(
            LABELS[row["model"]],
            (
                Cell(numbers.estimate_interval(row["mean"], row["lower"], row["upper"], 3)),
                Cell(_leaking(row)),
            ),
        )
        for row in audit.table.to_dict("records")
    )
    columns = (Column("", align="left"), Column("Mean AUC (± 3 errors)"), Column("Leak", align="left"))
    table = Table(
        number,
        f"Cross-validated AUC on {audit.permutations} shuffled outcomes",
        columns,
        rows,
        footnotes=(
            "The whole pipeline; an honest one is no better than 0.5.",
            f"With a leak planted, candidates chosen before the folds: {_planted(audit)}.",
        ),
    )
    return Entry("leak-audit", "Outcomes shuffled", (table,))


def _planted(audit: Audit) -> str:
    interval = numbers.estimate_interval(audit.planted, *audit.planted_limits, 3)
    return f"{interval}, {audit.verdict()}"


def _leaking(row: dict[Hashable, Any]) -> str:
    return "yes: above 0.5" if row["leak"] else "none found"


def _pathway(development: Development, of: Mapping[str, str]) -> tuple[Section, ...]:
    if not development.plan.pathway:
        return ()
    return (Section("pathway", "Care pathway", (pathway_entry(development, "6", of["pathway"]),)),)


def _tripod(development: Development, number: str) -> Entry:
    columns = (Column("Item", align="left"), Column("Where", align="left"))
    rows = tuple(
        Row(item, (Cell(where, places=places_of(where)),)) for item, where in tripod_rows(development)
    )
    return Entry("tripod", "Where each item is reported", (Table(number, "TRIPOD+AI", columns, rows),))
