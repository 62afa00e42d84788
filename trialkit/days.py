"""Days and moments as people write them, brought to the one way in which they are stored; pure.

The same ways as ``static/typed.js`` puts right on the page of a form: the two are held to one list of cases.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime

_FULL = (
    re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII),
    re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})", re.ASCII),
    re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})[日号]", re.ASCII),
)
_PARTIAL = (
    re.compile(r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})(?:[-/.]UK)?", re.ASCII | re.IGNORECASE),
    re.compile(r"(?P<year>\d{4})年(?P<month>\d{1,2})月", re.ASCII),
    re.compile(r"(?:(?:UK|UNK|NK)[-/.])?(?P<month>\d{1,2})[-/.](?P<year>\d{4})", re.ASCII | re.IGNORECASE),
    re.compile(r"(?P<year>\d{4})(?:年|[-/.]UK(?:[-/.]UK)?)", re.ASCII | re.IGNORECASE),
    re.compile(r"(?:(?:UK|UNK|NK)[-/.])?(?:UK|UNK|NK)[-/.](?P<year>\d{4})", re.ASCII | re.IGNORECASE),
)


def day_as_stored(text: str, *, partial: bool = False) -> str:
    """``2024-09-05`` of 20240905, 2024-9-5, 2024/9/5, 2024.9.5 and 2024年9月5日; another text as it is.

    ``partial``: a month or year alone is one too, ``2024-09`` of 2024/9 and 2024年9月. Whether there is
    such a day is not asked.
    """
    typed = unicodedata.normalize("NFKC", text).replace("。", ".").strip()
    for way in _FULL:
        if found := way.fullmatch(typed):
            return f"{found[1]}-{found[2]:0>2}-{found[3]:0>2}"
    for way in _PARTIAL if partial else ():
        if found := way.fullmatch(typed):
            parts = found.groupdict()
            return f"{parts['year']}-{parts['month']:0>2}" if "month" in parts else parts["year"]
    return text


def moment_as_stored(text: str) -> str:
    """``2024-09-05 08:30`` of 2024/9/5 8:30 and the like; another text as it is."""
    parts = unicodedata.normalize("NFKC", text).replace("T", " ").split()
    return f"{day_as_stored(parts[0])} {parts[1]:0>5}" if len(parts) == 2 else text


def read_day(text: str) -> date | None:
    """The day that was typed; None of a text that is none."""
    stored = day_as_stored(text).strip()
    try:
        return date.fromisoformat(stored) if len(stored) == 10 else None
    except ValueError:
        return None


def read_moment(text: str) -> datetime | None:
    """The day and time that were typed, with its zone where it has one; None of a text that is none."""
    try:
        return datetime.fromisoformat(moment_as_stored(text).strip())
    except ValueError:
        return None
