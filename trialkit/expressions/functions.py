"""The functions an expression may call: a closed list, each with the values it takes and yields."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal

from trialkit.expressions.tree import Kind, Value
from trialkit.expressions.values import MeaningError, as_date, as_number, as_truth, is_empty

Arguments = Sequence[Value | None]
Compute = Callable[[Arguments], Value | None]
# REDCap's own lengths of a year and a month, in days.
_DAYS = {"y": 365.2425, "M": 30.44, "d": 1.0, "h": 1 / 24, "m": 1 / 1440, "s": 1 / 86400}
_ANY_NUMBER = 10_000
_WIDE = Context(prec=400)  # every digit of the largest number


@dataclass(frozen=True, slots=True)
class Function:
    name: str
    fewest: int
    most: int
    kind: Kind
    compute: Compute

    @property
    def arity(self) -> str:
        if self.fewest == self.most:
            return f"{self.fewest} argument{'s' if self.fewest != 1 else ''}"
        return (
            f"{self.fewest} to {self.most} arguments"
            if self.most < _ANY_NUMBER
            else f"at least {self.fewest} argument{'s' if self.fewest != 1 else ''}"
        )


def _present(values: Arguments) -> list[float]:
    return [as_number(value) for value in values if value is not None and not is_empty(value)]


def _over_present(summary: Callable[[list[float]], float], fewest: int = 1) -> Compute:
    """As in REDCap, a missing argument is passed over; with too few left the result is missing."""

    def compute(values: Arguments) -> Value | None:
        present = _present(values)
        return _finite(summary, present) if len(present) >= fewest else None

    return compute


def _finite(summary: Callable[[list[float]], float], present: list[float]) -> float | None:
    """The summary; missing where it lies beyond what a number can hold, as for + and *."""
    if not all(map(math.isfinite, present)):
        return None
    try:
        result = float(summary(present))
    except (OverflowError, ValueError):
        return None
    return result if math.isfinite(result) else None


def _mean(values: list[float]) -> float:
    return math.fsum(values) / len(values)


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
            raise MeaningError("a whole number of decimal places")
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
        raise MeaningError("a number that is not negative")
    return math.sqrt(value)


def _days_between(values: Arguments) -> Value | None:
    """``datediff(first, second, unit, [format], [signed])``: absolute unless signed is true."""
    first, second, unit, *rest = values
    if first is None or second is None or is_empty(first) or is_empty(second):
        return None
    if unit not in _DAYS:
        raise MeaningError(f"a unit of time ({', '.join(_DAYS)})")
    signed = False
    for option in rest:
        if option in ("ymd", "mdy", "dmy"):  # REDCap's older fourth argument; dates are stored one way here
            continue
        signed = as_truth(option) is True
    days = (as_date(second) - as_date(first)).days
    length = days / _DAYS[str(unit)]
    return length if signed else abs(length)


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


def _listed(*functions: Function) -> dict[str, Function]:
    return {function.name: function for function in functions}


FUNCTIONS = _listed(
    Function("if", 3, 3, Kind.UNKNOWN, _choose),
    Function("datediff", 3, 5, Kind.NUMBER, _days_between),
    Function("sum", 1, _ANY_NUMBER, Kind.NUMBER, _over_present(math.fsum)),
    Function("min", 1, _ANY_NUMBER, Kind.NUMBER, _over_present(min)),
    Function("max", 1, _ANY_NUMBER, Kind.NUMBER, _over_present(max)),
    Function("mean", 1, _ANY_NUMBER, Kind.NUMBER, _over_present(_mean)),
    Function("median", 1, _ANY_NUMBER, Kind.NUMBER, _over_present(statistics.median)),
    Function("stdev", 1, _ANY_NUMBER, Kind.NUMBER, _over_present(statistics.stdev, fewest=2)),
    Function("round", 1, 2, Kind.NUMBER, _rounded(ROUND_HALF_UP)),
    Function("roundup", 1, 2, Kind.NUMBER, _rounded(ROUND_CEILING)),
    Function("rounddown", 1, 2, Kind.NUMBER, _rounded(ROUND_FLOOR)),
    Function("abs", 1, 1, Kind.NUMBER, _of_number(abs)),
    Function("sqrt", 1, 1, Kind.NUMBER, _of_number(_root)),
    Function("isnumber", 1, 1, Kind.LOGICAL, _is_number),
    Function("is_missing", 1, 1, Kind.LOGICAL, _missing),
    Function("isblankormissingcode", 1, 1, Kind.LOGICAL, _missing),
)
