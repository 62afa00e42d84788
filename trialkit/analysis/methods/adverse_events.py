"""Adverse events by arm received: subjects counted once a line, events counted separately; no p-values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trialkit.analysis.context import Context
from trialkit.analysis.method import Answer, Method
from trialkit.documents.declared import Chapter, Col, Count, Listed, Percent, Plain
from trialkit.plan import Analysis, Plan, keys

if TYPE_CHECKING:
    import pandas as pd

    from trialkit.study.model import Study


def compute(context: Context, entry: Analysis) -> Answer:
    """Subjects with at least one event, and events, by arm received; by category."""
    import pandas as pd

    subjects = context.subjects(entry)
    events = context.datasets.records[keys.RECORDS.of(entry)].merge(
        subjects[["subject_id", "arm"]], on="subject_id"
    )
    overview = [
        {"measure": measure, **row}
        for measure, chosen in _measures(context, entry, events).items()
        for row in _subjects_and_events(context, subjects, chosen)
    ]
    by_category = [
        {"category": str(category), **row}
        for category in sorted(events["category"].dropna().unique())
        for row in _subjects_and_events(context, subjects, events[events["category"] == category])
    ]
    return Answer(
        tables={"overview": pd.DataFrame(overview), "by_category": pd.DataFrame(by_category)},
        counts=context.counts(subjects, subjects["arm"].notna(), "arm not known"),
        method="Subjects with at least one event, and events, by the arm received; nothing is tested",
    )


def _measures(context: Context, entry: Analysis, events: pd.DataFrame) -> dict[str, pd.DataFrame]:
    flags = context.plan.records[keys.RECORDS.of(entry)].flags
    return {"Any": events, **{label: events[events[label]] for label in flags}}


def _subjects_and_events(
    context: Context, subjects: pd.DataFrame, events: pd.DataFrame
) -> list[dict[str, Any]]:
    rows = []
    for arm in context.arms:
        n_arm = int((subjects["arm"] == arm).sum())
        here = events[events["arm"] == arm]
        n_subjects = here["subject_id"].nunique()
        rows.append(
            {
                "arm": arm,
                "n_subjects": n_subjects,
                "percent": 100 * n_subjects / n_arm if n_arm else None,
                "n_events": len(here),
            }
        )
    return rows


def expected(entry: Analysis, plan: Plan, _study: Study) -> dict[str, list[dict[str, Any]]]:
    return {
        "overview": [{"measure": label} for label in ("Any", *plan.records[keys.RECORDS.of(entry)].flags)]
    }


def _table(source: str, label: str, title: str, head: str) -> Listed:
    return Listed(
        source=source,
        title=title,
        label=Plain(label),
        head=head,
        columns=(Col("Subjects, n (%)", Percent("n_subjects", "percent")), Col("Events", Count("n_events"))),
        chapter=Chapter.SAFETY,
        by_arm=True,
        heads_with_size=True,
        footnotes=("A subject with several events is counted once in a line.",),
    )


METHOD = Method(
    name="adverse_events",
    says="Subjects with events, and events, by the arm received.",
    keys=(keys.RECORDS,),
    outputs=(
        _table("overview", "measure", "Adverse events: overview", ""),
        _table("by_category", "category", "Adverse events by category", "Category"),
    ),
    page="safety",
    expected=expected,
    compute=compute,
    compares=False,
)
