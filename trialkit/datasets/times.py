"""Time to event: the first event after time zero, or the last contact at which it was asked about."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from trialkit.datasets.rows import form_rows, holds
from trialkit.expressions import parse
from trialkit.plan.model import Endpoint
from trialkit.study.model import Study

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = [
    "subject_id",
    "parameter",
    "origin_date",
    "end_date",
    "time_days",
    "event",
    "event_description",
    "date_precision",
    "source",
]


def time_dataset(
    values: pd.DataFrame, visits: pd.DataFrame, study: Study, endpoint: Endpoint, subjects: pd.DataFrame
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Times of one endpoint for every randomized subject, and what had to be decided on the way.

    Parameters
    ----------
    values, visits
        Values (rows that hold one) and visits of the snapshot.
    subjects
        With ``subject_id`` and ``randomization_date``.

    Returns
    -------
    DataFrame, notes
        ``time_days`` from the origin; ``event`` 1 or 0; ``date_precision`` ``day``, ``month`` or ``year``;
        ``source`` names the row the date came from. A subject without any contact has time 0, event 0.
        The notes count partial dates, events before time zero and subjects without contact.
    """
    import pandas as pd

    randomized = subjects[subjects["randomized"]]
    days = randomized["randomization_date"].dt.date
    origins: dict[str, date] = dict(zip(randomized["subject_id"], days, strict=True))
    visit_dates = {
        (str(subject_id), str(visit)): date.fromisoformat(text)
        for subject_id, visit, text in zip(visits["subject_id"], visits["visit"], visits["date"], strict=True)
        if text
    }
    events, before = _first_events(values, study, endpoint, origins, visit_dates)
    contacts = _last_contacts(values, study, endpoint, origins, visit_dates)
    rows: list[dict[str, Any]] = []
    for subject_id, origin in origins.items():
        end, event, precision, source = events.get(subject_id) or contacts.get(
            subject_id, (origin, 0, "day", "no contact")
        )
        rows.append(
            {
                "subject_id": subject_id,
                "parameter": endpoint.name,
                "origin_date": origin.isoformat(),
                "end_date": end.isoformat(),
                "time_days": float((end - origin).days),
                "event": event,
                "event_description": endpoint.label if event else endpoint.censor,
                "date_precision": precision,
                "source": source,
            }
        )
    frame = pd.DataFrame(rows, columns=COLUMNS)
    return frame, _notes(frame, before)


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


End = tuple[date, int, str, str]  # date, event, precision, source


def _first_events(
    values: pd.DataFrame,
    study: Study,
    endpoint: Endpoint,
    origins: dict[str, date],
    visit_dates: dict[tuple[str, str], date],
) -> tuple[dict[str, End], int]:
    rule = parse(endpoint.rule, syntax="rule")
    first: dict[str, End] = {}
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
        if subject_id not in first or day < first[subject_id][0]:
            first[subject_id] = (day, 1, precision, f"{visit}/{endpoint.form}/{number}")
    return first, before_origin


def _last_contacts(
    values: pd.DataFrame,
    study: Study,
    endpoint: Endpoint,
    origins: dict[str, date],
    visit_dates: dict[tuple[str, str], date],
) -> dict[str, End]:
    rule = parse(endpoint.assessed_rule, syntax="rule")
    last: dict[str, End] = {}
    for (subject_id, visit, _), row in form_rows(values, study, endpoint.assessed_form):
        day = visit_dates.get((subject_id, visit))
        if subject_id not in origins or day is None or day < origins[subject_id] or not holds(rule, row):
            continue
        if subject_id not in last or day > last[subject_id][0]:
            last[subject_id] = (day, 0, "day", f"{visit}/{endpoint.assessed_form}")
    return last


def _notes(frame: pd.DataFrame, before_origin: int) -> tuple[str, ...]:
    counted = (
        (int((frame["date_precision"] != "day").sum()), "with a partial date, set to its feasible midpoint"),
        (before_origin, "before time zero, not counted as events"),
        (int((frame["source"] == "no contact").sum()), "without any contact at which it was assessed"),
    )
    return tuple(f"{n} {text}." for n, text in counted if n)
