"""Every cutoff of a score, what it gets right, and the one with the largest Youden index."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from trialkit.stats.distributions import FloatArray

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Cutoffs:
    """Cutoffs between the observed scores, lowest first, from minus to plus infinity.

    A score above the cutoff is called positive. Counts at each: positives called so (``tp``), negatives
    called positive (``fp``).
    """

    threshold: FloatArray
    tp: Integers
    fp: Integers
    positives: int
    negatives: int

    @property
    def sensitivity(self) -> FloatArray:
        return np.asarray(self.tp / self.positives)

    @property
    def specificity(self) -> FloatArray:
        return np.asarray(1.0 - self.fp / self.negatives)

    @property
    def best(self) -> Integers:
        """Positions of the largest Youden index, lowest cutoff first; compared as whole numbers, so ties are
        exact.
        """
        index = self.tp * self.negatives - self.fp * self.positives
        return np.asarray(np.flatnonzero(index == index.max()), dtype=np.int64)


def every_cutoff(positives: FloatArray, negatives: FloatArray) -> Cutoffs:
    """Cutoffs midway between neighbouring observed scores."""
    observed = np.unique(np.concatenate([positives, negatives]))
    with_outcome = np.bincount(np.searchsorted(observed, positives), minlength=len(observed))
    without = np.bincount(np.searchsorted(observed, negatives), minlength=len(observed))
    return cutoffs_of_counts(observed, with_outcome, without)


def cutoffs_of_counts(observed: FloatArray, with_outcome: Integers, without: Integers) -> Cutoffs:
    """Cutoffs from the numbers with and without the outcome at each observed score (ascending)."""
    below_with = np.concatenate([[0], np.cumsum(with_outcome)])
    below_without = np.concatenate([[0], np.cumsum(without)])
    between = (observed[:-1] + observed[1:]) / 2.0
    return Cutoffs(
        threshold=np.concatenate([[-np.inf], between, [np.inf]]),
        tp=np.asarray(below_with[-1] - below_with, dtype=np.int64),
        fp=np.asarray(below_without[-1] - below_without, dtype=np.int64),
        positives=int(below_with[-1]),
        negatives=int(below_without[-1]),
    )


def resampled_cutoffs(positives: FloatArray, negatives: FloatArray, resamples: int, seed: int) -> FloatArray:
    """The Youden cutoff (the lowest of those tied) of each of ``resamples`` samples with replacement.

    Positives and negatives are resampled apart, so that every sample has as many of each as the data.
    """
    observed = np.unique(np.concatenate([positives, negatives]))
    counts_with = np.bincount(np.searchsorted(observed, positives), minlength=len(observed))
    counts_without = np.bincount(np.searchsorted(observed, negatives), minlength=len(observed))
    generator = np.random.Generator(np.random.PCG64(seed))
    with_outcome = generator.multinomial(len(positives), counts_with / len(positives), size=resamples)
    without = generator.multinomial(len(negatives), counts_without / len(negatives), size=resamples)
    found = np.empty(resamples)
    for sample in range(resamples):
        present = with_outcome[sample] + without[sample] > 0
        cutoffs = cutoffs_of_counts(
            observed[present], with_outcome[sample][present], without[sample][present]
        )
        found[sample] = cutoffs.threshold[cutoffs.best[0]]
    return found
