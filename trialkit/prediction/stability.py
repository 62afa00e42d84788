"""Whether the same features come back: selection frequency, and Nogueira's index with its interval.

Source: Nogueira, Sechidis & Brown, JMLR 2018;18(174), eq. 4 and theorem 7. R: ``stabm::stabilityNogueira``.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trialkit.prediction.arrays import Floats, Matrix


@dataclass(frozen=True)
class Stability:
    """``frequency``: share of resamples each candidate was selected in; index 1 always the same, 0 chance."""

    frequency: dict[str, float]
    nogueira: float
    ci_lower: float
    ci_upper: float


def selection_stability(selections: Sequence[Sequence[str]], candidates: Sequence[str]) -> Stability:
    """Of at least two selections; NaN where every resample selects all candidates or none."""
    counts = Counter(name for selection in selections for name in selection)
    m, d = len(selections), len(candidates)
    chosen = np.array([[name in set(s) for name in candidates] for s in selections], dtype=float)
    frequency = chosen.mean(axis=0)
    sizes = chosen.sum(axis=1)
    mean_size = sizes.mean()
    by_chance = (mean_size / d) * (1 - mean_size / d)
    if m < 2 or by_chance == 0:
        index = lower = upper = float("nan")
    else:
        variance = m / (m - 1) * frequency * (1 - frequency)
        index = 1 - float(variance.mean()) / by_chance
        influence = _influence(chosen, frequency, sizes, index, by_chance)
        spread = 1.96 * math.sqrt(4 / m**2 * float(((influence - influence.mean()) ** 2).sum()))
        lower, upper = index - spread, index + spread
    return Stability({name: counts[name] / m for name in candidates}, index, lower, upper)


def _influence(chosen: Matrix, frequency: Floats, sizes: Floats, index: float, by_chance: float) -> Floats:
    """What each resample adds to the index (phi_i of theorem 7)."""
    d = chosen.shape[1]
    mean_size = sizes.mean()
    inner = (chosen * frequency).mean(axis=1) - sizes * mean_size / d**2
    outer = index / 2 * (2 * mean_size * sizes / d**2 - sizes / d - mean_size / d + 1)
    return np.asarray((inner + outer) / by_chance, dtype=float)
