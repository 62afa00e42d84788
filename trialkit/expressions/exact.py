"""Counting on numbers as they are written: 0.1 + 0.2 is 0.3, as on paper.

A float is read as the decimal it is shown as (its shortest digits), the count is made in whole numbers, and
only its end is a float again. Binary steps in between would leave 12.500000000000002 hours where somebody
typed half past, and a rule that asks ``> 12.5`` would then ask the wrong person. ``web/static/ratio.js``
does the same, digit for digit.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from operator import add, mul, sub, truediv

_WIDEST = 4096
"""Bits of a ratio's ends; beyond them a chain of steps would cost more than it can be worth."""
_STEPS = {"+": add, "-": sub, "*": mul, "/": truediv, "^": math.pow}


def exact(number: float) -> Fraction:
    """A finite number as the decimal it is written as."""
    return Fraction(int(number)) if number.is_integer() and abs(number) < 1e15 else Fraction(repr(number))


def nearest(ratio: Fraction) -> float | None:
    """The float nearest to a ratio, halves to the even one; None where it is too large to hold."""
    try:
        return ratio.numerator / ratio.denominator
    except OverflowError:
        return None


def apply(operator: str, left: Fraction | float, right: Fraction | float) -> Fraction | float | None:
    """One step of a count; None where it has no answer or one too large to hold.

    ``+ - * /`` and whole powers are exact. A root is as the machine's floating point has it, and so is
    whatever holds a number beyond all numbers (``1e999``).
    """
    if not (isinstance(left, Fraction) and isinstance(right, Fraction)):
        return _floating(operator, float(left), float(right))
    try:
        if operator == "^":
            return _power(left, right)
        step = {
            "+": Fraction.__add__,
            "-": Fraction.__sub__,
            "*": Fraction.__mul__,
            "/": Fraction.__truediv__,
        }
        return _narrow(step[operator](left, right))
    except ZeroDivisionError:
        return None


def _power(base: Fraction, exponent: Fraction) -> Fraction | float | None:
    if exponent.denominator == 1 and abs(exponent) * _bits(base) <= _WIDEST:
        return Fraction(base ** int(exponent))
    ends = nearest(base), nearest(exponent)
    return None if ends[0] is None or ends[1] is None else _floating("^", ends[0], ends[1])


def _floating(operator: str, left: float, right: float) -> Fraction | float | None:
    try:
        result = float(_STEPS[operator](left, right))
    except (ZeroDivisionError, OverflowError, ValueError):
        return None
    return exact(result) if math.isfinite(result) else None


def _narrow(ratio: Fraction) -> Fraction | None:
    if _bits(ratio) <= _WIDEST:
        return ratio
    rounded = nearest(ratio)
    return None if rounded is None else exact(rounded)


def _bits(ratio: Fraction) -> int:
    return max(ratio.numerator.bit_length(), ratio.denominator.bit_length())


def total(numbers: Sequence[float]) -> float | None:
    return nearest(sum(map(exact, numbers), Fraction(0)))


def mean(numbers: Sequence[float]) -> float | None:
    return nearest(_mean([exact(number) for number in numbers]))


def median(numbers: Sequence[float]) -> float | None:
    order = sorted(numbers)
    half = len(order) // 2
    return order[half] if len(order) % 2 else mean(order[half - 1 : half + 1])


def deviation(numbers: Sequence[float]) -> float | None:
    """The standard deviation of a sample, of at least two numbers."""
    given = [exact(number) for number in numbers]
    centre = _mean(given)
    variance = nearest(sum(((each - centre) ** 2 for each in given), Fraction(0)) / (len(given) - 1))
    return None if variance is None else math.sqrt(variance)


def _mean(given: Sequence[Fraction]) -> Fraction:
    return sum(given, Fraction(0)) / len(given)


def remainder(number: float, by: float) -> float | None:
    """What is left of ``number``, with its sign, after whole ``by``s; ``by`` is not 0."""
    if not math.isfinite(by):
        return number
    whole = int(exact(number) / exact(by))
    return nearest(exact(number) - whole * exact(by))


def logarithm(number: float, base: float) -> float:
    """Whole where ``number`` is a whole power of ``base``: the thousand has 3 to the base 10."""
    found = math.log(number) / math.log(base)
    if not (math.isfinite(number) and math.isfinite(base)) or abs(found) > 64:
        return found
    whole = round(found)
    return float(whole) if exact(base) ** whole == exact(number) else found
