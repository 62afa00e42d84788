"""Power and sample size of the paired t test: matched cases and controls, or a change within subjects."""

from __future__ import annotations

import math
from numbers import Real

from trialkit.stats.errors import DataError
from trialkit.stats.inference import check_numbers
from trialkit.stats.power.search import by_normal, check_test, fewest
from trialkit.wording import said, written


def paired_t_power(difference: float, sd: float, pairs: int, alpha: float = 0.025, sides: int = 1) -> float:
    """Power of the paired t test.

    Parameters
    ----------
    difference
        True mean of the differences within pairs (its size counts).
    sd
        Standard deviation of these differences, in the same unit: s sqrt(2 (1 - r)) where both members have
        SD s and correlate by r.
    pairs
        Complete pairs, at least 2.
    alpha, sides
        Level of the test as a whole; with two sides half of it is spent on each, and a significant result in
        the wrong direction is not counted.

    Returns
    -------
    float
        Between 0 and 1.

    Raises
    ------
    DataError
        An SD that is not positive, fewer than two pairs, alpha or sides that make no test.

    Equivalent in R: ``power.t.test(n, delta, sd, sig.level, type = "paired", alternative =)``. In SAS: ``PROC
    POWER; PAIREDMEANS TEST=DIFF``.

    References: Cohen (1988), Statistical Power Analysis, chapter 2; the noncentral t distribution is exact.
    """
    from scipy.special import stdtrit
    from scipy.stats import nct

    check_numbers(difference=difference, sd=sd, pairs=pairs)
    tail = check_test(alpha, sides)
    if not 2 <= pairs < math.inf:
        raise DataError(expected="two pairs or more", found=written(pairs), where="pairs")
    if not sd > 0 or not math.isfinite(difference):
        raise DataError(
            expected="a positive SD and a finite difference",
            found=said("{sd!r} and {difference!r}", sd=sd, difference=difference),
        )
    critical = -float(stdtrit(pairs - 1, tail))
    return float(nct.sf(critical, pairs - 1, abs(difference) / sd * math.sqrt(pairs)))


def paired_t_sample_size(
    difference: float, sd: float, power: float, alpha: float = 0.025, sides: int = 1
) -> int:
    """The fewest complete pairs with which the paired t test reaches a power.

    Parameters
    ----------
    difference, sd, alpha, sides
        As ``paired_t_power``.
    power
        Wanted, between 0 and 1.

    Returns
    -------
    int

    Raises
    ------
    DataError
        As ``paired_t_power``; also a power outside (0, 1), or more than ten million pairs needed.

    Equivalent in R: ``ceiling(power.t.test(power =, delta =, sd =, type = "paired")$n)``.
    """
    effect = abs(difference) / sd if isinstance(difference, Real) and isinstance(sd, Real) and sd > 0 else 0.0
    return fewest(
        lambda pairs: paired_t_power(difference, sd, pairs, alpha, sides),
        power,
        least=2,
        near=by_normal(power, alpha, sides, effect),
    )
