"""Where a falling function of one number is zero."""

from __future__ import annotations

import math
from collections.abc import Callable


def crossing_near(
    falling: Callable[[float], float],
    guess: float,
    near: float,
    low: float = -math.inf,
    high: float = math.inf,
) -> float:
    """The zero, looked for near ``guess`` first; an end that the function does not reach zero at, where it
    has none.

    ``near`` is how far off the guess may be; twice as far is tried until there is a change of sign. A bracket
    that is narrow from the start saves most of the calls of Brent's method.
    """
    from scipy.optimize import brentq

    guess = max(low, min(guess, high))
    lower, upper, reach = max(guess - near, low), min(guess + near, high), near
    while falling(lower) <= 0.0:
        if lower <= low:
            return low
        upper, reach = lower, 2.0 * reach
        lower = max(lower - reach, low)
    while falling(upper) >= 0.0:
        if upper >= high:
            return high
        lower, reach = upper, 2.0 * reach
        upper = min(upper + reach, high)

    def finite(value: float) -> float:
        return max(-1e6, min(1e6, falling(value)))

    return float(brentq(finite, lower, upper, xtol=1e-14, rtol=8.9e-16, maxiter=500))
