"""Each row's share of the score, and the sandwich variance that sums them over clusters."""

from __future__ import annotations

import numpy as np

from trialkit.stats.groups import Integers
from trialkit.stats.survival.observations import Floats
from trialkit.stats.survival.partial_likelihood import Hazards, PartialLikelihood


def score_residuals(likelihood: PartialLikelihood, hazards: Hazards) -> Floats:
    """One row an arranged row; their sum is the score.

    An event's own covariates less their mean over the risk set (averaged over the steps of Efron's
    removal), less what the row was expected to contribute at every cell it was at risk in. At its own cell
    a tied event counts with the weight 1 - f that Efron's method leaves it.
    """
    sets, design = likelihood.sets, likelihood.design
    over_risk, over_events = likelihood.sums(hazards)
    inverse, removed = hazards.inverse[:, None], hazards.removed[:, None]
    square, once, twice = (
        part[:, None] for part in (hazards.square, hazards.square_removed, hazards.square_removed_twice)
    )
    total = hazards.total[:, None]
    mean_hazard = (over_risk * square - over_events * once) / total
    residuals = hazards.weight[:, None] * sets.along_rows(mean_hazard)
    residuals -= likelihood.expected(hazards)[:, None] * design
    event, cell = sets.event_rows, sets.cell_of_event
    mean = total * (over_risk * inverse - over_events * removed) / sets.deaths[:, None]
    residuals[event] += design[event] - mean[cell]
    kept_back = (over_risk * once - over_events * twice) / total
    residuals[event] -= hazards.weight[event, None] * kept_back[cell]
    return residuals


def sandwich(residuals: Floats, covariance: Floats, cluster: Integers | None) -> Floats:
    """covariance (sum over clusters of s s') covariance, s the summed residuals of a cluster (of a row
    without)."""
    influence = residuals @ covariance
    if cluster is not None:
        summed = np.zeros((int(cluster.max()) + 1, influence.shape[1]))
        np.add.at(summed, cluster, influence)
        influence = summed
    return np.asarray(influence.T @ influence)
