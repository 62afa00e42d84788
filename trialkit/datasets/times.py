"""Time to event: the first event after time zero, or the last contact at which it was asked about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from trialkit.datasets.rows import form_rows, holds
from trialkit.expressions import parse
from trialkit.plan.model import Endpoint
from trialkit.study.model import Study

if TYPE_CHECKING:
    import pandas as pd

End = tuple[date, int, str, str]  # date, event, precision, source

COLUMNS = [
    "subject_id",
    "parameter",
    "origin_date",
    "end_date",
    "time_days",
    "event",
    "cause",
    "event_description",
    "interval_lower_days",
    "interval_upper_days",
    "date_precision",
    "source",
]


@dataclass(frozen=True)
class TimedEvents:
    """What one endpoint's time is made of, by subject: origin, every event in time order of reading, the last
    contact, the contacts at which it was asked, and the first competing event."""

    origins: Mapping[str, date]
    all_events: Mapping[str, Sequence[End]]
    contacts: Mapping[str, End]
    asked: Mapping[str, Sequence[date]]
    competing: Mapping[str, tuple[date, str, str]]  # date, what, source
    before_origin: int


def timed_events(
    values: pd.DataFrame, visits: pd.DataFrame, study: Study, endpoint: Endpoint, subjects: pd.DataFrame
) -> TimedEvents:
    """Read the events, contacts and competing events of one endpoint."""
    randomized = subjects[subjects["randomized"]]
    days = randomized["randomization_date"].dt.date
    origins: dict[str, date] = dict(zip(randomized["subject_id"], days, strict=True))
    visit_dates = {
        (str(subject_id), str(visit)): date.fromisoformat(text)
        for subject_id, visit, text in zip(visits["subject_id"], visits["visit"], visits["date"], strict=True)
        if text
    }
    events, before = _events(values, study, endpoint, origins, visit_dates)
    contacts, asked = _contacts(values, study, endpoint, origins, visit_dates)
    return TimedEvents(
        origins, events, contacts, asked, _competing(values, study, endpoint, origins, visit_dates), before
    )


def time_dataset(endpoint: Endpoint, timed: TimedEvents) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Times of one endpoint for every randomized subject, and what had to be decided on the way.

    The time ends at the first event or, where it came first, at the first competing event, whether before or
    after the last contact; of everybody else at the last contact.

    Returns
    -------
    DataFrame, notes
        ``time_days`` from the origin; ``event`` 1 or 0; ``cause`` the endpoint's label, the competing event
        that came first, or empty; ``interval_lower_days`` and ``interval_upper_days``: between the last
        contact without the event and the latest day it can have been; ``date_precision`` ``day``, ``month``
        or ``year``; ``source`` names the row the date came from. A subject without any contact has time 0,
        event 0. The notes count partial dates, events before time zero and subjects without contact.
    """
    import pandas as pd

    rows = [_time_row(endpoint, timed, subject_id) for subject_id in timed.origins]
    frame = pd.DataFrame(rows, columns=COLUMNS)
    return frame, _notes(frame, timed.before_origin)


def _time_row(endpoint: Endpoint, timed: TimedEvents, subject_id: str) -> dict[str, Any]:
    origin = timed.origins[subject_id]
    first = min(timed.all_events.get(subject_id, ()), default=None)
    end, event, precision, source = first or timed.contacts.get(subject_id, (origin, 0, "day", "no contact"))
    cause, description = (endpoint.label, endpoint.label) if event else ("", endpoint.censor)
    other = timed.competing.get(subject_id)
    if other is not None and (other[0] < end or (not event and other[0] >= end)):
        end, event, precision, (cause, source) = other[0], 0, "day", other[1:]
        description = cause
    days = (end - origin).days
    asked = [(day - origin).days for day in timed.asked.get(subject_id, ()) if day <= end]
    lower = max((day for day in asked if not event or day < days), default=0)
    later = [(day - origin).days for day in timed.asked.get(subject_id, ()) if day >= end]
    period = (_last_day(end, precision) - origin).days  # of the month or year that was stated
    upper = min([period, *later]) if event else None
    return {
        "subject_id": subject_id,
        "parameter": endpoint.name,
        "origin_date": origin.isoformat(),
        "end_date": end.isoformat(),
        "time_days": float(days),
        "event": event,
        "cause": cause,
        "event_description": description,
        "interval_lower_days": float(lower),
        "interval_upper_days": None if upper is None else float(upper),
        "date_precision": precision,
        "source": source,
    }


def _last_day(day: date, precision: str) -> date:
    """The last day that a day of this precision may stand for."""
    if precision == "year":
        return date(day.year, 12, 31)
    if precision == "month":
        return (day.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return day


def feasible_midpoint(text: str, earliest: date, latest: date) -> tuple[date, str]:
    """A full or partial ISO date as a day: itself, or the midpoint of the days it may have been.

    ``2024-05`` may be any day of May between ``earliest`` and ``latest``; where those leave none, the
    stated period alone decides.
    """
    parts = text.split("-")
    if len(parts) == 3:
        return date.fromisoformat(text), "day"
    if len(parts) == 2:
        first = date(int(parts[0]), int(parts[1]), 1)
        last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        precision = "month"
    else:
        first, last, precision = date(int(parts[0]), 1, 1), date(int(parts[0]), 12, 31), "year"
    low, high = max(first, earliest), min(last, latest)
    if low > high:
        low, high = first, last
    return low + (high - low) // 2, precision


def _events(
    values: pd.DataFrame,
    study: Study,
    endpoint: Endpoint,
    origins: dict[str, date],
    visit_dates: dict[tuple[str, str], date],
) -> tuple[dict[str, list[End]], int]:
    rule = parse(endpoint.rule, syntax="rule")
    found: dict[str, list[End]] = {}
    before_origin = 0
    for (subject_id, visit, number), row in form_rows(values, study, endpoint.form):
        text = row.get(endpoint.date)
        if subject_id not in origins or not isinstance(text, str) or not holds(rule, row):
            continue
        origin = origins[subject_id]
        day, precision = feasible_midpoint(text, origin, visit_dates.get((subject_id, visit), date.max))
        if day < origin:
            before_origin += 1
            continue
        found.setdefault(subject_id, []).append((day, 1, precision, f"{visit}/{endpoint.form}/{number}"))
    return found, before_origin


def _contacts(
    values: pd.DataFrame,
    study: Study,
    endpoint: Endpoint,
    origins: dict[str, date],
    visit_dates: dict[tuple[str, str], date],
) -> tuple[dict[str, End], dict[str, list[date]]]:
    rule = parse(endpoint.assessed_rule, syntax="rule")
    last: dict[str, End] = {}
    asked: dict[str, list[date]] = {}
    for (subject_id, visit, _), row in form_rows(values, study, endpoint.assessed_form):
        day = visit_dates.get((subject_id, visit))
        if subject_id not in origins or day is None or day < origins[subject_id] or not holds(rule, row):
            continue
        asked.setdefault(subject_id, []).append(day)
        if subject_id not in last or day > last[subject_id][0]:
            last[subject_id] = (day, 0, "day", f"{visit}/{endpoint.assessed_form}")
    return last, asked


def _competing(
    values: pd.DataFrame,
    study: Study,
    endpoint: Endpoint,
    origins: dict[str, date],
    visit_dates: dict[tuple[str, str], date],
) -> dict[str, tuple[date, str, str]]:
    """The first event after which the endpoint's can no longer come as it would have."""
    first: dict[str, tuple[date, str, str]] = {}
    for source in endpoint.competing:
        rule = parse(source.rule, syntax="rule") if source.rule else None
        for (subject_id, visit, number), row in form_rows(values, study, source.form):
            text = row.get(source.date)
            if subject_id not in origins or not isinstance(text, str) or (rule and not holds(rule, row)):
                continue
            latest = visit_dates.get((subject_id, visit), date.max)
            day, _ = feasible_midpoint(text, origins[subject_id], latest)
            place = (day, source.label, f"{visit}/{source.form}/{number}")
            if day >= origins[subject_id] and place < first.get(subject_id, (date.max, "", "")):
                first[subject_id] = place
    return first


def _notes(frame: pd.DataFrame, before_origin: int) -> tuple[str, ...]:
    counted = (
        (int((frame["date_precision"] != "day").sum()), "with a partial date, set to its feasible midpoint"),
        (before_origin, "before time zero, not counted as events"),
        (int((frame["source"] == "no contact").sum()), "without any contact at which it was assessed"),
    )
    return tuple(f"{n} {text}." for n, text in counted if n)
