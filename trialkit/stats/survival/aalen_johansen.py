"""The Aalen-Johansen estimate of one group with several causes that end follow-up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trialkit.stats.groups import Integers
from trialkit.stats.survival.cause_counts import CauseCounts
from trialkit.stats.survival.observations import Floats

ROUNDING = 64 * float(np.finfo(float).eps)
"""A variance below this share of what cancelled in it is 0: everybody has had the cause."""


@dataclass(frozen=True)
class AalenJohansen:
    """One group: its distinct times, how many were at risk just before each (and 0 after the last).

    ``steps`` are the events so far, the incidence and its variance: 3 x causes x (1 + times), of which the
    first is that of nobody yet.
    """

    time: Floats
    risk: Floats
    steps: Floats
    stop: Floats

    @classmethod
    def of_groups(
        cls, counts: CauseCounts, distinct: Floats, stop: Floats, group: Integers
    ) -> tuple[AalenJohansen, ...]:
        """Of every group, from counts at the ``distinct`` times of all."""
        causes, groups, times = counts.events.shape
        steps = np.zeros((3, causes, groups, times + 1))
        steps[0, ..., 1:] = np.cumsum(counts.events, axis=-1)
        steps[1, ..., 1:] = counts.incidence
        steps[2, ..., 1:] = _variance(counts)
        found = []
        for code, ended in enumerate(counts.ended):
            here = np.flatnonzero(ended)
            rows = np.append(0, here + 1)
            risk = np.append(counts.risk[code, here], 0.0)
            found.append(cls(distinct[here], risk, steps[:, :, code, rows], stop[group == code]))
        return tuple(found)

    def at_risk(self, times: Floats) -> Floats:
        return self.risk[np.searchsorted(self.time, times, side="left")]

    def at(self, times: Floats) -> Floats:
        """Events so far, incidence and variance at any times, right-continuous: 3 x causes x times."""
        return self.steps[..., np.searchsorted(self.time, times, side="right")]


def _variance(counts: CauseCounts) -> Floats:
    """Greenwood-type variance of the incidence of each cause (Dinse and Larson; Andersen et al. (4.4.20)).

    At t it is a sum over u <= t of (F(t) - F(u))^2 times Greenwood's step, plus two terms for the events of
    the cause itself; the square is multiplied out, so that running sums give every t at once.
    """
    incidence, events, before = counts.incidence, counts.events, counts.before
    risk, total = np.maximum(counts.risk, 1.0), events.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        greenwood = np.where(total < risk, total / (risk * (risk - total)), 0.0)
    mixed = before / risk**2 * events
    own = np.cumsum(before / risk * mixed * (risk - events), axis=-1)
    weighted = incidence * greenwood
    first = incidence**2 * np.cumsum(greenwood, axis=-1)
    ahead = first - 2 * incidence * np.cumsum(weighted, axis=-1) + np.cumsum(incidence * weighted, axis=-1)
    crossed = incidence * np.cumsum(mixed, axis=-1) - np.cumsum(incidence * mixed, axis=-1)
    variance = ahead + own - 2 * crossed
    return np.asarray(np.where(variance > ROUNDING * (first + own), variance, 0.0))
