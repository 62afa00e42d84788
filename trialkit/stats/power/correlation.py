"""Power and sample size of the test that two measurements do not correlate."""

from __future__ import annotations

import math
from functools import lru_cache
from numbers import Real

import numpy as np

from trialkit.stats.distributions import FloatArray
from trialkit.stats.errors import DataError
from trialkit.stats.inference import check_numbers
from trialkit.stats.power.search import by_normal, check_test, fewest
from trialkit.wording import written

_NODES = 100
_BEYOND = 1e-13
"""Chance left out at either end of the chi-square distribution."""


def correlation_power(correlation: float, n: int, alpha: float = 0.025, sides: int = 1) -> float:
    """Power of the t test of Pearson's correlation against 0, for two normal measurements.

    Exact: given one measurement, t is noncentral with n - 2 df and noncentrality r / sqrt(1 - r^2) times the
    root of its sum of squares, which is chi-square with n - 1 df; the power is the mean over that
    distribution.

    Parameters
    ----------
    correlation
        True correlation, between -1 and 1 (its size counts).
    n
        Subjects with both measurements, at least 4.
    alpha, sides
        Level of the test as a whole; with two sides half of it is spent on each, and a significant result in
        the wrong direction is not counted. Of m correlations tested together, Bonferroni's is alpha / m.

    Returns
    -------
    float
        Between 0 and 1.

    Raises
    ------
    DataError
        A correlation outside (-1, 1), fewer than four subjects, alpha or sides that make no test.

    Equivalent in R: ``pwr::pwr.r.test(n, r, sig.level)``, which approximates by Fisher's z. In SAS: ``PROC
    POWER; ONECORR DIST=T MODEL=RANDOM``.

    References: Gatsonis & Sampson (1989), Psychological Bulletin 106:516-524.
    """
    from scipy.special import gammainccinv, gammaincinv, stdtrit
    from scipy.stats import nct

    check_numbers(correlation=correlation, n=n)
    tail = check_test(alpha, sides)
    if not -1 < correlation < 1:
        raise DataError(expected="a correlation between -1 and 1", found=written(correlation))
    if not 4 <= n < math.inf:
        raise DataError(expected="four subjects or more", found=written(n), where="n")
    critical = -float(stdtrit(n - 2, tail))
    half = (n - 1) / 2  # the sum of squares is twice a gamma variable of this shape
    low, high = (math.sqrt(2 * float(end(half, _BEYOND))) for end in (gammaincinv, gammainccinv))
    place, weight = _legendre()
    root = low + (place + 1) * (high - low) / 2
    log_density = (n - 2) * np.log(root) - root**2 / 2 - (half - 1) * math.log(2) - math.lgamma(half)
    density = np.exp(log_density) * weight * (high - low) / 2
    slope = abs(correlation) / math.sqrt(1 - correlation**2)
    return float((density * nct.sf(critical, n - 2, slope * root)).sum())


@lru_cache(maxsize=1)
def _legendre() -> tuple[FloatArray, FloatArray]:
    """Nodes and weights on (-1, 1)."""
    return np.polynomial.legendre.leggauss(_NODES)


def correlation_sample_size(correlation: float, power: float, alpha: float = 0.025, sides: int = 1) -> int:
    """The fewest subjects with whom a correlation is shown with a power.

    Parameters
    ----------
    correlation, alpha, sides
        As ``correlation_power``.
    power
        Wanted, between 0 and 1.

    Returns
    -------
    int

    Raises
    ------
    DataError
        As ``correlation_power``; also a power outside (0, 1), or more than ten million subjects needed.

    Equivalent in R: ``ceiling(pwr::pwr.r.test(r =, power =)$n)``, which approximates by Fisher's z.
    """
    is_one = isinstance(correlation, Real) and -1 < correlation < 1
    return fewest(
        lambda n: correlation_power(correlation, n, alpha, sides),
        power,
        least=4,
        near=by_normal(power, alpha, sides, abs(math.atanh(correlation)) if is_one else 0.0) + 1,
    )
