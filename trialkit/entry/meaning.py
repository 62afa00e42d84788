"""Where text becomes meaning: what a typed or stored text is, as a value of its item in the dictionary."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time

from trialkit.entry.agreement import TypedValue
from trialkit.entry.values import Reading, read_value, text_of
from trialkit.study.model import Bound, Item
from trialkit.vocabulary import ItemType, MissingCode, ValueState
from trialkit.wording import Said, said, said_count

MISSING_PREFIX = "@"
"""``@unknown`` in place of a value is a missing code: no number, date or code of a list begins so."""

AS_WRITTEN = "as_written"
WRITTEN_PREFIX = f"{MISSING_PREFIX}{AS_WRITTEN}:"
"""``@as_written:4O mg`` keeps what stands on the form and can be no value: the value itself is missing."""

Meaning = float | date | datetime | time | str

_PADDED = re.compile(r"[+-]?0+\d+(\.\d+)?", re.ASCII)
_COMMA = re.compile(r"[+-]?\d*,\d+", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:\d{2})?", re.ASCII)
_TIME = re.compile(r"\d{1,2}:\d{2}(:\d{2})?", re.ASCII)
_PARTIAL_DATE = re.compile(r"(\d{4})(?:-(\d{2}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Typed:
    """A typed text as it will be stored, or what is wrong with it, or what is merely odd about it."""

    value: TypedValue
    problem: str = ""  # what was expected instead; the text cannot be a value
    oddity: str = ""  # what to look at; the text is taken
    as_written: bool = False  # no value could be made of it: the oddity says what stands there


def read_typed(item: Item, typed: str | TypedValue) -> Typed:
    """What one typed text is for an item of the dictionary."""
    if isinstance(typed, TypedValue):
        if typed.state is ValueState.VALUE:
            return read_typed(item, typed.text or "")
        return _check_missing(item, typed)
    text = typed if item.type is ItemType.TEXT else typed.strip()
    if item.decimal_comma and _COMMA.fullmatch(text):
        text = text.replace(",", ".")  # as the form has it
    if not text.strip():
        oddity = said("required, and blank") if item.required else ""
        return Typed(TypedValue(state=ValueState.BLANK), oddity=oddity)
    if text.startswith(WRITTEN_PREFIX):
        return _as_written(item, text.removeprefix(WRITTEN_PREFIX).strip())
    if text.startswith(MISSING_PREFIX):
        code = text.removeprefix(MISSING_PREFIX)
        if code in set(MissingCode):
            return _check_missing(item, TypedValue(None, ValueState.MISSING, MissingCode(code)))
    if item.type is ItemType.DERIVED:
        return Typed(TypedValue(text), problem="nothing: the item is derived and never entered")
    value = value_of(item, text)
    if value is None:
        number = item.type in (ItemType.INTEGER, ItemType.NUMBER)
        padded = said("{number} without zeros in front", number=wanted(item))
        return Typed(TypedValue(text), problem=padded if number and _PADDED.fullmatch(text) else wanted(item))
    if isinstance(value, date) and not _FIRST_YEAR <= value.year <= _LAST_YEAR:
        known = {"day": wanted(item), "first": _FIRST_YEAR, "last": _LAST_YEAR}
        return Typed(TypedValue(text), problem=said("{day}, of the years {first} to {last}", **known))
    return Typed(TypedValue(text), oddity=_oddity(item, text, value))


def _as_written(item: Item, raw: str) -> Typed:
    """A text that is kept beside the record; the value is missing, as "unknown", until the site has said."""
    missing = TypedValue(None, ValueState.MISSING, MissingCode.UNKNOWN)
    if item.type is ItemType.DERIVED:
        return Typed(TypedValue(raw), problem="nothing: the item is derived and never entered")
    if not raw:
        return Typed(missing, problem=said("what stands on the form, after {prefix}", prefix=WRITTEN_PREFIX))
    return Typed(missing, oddity=said("as written: {raw}", raw=raw), as_written=True)


def _check_missing(item: Item, value: TypedValue) -> Typed:
    if value.state is not ValueState.MISSING or value.missing_code in item.missing_codes:
        return Typed(value)
    permitted = ", ".join(MISSING_PREFIX + code for code in item.missing_codes)
    return Typed(
        value,
        problem=said("a value, or one of {permitted}", permitted=permitted)
        if permitted
        else "a value: none may miss",
    )


def value_of(item: Item, text: str) -> Meaning | None:
    """What a text is as a value of its item: the one place where text becomes meaning.

    Returns
    -------
    float, date, datetime, time, str or None
        A number (whole numbers too), a day, a moment, a time of day; a code or a text as it stands. None
        where the text can be no value of the item. A partial date, where permitted, stays text.
    """
    if item.type in (ItemType.INTEGER, ItemType.NUMBER, ItemType.DERIVED):
        return _number(text, whole=item.type is ItemType.INTEGER)
    if item.choices:
        return text if text in {choice.code for choice in item.choices} else None
    if item.type in _READ_AS:
        value = _READ_AS[item.type](text)
        partial = item.type is ItemType.DATE and item.partial_date and _is_partial_date(text)
        return text if value is None and partial else value
    return text


def wanted(item: Item) -> str:
    """What is expected of a text, in words."""
    if item.choices:
        return said("one of the codes {codes}", codes=_codes(item))
    if item.type is ItemType.DATE and item.partial_date:
        return "a date YYYY-MM-DD, YYYY-MM or YYYY"
    return _WORDS[item.type]


def _codes(item: Item) -> str:
    """The codes with their labels, as whoever types knows them; alone where that is too long for a line."""
    template, labels = [], {}
    for n, choice in enumerate(item.choices):
        template.append(choice.code.replace("{", "{{").replace("}", "}}"))
        if choice.label not in ("", choice.code):
            labels[f"label_{n}"] = choice.label  # a parameter, so that a page says it in its language
            template[-1] += f" ({{label_{n}}})"
    shown = Said(", ".join(template), labels)
    return shown if len(shown) <= _LONGEST_CODES else ", ".join(choice.code for choice in item.choices)


_LONGEST_CODES = 120
_FIRST_YEAR, _LAST_YEAR = 1800, 2199
"""Of days that anything can be computed from: analyses count nanoseconds from 1677 to 2262 alone."""
_WORDS: dict[ItemType, str] = {
    ItemType.INTEGER: said("a whole number"),
    ItemType.NUMBER: said("a number with a decimal point"),
    ItemType.CODED: said("a code, of which the dictionary has none"),
    ItemType.YES_NO: said("a code, of which the dictionary has none"),
    ItemType.DATE: said("a date YYYY-MM-DD"),
    ItemType.DATETIME: said("a date and time YYYY-MM-DD HH:MM"),
    ItemType.TIME: said("a time HH:MM"),
    ItemType.TEXT: said("a text"),
}


def _oddity(item: Item, text: str, value: Meaning) -> str:
    """What to look at in a text that is a value; a warning and no more."""
    if isinstance(value, float) and item.decimals is not None:
        decimals = len(text.partition(".")[2])
        if "e" not in text.lower() and decimals > item.decimals:
            return said_count(
                "{n} decimal where {wanted} are asked for",
                "{n} decimals where {wanted} are asked for",
                decimals,
                wanted=item.decimals,
            )
    if isinstance(value, str):
        return ""
    low, high = item.minimum, item.maximum
    if low is not None and value < low:  # type: ignore[operator]
        return said("below {limit}", limit=text_of(low))
    if high is not None and value > high:  # type: ignore[operator]
        return said("above {limit}", limit=text_of(high))
    return ""


def _number(text: str, *, whole: bool) -> float | None:
    if read_value(text).reading is not Reading.NUMBER:
        return None
    if whole and ("." in text or "e" in text.lower()):
        return None
    number = float(text)
    return number if math.isfinite(number) else None  # 1e400 is none that anything could be computed from


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else None  # and no week 2024-W01-1
    except ValueError:
        return None


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if _MOMENT.fullmatch(text) else None
    except ValueError:
        return None


def _time(text: str) -> time | None:
    hours, _, rest = text.partition(":")
    try:
        return time.fromisoformat(f"{hours:0>2}:{rest}") if _TIME.fullmatch(text) else None
    except ValueError:
        return None


_READ_AS: dict[ItemType, Callable[[str], Bound | None]] = {
    ItemType.DATE: _date,
    ItemType.DATETIME: _moment,
    ItemType.TIME: _time,
}


def _is_partial_date(text: str) -> bool:
    parts = _PARTIAL_DATE.fullmatch(text)
    return parts is not None and (parts[2] is None or 1 <= int(parts[2]) <= 12)
