"""After which events a reference-based course begins: by a subject's records, or by the day of an event.

Records without a day begin the course at the first visit missed for good. An event with a day begins it at
the first visit on or after that day, whatever was missed before, which then is missing at random.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from trialkit.analysis.composite import dated_events
from trialkit.analysis.context import Context
from trialkit.plan import Analysis, Place, PlanError
from trialkit.plan.intercurrent import source_problems
from trialkit.plan.model import Estimand, IntercurrentEvent, Strategy
from trialkit.plan.references import unknown
from trialkit.wording import said

if TYPE_CHECKING:
    from datetime import date

DOT = "."


def trigger_words(names: Sequence[str]) -> str:
    """``treatment_stop.ts_date`` as "the day of treatment stop", other names as they are."""
    said_of = [
        f"the day of {name.partition(DOT)[0].replace('_', ' ')}" if DOT in name else name.replace("_", " ")
        for name in names
    ]
    return " or ".join(said_of)


def trigger_problems(names: Sequence[str], place: Place) -> Iterator[PlanError]:
    """Names that are no records of the plan, no event of the entry's estimand and no dated form."""
    estimand = place.plan.estimands.get(place.entry.estimand)
    for name in names:
        if name in place.plan.records:
            continue
        event = _event(name, estimand)
        if event is None:
            known = [*place.plan.records, *(one.event for one in _events(estimand))]
            yield unknown(
                "records of the plan, an event of the entry's estimand, or FORM.DATE",
                name,
                place.where,
                known,
            )
            continue
        found = list(source_problems(event, place.study, place.where))
        yield from found
        if not found and DOT not in event.source.partition(" where ")[0]:
            yield PlanError(
                expected=said("the day of {event}: a source FORM.DATE", event=name),
                found=event.source,
                where=place.where,
                next_step="Name the date in the event's source, or the records in place of the event.",
            )


def first_affected(
    context: Context,
    entry: Analysis,
    trigger: Sequence[str],
    first_missed: Mapping[Any, Any],
    visits: Sequence[str],
    parameter: str,
) -> Mapping[Any, Any]:
    """Subject -> the first visit of the reference-based course; the earliest where several begin it."""
    if not trigger:
        return first_missed
    order = {visit: place for place, visit in enumerate(visits)}
    found: dict[Any, Any] = {}
    undated = [name for name in trigger if name in context.plan.records]
    recorded = {who for name in undated for who in context.datasets.records[name]["subject_id"]}
    begun = [(who, visit) for who, visit in first_missed.items() if who in recorded]
    estimand = context.plan.estimands.get(entry.estimand)
    events = [_event(name, estimand) for name in trigger if name not in context.plan.records]
    begun += _on_their_day(context, entry, [one for one in events if one], visits, parameter)
    for who, visit in begun:
        if who not in found or order[visit] < order[found[who]]:
            found[who] = visit
    return found


def _on_their_day(
    context: Context,
    entry: Analysis,
    events: Sequence[IntercurrentEvent],
    visits: Sequence[str],
    parameter: str,
) -> list[tuple[Any, str]]:
    days = _visit_days(context, entry, visits, parameter)
    until = {who: (origin, max(dates)) for who, (origin, dates) in days.items()}
    begun = []
    for event in events:
        for who, day in dated_events(context, event, until):
            after = [visit for visit, seen in zip(visits, days[who][1], strict=True) if seen >= day]
            if after:
                begun.append((who, after[0]))
    return begun


def _visit_days(
    context: Context, entry: Analysis, visits: Sequence[str], parameter: str
) -> dict[Any, tuple[date, list[date]]]:
    """Subject -> randomization, and of each visit the day it was seen, or its target where it was not."""
    import pandas as pd

    long = context.datasets.assessments
    rows = long[(long["parameter"] == parameter) & long["analysis_flag"]]
    known = rows[rows["day"].notna()]
    seen = {
        (str(who), str(visit)): int(day)
        for who, visit, day in zip(known["subject_id"], known["visit"], known["day"], strict=True)
    }
    targets = {visit: context.datasets.target_day(context.plan.visits[visit]) for visit in visits}
    subjects = context.subjects(entry).set_index("subject_id")["randomization_date"]
    found = {}
    for who, randomized in subjects.items():
        if pd.isna(randomized):
            continue
        origin = pd.Timestamp(randomized).date()
        dates = [origin + timedelta(days=seen.get((str(who), visit), targets[visit])) for visit in visits]
        found[who] = (origin, dates)
    return found


def _events(estimand: Estimand | None) -> tuple[IntercurrentEvent, ...]:
    return estimand.intercurrent if estimand is not None else ()


def _event(name: str, estimand: Estimand | None) -> IntercurrentEvent | None:
    """The event of the estimand that has the name; a dated form that is no name is an event of its own."""
    named = next((one for one in _events(estimand) if one.event == name), None)
    if named is None and DOT in name:
        return IntercurrentEvent(name, name, Strategy.HYPOTHETICAL)
    return named
