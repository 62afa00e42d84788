"""Two values put in order or held equal, in three-valued logic."""

from __future__ import annotations

from datetime import date, time

from trialkit.expressions.partial_dates import compare_spans
from trialkit.expressions.tree import Value
from trialkit.expressions.values import MeaningError, as_moment, as_number, as_time, is_empty
from trialkit.wording import said


def compare(operator: str, left: Value | None, right: Value | None) -> bool | None:
    """A comparison in three-valued logic: with a missing side the answer is missing.

    Numbers (and texts that read as numbers) are compared as numbers, dates as dates, other texts exactly. A
    partial date answers where every day it may be gives the same answer, and is missing elsewhere.

    Raises
    ------
    MeaningError
        For an order between things that have none.
    """
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


def _comparable(left: Value, right: Value) -> tuple[Value | time, Value | time]:
    for reading in (as_number, as_moment, as_time):
        try:
            return reading(left), reading(right)
        except MeaningError:
            continue
    if isinstance(left, date) or isinstance(right, date):
        raise MeaningError(said("two dates YYYY-MM-DD, with or without a time"))
    return str(left).strip(), str(right).strip()
