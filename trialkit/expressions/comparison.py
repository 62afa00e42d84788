"""Two values put in order or held equal, in three-valued logic."""

from __future__ import annotations

from datetime import date, time
from enum import Enum
from typing import Final, Literal

from trialkit.expressions.partial_dates import compare_spans
from trialkit.expressions.tree import Value
from trialkit.expressions.values import MeaningError, as_moment, as_number, as_time, is_empty
from trialkit.wording import said


class NotAsked(Enum):
    """In place of a value: its item is known not to be asked, and nothing stands in it."""

    NOT_ASKED = "not asked"


NOT_ASKED: Final = NotAsked.NOT_ASKED
Compared = Value | Literal[NotAsked.NOT_ASKED] | None


def compare(operator: str, left: Compared, right: Compared) -> bool | None:
    """A comparison in three-valued logic: with a missing side the answer is missing.

    Numbers (and texts that read as numbers) are compared as numbers, dates as dates, other texts exactly. A
    partial date answers where every day it may be gives the same answer, and is missing elsewhere. What is
    not asked is the empty text, as in REDCap: equal to nothing but itself, before and after nothing.

    Raises
    ------
    MeaningError
        For an order between things that have none.
    """
    if left is NOT_ASKED:
        return _to_nothing(operator, right)
    if right is NOT_ASKED:
        return _to_nothing(operator, left)
    if is_empty(left) or is_empty(right):
        return None
    assert left is not None
    assert right is not None
    partial, answer = compare_spans(operator, left, right)
    if partial:
        return answer
    pair = _comparable(left, right)
    if operator in ("=", "<>"):
        same = pair[0] == pair[1]
        return same if operator == "=" else not same
    if isinstance(pair[0], str):
        raise MeaningError(said("two numbers, dates or times to put in order"))
    below, equal = pair[0] < pair[1], pair[0] == pair[1]  # type: ignore[operator]
    return {"<": below, "<=": below or equal, ">": not (below or equal), ">=": not below}[operator]


def _to_nothing(operator: str, other: Compared) -> bool | None:
    if operator not in ("=", "<>"):
        return False
    if other is NOT_ASKED:
        return operator == "="
    return None if is_empty(other) else operator == "<>"


def _comparable(left: Value, right: Value) -> tuple[Value | time, Value | time]:
    for reading in (as_number, as_moment, as_time):
        try:
            return reading(left), reading(right)
        except MeaningError:
            continue
    if isinstance(left, date) or isinstance(right, date):
        raise MeaningError(said("two dates YYYY-MM-DD, with or without a time"))
    return str(left).strip(), str(right).strip()
