"""Values as they stand on paper: the text of a drawn value, or a plausible one where no rule speaks."""

from __future__ import annotations

from datetime import date, time

import numpy as np
from numpy.typing import NDArray

from trialkit.simulation.rules import Column, Facts, pick, plain
from trialkit.study.model import Item
from trialkit.vocabulary import ItemType, MissingCode

_BLANK_IF_OPTIONAL = 0.05
_DAYS_BACK = 30
_SPAN_WITHOUT_MAXIMUM = 100.0
MISSING_MARK = "@"
"""What a missing code begins with where a value would stand: ``@unknown``."""


def left_out(item: Item) -> str:
    """What stands in a field nobody answered: a missing code where an answer is required, else nothing."""
    coded = item.required and MissingCode.UNKNOWN in item.missing_codes
    return f"{MISSING_MARK}{MissingCode.UNKNOWN}" if coded else ""


def as_texts(item: Item, column: Column) -> NDArray[np.object_]:
    """A drawn column as the texts written on the form; missing becomes blank."""
    if np.issubdtype(column.dtype, np.datetime64):
        return _date_texts(item, column)
    if column.dtype == object:
        return np.array([plain(value) for value in column], dtype=object)
    if item.type in (ItemType.INTEGER, ItemType.NUMBER):
        return _number_texts(item, column)
    return np.array([plain(value) for value in column], dtype=object)


def fallback(item: Item, random: np.random.Generator, facts: Facts) -> NDArray[np.object_]:
    """A value of the right kind for an item the scenario does not mention, from the dictionary alone."""
    n = facts.n
    if item.type in (ItemType.CODED, ItemType.YES_NO):
        texts = pick({choice.code: 1.0 for choice in item.choices}, random.random(n))
    elif item.type in (ItemType.INTEGER, ItemType.NUMBER):
        low, high = _range(item)
        middle, spread = (low + high) / 2, (high - low) / 8
        texts = _number_texts(item, middle + spread * random.standard_normal(n))
    elif item.type is ItemType.DATE:
        back = random.integers(0, _DAYS_BACK + 1, size=n).astype("timedelta64[D]")
        texts = _date_texts(item, facts["visit_date"] - back)
    elif item.type in (ItemType.DATETIME, ItemType.TIME):
        minutes = random.integers(8 * 60, 18 * 60, size=n)
        clock = [f"{minute // 60:02}:{minute % 60:02}" for minute in minutes]
        days = _date_texts(item, facts["visit_date"])
        pairs = [
            f"{day} {at}" if item.type is ItemType.DATETIME else at
            for day, at in zip(days, clock, strict=True)
        ]
        texts = np.array(pairs, dtype=object)
    else:
        numbers = random.integers(1, 1000, size=n)
        texts = np.array([f"entry {number}" for number in numbers], dtype=object)
    blank = random.random(n) < _BLANK_IF_OPTIONAL
    if not item.required:
        texts[blank] = ""
    return texts


def _range(item: Item) -> tuple[float, float]:
    low, high = item.minimum, item.maximum
    if isinstance(low, date | time) or isinstance(high, date | time):
        raise TypeError(f"{item.name}: a number with a date for its range")
    if low is None and high is None:
        return 0.0, _SPAN_WITHOUT_MAXIMUM
    if low is None:
        return float(high or 0) - _SPAN_WITHOUT_MAXIMUM, float(high or 0)
    return float(low), float(low) + _SPAN_WITHOUT_MAXIMUM if high is None else float(high)


def _number_texts(item: Item, column: Column) -> NDArray[np.object_]:
    number = column.astype(float)
    low = item.minimum if isinstance(item.minimum, int | float) else None
    high = item.maximum if isinstance(item.maximum, int | float) else None
    if low is not None or high is not None:
        number = np.clip(number, low, high)
    decimals = 0 if item.type is ItemType.INTEGER else item.decimals
    return np.array(["" if np.isnan(value) else _written(value, decimals) for value in number], dtype=object)


def _written(value: float, decimals: int | None) -> str:
    """With the item's decimals; with one, and none for a whole number, where it says nothing."""
    text = f"{value:.1f}".removesuffix(".0") if decimals is None else f"{value:.{decimals}f}"
    return text.lstrip("-") if float(text) == 0 else text  # nobody writes -0


def _date_texts(item: Item, column: Column) -> NDArray[np.object_]:
    days = column.astype("datetime64[D]")
    if isinstance(item.minimum, date):
        days = np.maximum(days, np.datetime64(item.minimum, "D"))
    if isinstance(item.maximum, date):
        days = np.minimum(days, np.datetime64(item.maximum, "D"))
    return np.array(["" if np.isnat(day) else str(day) for day in days], dtype=object)
