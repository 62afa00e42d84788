"""Visits attended by arm: done, inside the window, missed, and how far from the target."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trialkit.analysis.context import Context
from trialkit.analysis.method import Answer, Method
from trialkit.analysis.repeated import visits_after_baseline
from trialkit.documents.declared import Chapter, Col, Listed, Percent, Plain
from trialkit.plan import Analysis

if TYPE_CHECKING:
    import pandas as pd


def compute(context: Context, entry: Analysis) -> Answer:
    subjects = context.subjects(entry)
    return Answer(
        tables={"attendance": _attendance(context, subjects)},
        counts=context.counts(subjects, subjects["arm"].notna(), "arm not known"),
        method="A visit counts as attended where its form says so, and as inside the window where its date "
        "lies in the plan's window for it",
    )


def _attendance(context: Context, subjects: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    visits = context.datasets.visits
    rows: list[dict[str, Any]] = []
    for name in visits_after_baseline(context):
        low, high = context.plan.visits[name].window_days
        shift = context.datasets.target_day(context.plan.visits[name]) - context.plan.visits[name].target_days
        here = visits[(visits["visit"] == name) & (visits["status"] == "done")]
        day = subjects["subject_id"].map(here.set_index("subject_id")["day"])
        attended = subjects["subject_id"].isin(here["subject_id"])
        inside = day.between(low + shift, high + shift)
        for arm in context.arms:
            of_arm = subjects["arm"] == arm
            n = int(of_arm.sum())
            done, in_window = int((of_arm & attended).sum()), int((of_arm & inside).sum())
            rows.append(
                {
                    "visit": context.study.visit(name).label, "arm": arm, "n": n,
                    "attended": done, "attended_percent": 100 * done / n if n else None,
                    "inside": in_window, "inside_percent": 100 * in_window / n if n else None,
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


METHOD = Method(
    name="attendance",
    says="Visits attended, and inside the plan's windows, by arm.",
    outputs=(
        Listed(
            source="attendance",
            title="{title}",
            label=Plain("visit"),
            head="Visit",
            columns=(
                Col("Attended, n (%)", Percent("attended", "attended_percent")),
                Col("In the window, n (%)", Percent("inside", "inside_percent")),
            ),
            chapter=Chapter.SUBJECTS,
            by_arm=True,
            heads_with_size=True,
        ),
    ),
    page="participants",
    compute=compute,
    compares=False,
)
