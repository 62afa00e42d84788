"""A protocol's words for a time, as days and the day they are counted from."""

from __future__ import annotations

import re
from dataclasses import dataclass

_DAYS = {"day": 1.0, "week": 7.0, "month": 365.25 / 12, "year": 365.25}
_NAMES = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
_WORDS = {word: number for number, word in enumerate(_NAMES, start=1)}
_AMOUNT = re.compile(rf"\b(\d+(?:\.\d+)?|{'|'.join(_NAMES)})[\s-]*(day|week|month|year)s?\b")
_UNIT_FIRST = re.compile(r"\b(day|week|month|year)\s*(\d+(?:\.\d+)?)\b")
_ANCHORS = (
    ("randomization", re.compile(r"randomi[sz]ation|randomi[sz]ed")),
    (
        "intervention_end",
        re.compile(r"(post|after|end)[\s-]*(of[\s-]*)?(the[\s-]*)?(intervention|treatment)"),
    ),
    ("consent", re.compile(r"consent|enrolment|enrollment")),
)


@dataclass(frozen=True, slots=True)
class StatedTime:
    """``days`` after ``anchor``; either is None where the words do not say it."""

    text: str
    days: float | None
    anchor: str | None


def read_time(text: str) -> StatedTime:
    """What a phrase such as ``"12 months after randomization"`` says.

    Degenerate cases: ``"12 months"`` has no anchor; ``"end of intervention"`` is day 0 of that anchor;
    words that name no time have neither days nor anchor.
    """
    lowered = text.lower()
    anchor = next((name for name, phrase in _ANCHORS if phrase.search(lowered)), None)
    amount, swapped = _AMOUNT.search(lowered), _UNIT_FIRST.search(lowered)
    days: float | None = None
    if amount:
        days = _number(amount.group(1)) * _DAYS[amount.group(2)]
    elif swapped:
        days = float(swapped.group(2)) * _DAYS[swapped.group(1)]
    elif anchor is not None:
        days = 0.0
    return StatedTime(text, days, anchor)


def _number(text: str) -> float:
    return float(_WORDS.get(text, 0) or text)
