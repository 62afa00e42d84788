"""Miettinen and Nurminen's score statistic of a risk difference or ratio, and the interval it gives.

With strata, Mantel-Haenszel weights n1 n0 / n combine them. The variance is the one at the maximum likelihood
under the value asked about, times n / (n - 1).

References: Miettinen & Nurminen (1985), Statistics in Medicine 4:213-226, equations 8, 10 and appendix.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from trialkit.stats.binary.roots import crossing_near
from trialkit.stats.binary.strata_tables import StrataTables
from trialkit.stats.distributions import FloatArray

_CLOSE = 1e-13


def mantel_haenszel_weights(tables: StrataTables) -> FloatArray:
    """Weights n1 n0 / n, summing to one."""
    weights = tables.n1 * tables.n0 / tables.total
    return np.asarray(weights / weights.sum())


def difference_score(tables: StrataTables, difference: float) -> float:
    """The score statistic, about N(0, 1) if the risk difference is ``difference``."""
    return _difference_scores(tables)(difference)


def _difference_scores(tables: StrataTables) -> Callable[[float], float]:
    """The statistic as a function of the difference, asked many times on the way to a limit.

    A table after another in plain numbers: of the few strata there are, each costs less than an array does.
    """
    columns = (tables.x1, tables.n1, tables.x0, tables.n0, mantel_haenszel_weights(tables))
    strata = list(zip(*(column.tolist() for column in columns), strict=True))

    def score(difference: float) -> float:
        numerator = variance = 0.0
        for x1, n1, x0, n0, weight in strata:
            r1, r0 = _restricted(x1, n1, x0, n0, difference)
            n = n1 + n0
            spread = (r1 * (1.0 - r1) / n1 + r0 * (1.0 - r0) / n0) * n / (n - 1.0)
            numerator += weight * (x1 / n1 - x0 / n0 - difference)
            variance += weight * weight * spread
        return _over(numerator, variance)

    return score


def _restricted(x1: float, n1: float, x0: float, n0: float, d: float) -> tuple[float, float]:
    """Risks of both groups at the maximum likelihood with difference ``d``: the root of a cubic."""
    n, events = n1 + n0, x1 + x0
    l2 = (n1 + 2.0 * n0) * d - n - events
    l1 = (n0 * d - n - 2.0 * x0) * d + events
    l0 = x0 * d * (1.0 - d)
    c = (l2 / (3.0 * n)) ** 3 - l1 * l2 / (6.0 * n**2) + l0 / (2.0 * n)
    b = math.copysign(math.sqrt(max((l2 / (3.0 * n)) ** 2 - l1 / (3.0 * n), 0.0)), c)
    cosine = c / b**3 if abs(b) > 1e-100 else 1.0
    angle = (math.pi + math.acos(max(-1.0, min(cosine, 1.0)))) / 3.0
    r0 = 2.0 * b * math.cos(angle) - l2 / (3.0 * n)
    r0 = max(0.0, -d, min(r0, 1.0, 1.0 - d))
    return max(0.0, min(r0 + d, 1.0)), r0


def ratio_score(tables: StrataTables, ratio: float) -> float:
    """The score statistic, about N(0, 1) if the risk ratio is ``ratio``."""
    return _ratio_scores(tables)(ratio)


def _ratio_scores(tables: StrataTables) -> Callable[[float], float]:
    """The statistic as a function of the ratio, in plain numbers as that of the difference."""
    columns = (tables.x1, tables.n1, tables.x0, tables.n0, mantel_haenszel_weights(tables))
    strata = list(zip(*(column.tolist() for column in columns), strict=True))

    def score(ratio: float) -> float:
        numerator = variance = 0.0
        for x1, n1, x0, n0, weight in strata:
            r1, r0 = _restricted_by_ratio(x1, n1, x0, n0, ratio)
            n = n1 + n0
            spread = (r1 * (1.0 - r1) / n1 + ratio * ratio * r0 * (1.0 - r0) / n0) * (n / (n - 1.0))
            numerator += weight * (x1 / n1 - ratio * (x0 / n0))
            variance += weight * weight * spread
        return _over(numerator, variance)

    return score


def _variance(tables: StrataTables, r1: FloatArray, r0: FloatArray, factor: float) -> FloatArray:
    inflation = tables.total / (tables.total - 1)
    return np.asarray((r1 * (1 - r1) / tables.n1 + factor * r0 * (1 - r0) / tables.n0) * inflation)


def _over(numerator: float, variance: float) -> float:
    error = math.sqrt(max(variance, 0.0))
    if error > 1e-150:
        return numerator / error
    return math.copysign(math.inf, numerator) if abs(numerator) > _CLOSE else 0.0


def _restricted_by_ratio(x1: float, n1: float, x0: float, n0: float, ratio: float) -> tuple[float, float]:
    """Risks of both groups at the maximum likelihood with ratio ``ratio``: a quadratic's smaller root."""
    events = x1 + x0
    b = -(ratio * (n1 + x0) + x1 + n0)
    # The root written without cancellation: c over q, q = (-b + sqrt(disc)) / 2.
    discriminant = math.sqrt(max(b * b - 4.0 * (n1 + n0) * ratio * events, 0.0))
    r0 = max(0.0, min(2.0 * events / (-b + discriminant), min(1.0, 1.0 / ratio)))
    return max(0.0, min(ratio * r0, 1.0)), r0


def difference_limits(tables: StrataTables, estimate: float, z: float) -> tuple[float, float]:
    """All differences whose score statistic is between -z and z."""
    p1, p0 = (tables.x1 + 0.5) / (tables.n1 + 1.0), (tables.x0 + 0.5) / (tables.n0 + 1.0)
    spread = (mantel_haenszel_weights(tables) ** 2 * _variance(tables, p1, p0, 1.0)).sum()
    half, near = z * math.sqrt(float(spread)), 0.1 * z * math.sqrt(float(spread))
    score = _difference_scores(tables)
    lower = crossing_near(lambda d: score(d) - z, estimate - half, near, -1.0, estimate)
    upper = crossing_near(lambda d: score(d) + z, estimate + half, near, estimate, 1.0)
    return lower, upper


def ratio_limits(tables: StrataTables, z: float) -> tuple[float, float]:
    """All ratios whose score statistic is between -z and z; 0 and inf where one group has no events."""
    if not tables.x1.any() and not tables.x0.any():
        return 0.0, math.inf
    lower = 0.0 if not tables.x1.any() else math.exp(_log_crossing(tables, z))
    upper = math.inf if not tables.x0.any() else math.exp(_log_crossing(tables, -z))
    return lower, upper


def _log_crossing(tables: StrataTables, target: float) -> float:
    x1, n1, x0, n0 = (float(v.sum()) + 0.5 for v in (tables.x1, tables.n1, tables.x0, tables.n0))
    error = math.sqrt(max(1 / x1 - 1 / n1 + 1 / x0 - 1 / n0, 1 / n1 + 1 / n0))
    guess = math.log(x1 / n1) - math.log(x0 / n0) - target * error
    score = _ratio_scores(tables)
    return crossing_near(lambda log: score(math.exp(log)) - target, guess, 0.2 * error, -60.0, 60.0)
