"""Between which numbers a key of a definition may lie: every number that study.toml or a plan states.

A reader hands one of these to ``Section.number`` and its brothers; what lies outside is a fault with its
line. ``tests/test_permitted.py`` refuses a number that is read without one.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

from trialkit.wording import said


@dataclass(frozen=True)
class Within:
    """From ``low`` to ``high``, both included but where ``open_low`` or ``open_high`` says otherwise; of some
    numbers these ``only``."""

    low: float = -inf
    high: float = inf
    open_low: bool = False
    open_high: bool = False
    only: tuple[int, ...] = ()

    def __contains__(self, value: float) -> bool:
        if self.only:
            return value in self.only
        above = value > self.low if self.open_low else value >= self.low
        return above and (value < self.high if self.open_high else value <= self.high)

    @property
    def inside(self) -> float:
        """A number within, to stand in for one that is not."""
        if self.only:
            return self.only[0]
        if self.low == -inf:
            return min(0.0, self.high)
        if not self.open_low:
            return self.low
        return self.low + (1.0 if self.high == inf else (self.high - self.low) / 2)

    @property
    def words(self) -> str:
        if self.only:
            return said("{first} or {second}", first=self.only[0], second=self.only[-1])
        low, high = _plain(self.low), _plain(self.high)
        if self.low == -inf and self.high == inf:
            return said("a number")
        if self.high == inf:
            return said("a number above {low}", low=low) if self.open_low else said("{low} or more", low=low)
        if self.open_low and self.open_high:
            return said("a number between {low} and {high}", low=low, high=high)
        if self.open_low:
            return said("a number above {low}, up to {high}", low=low, high=high)
        if self.open_high:
            return said("a number from {low} to below {high}", low=low, high=high)
        return said("a number from {low} to {high}", low=low, high=high)


def _plain(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else f"{value:g}"


ANY = Within()
"""A number on the scale of a measurement, whose zero and sign are its own."""
ABOVE_0 = Within(0, open_low=True)
FROM_0 = Within(0)
FROM_1 = Within(1)
FROM_2 = Within(2)

LONGEST = 100 * 366
DAY = Within(-LONGEST, LONGEST)
"""A day from an anchor; it may lie before it."""
DAY_OF_FOLLOW_UP = Within(0, LONGEST)
DAYS = Within(1, LONGEST)
WEEKS = Within(1, LONGEST // 7)
HOURS = Within(1, 24 * 366)
AGE = Within(0, 150)

ALPHA = Within(1e-6, 0.2)
"""A significance level as a proportion; below the least of these no trial decides."""
ALPHA_OF_DESIGN = Within(0, 0.5, open_low=True, open_high=True)
CONFIDENCE = Within(0.5, 1, open_high=True)
POWER = Within(0, 1, open_low=True, open_high=True)
P_VALUE = Within(0, 1)
ATTRITION = Within(0, 1, open_high=True)
SIDES = Within(only=(1, 2))
SIGN = Within(only=(-1, 1))
RATIO = Within(1, 100)
SUBJECTS = Within(1, 10_000_000)
PLANNED = Within(0, 10_000_000)
"""What a site is to recruit: it may have closed before anybody came."""
IMPUTATIONS = Within(2, 1000)
RESAMPLES = Within(100, 100_000)
SEED = Within(0)
