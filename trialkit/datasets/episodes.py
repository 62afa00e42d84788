"""Episodes: every event of a repeated endpoint as periods at risk, for counting all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trialkit.datasets.times import TimedEvents
from trialkit.plan.model import Endpoint

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = [
    "subject_id",
    "parameter",
    "episode",
    "start_days",
    "stop_days",
    "event",
    "event_description",
    "date_precision",
    "source",
]


def episode_dataset(endpoint: Endpoint, timed: TimedEvents) -> pd.DataFrame:
    """One row a period: up to each episode, then to the end of the time at risk.

    Episodes on one day count once; a subject whose last contact is the day of randomization has no period.
    The time at risk goes on after an episode. It ends as that of the first episode does (``time_dataset``):
    at the first competing event, whether before or after the last contact, and no episode after it counts;
    of everybody else at the last contact or the last episode, whichever is later.
    """
    import pandas as pd

    rows: list[dict[str, Any]] = []
    for subject_id, origin in timed.origins.items():
        start = 0
        other = timed.competing.get(subject_id)
        happened = sorted(
            one for one in timed.all_events.get(subject_id, []) if other is None or one[0] <= other[0]
        )
        for number, (day, _, precision, source) in enumerate(happened, start=1):
            stop = (day - origin).days
            if stop <= start:
                continue
            rows.append(
                _row(subject_id, endpoint.name, number, start, stop, 1, endpoint.label, precision, source)
            )
            start = stop
        day, _, precision, source = timed.contacts.get(subject_id, (origin, 0, "day", ""))
        ends_with = endpoint.censor
        if other is not None:
            (day, ends_with, source), precision = other, "day"
        if (end := (day - origin).days) > start:
            rows.append(_row(subject_id, endpoint.name, 0, start, end, 0, ends_with, precision, source))
    return pd.DataFrame(rows, columns=COLUMNS)


def _row(*values: Any) -> dict[str, Any]:
    return dict(zip(COLUMNS, values, strict=True))
