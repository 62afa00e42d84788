"""The day of a consent: refused where it was for no trial of today, flagged where it is long ago."""

from __future__ import annotations

from datetime import date, timedelta

from trialkit.entry.checking import Flag
from trialkit.operations.errors import OperationError
from trialkit.wording import said

LONGEST_TRIAL_YEARS = 30
_RECENT = timedelta(days=366)


def of_consent(day: date, today: date, where: str) -> list[Flag]:
    """That a consent was signed long before it is entered.

    Raises
    ------
    OperationError
        So long ago that it was for no trial of today.
    """
    if day.year < today.year - LONGEST_TRIAL_YEARS:
        raise OperationError(
            expected=said("a consent date within the last {years} years", years=LONGEST_TRIAL_YEARS),
            found=day.isoformat(),
            where=where,
            next_step="Check the year.",
        )
    if today - day <= _RECENT:
        return []
    return [Flag(where, said("consent was signed on {day}, more than a year ago", day=day.isoformat()))]
