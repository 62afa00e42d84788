"""How a typed text is read: as a number, a date, plain text, or nothing at all.

One reading serves the comparison of two files and of two passes in the database. It is stricter than
Python's: ``float()`` would also take ``1_0``, ``nan``, ``Infinity`` and full-width digits.
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import Context
from enum import StrEnum
from typing import NamedTuple

from trialkit.entry.spelling import Spelling

_NUMBER = re.compile(r"([+-]?)(?=\.?\d)(0|[1-9]\d*|)(?:\.(\d+))?(?:[eE]([+-]?\d+))?", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_DATE_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?", re.ASCII)
_TIME = re.compile(r"(\d{1,4}):([0-5]\d)(?::([0-5]\d))?", re.ASCII)
_LONGEST_EXPONENT = 4000
"""Python refuses to turn more than 4300 digits into an integer; nobody means such an exponent."""

_SHOWN_DIGITS = 15  # of a number, by every spreadsheet program


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


PLAIN = Spelling()


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
        exact = _canonical_number(number)
        return ReadValue(Reading.NUMBER, _fifteen_digits(exact) if spelling.as_shown else exact, typed)
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


def _fifteen_digits(canonical: str) -> str:
    """A number with decimals as a sheet shows it: 0.30000000000000004 is 0.3. Long whole numbers, which
    identify, keep every digit.
    """
    digits, _, power = canonical.lstrip("-").partition("e")
    if len(digits) <= _SHOWN_DIGITS or int(power) >= 0:
        return canonical
    sign, rounded, exponent = Context(prec=_SHOWN_DIGITS).create_decimal(canonical).as_tuple()
    significant = "".join(map(str, rounded)).rstrip("0")
    dropped = len(rounded) - len(significant)
    return f"{'-' if sign else ''}{significant}e{int(exponent) + dropped}"


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
