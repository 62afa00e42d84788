"""How a typed text is read: as a number, a date, plain text, or nothing at all.

One reading serves the comparison of two files and of two passes in the database. It is stricter than
Python's: ``float()`` would also take ``1_0``, ``nan``, ``Infinity`` and full-width digits.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

_NUMBER = re.compile(r"([+-]?)(?=\.?\d)(0|[1-9]\d*|)(?:\.(\d+))?(?:[eE]([+-]?\d+))?", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_DATE_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?", re.ASCII)
_TIME = re.compile(r"(\d{1,4}):([0-5]\d)(?::([0-5]\d))?", re.ASCII)
_DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+(?:[eE][+-]?\d+)?", re.ASCII)
_DAY_IN_PARTS = re.compile(r"(\d{1,4})[-/.](\d{1,2})[-/.](\d{1,4})", re.ASCII)
_LONGEST_EXPONENT = 4000
"""Python refuses to turn more than 4300 digits into an integer; nobody means such an exponent."""


class Reading(StrEnum):
    BLANK = "blank"
    NUMBER = "number"
    DATE = "date"
    TIME = "time"
    TEXT = "text"


class ReadValue(NamedTuple):
    """A typed text as it reads: two of the same ``reading`` are the same value where ``canonical`` is equal.

    ``canonical`` is exact. A number is its sign, significant digits and power of ten, so that ``12.3``
    equals ``12.30`` and two long integers that differ in the last digit do not collapse into one float.
    A tuple, since a comparison of large files makes a million of them.
    """

    reading: Reading
    canonical: str
    typed: str


_BLANK = ReadValue(Reading.BLANK, "", "")


@dataclass(frozen=True, slots=True)
class Spelling:
    """How the writers of a file wrote numbers and dates, where it is not the way of this product.

    ``decimal_comma``: ``70,5`` is a number (``70.5`` stays one). ``date_order``: ``dmy`` or ``mdy`` reads
    ``2/1/2025`` as a date. A date that begins with its year says its order itself: ``2025/1/2``, as
    spreadsheets of half the world write it, is always read.
    """

    decimal_comma: bool = False
    date_order: str = "ymd"

    def plain(self, text: str) -> str:
        """The text as this product writes it; itself where nothing is to change."""
        if self.decimal_comma and _DECIMAL_COMMA.fullmatch(text):
            return text.replace(",", ".")
        if self.date_order != "ymd":
            return _iso_day(text, self.date_order) or _iso_day(text, "ymd") or text
        # A point between would make a date of a version number.
        return (_iso_day(text, "ymd") or text) if "/" in text else text


PLAIN = Spelling()


def _iso_day(text: str, order: str) -> str | None:
    found = _DAY_IN_PARTS.fullmatch(text)
    if not found:
        return None
    parts = dict(zip(order, found.groups(), strict=True))
    if len(parts["y"]) != 4:
        return None
    try:
        return dt.date(int(parts["y"]), int(parts["m"]), int(parts["d"])).isoformat()
    except ValueError:
        return None


def read_value(typed: str | None, spelling: Spelling = PLAIN) -> ReadValue:
    """Read one typed text; outer space never matters, and a text with leading zeros is text.

    Parameters
    ----------
    typed
        The text as typed; None where nothing was.
    spelling
        Of numbers and dates.

    Returns
    -------
    ReadValue
        ``NUMBER`` for ASCII ``[+-]?\\d+(\\.\\d+)?([eE][+-]?\\d+)?`` without leading zeros, and for ``.5``;
        ``DATE`` for an ISO date that exists, also with slashes (or an ISO date with a time), ``BLANK`` for
        nothing or only space, ``TIME`` for a time of day or a length of time ``H:MM`` or ``H:MM:SS``, and
        ``TEXT`` for the rest, as typed.

    Degenerate cases
    ----------------
    ``-0`` equals ``0``. ``2024-02-30`` is text. ``2024-05-01 00:00`` equals ``2024-05-01``.
    """
    if typed is None:
        return _BLANK
    stripped = spelling.plain(typed.strip())
    if not stripped:
        return _BLANK
    number = _NUMBER.fullmatch(stripped)
    if number and len(number[4] or "") <= _LONGEST_EXPONENT:
        return ReadValue(Reading.NUMBER, _canonical_number(number), typed)
    if _DATE.fullmatch(stripped) or _DATE_TIME.fullmatch(stripped):
        try:
            moment = dt.datetime.fromisoformat(stripped)
        except ValueError:
            return ReadValue(Reading.TEXT, typed, typed)
        return ReadValue(Reading.DATE, _iso_moment(moment), typed)
    length = _TIME.fullmatch(stripped)
    if length:
        seconds = int(length[1]) * 3600 + int(length[2]) * 60 + int(length[3] or 0)
        return ReadValue(Reading.TIME, f"{seconds}s", typed)
    return ReadValue(Reading.TEXT, typed, typed)


def _canonical_number(match: re.Match[str]) -> str:
    sign, whole, fraction, exponent = match[1], match[2], match[3] or "", match[4] or "0"
    digits = (whole + fraction).lstrip("0")
    significant = digits.rstrip("0")
    if not significant:
        return "0"
    power = int(exponent) - len(fraction) + len(digits) - len(significant)
    return f"{'-' if sign == '-' else ''}{significant}e{power}"


def _iso_moment(moment: dt.datetime) -> str:
    """A moment at midnight is written as its date: spreadsheets keep every date as a moment."""
    if moment.tzinfo is None and moment.time() == dt.time():
        return moment.date().isoformat()
    return moment.isoformat()


def text_of(value: object) -> str | None:
    """The text a typist would have typed for a stored value; None for anything that means "missing".

    Parameters
    ----------
    value
        Text, number, boolean, date or moment as Python, numpy or pandas hold it.

    Returns
    -------
    str or None
        Whole numbers without ``.0``, other floats by their shortest exact form, dates as ISO. NaN, NaT,
        ``pandas.NA`` and None give None. Text is returned as it is.
    """
    if value is None or isinstance(value, str):
        return None if value is None else str(value)
    if _is_missing(value):
        return None
    if isinstance(value, dt.datetime):
        return _iso_moment(value)
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    item = getattr(value, "item", None)
    if isinstance(value, float) or (item is not None and isinstance(item(), float)):
        return str(value).removesuffix(".0")
    return str(value)


def _is_missing(value: object) -> bool:
    """NaN and NaT differ from themselves; comparing ``pandas.NA`` gives no truth at all."""
    try:
        return bool(value != value)
    except (TypeError, ValueError):
        return type(value).__name__ == "NAType"
