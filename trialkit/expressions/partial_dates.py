"""Dates known to the month or the year: ``2025-02`` and ``2025``, and what is certain of them."""

from __future__ import annotations

import calendar
import re
from datetime import datetime

from trialkit.expressions.tree import Value
from trialkit.expressions.values import MeaningError, as_moment

_PARTIAL = re.compile(r"([0-9]{4})(?:-([0-9]{2}))?")


def parts_known(value: Value) -> tuple[int, int | None] | None:
    """Year and month of a partial date, the month None where only the year is known; None for all else."""
    found = _PARTIAL.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None or int(found[1]) < 1 or not 1 <= int(found[2] or 1) <= 12:
        return None
    return int(found[1]), int(found[2]) if found[2] else None


def compare_spans(operator: str, left: Value, right: Value) -> tuple[bool, bool | None]:
    """Whether this is a comparison of dates one of which is partial, and its answer.

    The answer is what every day that the dates may be gives; missing where they give different ones. Two
    partial dates written alike are equal as written, though their days need not be; two years are compared
    as the numbers they may as well be.
    """
    parts = parts_known(left), parts_known(right)
    if parts == (None, None):
        return False, None
    span, other = _span(left), _span(right)
    if span is None or other is None:
        return False, None
    if all(known is not None and known[1] is None for known in parts):
        return False, None
    if operator in ("=", "<>") and str(left).strip() == str(right).strip():
        return True, operator == "="
    (first, last), (other_first, other_last) = span, other
    certain = {
        "<": (last < other_first, first >= other_last),
        "<=": (last <= other_first, first > other_last),
        ">": (first > other_last, last <= other_first),
        ">=": (first >= other_last, last < other_first),
        "=": (False, last < other_first or first > other_last),
        "<>": (last < other_first or first > other_last, False),
    }
    so, not_so = certain[operator]
    return True, True if so else False if not_so else None


def _span(value: Value) -> tuple[datetime, datetime] | None:
    """The first and the last day a date may be, as midnights; a full date or moment is both."""
    known = parts_known(value)
    if known is None:
        try:
            moment = as_moment(value)
        except MeaningError:
            return None
        return moment, moment
    year, month = known
    last = month or 12
    return datetime(year, month or 1, 1), datetime(year, last, calendar.monthrange(year, last)[1])
