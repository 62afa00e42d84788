"""What is assumed of a subject's course after an intercurrent event: the mean of each strategy.

The covariance is one for all arms, so only means differ. They are changed at the visits from the event on;
visits before it keep the subject's own arm.

References: Carpenter, Roger & Kenward (2013), Journal of Biopharmaceutical Statistics 23:1352-1371 (jump to
reference, copy increments, copy reference; last mean carried forward, section 3).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, cast, get_args

import numpy as np

from trialkit.stats.columns import IntArray
from trialkit.stats.distributions import FloatArray

Strategy = Literal["j2r", "cr", "cir", "mar", "lmcf"]
STRATEGIES = cast("tuple[Strategy, ...]", get_args(Strategy))

Course = Callable[[FloatArray, FloatArray, int], FloatArray]
"""Means (..., visits) under the own arm and the reference, first visit affected -> means assumed."""


def jump_to_reference(own: FloatArray, reference: FloatArray, first: int) -> FloatArray:
    """From the event on, the reference arm's mean."""
    return np.concatenate([own[..., :first], reference[..., first:]], axis=-1)


def copy_reference(own: FloatArray, reference: FloatArray, first: int) -> FloatArray:
    """The reference arm's mean throughout: what was gained before the event decays as its correlations do."""
    return reference


def copy_increments(own: FloatArray, reference: FloatArray, first: int) -> FloatArray:
    """From the event on, parallel to the reference arm, starting at the own arm's last mean before it.

    An event at the first visit leaves the reference arm's mean, as there is nothing to be parallel to.
    """
    if first == 0:
        return reference
    gap = own[..., first - 1 : first] - reference[..., first - 1 : first]
    return np.concatenate([own[..., :first], reference[..., first:] + gap], axis=-1)


def missing_at_random(own: FloatArray, reference: FloatArray, first: int) -> FloatArray:
    """The own arm's mean throughout."""
    return own


def last_mean(own: FloatArray, reference: FloatArray, first: int) -> FloatArray:
    """From the event on, the own arm's last mean before it; ``first`` is at least 1."""
    held = np.repeat(own[..., first - 1 : first], own.shape[-1] - first, axis=-1)
    return np.concatenate([own[..., :first], held], axis=-1)


COURSES: dict[Strategy, Course] = {
    "j2r": jump_to_reference,
    "cr": copy_reference,
    "cir": copy_increments,
    "mar": missing_at_random,
    "lmcf": last_mean,
}


def assumed_means(
    own: FloatArray, reference: FloatArray, first: IntArray, strategies: tuple[Strategy, ...]
) -> FloatArray:
    """Means (draws, subjects, visits); ``first`` is the first affected visit, or the number of visits."""
    means = own.copy()
    visits = own.shape[-1]
    chosen = np.array(strategies)
    for visit in np.unique(first[first < visits]):
        for name in STRATEGIES:
            rows = np.flatnonzero((first == visit) & (chosen == name))
            if len(rows):
                means[:, rows] = COURSES[name](own[:, rows], reference[:, rows], int(visit))
    return means
