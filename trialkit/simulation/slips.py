"""How fingers and eyes go wrong: one field typed as something else that the form would still accept."""

from __future__ import annotations

import calendar
from collections.abc import Callable, Mapping
from datetime import date, timedelta

import numpy as np

from trialkit.entry import TypedValue, compare_values
from trialkit.simulation.rules import pick
from trialkit.simulation.texts import MISSING_MARK
from trialkit.study.model import Item
from trialkit.vocabulary import ItemType

Slip = Callable[[Item, str, np.random.Generator], str]

_KEYPAD = {
    "0": "12", "1": "240", "2": "1350", "3": "26", "4": "157",
    "5": "2468", "6": "359", "7": "48", "8": "579", "9": "68",
}  # fmt: skip
_NUMBERS = (ItemType.INTEGER, ItemType.NUMBER)
_CODES = (ItemType.CODED, ItemType.YES_NO)
_ATTEMPTS = 25


def differ(item: Item, first: str, second: str) -> bool:
    """Whether the comparison of two passes would call these two texts a discrepancy."""
    return compare_values(TypedValue(first), TypedValue(second), item_type=item.type) is not None


def typed_wrongly(
    item: Item, true: str, kinds: Mapping[str, float], random: np.random.Generator
) -> tuple[str, str]:
    """What was typed instead of ``true``, and the kind of slip.

    The result differs from ``true`` under the comparison rule and is something the form accepts: a number in
    range, a date that exists, a code of the list. A slip that does not fit the item is drawn again; an item
    that no slip fits, or that holds a missing code, is left out.
    """
    if true.startswith(MISSING_MARK):
        return "", "omitted"
    for _ in range(_ATTEMPTS):
        kind = str(pick(kinds, random.random(1))[0])
        typed = SLIPS[kind](item, true, random)
        if differ(item, true, typed) and accepted(item, typed):
            return typed, kind
    return "", "omitted"


def accepted(item: Item, text: str) -> bool:
    """Whether the form would take the text: nothing, or a value of the right kind within its bounds."""
    if not text:
        return True
    if item.type in _CODES:
        return text in {choice.code for choice in item.choices}
    if item.type is ItemType.DATE:
        return _date(text) is not None and _within(item, _date(text))
    if item.type in _NUMBERS:
        try:
            return _within(item, float(text))
        except ValueError:
            return False
    return text == text.strip()


def _within(item: Item, value: float | date | None) -> bool:
    low, high = item.minimum, item.maximum
    return (low is None or value >= low) and (high is None or value <= high)  # type: ignore[operator]


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _transposed_digits(item: Item, true: str, random: np.random.Generator) -> str:
    if item.type not in _NUMBERS:
        return true
    pairs = [k for k in range(len(true) - 1) if true[k : k + 2].isdigit() and true[k] != true[k + 1]]
    if not pairs:
        return true
    k = pairs[int(random.integers(len(pairs)))]
    return _tidy(true[:k] + true[k + 1] + true[k] + true[k + 2 :])


def _adjacent_key(item: Item, true: str, random: np.random.Generator) -> str:
    if item.type not in _NUMBERS:
        return true
    digits = [k for k, character in enumerate(true) if character in _KEYPAD]
    k = digits[int(random.integers(len(digits)))]
    near = _KEYPAD[true[k]]
    return _tidy(true[:k] + near[int(random.integers(len(near)))] + true[k + 1 :])


def _tidy(number: str) -> str:
    """Without leading zeros: nobody's form keeps ``063``, and the comparison would read it as text."""
    whole, point, fraction = number.partition(".")
    return f"{whole.lstrip('0') or '0'}{point}{fraction}"


def _wrong_code(item: Item, true: str, random: np.random.Generator) -> str:
    codes = [choice.code for choice in item.choices]
    if item.type not in _CODES or true not in codes:
        return true
    place = codes.index(true)
    near = [codes[k] for k in (place - 1, place + 1) if 0 <= k < len(codes)]
    others = near if near and random.random() < 0.7 else [code for code in codes if code != true]
    return others[int(random.integers(len(others)))] if others else true


def _omitted(item: Item, true: str, random: np.random.Generator) -> str:
    return ""


def _date_slip(item: Item, true: str, random: np.random.Generator) -> str:
    """A day off, a month off, a year off, or day and month exchanged."""
    day = _date(true)
    if item.type is not ItemType.DATE or day is None:
        return true
    way = int(random.integers(4))
    sign = 1 if random.random() < 0.5 else -1
    if way == 0:
        return (day + timedelta(days=sign)).isoformat()
    if way == 3:
        return f"{day.year:04d}-{day.day:02d}-{day.month:02d}"
    year, month = (day.year, day.month - 1 + sign) if way == 1 else (day.year + sign, day.month - 1)
    year, month = year + month // 12, month % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1])).isoformat()


def _decimal_slip(item: Item, true: str, random: np.random.Generator) -> str:
    if item.type is not ItemType.NUMBER or "." not in true:
        return true
    decimals = len(true.partition(".")[2])
    factor = 10 if random.random() < 0.5 else 0.1
    return f"{float(true) * factor:.{decimals}f}"


def _letter_slip(item: Item, true: str, random: np.random.Generator) -> str:
    """A letter left out, doubled, or exchanged with the next."""
    if item.type is not ItemType.TEXT or len(true) < 2:
        return true
    k = int(random.integers(len(true) - 1))
    way = int(random.integers(3))
    if way == 0:
        return true[:k] + true[k + 1 :]
    if way == 1:
        return true[: k + 1] + true[k:]
    return true[:k] + true[k + 1] + true[k] + true[k + 2 :]


SLIPS: dict[str, Slip] = {
    "transposed_digits": _transposed_digits,
    "adjacent_key": _adjacent_key,
    "wrong_code": _wrong_code,
    "omitted": _omitted,
    "date_slip": _date_slip,
    "decimal_slip": _decimal_slip,
    "letter_slip": _letter_slip,
}
