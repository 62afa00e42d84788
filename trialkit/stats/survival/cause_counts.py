"""How many were at risk and had each cause at each time: what the curves and Gray's test both start from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trialkit.stats.groups import Integers
from trialkit.stats.survival.observations import Floats


@dataclass(frozen=True)
class CauseCounts:
    """Arrays run over groups x times, those of the causes over causes x groups x times.

    A time at which nobody of a group ended adds nothing to its sums: all groups stand at the times of all.
    """

    risk: Floats  # just before each time
    events: Floats  # of each cause
    before: Floats  # survival of all causes just before each time, and just after
    after: Floats
    incidence: Floats  # of each cause, just after

    @classmethod
    def of(cls, place: Integers, cause: Integers, group: Integers, groups: int, causes: int) -> CauseCounts:
        """``place`` of each row among times in order, ``cause`` 0 where censored, else from 1."""
        times = int(place.max()) + 1
        size = (causes + 1) * groups * times
        cells = np.bincount((cause * groups + group) * times + place, minlength=size)
        counts = cells.reshape(causes + 1, groups, times).astype(np.float64)
        events = counts[1:]
        risk = counts.sum(axis=0)[:, ::-1].cumsum(axis=1)[:, ::-1]
        divisor = np.maximum(risk, 1.0)
        after = np.cumprod(1 - events.sum(axis=0) / divisor, axis=1)
        before = shifted(after, 1.0)
        incidence = np.minimum(np.cumsum(before / divisor * events, axis=-1), 1.0)
        return cls(risk, events, before, after, incidence)

    @property
    def ended(self) -> Floats:
        """How many of each group left at each time, for whatever cause or none."""
        return self.risk - np.append(self.risk[:, 1:], np.zeros((len(self.risk), 1)), axis=1)


def shifted(after: Floats, start: float) -> Floats:
    """What stood just before each time."""
    before = np.empty_like(after)
    before[..., 0], before[..., 1:] = start, after[..., :-1]
    return before
