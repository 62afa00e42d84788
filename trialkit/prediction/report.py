"""The report of a development: what can be believed, how it was measured, what was not done."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

from trialkit import numbers
from trialkit.documents.declared.wording import lower_first
from trialkit.documents.page import Entry, Figure, Finding, Findings, Highlight, Notice, Page, Section
from trialkit.documents.table import Cell, Column, Row, Table
from trialkit.prediction.audit import Audit
from trialkit.prediction.card import NOT_VALIDATED, carried_out, cautions, kicker
from trialkit.prediction.developed import Development
from trialkit.prediction.learners import LABELS, MEMORIZES, SHAP_UNIT
from trialkit.prediction.naming import column_labels
from trialkit.prediction.pathway_page import pathway_entry
from trialkit.prediction.pictures import (
    areas_picture,
    calibration_picture,
    decision_picture,
    lime_picture,
    selection_picture,
    shap_picture,
)
from trialkit.prediction.tripod import places_of, tripod_rows

METRIC_LABELS = {
    "auc": "AUC",
    "brier": "Brier score",
    "sensitivity": "Sensitivity",
    "specificity": "Specificity",
    "ppv": "PPV",
    "npv": "NPV",
    "f1": "F1",
    "calibration_intercept": "Calibration intercept",
    "calibration_slope": "Calibration slope",
    "observed_expected": "Observed / expected",
    "ici": "ICI",
}
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
    "cross_validation": "Everybody, cross-validated",
    "split_test": "Test part of the mandated split, looked at once",
    "split_train": "Training part of the split, cross-validated",
    "apparent": "Everybody, apparent (flatters itself)",
}


def development_page(development: Development) -> Page:
    """The page; every number stands in ``performance.json``."""
    plan = development.plan
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
            Section("size", "What this many people can support", (_size(development),)),
            Section("performance", "How good it is", _performance(development)),
            Section("leaks", "Does the pipeline leak?", (_leaks(development),)),
            Section("selection", "What was selected", (_selection(development),)),
            Section("explained", "What moves its answers", (_explained(development),)),
            Section("compared", "Beside a plainer model, and within groups", _compared(development)),
            *_pathway(development),
            Section("reporting", "TRIPOD+AI", (_tripod(development),)),
        ),
        footer=f"Plan {plan.sha256[:12]}, data {development.data_sha256[:12]}, seed {plan.seed}.",
    )


def _highlight(development: Development) -> Highlight:
    estimate, lower, upper = development.estimate(development.chosen, "optimism_corrected", "auc")
    slope = development.estimate(development.chosen, "optimism_corrected", "calibration_slope")
    return Highlight(
        question=f"How well it predicts: {lower_first(development.plan.outcome.label)}",
        statement=Cell(f"AUC {numbers.estimate_interval(estimate, lower, upper, 2)}"),
        caption=f"{LABELS[development.chosen]}, corrected for optimism on all {development.n} people",
        facts=(
            ("Calibration slope", Cell(numbers.fixed(slope[0], 2))),
            ("Threshold", Cell(f"{numbers.percent(100 * development.threshold, 0)} %")),
        ),
        remarks=(
            ("Chosen", f"{LABELS[development.chosen]}: {development.choice.words()}."),
            ("Resamples", carried_out(development.plan)),
            *(("Not to be used", caution) for caution in cautions(development)),
            ("Not done", NOT_VALIDATED),
        ),
    )


def _size(development: Development) -> Entry:
    size = development.sample_size
    rows = [
        ("Candidate parameters", numbers.integer(size.parameters)),
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
        "1",
        "Sample size before any model was fitted",
        (Column("", align="left"), Column("Value")),
        tuple(Row(label, (Cell(value),)) for label, value in rows),
        method="Riley et al. 2019, three criteria for a binary outcome.",
    )
    said = Findings(
        "What the plan asks for and the data cannot give:",
        tuple(Finding("Contradiction", text) for text in development.contradictions),
    )
    notes = tuple(Notice("Data", text) for text in development.notes)
    return Entry("sample-size", "Sample size", (table, said, *notes))


def _performance(development: Development) -> tuple[Entry, ...]:
    tables = []
    for number, (resampling, label) in enumerate(RESAMPLING_LABELS.items(), 1):
        rows = []
        for metric, name in METRIC_LABELS.items():
            cells = [
                Cell(
                    numbers.estimate_interval(*development.estimate(learner, resampling, metric), decimals=2)
                )
                for learner in development.plan.learners
            ]
            rows.append(Row(name, tuple(cells)))
        columns = (Column("", align="left"), *(Column(SHORT[name]) for name in development.plan.learners))
        if resampling == "split_test" and not development.split.looked:
            label = "Test part of the mandated split: not looked at, this is a try"
        tables.append(Table(f"2.{number}", label, columns, tuple(rows), footnotes=_footnotes(development)))
    figures = (
        Figure("1", "AUC of each model", areas_picture(development), "AUC of each model with intervals"),
        Figure("2", "Calibration", calibration_picture(development), "Calibration curve"),
        Figure("3", "Decision curve, cross-validated", decision_picture(development), "Decision curve"),
    )
    return (
        Entry("areas", "Discrimination, calibration, use", figures),
        Entry("tables", "Every metric", tuple(tables)),
    )


def _footnotes(development: Development) -> tuple[str, ...]:
    share = numbers.percent(100 * development.threshold, 0)
    return (
        f"Sensitivity to F1 at thresholds chosen on training data only (chosen model: {share} %).",
        f"Corrected: logistic regression .632+; {_by_folds(development)}.",
        "Intervals: people drawn anew; corrected values with the spread of cross-validated ones.",
    )


def _by_folds(development: Development) -> str:
    """What is cross-validated, and how."""
    if MEMORIZES & set(development.plan.learners):
        return "the others, and every ICI, ten folds repeated five times"
    return f"the ICI {development.plan.resampling.folds} folds"


def _leaks(development: Development) -> Entry:
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
        "9",
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


def _selection(development: Development) -> Entry:
    stability = development.stability
    index = numbers.estimate_interval(stability.nogueira, stability.ci_lower, stability.ci_upper, 2)
    unit = SHAP_UNIT[development.chosen]
    return Entry(
        "selection-frequency",
        "How often each candidate came back",
        (
            Figure("4", "Selection frequency", selection_picture(development), "Selection frequency"),
            Table(
                "3",
                "Features of the model",
                (Column("Column", align="left"), Column("Selected, %"), Column("Definition", align="left")),
                tuple(_definitions(development)),
            ),
        ),
        lead=f"Stability of the selection (Nogueira): {index}; 1 is always the same, 0 is chance.",
        notes=(f"Contributions of this learner add up to {unit}.",),
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


def _explained(development: Development) -> Entry:
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
        (*figures, lime, _lime_table(development)),
        lead="What the models lean on, no cause. Units differ: compare shapes, not numbers.",
    )


def _lime_table(development: Development) -> Table:
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
        "8",
        "LIME of three people: mean weight (least to greatest) over five seeds",
        (Column("Column", align="left"), *columns),
        rows,
        footnotes=("± : the sign changes with the seed; such a weight explains nothing.",),
    )


def _weight(row: dict[Hashable, Any]) -> str:
    sign = " ±" if row["changes_sign"] else ""
    return numbers.estimate_interval(row["mean"], row["smallest"], row["largest"], 3) + sign


def _compared(development: Development) -> tuple[Entry, ...]:
    entries = []
    if len(development.baseline):
        rows = [
            Row(
                METRIC_LABELS[row["metric"]],
                (
                    Cell(numbers.fixed(row["model"], 3)),
                    Cell(numbers.fixed(row["baseline"], 3)),
                    Cell(numbers.estimate_interval(row["difference"], row["ci_lower"], row["ci_upper"], 3)),
                ),
            )
            for row in development.baseline.to_dict("records")
        ]
        columns = (Column("", align="left"), Column("Model"), Column("Baseline"), Column("Difference"))
        entries.append(
            Entry(
                "baseline",
                f"Beside {_baseline_words(development)} alone",
                (Table("4", "Cross-validated, paired", columns, tuple(rows)),),
            )
        )
    if len(development.subgroups):
        rows = [
            Row(
                f"{_group(development, row['subgroup'])}: {row['level']}",
                (
                    Cell(f"{row['events']} of {row['n']}"),
                    Cell(METRIC_LABELS[row["metric"]]),
                    Cell(numbers.estimate_interval(row["estimate"], row["ci_lower"], row["ci_upper"], 2)),
                ),
            )
            for row in development.subgroups.to_dict("records")
        ]
        columns = (
            Column("Group", align="left"),
            Column("With outcome"),
            Column("Metric"),
            Column("Estimate"),
        )
        entries.append(
            Entry("groups", "Within groups", (Table("5", "Cross-validated, by group", columns, tuple(rows)),))
        )
    if not entries:
        entries.append(
            Entry("none", "Nothing stated", (Notice("None", "The plan names no baseline and no groups."),))
        )
    return tuple(entries)


def _pathway(development: Development) -> tuple[Section, ...]:
    if not development.plan.pathway:
        return ()
    return (Section("pathway", "Care pathway", (pathway_entry(development, "6"),)),)


def _tripod(development: Development) -> Entry:
    columns = (Column("Item", align="left"), Column("Where", align="left"))
    rows = tuple(
        Row(item, (Cell(where, places=places_of(where)),)) for item, where in tripod_rows(development)
    )
    return Entry("tripod", "Where each item is reported", (Table("7", "TRIPOD+AI", columns, rows),))


def _group(development: Development, column: str) -> str:
    """A subgroup's column by its label where it is a candidate too."""
    known = {f.name: f.label for f in development.plan.features}
    return known.get(column, column.replace("_", " ").capitalize())


def _baseline_words(development: Development) -> str:
    labels = (development.plan.feature(name).label for name in development.plan.baseline)
    return ", ".join(lower_first(label) for label in labels)
