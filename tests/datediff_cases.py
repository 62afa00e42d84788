"""Every unit of datediff on every type of day and time, with whole seconds between them that are awkward."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from fractions import Fraction

SECONDS = {
    "y": Fraction("365.2425") * 86400, "M": Fraction("30.44") * 86400, "d": Fraction(86400),
    "h": Fraction(3600), "m": Fraction(60), "s": Fraction(1),
}  # fmt: skip
"""REDCap's units in seconds, from its own table of days."""
_MINUTES = (*range(0, 1440, 7), 1, 59, 61, 90, 725, 750, 1439)
_DAYS = (0, 1, 28, 30, 31, 59, 365, 366, 1461, 24837)
_STARTS = (datetime(2024, 2, 28, 8, 0), datetime(1957, 6, 30, 23, 59, 50))


def cases() -> Iterator[tuple[str, str, str, Fraction]]:
    """First, second, unit, and the difference in that unit by whole numbers."""
    for unit in SECONDS:
        for first, second, seconds in _pairs():
            yield first, second, unit, Fraction(seconds) / SECONDS[unit]


def _pairs() -> Iterator[tuple[str, str, int]]:
    midnight = datetime(2024, 1, 1)
    for minutes in _MINUTES:
        begin, end = midnight, midnight + timedelta(minutes=minutes)
        yield f"{begin:%H:%M}", f"{end:%H:%M}", minutes * 60
        yield f"{end:%H:%M:%S}", f"{begin:%H:%M}", -minutes * 60
        second = end + timedelta(seconds=minutes % 60)
        yield f"{begin:%H:%M:%S}", f"{second:%H:%M:%S}", minutes * 60 + minutes % 60
        for start in _STARTS:
            later = start + timedelta(minutes=minutes)
            yield f"{start:%Y-%m-%d %H:%M:%S}", f"{later:%Y-%m-%d %H:%M:%S}", minutes * 60
            yield f"{later:%Y-%m-%dT%H:%M}", f"{start.date()}", -_of_midnight(later.replace(second=0), start)
    for days in _DAYS:
        for start in _STARTS:
            yield f"{start.date()}", f"{start.date() + timedelta(days=days)}", days * 86400
            later = start.replace(second=0) + timedelta(days=days, minutes=725)
            yield f"{start:%Y-%m-%d}", f"{later:%Y-%m-%d %H:%M}", _of_midnight(later, start)


def _of_midnight(later: datetime, start: datetime) -> int:
    day = datetime(start.year, start.month, start.day)
    return (later - day) // timedelta(seconds=1)
