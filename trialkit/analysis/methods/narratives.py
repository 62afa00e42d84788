"""Serious adverse events told one by one: for a monitoring board, from what the form holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trialkit.analysis.context import Context
from trialkit.analysis.errors import AnalysisError
from trialkit.analysis.level_names import level_names
from trialkit.analysis.method import Answer, Method
from trialkit.documents.declared import Listing
from trialkit.plan import Analysis
from trialkit.study.model import Form

SECTION = "14.3.3"
YES = "1"


def compute(context: Context, entry: Analysis) -> Answer:
    """One line a serious event: who, since when in the trial, and every item of the event's form in words."""
    import pandas as pd

    safety = context.study.safety
    if not (safety.adverse_events and safety.serious):
        raise AnalysisError(
            expected="a study that says, under [safety], where adverse events stand and which are serious",
            found="no such entry",
            where=entry.where,
            next_step="Enter [safety] in study.toml.",
        )
    subjects = context.subjects(entry).set_index("subject_id", drop=False)
    form = context.study.form(safety.adverse_events)
    told = [
        {
            "subject_id": who,
            "arm": str(subjects.at[who, "arm"]),
            "narrative": _narrative(context, subjects.loc[who], form, row),
        }
        for (who, _, _), row in context.datasets.form_rows(form.name)
        if who in subjects.index and _code(row.get(safety.serious)) == YES
    ]
    everybody = subjects.reset_index(drop=True)
    return Answer(
        tables={
            "listing": pd.DataFrame(told, columns=["subject_id", "arm", "narrative"]),
            "heads": pd.DataFrame([{"column": "narrative", "label": "Narrative"}]),
            "section": pd.DataFrame([{"section": SECTION}]),
        },
        counts=context.counts(everybody, everybody["arm"].notna(), "arm not known"),
        method="Every event marked serious, in the words of its form; nothing is judged here",
    )


def _narrative(context: Context, subject: Any, form: Form, row: Mapping[str, Any]) -> str:
    import pandas as pd

    safety = context.study.safety
    code = str(subject["site"])
    facts = [level_names(context.study, "site").get(code) or f"Site {code}"]
    facts += [str(subject[factor.name]) for factor in context.study.factors if factor.item is not None]
    start = pd.to_datetime(str(row.get(safety.start, "")), format="%Y-%m-%d", errors="coerce")
    day = (start - subject["randomization_date"]).days if start == start else None
    began = f"day {day} after randomization" if day is not None else "day not known"
    parts = [f"{', '.join(facts)}. {row.get(safety.term, 'An event')}, {began}."]
    for item in form.items:
        value = row.get(item.name)
        if value is None or item.name in (safety.term, form.row_key):
            continue
        text = _code(value)
        parts.append(f"{item.label}: {item.label_of(text) if item.choices else text}.")
    parts.append(f"Status: {subject['status']}.")
    return " ".join(parts)


def _code(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value or "")


METHOD = Method(
    name="narratives",
    says="Serious adverse events told one by one, from the items of their form.",
    outputs=(Listing(),),
    page="listings",
    expected=lambda _entry, _plan, _study: {
        "heads": [{"column": "narrative", "label": "Narrative"}],
        "section": [{"section": SECTION}],
    },
    compute=compute,
    compares=False,
)
