"""The composite strategy: an intercurrent event before a visit is part of its outcome, as the plan states."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from trialkit.datasets.rows import holds
from trialkit.datasets.times import feasible_midpoint
from trialkit.expressions import parse
from trialkit.plan import Analysis
from trialkit.plan.intercurrent import composites, source_of
from trialkit.plan.model import IntercurrentEvent

if TYPE_CHECKING:
    from datetime import date

    import pandas as pd

    from trialkit.analysis.context import Context

COMPOSITE, FAILED = "composite_event", "failed"


def with_composite(context: Context, entry: Analysis, data: pd.DataFrame, visit: str) -> pd.DataFrame:
    """The subjects at a visit with ``composite_event``: the event each had before it, empty where none.

    An event counts from randomization to the day of the assessment, or where there is none to the visit's
    target day; the first one decides. Where the plan gives it a value, ``value`` and ``chg`` are that one's;
    where it gives none, ``failed`` is true: no response, whatever was measured.
    """
    events = composites(context.plan, entry)
    if not events:
        return data
    until = _until(context, entry, data, visit)
    first: dict[str, tuple[date, IntercurrentEvent]] = {}
    for event in events:
        for subject_id, day in dated_events(context, event, until):
            if subject_id not in first or day < first[subject_id][0]:
                first[subject_id] = (day, event)
    had = data["subject_id"].map({who: event.event for who, (_, event) in first.items()}).fillna("")
    values = {who: event.value for who, (_, event) in first.items() if event.value is not None}
    assigned = data["subject_id"].map(values)
    known = assigned.notna()
    valueless = {who for who, (_, event) in first.items() if event.value is None}
    data = data.assign(composite_event=had, failed=data["subject_id"].isin(valueless))
    base = _baseline(context, entry)
    data["base"] = data["base"].where(~known, data["base"].fillna(data["subject_id"].map(base)))
    data["value"] = data["value"].where(~known, assigned)
    data["chg"] = data["chg"].where(~known, assigned - data["base"])
    return data


def composite_words(context: Context, entry: Analysis, data: pd.DataFrame) -> tuple[str, ...]:
    """How many had each event, for the note below the table."""
    words = []
    for event in composites(context.plan, entry):
        n = int((data[COMPOSITE] == event.event).sum()) if COMPOSITE in data else 0
        counts = f"counts as {event.value:g}" if event.value is not None else "counts as no response"
        words.append(
            f"{event.event.capitalize()} before the visit {counts} (composite strategy): {n} subjects."
        )
    return tuple(words)


def _until(
    context: Context, entry: Analysis, data: pd.DataFrame, visit: str
) -> Mapping[str, tuple[date, date]]:
    """Randomization, and the day up to which an event is part of the visit's outcome."""
    from datetime import timedelta

    import pandas as pd

    subjects = context.datasets.subjects.set_index("subject_id")["randomization_date"]
    long = context.datasets.assessments
    parameters = {context.plan.endpoints[name].parameter for name in _endpoints(entry)}
    here = long[(long["visit"] == visit) & long["analysis_flag"] & long["parameter"].isin(parameters)]
    seen = here.groupby("subject_id")["day"].max()
    target = context.datasets.target_day(context.plan.visits[visit])
    found = {}
    for who in data["subject_id"]:
        origin = pd.Timestamp(subjects[who])
        if not pd.isna(origin):
            day = seen.get(who)
            last = origin.date() + timedelta(days=int(target if pd.isna(day) else day))
            found[who] = (origin.date(), last)
    return found


def _baseline(context: Context, entry: Analysis) -> pd.Series:
    """The baseline value by subject: who was not seen at the visit has no row there to read it from."""
    long = context.datasets.assessments
    parameter = context.plan.endpoints[_endpoints(entry)[0]].parameter
    mine = long[(long["parameter"] == parameter) & long["analysis_flag"]]
    base: pd.Series = mine.drop_duplicates("subject_id").set_index("subject_id")["base"]
    return base


def _endpoints(entry: Analysis) -> tuple[str, ...]:
    return tuple(entry.keys.get("endpoints") or (entry.keys["endpoint"],))


def dated_events(
    context: Context, event: IntercurrentEvent, until: Mapping[str, tuple[date, date]]
) -> list[tuple[str, date]]:
    """(subject, day) of every row of the event's source from randomization to the last day of ``until``; of a
    day known in part the middle of those it can be."""
    source = source_of(event)
    rule = parse(source.rule, syntax="rule") if source.rule else None
    found = []
    for (subject_id, _, _), row in context.datasets.form_rows(source.form):
        text = row.get(source.date)
        if (
            subject_id not in until
            or not isinstance(text, str)
            or (rule is not None and not holds(rule, row))
        ):
            continue
        origin, last = until[subject_id]
        day, _ = feasible_midpoint(text, origin, last)
        if origin <= day <= last:
            found.append((subject_id, day))
    return found
