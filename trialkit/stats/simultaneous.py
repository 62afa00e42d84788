"""Several contrasts judged at once: p values and intervals whose level holds for all of them together.

*Tukey*: all pairs of k means, by the studentized range (Tukey-Kramer where sizes differ). *Dunnett*: each
mean against one reference, by the largest of several correlated t, whatever their correlation; the integral
over the multivariate normal is Genz's chain of conditional ones, on Gauss-Legendre nodes, and over the common
variance on quantiles of chi.

References: Tukey (1953) and Kramer (1956), Biometrics 12:307-310; Dunnett (1955), Journal of the American
Statistical Association 50:1096-1121; Genz (1992), Journal of Computational and Graphical Statistics
1:141-149.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Literal

import numpy as np
from scipy.special import chdtri, gammaln, ndtr, ndtri

from trialkit.stats.distributions import FloatArray, t_quantile, t_two_sided_p
from trialkit.stats.errors import DataError
from trialkit.wording import said

Adjustment = Literal["tukey", "dunnett", "none"]
MOST_AGAINST_ONE = 5
_NODES = {1: 160, 2: 64, 3: 28, 4: 18}
_VARIANCE_NODES = 64
_CUT = 1e-14
"""Share of the distribution of the estimated variance left out at either end."""
_TINY = 1e-300


def tukey(
    statistic: FloatArray, df: FloatArray, groups: int, confidence_level: float
) -> tuple[FloatArray, FloatArray]:
    """Adjusted p values of differences of means, and the multiple of the standard error of each interval."""
    from scipy.stats import studentized_range

    root = math.sqrt(2.0)
    p = [float(studentized_range.sf(root * abs(t), groups, nu)) for t, nu in zip(statistic, df, strict=True)]
    wanted = {float(nu): _range_quantile(confidence_level, groups, float(nu)) / root for nu in np.unique(df)}
    return np.clip(p, 0.0, 1.0), np.array([wanted[float(nu)] for nu in df])


@lru_cache(maxsize=256)
def _range_quantile(probability: float, groups: int, df: float) -> float:
    """Of the studentized range: a tenth of a second, and the same in every trial of a simulation."""
    from scipy.stats import studentized_range

    return float(studentized_range.ppf(probability, groups, df))


def dunnett(
    statistic: FloatArray, df: FloatArray, correlation: FloatArray, confidence_level: float
) -> tuple[FloatArray, FloatArray]:
    """The same for differences from one reference with the given correlation; ``df`` is one for all of them.

    Raises
    ------
    DataError
        More than five differences.
    """
    count = len(statistic)
    if count > MOST_AGAINST_ONE:
        raise DataError(
            expected=said("at most {most} levels beside the reference", most=MOST_AGAINST_ONE),
            found=str(count),
            next_step="Ask for adjust='none' and adjust the p values by Holm's method.",
        )
    if count == 1:
        tail = (1.0 - confidence_level) / 2.0
        return t_two_sided_p(statistic, df), t_quantile(tail, df)
    from scipy.optimize import brentq

    nu = float(df.min())
    root = np.asarray(np.linalg.cholesky(correlation), dtype=float)
    p = [max(1.0 - _within(abs(float(t)), nu, root), 0.0) for t in statistic]
    low = float(t_quantile((1.0 - confidence_level) / 2.0, np.array(nu)))
    high = float(t_quantile((1.0 - confidence_level) / 2.0 / count, np.array(nu))) + 1e-9
    multiple = brentq(lambda at: _within(at, nu, root) - confidence_level, low, high, xtol=1e-10)
    return np.array(p), np.full(count, float(multiple))


def _within(limit: float, df: float, root: FloatArray) -> float:
    """P(all |T| < limit) of correlated t with a common estimate of variance."""
    if not np.isfinite(df):
        return float(_normal_box(np.array([limit]), root)[0])
    nodes, weights = _legendre(_VARIANCE_NODES)
    low, high = (math.sqrt(float(chdtri(df, tail)) / df) for tail in (1.0 - _CUT, _CUT))
    scale = low + (high - low) * nodes
    log_density = math.log(2.0) + 0.5 * df * math.log(df / 2.0) - float(gammaln(df / 2.0))
    density = np.exp(log_density + (df - 1.0) * np.log(scale) - 0.5 * df * scale**2)
    mass = weights * density
    return float(mass @ _normal_box(limit * scale, root) / mass.sum())


def _normal_box(limits: FloatArray, root: FloatArray) -> FloatArray:
    """P(all |Z| < limit) of normals with covariance root root', one for each limit."""
    size = len(root)
    nodes, weights = _legendre(_NODES[size - 1])
    grid = np.stack([axis.ravel() for axis in np.meshgrid(*[nodes] * (size - 1), indexing="ij")])
    mass = np.prod([axis.ravel() for axis in np.meshgrid(*[weights] * (size - 1), indexing="ij")], axis=0)
    return np.array([float(mass @ _box_at(limit, grid, root)) for limit in limits])


def _box_at(limit: float, grid: FloatArray, root: FloatArray) -> FloatArray:
    """Genz's integrand: the product of the conditional probabilities along one path of quantiles."""
    product = np.ones(grid.shape[1])
    drawn: list[FloatArray] = []
    for k in range(len(root)):
        centre = sum((root[k, j] * drawn[j] for j in range(k)), np.zeros(grid.shape[1]))
        low, high = ndtr((-limit - centre) / root[k, k]), ndtr((limit - centre) / root[k, k])
        product = product * (high - low)
        if k < len(root) - 1:
            drawn.append(ndtri(np.clip(low + grid[k] * (high - low), _TINY, 1.0 - 1e-16)))
    return product


@lru_cache(maxsize=8)
def _legendre(count: int) -> tuple[FloatArray, FloatArray]:
    """Nodes and weights on (0, 1)."""
    nodes, weights = np.polynomial.legendre.leggauss(count)
    return (nodes + 1.0) / 2.0, weights / 2.0
