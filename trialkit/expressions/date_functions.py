"""Functions of days and moments, as REDCap has them."""

from __future__ import annotations

import calendar
from datetime import date, datetime, timedelta

from trialkit.expressions.exact import exact
from trialkit.expressions.function import Arguments, Compute
from trialkit.expressions.partial_dates import parts_known
from trialkit.expressions.tree import Value
from trialkit.expressions.values import MeaningError, as_moment, as_number, as_time, as_truth, is_empty
from trialkit.wording import said

UNITS = {"y": 31_556_952, "M": 2_630_016, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
"""REDCap's own lengths of its units of time, in seconds: a year is 365.2425 days, a month 30.44."""
FORMATS = ("ymd", "mdy", "dmy")
"""REDCap's older fourth argument of datediff; dates are stored one way here."""


def days_between(values: Arguments) -> Value | None:
    """``datediff(first, second, unit, [format], [signed])``: absolute unless signed is true.

    Whole days between two dates; between moments, days and parts of days. A date is its midnight. Two times
    of day are of one day. The difference is counted in whole microseconds and divided once: 08:00 to 20:30
    is 12.5 hours. A partial date has no length to another: missing, whatever the unit.
    """
    first, second, unit, *rest = values
    if first is None or second is None or is_empty(first) or is_empty(second):
        return None
    if unit not in UNITS:
        raise MeaningError(said("a unit of time ({units})", units=", ".join(UNITS)))
    signed = False
    for option in rest:
        if option not in FORMATS:
            signed = as_truth(option) is True
    if parts_known(first) or parts_known(second):
        return None
    length = _apart(first, second) / (UNITS[str(unit)] * 1_000_000)
    return length if signed else abs(length)


def _apart(first: Value, second: Value) -> int:
    """Microseconds from one to the other: of two dates or moments, or of two times of day."""
    try:
        return (as_moment(second) - as_moment(first)) // timedelta(microseconds=1)
    except MeaningError:
        pass
    try:
        begin, end = as_time(first), as_time(second)
    except MeaningError:
        raise MeaningError(said("a date YYYY-MM-DD, with or without a time, or two times of day")) from None
    hours, minutes, seconds = end.hour - begin.hour, end.minute - begin.minute, end.second - begin.second
    return (hours * 3600 + minutes * 60 + seconds) * 1_000_000


def day_after(values: Arguments) -> Value | None:
    """``calcdate(date, how_many, unit)``: the day (or the moment, given one) so long after it.

    Of a partial date it is missing.
    """
    begin, how_many, unit = values
    if begin is None or how_many is None or is_empty(begin) or is_empty(how_many):
        return None
    if unit not in UNITS:
        raise MeaningError(said("a unit of time ({units})", units=", ".join(UNITS)))
    if parts_known(begin):
        return None
    number = as_number(how_many)
    start = as_moment(begin)
    try:
        if unit in ("y", "M") and number == int(number):
            found = _months_after(start, int(number) * (12 if unit == "y" else 1))
        else:
            found = start + timedelta(microseconds=round(exact(number) * UNITS[str(unit)] * 1_000_000))
    except (OverflowError, ValueError):
        return None
    has_time = isinstance(begin, datetime) or len(str(begin).strip()) > len("2024-01-01")
    return found if has_time or unit in ("h", "m", "s") else found.date()


def _months_after(start: datetime, months: int) -> datetime:
    """The same day of a later month; its last day where it has no such day."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return start.replace(year=year, month=month + 1, day=min(start.day, last))


def part_of_date(part: str) -> Compute:
    """``year(d)``, ``month(d)``, ``day(d)``; of a partial date what is known of it, the rest missing."""

    def compute(values: Arguments) -> Value | None:
        value = values[0]
        if value is None or is_empty(value):
            return None
        partial = parts_known(value)
        if partial is None:
            return float(getattr(as_moment(value), part))
        known = {"year": partial[0], "month": partial[1]}.get(part)
        return None if known is None else float(known)

    return compute


def iso(value: date) -> str:
    """A day as its date; a moment with its hours and minutes, and its seconds where it has any."""
    if not isinstance(value, datetime):
        return value.isoformat()
    return value.isoformat(" ", "seconds" if value.second else "minutes")
