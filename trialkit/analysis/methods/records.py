"""Rows of a form counted by category and arm: deviations, rescue drugs, reasons for stopping."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trialkit.analysis.context import Context
from trialkit.analysis.method import Answer, Method
from trialkit.analysis.methods.adverse_events import subjects_and_events
from trialkit.documents.declared import Chapter, Col, Count, Listed, Percent, Plain
from trialkit.plan import Analysis, Plan, keys

if TYPE_CHECKING:
    import pandas as pd


def compute(context: Context, entry: Analysis) -> Answer:
    import pandas as pd

    subjects = context.subjects(entry)
    rows = context.datasets.records[keys.RECORDS.of(entry)]
    events = rows.merge(subjects[["subject_id", "arm"]], on="subject_id")
    flags = context.plan.records[keys.RECORDS.of(entry)].flags
    chosen: dict[str, pd.DataFrame] = {"Any": events, **{label: events[events[label]] for label in flags}}
    chosen |= {str(c): events[events["category"] == c] for c in sorted(events["category"].dropna().unique())}
    table = [
        {"category": label, **row}
        for label, here in chosen.items()
        for row in subjects_and_events(context, subjects, here)
    ]
    return Answer(
        tables={"records": pd.DataFrame(table)},
        counts=context.counts(subjects, subjects["arm"].notna(), "arm not known"),
        method="Subjects with at least one record, and records; nothing is tested",
    )


def expected(entry: Analysis, plan: Plan, _study: Any) -> dict[str, list[dict[str, Any]]]:
    return {
        "records": [{"category": label} for label in ("Any", *plan.records[keys.RECORDS.of(entry)].flags)]
    }


METHOD = Method(
    name="records",
    says="Rows of a form counted by category and arm.",
    keys=(keys.RECORDS,),
    outputs=(
        Listed(
            source="records",
            title="{title}",
            label=Plain("category"),
            head="Category",
            columns=(
                Col("Subjects, n (%)", Percent("n_subjects", "percent")),
                Col("Records", Count("n_events")),
            ),
            chapter=Chapter.SUBJECTS,
            by_arm=True,
            heads_with_size=True,
            footnotes=("A subject with several records is counted once in a line.",),
        ),
    ),
    page="participants",
    expected=expected,
    compute=compute,
    compares=False,
    monitored=True,
)
