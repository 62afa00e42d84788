"""Two groups given both margins of their table: Fisher's test, the odds ratio, its exact interval.

scipy has the same and takes seconds for some ten thousand subjects, since it asks for one chance at a time.

References: Fisher (1935), Journal of the Royal Statistical Society 98:39-54; Cornfield (1956), Proceedings of
the Third Berkeley Symposium 4:135-148.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln

from trialkit.stats.binary.roots import crossing_near
from trialkit.stats.distributions import Alternative, FloatArray, normal_quantile

_TIE = 1e-7
"""Tables as probable up to this share count as equally probable: R's fisher.test."""


@dataclass(frozen=True)
class GivenMargins:
    """The numbers of events ``support`` that the test group can have, and the logarithm of their ways."""

    x1: int
    support: npt.NDArray[np.int_]
    log_ways: FloatArray

    @classmethod
    def of(cls, x1: int, n1: int, x0: int, n0: int) -> GivenMargins:
        events = x1 + x0
        support = np.arange(max(0, events - n0), min(n1, events) + 1)
        cells = np.array([support, n1 - support, events - support, n0 - events + support])
        return cls(x1, support, -gammaln(cells + 1.0).sum(axis=0))

    @property
    def place(self) -> int:
        return self.x1 - int(self.support[0])

    def chances(self, log_odds: float) -> FloatArray:
        size = self.log_ways + log_odds * self.support
        chance = np.exp(size - size.max())
        return np.asarray(chance / chance.sum())


def fisher_p_value(given: GivenMargins, alternative: Alternative) -> float:
    """P of tables as improbable as this one, or as far to the side of the alternative."""
    chances = given.chances(0.0)
    if alternative == "two-sided":
        as_extreme = chances <= chances[given.place] * (1.0 + _TIE)
        return min(1.0, float(chances[as_extreme].sum()))
    side = chances[: given.place + 1] if alternative == "less" else chances[given.place :]
    return min(1.0, float(side.sum()))


def conditional_odds_ratio(given: GivenMargins, confidence_level: float) -> tuple[float, float, float]:
    """Estimate and two-sided limits; NaN from 0 to infinity where the margins leave one table only."""
    place, last = given.place, len(given.support) - 1
    if last == 0:
        return math.nan, 0.0, math.inf
    tail, z = (1.0 - confidence_level) / 2.0, normal_quantile(confidence_level)
    estimate, error = _estimate(given)

    def limit(excess: Callable[[float], float], guess: float) -> float:
        return math.exp(crossing_near(excess, guess, 0.2 * error))

    lower = upper = math.nan
    if place > 0:
        lower = limit(lambda at: tail - float(given.chances(at)[place:].sum()), estimate - z * error)
    if place < last:
        upper = limit(lambda at: float(given.chances(at)[: place + 1].sum()) - tail, estimate + z * error)
    if place == 0:
        return 0.0, 0.0, upper
    if place == last:
        return math.inf, lower, math.inf
    return math.exp(estimate), lower, upper


def _estimate(given: GivenMargins) -> tuple[float, float]:
    """The most likely log odds ratio by Newton's method, and its error; at an end, those a half inside it."""
    support, x1 = given.support, float(given.x1)
    target = min(max(x1, support[0] + 0.5), support[-1] - 0.5)
    log_odds, step = 0.0, math.inf
    for _ in range(100):
        chances = given.chances(log_odds)
        mean = float(chances @ support)
        variance = float(chances @ (support - mean) ** 2)
        if abs(step) <= 1e-14 * max(1.0, abs(log_odds)):
            break
        step = max(-2.0, min(2.0, (target - mean) / max(variance, 1e-12)))
        log_odds += step
    return log_odds, 1.0 / math.sqrt(max(variance, 1e-12))
