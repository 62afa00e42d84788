"""What stands in a cell of an outside file, as the study's typists would have typed it; pure.

A label instead of its code, a decimal comma where the dictionary says that there is one, a date in the order
that was stated: each is changed here and counted. Nothing else is.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container
from dataclasses import dataclass, field
from datetime import date, timedelta

from trialkit.entry.spelling import iso_day, iso_month, iso_time
from trialkit.study.model import Item
from trialkit.vocabulary import ItemType

DATE_ORDERS = ("ymd", "dmy", "mdy")
_DATE = re.compile(r"(\d{1,4})[-/.](\d{1,2})[-/.](\d{1,4})(?:[ T](\d{1,2}:\d{2}(?::\d{2})?))?", re.ASCII)
_MONTH = re.compile(r"(\d{1,4})[-/.](\d{1,4})", re.ASCII)
_COMMA = re.compile(r"[+-]?\d*,\d+", re.ASCII)
_WHOLE = re.compile(r"([+-]?\d+)\.0+", re.ASCII)
_WHOLE_COMMA = re.compile(r"([+-]?\d+)[.,]0+", re.ASCII)
"""A whole number as a statistics program writes it; the digits before the point stand as they are."""
_LOGICAL = {"true": "1", "false": "0"}
_LOGICAL_WORDS = "TRUE and FALSE read as the codes 1 and 0"
_MIDNIGHT = re.compile(r"(\d{4}-\d{2}-\d{2})[ T]00:00(?::00(?:\.0+)?)?", re.ASCII)
"""A day as a statistics program writes it."""
_DAY_AND_TIME = re.compile(r"(\d{4}-\d{2}-\d{2})[ T]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?", re.ASCII)
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}(?:[ T]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?", re.ASCII)
_EIGHT_DIGITS = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})", re.ASCII)
_SERIAL = re.compile(r"([1-6]\d{4})(?:\.\d+)?", re.ASCII)
_DAY_ZERO = date(1899, 12, 30)
_TICKED = {"checked": "1", "unchecked": "0"}


@dataclass
class CellReader:
    """Reads cells into typed texts and counts what it changed.

    Parameters
    ----------
    date_order
        ``dmy`` or ``mdy`` where the file's dates are written so. Dates that begin with their year
        (``2025/1/2``) or name their month (``13jan2025``) are read in any order; ISO dates are left as they
        stand.
    decimal_comma
        True where every number of the file may have a comma; else those whose item says so.
    """

    date_order: str = "ymd"
    decimal_comma: bool = False
    changed: Counter[str] = field(default_factory=Counter)

    def read(self, item: Item, cell: str) -> str:
        if item.type is ItemType.TEXT:
            return cell
        text = cell.strip()
        found = self._converted(item, text)
        if found != text:
            self.changed[_LOGICAL_WORDS if is_logical(item, text) else _WORDS[item.type]] += 1
        return found

    def _converted(self, item: Item, text: str) -> str:
        comma = item.decimal_comma or self.decimal_comma
        if item.type in (ItemType.CODED, ItemType.YES_NO):
            return _code(item, text, comma=comma)
        if item.type is ItemType.NUMBER and comma and _COMMA.fullmatch(text):
            return text.replace(",", ".")
        if item.type is ItemType.INTEGER:
            return whole_number(text, comma=comma) or text
        if item.type is ItemType.DATE:
            return self._month(item, text) or self.day(text)
        if item.type is ItemType.TIME:
            return iso_time(text) or text
        return self._moment(text) if item.type is ItemType.DATETIME else text

    def day(self, text: str) -> str:
        """A day as YYYY-MM-DD, where it can be read as one; its midnight is the day."""
        moment = self._moment(text)
        midnight = _MIDNIGHT.fullmatch(moment)
        return midnight[1] if midnight else moment

    def randomization_day(self, text: str) -> date | None:
        """A day that nobody doubts: with any time behind it, or 13jan2025 as SAS writes it."""
        moment = self._moment(text)
        timed = _DAY_AND_TIME.fullmatch(moment)
        iso = str(timed[1]) if timed else moment
        try:
            day = date.fromisoformat(iso) if len(iso) == len("2026-03-31") else None
        except ValueError:
            return None
        named = any(char.isalpha() for char in text.replace("T", ""))
        if day is not None and (named or (timed and not _MIDNIGHT.fullmatch(moment))):
            self.changed["days written with a time, or a month's name, read as the day alone"] += 1
        return day

    def _month(self, item: Item, text: str) -> str | None:
        """Month and year of a date that may be partial: 05/2019 in either order, 2019/05, May 2019."""
        return iso_month(text, self.date_order) if item.partial_date else None

    def _moment(self, text: str) -> str:
        """ISO texts stand as they are, whatever else is said of the file."""
        if _ISO.fullmatch(text):
            return text
        return (
            iso_day(_EIGHT_DIGITS.sub(r"\1-\2-\3", text) if len(text) == 8 else text, self.date_order) or text
        )

    def written_otherwise(self, item: Item, text: str) -> str:
        """How the file as a whole may be written, that was not said: ``comma``, ``order`` of its dates,
        ``serial`` for a spreadsheet's number of a day, or ``date`` where an order was said and this is none
        in it; empty for any other text.
        """
        if item.type is ItemType.NUMBER and _COMMA.fullmatch(text):
            return "comma"
        if item.type in (ItemType.DATE, ItemType.DATETIME) and _SERIAL.fullmatch(text):
            return "serial"
        found = _DATE.fullmatch(text) or (_MONTH.fullmatch(text) if item.partial_date else None)
        if item.type not in (ItemType.DATE, ItemType.DATETIME) or found is None or len(found[1]) == 4:
            return ""
        year_last = len(found[3] if found.re is _DATE else found[2]) == 4
        return "order" if self.date_order == "ymd" and year_last else "date"

    def notes(self) -> list[str]:
        return [f"{number} {words}." for words, number in self.changed.items()]


_DAYS = "dates read as YYYY-MM-DD, in the order stated, with their year first or their month named"
_WORDS = {
    ItemType.CODED: "labels (or codes written with a point, 1.0) read as their codes",
    ItemType.YES_NO: "labels (or codes written with a point, 1.0) read as their codes",
    ItemType.NUMBER: "decimal commas read as points",
    ItemType.INTEGER: "whole numbers written with decimals (29.0) read as such",
    ItemType.DATE: _DAYS,
    ItemType.DATETIME: _DAYS,
    ItemType.TIME: "times before or after noon (8:30 PM) read as HH:MM",
}


def day_of_serial(text: str) -> str:
    """The day that a spreadsheet keeps as this number, counted from 1900 as nearly all of them do."""
    found = _SERIAL.fullmatch(text)
    return (_DAY_ZERO + timedelta(days=int(found[1]))).isoformat() if found else ""


def whole_number(text: str, *, comma: bool = False) -> str | None:
    """``1`` of ``1.0``, where a comma may stand for the point of ``1,0``; None for any other text."""
    whole = (_WHOLE_COMMA if comma else _WHOLE).fullmatch(text)
    return whole[1] if whole else None


def known_code(text: str, codes: Container[str], *, comma: bool = False) -> str:
    """A code as the study writes it: ``1.0`` of a column with a hole is ``1``; else the text itself."""
    whole = whole_number(text, comma=comma)
    return whole if whole and text not in codes and whole in codes else text


def _code(item: Item, text: str, *, comma: bool) -> str:
    """The code of a label that only one choice has; the text itself where it is a code, or nothing known."""
    codes = {choice.code for choice in item.choices}
    text = known_code(text, codes, comma=comma)
    if not text or text in codes:
        return text
    meant = [choice.code for choice in item.choices if choice.label.casefold() == text.casefold()]
    if len(meant) == 1:
        return meant[0]
    if is_logical(item, text):
        return _LOGICAL[text.casefold()]
    return _TICKED.get(text.casefold(), text) if item.type is ItemType.YES_NO else text


def is_logical(item: Item, text: str) -> bool:
    """Whether a text is what a statistics program makes of the codes 0 and 1, where there are no others."""
    codes = {choice.code for choice in item.choices}
    labels = {choice.label.casefold() for choice in item.choices}
    return text.casefold() in _LOGICAL and codes == {"0", "1"} and not labels & _LOGICAL.keys()
