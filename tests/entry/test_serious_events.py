"""The 24-hour clock of serious events, counted by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from trialkit.entry.serious_events import EventOutcome, event_clock

KNEW = datetime(2025, 3, 1, 10, tzinfo=UTC)
HOURS = {"report_within_hours": 24, "follow_up_days": 7}


@pytest.mark.parametrize(
    ("after", "overdue"),
    [(timedelta(hours=0), False), (timedelta(hours=24), False), (timedelta(hours=24, minutes=1), True)],
)
def test_an_event_without_a_report_is_overdue_after_24_hours(after: timedelta, overdue: bool) -> None:
    clock = event_clock(KNEW, (), settled=False, now=KNEW + after, **HOURS)
    assert (clock.initial_due_at, clock.initial_at) == (KNEW + timedelta(hours=24), None)
    assert (clock.overdue, clock.late) == (overdue, False)


@pytest.mark.parametrize(("hours", "late"), [(1, False), (24, False), (25, True)])
def test_a_report_that_came_late_stays_late_and_is_overdue_no_more(hours: int, late: bool) -> None:
    at = KNEW + timedelta(hours=hours)
    clock = event_clock(KNEW, (at,), settled=False, now=at, **HOURS)
    assert (clock.late, clock.overdue, clock.next_due_at) == (late, False, at + timedelta(days=7))


def test_follow_ups_are_due_until_the_outcome_is_final() -> None:
    first, second = KNEW + timedelta(hours=2), KNEW + timedelta(days=5)
    after = second + timedelta(days=7, minutes=1)
    assert event_clock(KNEW, (first, second), settled=False, now=after, **HOURS).overdue
    assert not event_clock(
        KNEW, (first, second), settled=False, now=after - timedelta(minutes=2), **HOURS
    ).overdue
    settled = event_clock(KNEW, (first, second), settled=True, now=after, **HOURS)
    assert (settled.next_due_at, settled.overdue) == (None, False)
    assert {outcome for outcome in EventOutcome if outcome.final} == {
        EventOutcome.RECOVERED,
        EventOutcome.RECOVERED_WITH_SEQUELAE,
        EventOutcome.FATAL,
    }
