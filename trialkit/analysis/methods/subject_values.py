"""A listing of measurements: one line a subject, one column a parameter and visit of the plan."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from trialkit import numbers
from trialkit.analysis.context import Context
from trialkit.analysis.method import Answer, Method
from trialkit.analysis.methods.listing import SECTION, section_of
from trialkit.analysis.repeated import measured_at, wide_data
from trialkit.datasets.build import labels_of
from trialkit.documents.declared import Listing
from trialkit.documents.declared.wording import with_unit
from trialkit.plan import Analysis, Key, Place, Plan, PlanError
from trialkit.plan.references import unknown

if TYPE_CHECKING:
    from trialkit.study.model import Study


def _check(value: tuple[str, ...], place: Place) -> Iterator[PlanError]:
    known = {score.name for score in place.study.scores}
    for name in value:
        if name not in known:
            yield unknown("a score of the study", name, place.where, known)


PARAMETERS: Key[tuple[str, ...]] = Key(
    "parameters", "what is listed", "scores", lambda s, k: s.texts(k), _check
)


def compute(context: Context, entry: Analysis) -> Answer:
    import pandas as pd

    wanted = [(name, visit) for name in PARAMETERS.of(entry) for visit in measured_at(context, name)]
    data = wide_data(context, entry, wanted)
    columns = [f"{name}@{visit}" for name, visit in wanted]
    rows: list[dict[str, Any]] = [
        {
            "subject_id": row["subject_id"],
            "arm": str(row["arm"]),
            **{c: "" if numbers.is_missing(row[c]) else numbers.fixed(row[c], 1) for c in columns},
        }
        for row in data[["subject_id", "arm", *columns]].to_dict("records")
    ]
    heads = [
        {
            "column": column,
            "label": context.visit_label(visit),
            "group": with_unit(*context.label_and_unit(name)),
        }
        for column, (name, visit) in zip(columns, wanted, strict=True)
    ]
    return Answer(
        tables={
            "listing": pd.DataFrame(rows, columns=["subject_id", "arm", *columns]),
            "heads": pd.DataFrame(heads),
            "section": section_of(entry),
        },
        counts=context.counts(data, data["arm"].notna(), "arm not known"),
        method="The assessment that counts for each visit; empty where there is none",
    )


def expected(entry: Analysis, _plan: Plan, study: Study) -> dict[str, list[dict[str, Any]]]:
    """A column a score; at which visits it was measured the data tell."""
    labels = labels_of(study)
    return {"heads": [{"column": name, "label": with_unit(*labels[name])} for name in PARAMETERS.of(entry)]}


METHOD = Method(
    name="subject_values",
    says="Measurements by subject and visit.",
    keys=(PARAMETERS,),
    optional=(SECTION,),
    outputs=(Listing(),),
    page="listings",
    expected=expected,
    compute=compute,
    compares=False,
)
