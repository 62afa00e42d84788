"""Proof that a partial likelihood has no maximum in a given direction."""

from __future__ import annotations

import heapq
from typing import Any

import numpy as np

from trialkit.stats.groups import Integers
from trialkit.stats.survival.observations import Floats
from trialkit.stats.survival.partial_likelihood import PartialLikelihood
from trialkit.stats.survival.risk_sets import RiskSets

TOLERANCE = 1e-6
MOST_PAIRS = 2_000_000


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


def monotone_direction(likelihood: PartialLikelihood, score: Floats) -> Floats | None:
    """A direction along which the likelihood rises without end, by linear programming; None if there is none.

    ``score`` is the score at 0: among the directions in which every event has the largest value at risk, it
    is positive exactly where some event has a strictly larger one.
    """
    from scipy.optimize import linprog

    bounds = _constraints(likelihood)
    if bounds is None:
        return None
    size = likelihood.design.shape[1]
    free = bounds.shape[1] - size
    goal = np.concatenate([-score / np.abs(score).max(initial=1.0), np.zeros(free)])
    limits = [(-1.0, 1.0)] * size + [(None, None)] * free
    answer = linprog(goal, A_ub=bounds, b_ub=np.zeros(bounds.shape[0]), bounds=limits, method="highs")
    if answer.x is None or answer.fun is None or answer.fun > -TOLERANCE:
        return None
    direction = np.asarray(answer.x[:size], dtype=np.float64)
    return direction if is_monotone(likelihood, direction) else None


def _constraints(likelihood: PartialLikelihood) -> Any:
    """Rows of A with A (direction, maxima) <= 0, one maximum a cell; None where they would be too many.

    Without delayed entry risk sets are nested, so a row bounds only the maximum of its last cell and each
    maximum the one before it; with delayed entry a row bounds the maximum of every cell it is at risk in.
    """
    from scipy import sparse

    sets, design = likelihood.sets, likelihood.design
    cells, entered = len(sets.cell_time), sets.before_entry
    if entered is None:
        row, cell = np.arange(len(design)), sets.last_cell
    else:
        first = np.maximum(entered + 1, sets.stratum_start[_stratum_of(sets, sets.last_cell)])
        width = sets.last_cell - first + 1
        if width.sum() > MOST_PAIRS:
            return None
        row = np.repeat(np.arange(len(design)), width)
        cell = np.arange(len(row)) - np.repeat(np.cumsum(width) - width, width) + first[row]
    at_risk = sparse.hstack([sparse.csr_array(design[row]), -_indicators(cell, cells)])
    event = sparse.hstack(
        [sparse.csr_array(-design[sets.event_rows]), _indicators(sets.cell_of_event, cells)]
    )
    parts = [at_risk, event]
    if entered is None:
        later = np.setdiff1d(np.arange(1, cells), sets.stratum_start)
        nested = _indicators(later, cells) - _indicators(later - 1, cells)
        parts.append(sparse.hstack([sparse.csr_array((len(later), design.shape[1])), nested]))
    return sparse.vstack(parts).tocsr()


def _stratum_of(sets: RiskSets, cell: Integers) -> Integers:
    return np.searchsorted(sets.stratum_start, cell, side="right") - 1


def _indicators(column: Integers, width: int) -> Any:
    from scipy import sparse

    ones = np.ones(len(column))
    return sparse.csr_array((ones, (np.arange(len(column)), column)), shape=(len(column), width))


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
