"""The model beside plainer ones, within groups, and weighed for people without an outcome, in the report."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

from trialkit import numbers
from trialkit.documents.page import Entry, Notice
from trialkit.documents.table import Cell, Column, Row, Table
from trialkit.prediction.developed import Development
from trialkit.prediction.learners import MEMORIZES

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


def compared_entries(development: Development, of: Mapping[str, str]) -> tuple[Entry, ...]:
    """``of``: the numbers of the tables that are there."""
    entries = []
    if "plainer" in of:
        entries.append(Entry("baseline", "Beside plainer models", (_plainer(development, of),)))
    if "groups" in of:
        entries.append(Entry("groups", "Within groups", (_groups(development, of["groups"]),)))
    if "without_outcome" in of:
        entries.append(_missing(development, of))
    if not entries:
        entries.append(
            Entry("none", "Nothing stated", (Notice("None", "The plan names no baseline and no groups."),))
        )
    return tuple(entries)


def _plainer(development: Development, of: Mapping[str, str]) -> Table:
    rows = [
        Row(
            f"{row['comparator']}: {METRIC_LABELS[row['metric']]}",
            (
                Cell(numbers.fixed(row["model"], 3)),
                Cell(numbers.fixed(row["baseline"], 3)),
                Cell(numbers.estimate_interval(row["difference"], row["ci_lower"], row["ci_upper"], 3)),
            ),
        )
        for row in development.baseline.to_dict("records")
    ]
    first = f"Table {of['performance']}.1"
    as_there = (
        f"The model's numbers are those of {first}."
        if development.chosen in MEMORIZES
        else f"{first} corrects logistic regression by .632+; both sides here are cross-validated."
    )
    return Table(
        of["plainer"],
        "Cross-validated, paired",
        (Column("Beside", align="left"), Column("Model"), Column("Plainer"), Column("Difference")),
        tuple(rows),
        method=f"{development.crossed.words()}; AUC the mean of the folds'.",
        footnotes=(
            "Plainer: logistic regression of these features, in the same folds; intervals: people drawn "
            "anew, both models judged on the same.",
            as_there,
            f"Brier score of telling everybody the prevalence: "
            f"{numbers.fixed(development.brier_of_prevalence, 3)}.",
        ),
    )


def _groups(development: Development, number: str) -> Table:
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
    words = f"{development.crossed.words()}; a group's folds are judged together."
    return Table(number, "Cross-validated, by group", columns, tuple(rows), method=words)


def _missing(development: Development, of: Mapping[str, str]) -> Entry:
    """Who had no outcome; and the numbers with those who are like them counting more."""
    missing, known = development.missing, development.n
    rows = tuple(
        Row(_who(development, row), (Cell(_value(row, "known")), Cell(_value(row, "without"))))
        for row in missing.who.to_dict("records")
    )
    columns = (
        Column("Mean, or share", align="left"),
        Column(f"With an outcome ({known})"),
        Column(f"Without ({development.without_outcome})"),
    )
    blocks = [Table(of["without_outcome"], "Who had no outcome", columns, rows)]
    if "weighed" in of:
        blocks.append(_weighed(development, of["weighed"]))
    lead = (
        f"{development.without_outcome} of {known + development.without_outcome} people had no outcome and "
        "took no part: a limitation. Their outcomes are not filled in."
    )
    return Entry("without-outcome", "People without an outcome", tuple(blocks), lead=lead)


def _weighed(development: Development, number: str) -> Table:
    missing = development.missing
    rows = tuple(
        Row(
            METRIC_LABELS[row["metric"]],
            (Cell(numbers.fixed(row["as_is"], 3)), Cell(numbers.fixed(row["weighed"], 3))),
        )
        for row in missing.weighed.to_dict("records")
    )
    return Table(
        number,
        "Sensitivity: weighed by the inverse probability of a known outcome",
        (Column("", align="left"), Column("As it is"), Column("Weighed")),
        rows,
        method=f"The chosen learner, refitted and measured with weights; {development.crossed.words()}.",
        footnotes=(
            "Probability: logistic regression on the features of the table above (and the arm, where the "
            f"plan has it); greatest weight {numbers.fixed(missing.greatest, 2)}.",
            "It holds if nothing else tells who has an outcome.",
        ),
    )


def _who(development: Development, row: Mapping[Hashable, Any]) -> str:
    feature = development.plan.feature(row["feature"])
    if not row["level"]:
        return ", ".join(filter(None, (feature.label, feature.unit)))
    return f"{feature.label}: {feature.level_labels[feature.levels.index(row['level'])]}"


def _value(row: Mapping[Hashable, Any], of: str) -> str:
    return f"{numbers.percent(100 * row[of])} %" if row["level"] else numbers.fixed(row[of], 1)


def _group(development: Development, column: str) -> str:
    """A subgroup's column by its label where it is a candidate too."""
    known = {f.name: f.label for f in development.plan.features}
    return known.get(column, column.replace("_", " ").capitalize())
