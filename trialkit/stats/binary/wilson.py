"""Wilson's score interval of one proportion."""

from __future__ import annotations

import math


def wilson_interval(events: int, n: int, z: float) -> tuple[float, float]:
    """Lower and upper limit; ``z`` is the normal quantile of the level. NaN where ``n`` is 0.

    References: Wilson (1927), Journal of the American Statistical Association 22:209-212.
    """
    if n == 0:
        return math.nan, math.nan
    proportion = events / n
    centre = (events + z * z / 2) / (n + z * z)
    half = z / (n + z * z) * math.sqrt(events * (1 - proportion) + z * z / 4)
    # At 0 and n the limit is exact; rounding must not put it a hair beyond.
    return (0.0 if events == 0 else centre - half), (1.0 if events == n else centre + half)
