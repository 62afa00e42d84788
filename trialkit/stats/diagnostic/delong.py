"""The area under a ROC curve and its variance after DeLong, DeLong and Clarke-Pearson.

References: DeLong, DeLong & Clarke-Pearson (1988), Biometrics 44:837-845; Sun & Xu (2014), IEEE Signal
Processing Letters 21:1389-1393, for the computation by mid-ranks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trialkit.stats.distributions import FloatArray
from trialkit.stats.midranks import midranks


@dataclass(frozen=True)
class Placements:
    """For each positive the share of negatives below it, for each negative the share of positives above it
    (ties count half); their means are the AUC.
    """

    of_positives: FloatArray
    of_negatives: FloatArray

    @property
    def auc(self) -> float:
        return float(self.of_positives.mean())


def placements(positives: FloatArray, negatives: FloatArray) -> Placements:
    """Placements by mid-ranks, for scores of which a higher one speaks for the outcome."""
    m, n = len(positives), len(negatives)
    ranks = midranks(np.concatenate([positives, negatives]))
    of_positives = (ranks[:m] - midranks(positives)) / n
    of_negatives = 1.0 - (ranks[m:] - midranks(negatives)) / m
    return Placements(of_positives, of_negatives)


def auc_covariance(scores: list[Placements]) -> FloatArray:
    """Covariance matrix of the AUCs of several scores of the same subjects."""
    positives = np.vstack([score.of_positives for score in scores])
    negatives = np.vstack([score.of_negatives for score in scores])
    return np.asarray(
        np.atleast_2d(np.cov(positives)) / positives.shape[1]
        + np.atleast_2d(np.cov(negatives)) / negatives.shape[1]
    )
