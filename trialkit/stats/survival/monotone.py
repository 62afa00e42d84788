"""Proof that a partial likelihood has no maximum in a given direction."""

from __future__ import annotations

import heapq

import numpy as np

from trialkit.stats.survival.observations import Floats
from trialkit.stats.survival.partial_likelihood import PartialLikelihood
from trialkit.stats.survival.risk_sets import RiskSets

TOLERANCE = 1e-6


def is_monotone(likelihood: PartialLikelihood, direction: Floats) -> bool:
    """Whether every event has the largest value of ``direction`` among those at risk with it.

    Then the likelihood never falls along that direction, however far one goes, and has no finite maximum
    (the direction is not one of those without information, which were refused before).
    """
    value = likelihood.design @ direction
    spread = float(np.ptp(value))
    if not np.isfinite(spread) or spread == 0:
        return False
    sets = likelihood.sets
    largest = _largest_at_risk(sets, value)
    return bool((value[sets.event_rows] >= largest[sets.cell_of_event] - TOLERANCE * spread).all())


def _largest_at_risk(sets: RiskSets, value: Floats) -> Floats:
    """The largest value in the risk set of each cell, from the last cell of a stratum back to its first."""
    largest = np.empty(len(sets.cell_time))
    ends = np.append(sets.first_of_cell, len(value))
    before = sets.before_entry
    for cells in sets.strata():
        waiting: list[tuple[float, int]] = []
        for cell in range(cells.stop - 1, cells.start - 1, -1):
            for row in range(int(ends[cell]), int(ends[cell + 1])):
                heapq.heappush(waiting, (-float(value[row]), -1 if before is None else int(before[row])))
            while waiting[0][1] >= cell:
                heapq.heappop(waiting)
            largest[cell] = -waiting[0][0]
    return largest
