"""Newcombe's hybrid score interval of a risk difference, in one table and stratified.

References: Newcombe (1998), Statistics in Medicine 17:873-890, method 10; Yan & Su (2010), Statistics in
Biopharmaceutical Research 2:323-332, equations 4 and 5, here with Mantel-Haenszel weights.
"""

from __future__ import annotations

import math

import numpy as np

from trialkit.stats.binary.score_intervals import mantel_haenszel_weights
from trialkit.stats.binary.strata_tables import StrataTables
from trialkit.stats.binary.wilson import wilson_interval
from trialkit.stats.distributions import FloatArray


def newcombe_limits(tables: StrataTables, estimate: float, z: float) -> tuple[float, float]:
    """Limits of the weighted difference; with one stratum those of Newcombe's method 10."""
    weights = mantel_haenszel_weights(tables)
    low1, high1 = stratified_wilson(tables.x1, tables.n1, weights, z)
    low0, high0 = stratified_wilson(tables.x0, tables.n0, weights, z)
    share1 = float((weights**2 / tables.n1).sum())
    share0 = float((weights**2 / tables.n0).sum())
    down = math.sqrt(share1 * low1 * (1 - low1) + share0 * high0 * (1 - high0))
    up = math.sqrt(share1 * high1 * (1 - high1) + share0 * low0 * (1 - low0))
    return max(-1.0, estimate - z * down), min(1.0, estimate + z * up)


def stratified_wilson(
    events: FloatArray, n: FloatArray, weights: FloatArray, z: float
) -> tuple[float, float]:
    """Limits of a weighted proportion: Wilson limits of the strata, at a quantile shrunk so that their
    weighted sum has the level asked for.

    Where every stratum has all events or none, its variance is taken as 1 / n.
    """
    p = events / n
    variance = p * (1 - p) / n
    if not variance.any():
        variance = 1.0 / n
    shrunk = z * math.sqrt(float((weights**2 * variance).sum())) / float((weights * np.sqrt(variance)).sum())
    limits = np.array([wilson_interval(int(x), int(size), shrunk) for x, size in zip(events, n, strict=True)])
    lower, upper = weights @ limits
    return float(max(lower, 0.0)), float(min(upper, 1.0))
