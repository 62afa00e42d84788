"""What values mean when they are compared or counted with. ``None`` is a missing value everywhere."""

from __future__ import annotations

import math
import re
from datetime import date, datetime, time

from trialkit.expressions.tree import Value
from trialkit.wording import said

_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]+)?|\.[0-9]+)([eE][+-]?[0-9]{1,4})?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2}(:[0-9]{2})?)")
_TIME = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?")


class MeaningError(ValueError):
    """A value of the wrong kind; its text says what was expected."""


def as_number(value: Value) -> float:
    """A value as a number: codes are texts in the database, and yes is 1."""
    if isinstance(value, (bool, int, float)):
        try:
            return float(value)
        except OverflowError:
            return math.inf if value > 0 else -math.inf
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        return float(value)
    raise MeaningError(said("a number"))


def as_date(value: Value) -> date:
    if isinstance(value, date):
        return value
    if isinstance(value, str) and _DATE.fullmatch(value.strip()):
        try:
            return date.fromisoformat(value.strip())
        except ValueError:
            pass
    raise MeaningError(said("a date YYYY-MM-DD"))


def as_moment(value: Value) -> datetime:
    """A date, or a date and time, as a moment; a date is its midnight."""
    if isinstance(value, datetime):
        return value
    if isinstance(value, str) and (found := _MOMENT.fullmatch(value.strip())):
        try:
            return datetime.fromisoformat(f"{found[1]} {found[2]}")
        except ValueError:
            raise MeaningError(said("a date and time that exist, YYYY-MM-DD HH:MM")) from None
    day = as_date(value)
    return datetime(day.year, day.month, day.day)


def as_time(value: Value) -> time:
    """A time of day: ``8:30`` and ``08:30:00`` are the same."""
    found = _TIME.fullmatch(value.strip()) if isinstance(value, str) else None
    if found:
        try:
            return time(int(found[1]), int(found[2]), int(found[3] or 0))
        except ValueError:
            pass
    raise MeaningError(said("a time HH:MM"))


def as_truth(value: Value | None) -> bool | None:
    """True, False or (missing) None; besides these only 1 and 0 have a truth."""
    if value is None or isinstance(value, bool):
        return value
    try:
        number = as_number(value)
    except MeaningError:
        number = -1.0
    if number in (0.0, 1.0):
        return number == 1.0
    raise MeaningError(said("true or false (or 1 or 0)"))


def is_empty(value: Value | None) -> bool:
    """REDCap knows no missing value but the empty text; both are missing here."""
    return value is None or (isinstance(value, str) and not value.strip())
