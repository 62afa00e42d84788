"""The date each subject's visits are counted from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialkit.study.model import Study

if TYPE_CHECKING:
    import pandas as pd

EVENTS = {"consent": "consent_date", "randomization": "randomization_date"}


def anchor_dates(subjects: pd.DataFrame, study: Study, anchor: str) -> pd.Series:
    """The anchor's date in each row of ``subjects`` (which has the event dates); NaT where it has none."""
    import pandas as pd

    event, days = anchor_offset(study, anchor)
    return subjects[EVENTS[event]] + pd.to_timedelta(days, unit="D")


def anchor_offset(study: Study, anchor: str) -> tuple[str, int]:
    """An anchor as an event and the days after it."""
    if anchor in EVENTS:
        return anchor, 0
    defined = next(entry for entry in study.anchors if entry.name == anchor)
    event, days = anchor_offset(study, defined.after)
    return event, days + defined.days
