"""The functions an expression may call: a closed list, each with the values it takes and yields."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal

from trialkit.expressions import exact
from trialkit.expressions.date_functions import day_after, days_between, part_of_date
from trialkit.expressions.function import ANY_NUMBER, Arguments, Compute, Function
from trialkit.expressions.text_functions import (
    cut,
    joined,
    joined_with,
    left,
    middle,
    of_text,
    place_of,
    replaced,
    right,
    search,
)
from trialkit.expressions.tree import Kind, Value
from trialkit.expressions.values import MeaningError, as_number, as_truth, is_empty
from trialkit.wording import said

_WIDE = Context(prec=400)  # every digit of the largest number


def _present(values: Arguments) -> list[float]:
    return [as_number(value) for value in values if value is not None and not is_empty(value)]


def _over_present(summary: Callable[[list[float]], float | None], fewest: int = 1) -> Compute:
    """As in REDCap, a missing argument is passed over; with too few left the result is missing."""

    def compute(values: Arguments) -> Value | None:
        present = _present(values)
        return _finite(summary, present) if len(present) >= fewest else None

    return compute


def _finite(summary: Callable[[list[float]], float | None], present: list[float]) -> float | None:
    """The summary; missing where it lies beyond what a number can hold, as for + and *."""
    if not all(map(math.isfinite, present)):
        return None
    result = summary(present)
    return result if result is not None and math.isfinite(result) else None


def _of_number(compute: Callable[[float], float]) -> Compute:
    def on_one(values: Arguments) -> Value | None:
        return None if is_empty(values[0]) or values[0] is None else compute(as_number(values[0]))

    return on_one


def _rounded(how: str) -> Compute:
    """Halves go away from zero, as on paper and in REDCap; Python's round() would send 2.5 to 2."""

    def compute(values: Arguments) -> Value | None:
        number = values[0]
        places = values[1] if len(values) == 2 else 0
        if number is None or places is None or is_empty(number) or is_empty(places):
            return None
        digits = as_number(places)
        if abs(digits) > 15 or digits != int(digits):
            raise MeaningError(said("a whole number of decimal places"))
        value = as_number(number)
        if not math.isfinite(value):
            return None
        exact = Decimal(repr(value))
        if exact.as_tuple().exponent >= -int(digits):  # type: ignore[operator]
            return value  # no digit stands beyond that place
        return float(exact.quantize(Decimal(1).scaleb(-int(digits)), rounding=how, context=_WIDE))

    return compute


def _root(value: float) -> float:
    if value < 0:
        raise MeaningError(said("a number that is not negative"))
    return math.sqrt(value)


def _logarithm(values: Arguments) -> Value | None:
    """``log(x)`` is natural; ``log(x, base)``. Missing where there is none."""
    given = _present(values)
    if len(given) < len(values) or given[0] <= 0 or (len(given) == 2 and (given[1] <= 0 or given[1] == 1)):
        return None
    return math.log(given[0]) if len(given) == 1 else exact.logarithm(given[0], given[1])


def _remainder(values: Arguments) -> Value | None:
    given = _present(values)
    if len(given) < 2 or not given[1] or not math.isfinite(given[0]):
        return None
    return exact.remainder(given[0], given[1])


def _choose(values: Arguments) -> Value | None:
    condition = as_truth(values[0])
    if condition is None:
        return None
    return values[1] if condition else values[2]


def _missing(values: Arguments) -> Value | None:
    return is_empty(values[0])


def _is_number(values: Arguments) -> Value | None:
    try:
        return values[0] is not None and math.isfinite(as_number(values[0]))
    except MeaningError:
        return False


def _is_whole_number(values: Arguments) -> Value | None:
    return _is_number(values) is True and values[0] is not None and as_number(values[0]).is_integer()


def _never(values: Arguments) -> Value | None:
    """A missing code never reaches an expression: it is missing there."""
    return False


def _listed(*functions: Function) -> dict[str, Function]:
    return {function.name: function for function in functions}


FUNCTIONS = _listed(
    Function("if", 3, 3, Kind.UNKNOWN, _choose),
    Function("datediff", 3, 5, Kind.NUMBER, days_between),
    Function("sum", 1, ANY_NUMBER, Kind.NUMBER, _over_present(exact.total)),
    Function("min", 1, ANY_NUMBER, Kind.NUMBER, _over_present(min)),
    Function("max", 1, ANY_NUMBER, Kind.NUMBER, _over_present(max)),
    Function("mean", 1, ANY_NUMBER, Kind.NUMBER, _over_present(exact.mean)),
    Function("median", 1, ANY_NUMBER, Kind.NUMBER, _over_present(exact.median)),
    Function("stdev", 1, ANY_NUMBER, Kind.NUMBER, _over_present(exact.deviation, fewest=2)),
    Function("round", 1, 2, Kind.NUMBER, _rounded(ROUND_HALF_UP)),
    Function("roundup", 1, 2, Kind.NUMBER, _rounded(ROUND_CEILING)),
    Function("rounddown", 1, 2, Kind.NUMBER, _rounded(ROUND_FLOOR)),
    Function("abs", 1, 1, Kind.NUMBER, _of_number(abs)),
    Function("sqrt", 1, 1, Kind.NUMBER, _of_number(_root)),
    Function("log", 1, 2, Kind.NUMBER, _logarithm),
    Function("mod", 2, 2, Kind.NUMBER, _remainder),
    Function("calcdate", 3, 3, Kind.UNKNOWN, day_after),
    Function("year", 1, 1, Kind.NUMBER, part_of_date("year")),
    Function("month", 1, 1, Kind.NUMBER, part_of_date("month")),
    Function("day", 1, 1, Kind.NUMBER, part_of_date("day")),
    Function("contains", 2, 2, Kind.LOGICAL, search(lambda text, sought: sought in text)),
    Function("not_contain", 2, 2, Kind.LOGICAL, search(lambda text, sought: sought not in text)),
    Function("starts_with", 2, 2, Kind.LOGICAL, search(str.startswith)),
    Function("ends_with", 2, 2, Kind.LOGICAL, search(str.endswith)),
    Function("find", 2, 2, Kind.NUMBER, place_of),
    Function("length", 1, 1, Kind.NUMBER, of_text(lambda text: float(len(text)))),
    Function("left", 2, 2, Kind.UNKNOWN, cut(left)),
    Function("right", 2, 2, Kind.UNKNOWN, cut(right)),
    Function("mid", 3, 3, Kind.UNKNOWN, cut(middle)),
    Function("upper", 1, 1, Kind.UNKNOWN, of_text(str.upper)),
    Function("lower", 1, 1, Kind.UNKNOWN, of_text(str.lower)),
    Function("trim", 1, 1, Kind.UNKNOWN, of_text(str.strip)),
    Function("replace_text", 3, 3, Kind.UNKNOWN, replaced),
    Function("concat", 1, ANY_NUMBER, Kind.UNKNOWN, joined),
    Function("concat_ws", 2, ANY_NUMBER, Kind.UNKNOWN, joined_with),
    Function("isinteger", 1, 1, Kind.LOGICAL, _is_whole_number),
    Function("isblanknotmissingcode", 1, 1, Kind.LOGICAL, _missing),
    Function("ismissingcode", 1, 1, Kind.LOGICAL, _never),
    Function("isnumber", 1, 1, Kind.LOGICAL, _is_number),
    Function("is_missing", 1, 1, Kind.LOGICAL, _missing),
    Function("isblankormissingcode", 1, 1, Kind.LOGICAL, _missing),
)
