"""The Aalen-Johansen estimate of one group with several causes that end follow-up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trialkit.stats.groups import Integers
from trialkit.stats.survival.observations import Floats, ranked
from trialkit.stats.survival.product_limit import at_risk

ROUNDING = 64 * float(np.finfo(float).eps)
"""A variance below this share of what cancelled in it is 0: everybody has had the cause."""


@dataclass(frozen=True)
class AalenJohansen:
    """Cumulative incidence of every cause at each distinct time (rows) of one group, with its variance."""

    time: Floats
    n_at_risk: Floats
    n_events: Floats  # times x causes
    incidence: Floats  # times x causes
    variance: Floats  # times x causes
    stop: Floats

    @classmethod
    def of(cls, stop: Floats, cause: Integers, causes: int) -> AalenJohansen:
        """``cause`` is 0 for censored, 1 ... ``causes`` otherwise."""
        time, position = ranked(stop)
        cells = np.bincount(position * (causes + 1) + cause, minlength=len(time) * (causes + 1))
        counts = cells.reshape(-1, causes + 1).astype(np.float64)
        events, ended = counts[:, 1:], counts.sum(axis=1)
        risk = np.asarray(len(stop) - np.cumsum(ended) + ended)
        total = events.sum(axis=1)
        survival = np.cumprod(1 - total / risk)
        before = np.append(1.0, survival[:-1])
        incidence = np.minimum(np.cumsum(before[:, None] * events / risk[:, None], axis=0), 1.0)
        variance = _variance(incidence, events, total, risk, before)
        return cls(time, risk, events, incidence, variance, stop)

    def at_risk(self, times: Floats) -> Floats:
        return at_risk(times, self.stop, None)

    def at(self, times: Floats) -> tuple[Floats, Floats]:
        """Incidence and variance at any times, right-continuous."""
        index = np.searchsorted(self.time, times, side="right")
        nothing = np.zeros((1, self.incidence.shape[1]))
        return np.vstack([nothing, self.incidence])[index], np.vstack([nothing, self.variance])[index]


def _variance(incidence: Floats, events: Floats, total: Floats, risk: Floats, before: Floats) -> Floats:
    """Greenwood-type variance of the incidence of each cause (Dinse and Larson; Andersen et al. (4.4.20)).

    At t it is a sum over u <= t of (F(t) - F(u))^2 times Greenwood's step, plus two terms for the events of
    the cause itself; the square is multiplied out, so that running sums give every t at once.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        greenwood = np.where(total < risk, total / (risk * (risk - total)), 0.0)[:, None]
    risk, before = risk[:, None], before[:, None]
    own = np.cumsum(before**2 * events * (risk - events) / risk**3, axis=0)
    mixed = before * events / risk**2
    square, weighted = incidence**2, incidence * greenwood
    first = square * np.cumsum(greenwood)[:, None]
    ahead = first - 2 * incidence * np.cumsum(weighted, axis=0) + np.cumsum(incidence * weighted, axis=0)
    crossed = incidence * np.cumsum(mixed, axis=0) - np.cumsum(incidence * mixed, axis=0)
    variance = ahead + own - 2 * crossed
    return np.asarray(np.where(variance > ROUNDING * (first + own), variance, 0.0))
