"""Percentile bootstrap of a ROC curve: area, Youden's cutoff, and sensitivity and specificity at it."""

from __future__ import annotations

import numpy as np

from trialkit.stats.diagnostic.cutoffs import cutoffs_of_counts
from trialkit.stats.distributions import FloatArray

MEASURES = ("auc", "cutoff", "sensitivity", "specificity")


def percentile_intervals(
    positives: FloatArray, negatives: FloatArray, resamples: int, seed: int, level: float
) -> dict[str, tuple[float, float]]:
    """Intervals of the measures, high scores speaking for the outcome.

    Positives and negatives are resampled apart; in every sample the cutoff is found anew (the lowest of those
    tied), so that the limits of sensitivity and specificity hold for the whole procedure. Cutoffs beyond
    every score are left out of the cutoff's interval.

    References
    ----------
    Efron & Tibshirani (1993), An Introduction to the Bootstrap, ch. 13. Equivalent in R:
    ``pROC::ci.coords(r, "best", best.policy = "random")``, near it.
    """
    observed = np.unique(np.concatenate([positives, negatives]))
    counted = [
        np.bincount(np.searchsorted(observed, group), minlength=len(observed))
        for group in (positives, negatives)
    ]
    generator = np.random.Generator(np.random.PCG64(seed))
    draws = [generator.multinomial(c.sum(), c / c.sum(), size=resamples) for c in counted]
    found = np.array([_measures(observed, *sample) for sample in zip(*draws, strict=True)])
    found[~np.isfinite(found)] = np.nan
    tails = [(1 - level) / 2, (1 + level) / 2]
    limits = np.nanquantile(found, tails, axis=0)
    return {name: (float(limits[0, k]), float(limits[1, k])) for k, name in enumerate(MEASURES)}


def _measures(
    observed: FloatArray, with_outcome: np.ndarray[tuple[int], np.dtype[np.int64]],
    without: np.ndarray[tuple[int], np.dtype[np.int64]],
) -> tuple[float, float, float, float]:  # fmt: skip
    present = with_outcome + without > 0
    cutoffs = cutoffs_of_counts(observed[present], with_outcome[present], without[present])
    sensitivity, specificity = cutoffs.sensitivity, cutoffs.specificity
    best = int(cutoffs.best[0])
    order = np.lexsort((sensitivity, 1 - specificity))
    area = float(np.trapezoid(sensitivity[order], (1 - specificity)[order]))
    return area, float(cutoffs.threshold[best]), float(sensitivity[best]), float(specificity[best])
