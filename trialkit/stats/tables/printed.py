"""A printed number as the set of all values that round to it."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import Decimal

from trialkit.stats.errors import DataError
from trialkit.wording import said, written

_NUMBER = re.compile(r"([<>]?)\s*([+-]?(?:\d+\.?\d*|\.\d+))")
_SLACK = 1e-11
"""Relative widening of every box: binary rounding must not push out a value that lies on its edge."""


@dataclass(frozen=True)
class Box:
    """All values from ``lower`` to ``upper``; ``centre`` is the number as printed, NaN for "<0.001"."""

    text: str
    centre: float
    lower: float
    upper: float

    def meets(self, lower: float, upper: float) -> bool:
        """Whether some value of the box lies between ``lower`` and ``upper``."""
        return self.lower <= _widened(upper, 1) and self.upper >= _widened(lower, -1)

    @property
    def size(self) -> Box:
        """The box of the absolute values."""
        if self.lower >= 0:
            return self
        if self.upper <= 0:
            return Box(self.text, -self.centre, -self.upper, -self.lower)
        return Box(self.text, abs(self.centre), 0.0, max(-self.lower, self.upper))


def _widened(value: float, sign: int) -> float:
    return value + sign * _SLACK * abs(value) if math.isfinite(value) else value


def read_printed(text: str | int, what: str, *, smallest: float = -math.inf) -> Box:
    """The box of a printed number: half a unit of its last digit to either side, not below ``smallest``.

    Text, so that trailing zeros count ("8.50" is not "8.5"); a whole number may be an int. "<0.001" and
    ">0.05" are half-open.

    Raises
    ------
    DataError
        A float, or text that is not a number.
    """
    if isinstance(text, bool) or not isinstance(text, str | int):
        raise DataError(
            expected="the number as printed, as text: its decimals say how it was rounded",
            found=said("{text!r} of type {name}", text=text, name=type(text).__name__),
            where=what,
            next_step='Write "8.50" where 8.50 was printed.',
        )
    match = _NUMBER.fullmatch(str(text).strip().replace("\N{MINUS SIGN}", "-"))
    if match is None:
        raise DataError(expected="a printed number", found=written(text), where=what)
    sign, digits = match.groups()
    number = Decimal(digits)
    if sign:
        edge = float(number)
        lower, upper = (smallest, edge) if sign == "<" else (edge, math.inf)
        return Box(str(text), math.nan, lower, upper)
    exponent = number.as_tuple().exponent
    assert isinstance(exponent, int)
    half = Decimal(5).scaleb(exponent - 1)
    return Box(str(text), float(number), max(float(number - half), smallest), float(number + half))
