"""Ranks from 1, those of equal numbers their mean."""

from __future__ import annotations

import numpy as np

from trialkit.stats.distributions import FloatArray


def midranks(values: FloatArray) -> FloatArray:
    """As R's ``rank``; scipy's ``rankdata`` takes five times as long for some hundred numbers."""
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    new = np.append(True, ordered[1:] != ordered[:-1])
    first = np.flatnonzero(new)
    middle = (first + np.append(first[1:], len(values)) + 1) / 2.0
    ranks = np.empty(len(values))
    ranks[order] = middle[np.cumsum(new) - 1]
    return ranks


def tie_correction(ranks: FloatArray) -> float:
    """1 - sum(t^3 - t) / (n^3 - n), the share of the variance of ranks that ties leave."""
    n = len(ranks)
    sizes = np.unique(ranks, return_counts=True)[1].astype(float)
    return 1.0 - float((sizes**3 - sizes).sum()) / (float(n) ** 3 - n)
