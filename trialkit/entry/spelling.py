"""How days, times and numbers are spelled in files: by spreadsheets, statistics programs and offices.

Two readers need it: the comparison of two files, and the import of a file into items that are dates or times.
Only what cannot mean two things is read without being told: a month by its name, a year that stands first.
``2/1/2025`` waits for its order, and a year of two digits is never read.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

_TIME = r"\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:\s*[ap]\.?m\.?)?"
_NUMBERS = re.compile(
    rf"(\d{{1,4}})([-/.])(\d{{1,2}})\2(\d{{1,4}})(?:[T ]+({_TIME}))?", re.ASCII | re.IGNORECASE
)
_CHINESE = re.compile(
    rf"(\d{{4}})年(\d{{1,2}})月(\d{{1,2}})日?(?:\s*((?:[上下]午\s*)?{_TIME}))?", re.IGNORECASE
)
_WEEKDAY = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s+)?"
_BETWEEN = r"[-/., ]*"
_NAMED = tuple(
    re.compile(rf"{_WEEKDAY}{shape}(?:,?[T: ]\s*(?P<time>{_TIME}))?", re.ASCII | re.IGNORECASE)
    for shape in (
        rf"(?P<d>\d{{1,2}})(?:st|nd|rd|th)?{_BETWEEN}(?P<m>[a-z]{{3,9}}){_BETWEEN}(?P<y>\d{{4}})",
        rf"(?P<m>[a-z]{{3,9}}){_BETWEEN}(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?:,\s*|[-/. ]+)(?P<y>\d{{4}})",
        rf"(?P<y>\d{{4}}){_BETWEEN}(?P<m>[a-z]{{3,9}}){_BETWEEN}(?P<d>\d{{1,2}})",
    )
)
_MONTH_IN_NUMBERS = re.compile(r"(\d{1,4})[-/.年](\d{1,4})月?", re.ASCII)
_NAMED_MONTH = re.compile(
    rf"([a-z]{{3,9}}){_BETWEEN}(\d{{4}})|(\d{{4}}){_BETWEEN}([a-z]{{3,9}})", re.ASCII | re.IGNORECASE
)
_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
    "november", "december",
)  # fmt: skip
_HALF_DAY = re.compile(
    r"(?:(?P<before>[上下])午\s*)?(?P<h>\d{1,2})(?::(?P<m>[0-5]\d)(?::(?P<s>[0-5]\d))?)?"
    r"(?:\s*(?P<after>[ap])\.?m\.?)?",
    re.ASCII | re.IGNORECASE,
)

_DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+(?:[eE][+-]?\d+)?", re.ASCII)
_PERCENT = re.compile(r"([+-]?\d*\.?\d+)\s*[%％]", re.ASCII)
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(?:(?:,\d{3})+\.\d+|(?:,\d{3}){2,})", re.ASCII)
"""Two commas, or a point behind one: no decimal comma looks so."""
_SWAPPED = str.maketrans(",.", ".,")


def iso_day(text: str, order: str = "ymd") -> str | None:
    """``YYYY-MM-DD``, with its time behind it where there is one, of a day spelled in any way that is sure.

    Parameters
    ----------
    text
        Without outer space.
    order
        ``dmy`` or ``mdy`` where the writers of the file wrote so; days whose year stands first, and days
        whose month has a name, are read in any order.

    Returns
    -------
    str or None
        None where the text is no day, one that never was, or may be two.
    """
    text = _plain_space(text)
    found = _NUMBERS.fullmatch(text)
    if found:
        one, _, two, three, time = found.groups()
        parts = dict(zip("ymd" if len(one) == 4 else order, (one, two, three), strict=True))
        return _iso(parts["y"], parts["m"], parts["d"], time)
    chinese = _CHINESE.fullmatch(text)
    if chinese:
        return _iso(*chinese.groups())
    for shape in _NAMED:
        named = shape.fullmatch(text)
        month = _month(named["m"]) if named else None
        if named and month:
            return _iso(named["y"], month, named["d"], named["time"])
    return None


def iso_month(text: str, order: str = "ymd") -> str | None:
    """``YYYY-MM`` of a month without a day: 2025/01, Jan 2025, 2025年1月; 01/2025 in a stated order."""
    text = _plain_space(text)
    found = _MONTH_IN_NUMBERS.fullmatch(text)
    if found:
        year_first = len(found[1]) == 4
        year, month = (found[1], found[2]) if year_first else (found[2], found[1])
        sure = len(year) == 4 and len(month) <= 2 and (order != "ymd" or year_first)
        return f"{year}-{int(month):02}" if sure and 1 <= int(month) <= 12 else None
    named = _NAMED_MONTH.fullmatch(text)
    month_number = _month(named[1] or named[4]) if named else None
    return f"{named[2] or named[3]}-{int(month_number):02}" if named and month_number else None


def _plain_space(text: str) -> str:
    """Programs write a space that does not break before AM."""
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def _month(name: str) -> str | None:
    """``Jan``, ``Sept`` and ``January``; ``Janu`` is none."""
    word = name.casefold()
    fits = [
        n for n, month in enumerate(_MONTHS, 1) if word in (month, month[:3]) or word == "sept" == month[:4]
    ]
    return str(fits[0]) if fits else None


def _iso(year: str, month: str, day: str, time: str | None) -> str | None:
    if len(year) != 4:
        return None
    try:
        iso = dt.date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return None
    if not time:
        return iso
    clock = iso_time(time) or _two_digits(time)
    return f"{iso} {clock}"


def iso_time(text: str) -> str | None:
    """``20:30`` of ``8:30 PM`` and of ``下午8:30``; None where no half of the day is said."""
    found = _HALF_DAY.fullmatch(_plain_space(text))
    if not found or not (found["before"] or found["after"]):
        return None
    hour, half = int(found["h"]), (found["after"] or "").casefold()
    late = half == "p" or found["before"] == "下"
    afternoon_in_24 = late and not half and 12 < hour <= 23  # 下午 14:30 is said too
    if (found["before"] and half) or not (1 <= hour <= 12 or afternoon_in_24):
        return None
    return (
        f"{hour if afternoon_in_24 else hour % 12 + 12 * late:02}:{found['m'] or '00'}{_seconds(found['s'])}"
    )


def _seconds(text: str | None) -> str:
    return f":{text}" if text else ""


def _two_digits(time: str) -> str:
    """``8:05`` as ``08:05``: a spreadsheet writes an hour before ten with one digit."""
    hour, _, rest = time.partition(":")
    return f"{hour:0>2}:{rest}"


@dataclass(frozen=True, slots=True)
class Spelling:
    """How the writers of a file wrote numbers and dates, where it is not the way of this product.

    ``decimal_comma``: ``70,5`` is a number (``70.5`` stays one). ``date_order``: ``dmy`` or ``mdy`` reads
    ``2/1/2025`` as a date. A date that begins with its year says its order itself: ``2025/1/2``, as
    spreadsheets of half the world write it, is always read.

    ``as_shown``: texts are read as a spreadsheet shows its cells. ``12.5%`` is 0.125, ``8:30 PM`` is 20:30,
    ``1,234.5`` and ``−3`` are numbers, ``13-Jan-2025`` and ``2025年1月13日`` days; and of a number
    with decimals fifteen digits count, more than which no sheet shows.
    """

    decimal_comma: bool = False
    date_order: str = "ymd"
    as_shown: bool = False

    def plain(self, text: str) -> str:
        """The text as this product writes it; itself where nothing is to change."""
        if self.as_shown:
            text = text.replace("\u2212", "-")
            percent = _PERCENT.fullmatch(text.replace(",", ".") if self.decimal_comma else text)
            if percent:
                return f"{percent[1]}e-2"
            if not self.decimal_comma and _THOUSANDS.fullmatch(text):
                return text.replace(",", "")
            if self.decimal_comma and _THOUSANDS.fullmatch(text.translate(_SWAPPED)):
                return text.replace(".", "").replace(",", ".")
        if self.decimal_comma and _DECIMAL_COMMA.fullmatch(text):
            return text.replace(",", ".")
        return self._plain_day(text) or (iso_time(text) if self.as_shown else None) or text

    def _plain_day(self, text: str) -> str | None:
        found = _NUMBERS.fullmatch(text)
        if not found:
            return iso_day(text) if self.as_shown else None
        if self.date_order == "ymd" and found[2] != "/" and not found[5]:
            return None  # a point between would make a date of a version number
        return iso_day(text, self.date_order)


def spelling_of(
    column: str, decimal_comma: bool | Collection[str], date_order: str | Mapping[str, str]
) -> Spelling:
    """How one column of a file is spelled, of options that hold for all columns or name each of theirs."""
    comma = decimal_comma if isinstance(decimal_comma, bool) else column in decimal_comma
    order = date_order if isinstance(date_order, str) else date_order.get(column, "ymd")
    return Spelling(comma, order, as_shown=True)
