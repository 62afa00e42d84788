"""The clock of serious adverse events: when a report is due, and what is overdue; pure.

ICH E2A names what makes an event serious; the sponsor is told within 24 hours of the site's knowing of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Seriousness(StrEnum):
    """Why an event is serious (ICH E2A)."""

    DEATH = "death"
    LIFE_THREATENING = "life_threatening"
    HOSPITAL_STAY = "hospital_stay"
    DISABILITY = "disability"
    CONGENITAL_ANOMALY = "congenital_anomaly"
    OTHER_IMPORTANT = "other_important"


class Severity(StrEnum):
    MILD = "mild"
    MODERATE = "moderate"
    SEVERE = "severe"


class Relatedness(StrEnum):
    """In the investigator's judgement, to what the subject receives in the study."""

    NOT_RELATED = "not_related"
    POSSIBLE = "possible"
    PROBABLE = "probable"
    DEFINITE = "definite"
    NOT_ASSESSED = "not_assessed"


class Expectedness(StrEnum):
    EXPECTED = "expected"
    UNEXPECTED = "unexpected"
    NOT_ASSESSED = "not_assessed"


class EventOutcome(StrEnum):
    """How it ended, or stands."""

    RECOVERED = "recovered"
    RECOVERED_WITH_SEQUELAE = "recovered_with_sequelae"
    FATAL = "fatal"
    RECOVERING = "recovering"
    NOT_RECOVERED = "not_recovered"
    UNKNOWN = "unknown"

    @property
    def final(self) -> bool:
        return self in (EventOutcome.RECOVERED, EventOutcome.RECOVERED_WITH_SEQUELAE, EventOutcome.FATAL)


@dataclass(frozen=True, slots=True)
class EventClock:
    """When the initial report is due and came, and when the next follow-up is due.

    ``overdue`` is true while a report that should be there is not; ``late`` where the initial one came after
    its time. ``next_due_at`` is None once the outcome is final.
    """

    initial_due_at: datetime
    initial_at: datetime | None
    next_due_at: datetime | None
    late: bool
    overdue: bool


def event_clock(
    aware_at: datetime,
    reported_at: tuple[datetime, ...],
    *,
    settled: bool,
    now: datetime,
    report_within_hours: int,
    follow_up_days: int,
) -> EventClock:
    """Where the clock of one event stands.

    Parameters
    ----------
    aware_at
        When the site knew.
    reported_at
        When each report came, the initial one first.
    settled
        The last report gives a final outcome.
    now
        With a time zone, as all others.
    report_within_hours, follow_up_days
        What the protocol permits: to the initial report, and from each report to the next.
    """
    due = aware_at + timedelta(hours=report_within_hours)
    if not reported_at:
        return EventClock(due, None, due, late=False, overdue=now > due)
    following = None if settled else reported_at[-1] + timedelta(days=follow_up_days)
    return EventClock(
        due,
        reported_at[0],
        following,
        late=reported_at[0] > due,
        overdue=following is not None and now > following,
    )
