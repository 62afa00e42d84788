"""Episodes: every event of a repeated endpoint as periods at risk, for counting all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trialkit.datasets.times import TimedEvents

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = [
    "subject_id",
    "parameter",
    "episode",
    "start_days",
    "stop_days",
    "event",
    "date_precision",
    "source",
]


def episode_dataset(name: str, timed: TimedEvents) -> pd.DataFrame:
    """One row a period: up to each episode, then to the end of follow-up.

    Episodes on one day count once; a subject whose last contact is the day of randomization has no period.
    Follow-up goes on after an episode, to the last contact or the last episode, whichever is later.
    """
    import pandas as pd

    rows: list[dict[str, Any]] = []
    for subject_id, origin in timed.origins.items():
        start = 0
        happened = sorted(timed.all_events.get(subject_id, []))
        for number, (day, _, precision, source) in enumerate(happened, start=1):
            stop = (day - origin).days
            if stop <= start:
                continue
            rows.append(_row(subject_id, name, number, start, stop, 1, precision, source))
            start = stop
        contact = timed.contacts.get(subject_id)
        if contact is not None and (end := (contact[0] - origin).days) > start:
            rows.append(_row(subject_id, name, 0, start, end, 0, contact[2], contact[3]))
    return pd.DataFrame(rows, columns=COLUMNS)


def _row(*values: Any) -> dict[str, Any]:
    return dict(zip(COLUMNS, values, strict=True))
