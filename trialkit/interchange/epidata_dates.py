"""EpiData dates and times: the order of day, month and year stands in the field's type."""

from __future__ import annotations

import datetime as dt
import re

_PARTS = re.compile(r"(\d{1,4})\D(\d{1,2})\D(\d{1,4})", re.ASCII)
_TIME = re.compile(r"(\d{1,2})\D(\d{2})(?:\D(\d{2}))?", re.ASCII)


def iso_date(text: str, order: str) -> str | None:
    """A full date as ISO; None where it is partial, has a two-digit year, or does not exist.

    Parameters
    ----------
    order
        ``DMY``, ``MDY`` or ``YMD``.
    """
    match = _PARTS.fullmatch(text)
    if not match:
        return None
    parts = dict(zip(order, match.groups(), strict=True))
    if len(parts["Y"]) != 4:
        return None
    try:
        return dt.date(int(parts["Y"]), int(parts["M"]), int(parts["D"])).isoformat()
    except ValueError:
        return None


def iso_time(text: str) -> str | None:
    """A time of day as ``HH:MM`` or ``HH:MM:SS``; None where it is none."""
    match = _TIME.fullmatch(text)
    if not match:
        return None
    hours, minutes, seconds = match.groups()
    try:
        moment = dt.time(int(hours), int(minutes), int(seconds or 0))
    except ValueError:
        return None
    return moment.strftime("%H:%M:%S") if seconds else moment.strftime("%H:%M")
