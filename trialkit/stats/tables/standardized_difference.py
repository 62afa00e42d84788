"""Standardized mean differences of two groups: how far apart they are, whatever their size.

References: Austin (2009), Statistics in Medicine 28:3083-3107; Yang & Dalton (2012), SAS Global Forum
335-2012.
"""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np

from trialkit.stats.distributions import FloatArray


def of_numbers(first: FloatArray, second: FloatArray) -> float:
    """Mean of the second minus the first, over the root of the mean of both variances.

    0 where neither varies and they are equal, inf where they are not.
    """
    difference = float(second.mean() - first.mean())
    spread = math.sqrt((float(first.var(ddof=1)) + float(second.var(ddof=1))) / 2)
    if spread == 0:
        return math.copysign(math.inf, difference) if difference else 0.0
    return difference / spread


def of_shares(first: FloatArray, second: FloatArray) -> float:
    """Mahalanobis distance of two sets of shares of the same levels, the first level left out; a size.

    With two levels it is the size of the difference of proportions over the root of the mean of p(1 - p).
    """
    mean_covariance = (_covariance(first) + _covariance(second)) / 2
    difference = (second - first)[1:]
    if not difference.any():
        return 0.0
    root = np.linalg.pinv(mean_covariance, hermitian=True)
    # A direction without variance in either group along which they differ: infinitely far apart.
    unexplained = difference - mean_covariance @ (root @ difference)
    if np.abs(unexplained).max() > 1e-9:
        return math.inf
    return math.sqrt(float(difference @ root @ difference))


def _covariance(shares: FloatArray) -> FloatArray:
    inner = shares[1:]
    return np.asarray(np.diag(inner) - np.outer(inner, inner))


def largest_pairwise(groups: list[FloatArray], *, shares: bool) -> float:
    """Of two groups their standardized difference; of more the largest of any two, as a size."""
    measure = of_shares if shares else of_numbers
    if len(groups) == 2:
        return measure(groups[0], groups[1])
    return max(abs(measure(a, b)) for a, b in combinations(groups, 2))
