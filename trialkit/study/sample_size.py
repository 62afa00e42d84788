"""The arithmetic of a sample-size statement: two-sample t test, noncentral t distribution."""

from __future__ import annotations

import math

_LARGEST = 10_000_000


def power_of(
    difference: float, sd: float, n_test: int, n_reference: int, *, alpha: float = 0.025, sides: int = 1
) -> float:
    """Power of the two-sample t test.

    Parameters
    ----------
    difference, sd
        True difference in means and common standard deviation, in one unit; both positive.
    n_test, n_reference
        Subjects with an outcome in each arm, at least 2 each.
    alpha
        Significance level of the test as a whole; with two sides half of it is spent on each.
    sides
        1 or 2. With two sides the chance of a significant result in the wrong direction is not counted.

    Returns
    -------
    float

    Equivalent in R: ``power.t.test(n, delta, sd, sig.level, alternative, strict = FALSE)``.
    """
    from scipy.stats import nct, t

    df = n_test + n_reference - 2
    noncentrality = difference / sd / math.sqrt(1 / n_test + 1 / n_reference)
    return float(nct.sf(t.isf(alpha / sides, df), df, noncentrality))


def n_per_arm(
    difference: float, sd: float, power: float, *, alpha: float = 0.025, sides: int = 1
) -> int | None:
    """The fewest subjects an arm, two equal arms, that reach a power.

    Degenerate case: None where even ten million an arm would not do.
    """
    low, high = 1, 2
    while power_of(difference, sd, high, high, alpha=alpha, sides=sides) < power:
        low, high = high, high * 2
        if high > _LARGEST:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        reached = power_of(difference, sd, middle, middle, alpha=alpha, sides=sides) >= power
        low, high = (low, middle) if reached else (middle, high)
    return high


def detectable_difference(
    n_arm: int, sd: float, power: float, *, alpha: float = 0.025, sides: int = 1
) -> float:
    """The difference that ``n_arm`` subjects in each of two arms detect with a power, in the unit of "
    "``sd``."""
    from scipy.optimize import brentq

    def shortfall(difference: float) -> float:
        return power_of(difference, sd, n_arm, n_arm, alpha=alpha, sides=sides) - power

    upper = sd
    while shortfall(upper) < 0:
        upper *= 2
    return float(brentq(shortfall, 0.0, upper, xtol=1e-10 * sd))
