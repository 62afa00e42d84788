"""Who came in, who stays, and which outcomes are missing, of what is due by the snapshot's day."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from trialkit.analysis.context import Context
from trialkit.analysis.method import Answer, Method
from trialkit.analysis.methods.subject_values import PARAMETERS
from trialkit.analysis.repeated import visits_after_baseline
from trialkit.documents.declared import Chapter, Col, Count, Listed, Of, Percent, Plain
from trialkit.plan import Analysis

if TYPE_CHECKING:
    import pandas as pd

DUE = "Due: the window has closed, or the subject came before that."


def compute(context: Context, entry: Analysis) -> Answer:
    """A visit is due once its window has closed; what is not due yet is not missing."""
    import pandas as pd

    subjects = context.subjects(entry)
    due = {name: is_due(context, subjects, name) for name in visits_after_baseline(context)}
    return Answer(
        tables={
            "enrolment": pd.DataFrame(list(_enrolment(context))),
            "visits": pd.DataFrame(list(_visits(context, subjects, due))),
            "outcomes": pd.DataFrame(list(_outcomes(context, entry, subjects, due))),
            "left": pd.DataFrame(list(_left(context, subjects))),
        },
        counts=context.counts(subjects, subjects["arm"].notna(), "arm not known"),
        method=f"Of what is due by {context.datasets.as_of.isoformat()}: a visit is due when its window in "
        "the plan has closed",
    )


def is_due(context: Context, subjects: pd.DataFrame, visit: str) -> pd.Series:
    import pandas as pd

    rule = context.plan.visits[visit]
    last = context.datasets.target_day(rule) - rule.target_days + rule.window_days[1]
    closes = subjects["randomization_date"] + pd.to_timedelta(last, unit="D")
    due: pd.Series = closes <= pd.Timestamp(context.datasets.as_of)
    return due


def _enrolment(context: Context) -> Iterator[dict[str, Any]]:
    numbers = context.datasets.subjects
    everyone = numbers[numbers["duplicate_of"].isna()]
    failed = everyone[everyone["status"] == "screen_failed"]
    yield {"measure": "Assessed for eligibility", "count": len(everyone)}
    yield {"measure": "Randomized", "count": int(everyone["randomized"].sum())}
    yield {"measure": "Not randomized, screening ended", "count": len(failed)}
    for reason, n in (
        failed["status_reason"].replace("", "no reason given").value_counts().sort_index().items()
    ):
        yield {"measure": f"… {reason}", "count": int(n)}
    waiting = everyone[~everyone["randomized"] & (everyone["status"] != "screen_failed")]
    yield {"measure": "In screening", "count": len(waiting)}


def _visits(context: Context, subjects: pd.DataFrame, due: dict[str, pd.Series]) -> Iterator[dict[str, Any]]:
    for name, is_now in due.items():
        came = _came(context, subjects, name)
        for arm in context.arms:
            of_arm = (subjects["arm"] == arm) & (is_now | came)
            n, here = int(of_arm.sum()), int((of_arm & came).sum())
            yield {
                "visit": context.visit_label(name), "arm": arm, "due": n, "done": here,
                "percent": 100 * here / n if n else None,
            }  # fmt: skip


def _came(context: Context, subjects: pd.DataFrame, visit: str) -> pd.Series:
    visits = context.datasets.visits
    done = visits[(visits["status"] == "done") & (visits["visit"] == visit)]
    came: pd.Series = subjects["subject_id"].isin(done["subject_id"])
    return came


def _outcomes(
    context: Context, entry: Analysis, subjects: pd.DataFrame, due: dict[str, pd.Series]
) -> Iterator[dict[str, Any]]:
    long = context.datasets.assessments
    for parameter in PARAMETERS.of(entry):
        rows = long[(long["parameter"] == parameter) & long["analysis_flag"] & long["value"].notna()]
        for name, is_now in due.items():
            if name not in set(long.loc[long["parameter"] == parameter, "crf_visit"]):
                continue  # not asked at this visit
            has = subjects["subject_id"].isin(rows.loc[rows["visit"] == name, "subject_id"])
            came = _came(context, subjects, name)
            for arm in context.arms:
                of_arm = (subjects["arm"] == arm) & (is_now | came | has)
                n, missing = int(of_arm.sum()), int((of_arm & ~has).sum())
                yield {
                    "parameter": context.label_and_unit(parameter)[0], "visit": context.visit_label(name),
                    "arm": arm, "due": n, "missing": missing, "percent": 100 * missing / n if n else None,
                }  # fmt: skip


def _left(context: Context, subjects: pd.DataFrame) -> Iterator[dict[str, Any]]:
    gone = subjects[subjects["status"] == "withdrawn"]
    reasons = gone["status_reason"].replace("", "no reason given")
    for reason in ("Any reason", *sorted(reasons.unique())):
        for arm in context.arms:
            size = int((subjects["arm"] == arm).sum())
            chosen = (gone["arm"] == arm) & ((reasons == reason) | (reason == "Any reason"))
            n = int(chosen.sum())
            yield {"reason": reason, "arm": arm, "count": n, "percent": 100 * n / size if size else None}


METHOD = Method(
    name="retention",
    says="Enrolment, visits and outcomes of what is due so far, and who left.",
    keys=(PARAMETERS,),
    outputs=(
        Listed(
            source="enrolment",
            title="Screening and enrolment",
            label=Plain("measure"),
            head="",
            columns=(Col("Subjects", Count("count")),),
            chapter=Chapter.SUBJECTS,
        ),
        Listed(
            source="visits",
            title="Visits of those due",
            label=Plain("visit"),
            head="Visit",
            columns=(Col("Due", Count("due")), Col("Done, n (% of due)", Percent("done", "percent"))),
            chapter=Chapter.SUBJECTS,
            by_arm=True,
            heads_with_size=True,
            footnotes=(DUE,),
        ),
        Listed(
            source="outcomes",
            title="Outcomes missing of those due",
            label=Plain("visit"),
            head="Outcome and visit",
            columns=(
                Col("Missing / due", Of("missing", "due")),
                Col("n (%)", Percent("missing", "percent")),
            ),
            chapter=Chapter.SUBJECTS,
            by_arm=True,
            heads_with_size=True,
            sections="parameter",
            footnotes=(DUE,),
        ),
        Listed(
            source="left",
            title="Subjects who left the study",
            label=Plain("reason"),
            head="Reason",
            columns=(Col("n (%)", Percent("count", "percent")),),
            chapter=Chapter.SUBJECTS,
            by_arm=True,
            heads_with_size=True,
        ),
    ),
    page="participants",
    compute=compute,
    compares=False,
    monitored=True,
)
