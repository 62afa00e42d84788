"""Between which days an event of a partial date lies."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from trialkit import resources
from trialkit.analysis import load_plan
from trialkit.datasets.times import TimedEvents, time_dataset

ORIGIN = date(2024, 1, 1)


@pytest.mark.analytic
@pytest.mark.parametrize(
    ("day", "precision", "asked", "upper"),
    [
        # As stated to the day: that day, whenever it was told.
        (date(2024, 2, 10), "day", date(2024, 6, 1), date(2024, 2, 10)),
        # To the month: its last day (a leap year's February, a December), not the visit that told of it.
        (date(2024, 2, 15), "month", date(2024, 6, 1), date(2024, 2, 29)),
        (date(2024, 12, 16), "month", date(2025, 1, 20), date(2024, 12, 31)),
        # Told within the month: the visit.
        (date(2024, 2, 5), "month", date(2024, 2, 9), date(2024, 2, 9)),
        # To the year.
        (date(2024, 7, 2), "year", date(2025, 1, 10), date(2024, 12, 31)),
        (date(2024, 7, 2), "year", date(2024, 9, 1), date(2024, 9, 1)),
        # No visit after it.
        (date(2024, 2, 15), "month", date(2024, 1, 20), date(2024, 2, 29)),
    ],
)
def test_the_latest_day_of_an_event_is_the_end_of_what_was_stated_or_the_visit_that_told(
    day: date, precision: str, asked: date, upper: date
):
    plan = load_plan(Path(str(resources.folder("sap"))) / "study_a.toml")
    endpoint = replace(plan.endpoints["recurrence"], label="Recurrence")
    timed = TimedEvents({"1": ORIGIN}, {"1": [(day, 1, precision, "row")]}, {}, {"1": [asked]}, {}, 0)
    frame, _ = time_dataset(endpoint, timed)
    assert frame.loc[0, "interval_upper_days"] == (upper - ORIGIN).days
    assert frame.loc[0, "time_days"] == (day - ORIGIN).days
