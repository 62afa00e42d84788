"""Gray's test that groups have the same cumulative incidence of one cause, in the presence of others.

Gray (1988) compares subdistribution hazards. A group's risk set is enlarged by those who failed of another
cause and could still have been under observation: Y(t) (1 - F(t-)) / S(t-), with S the survival of all
causes and F the incidence of the cause. The variance (his section 3) follows the groups' own survival and
the pooled incidence.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from trialkit.stats.groups import Integers
from trialkit.stats.survival.observations import Floats, ranked


@dataclass(frozen=True)
class _Moments:
    """The event times: per group (columns) numbers at risk, events of the cause and of others, S just before
    and after, F just before."""

    risk: Floats
    own: Floats
    other: Floats
    before: Floats
    after: Floats
    incidence: Floats

    def at(self, rows: Any) -> _Moments:
        parts = (self.risk, self.own, self.other, self.before, self.after, self.incidence)
        return _Moments(*(part[rows] for part in parts))


@dataclass(frozen=True)
class EventTimes:
    """One stratum at its times of any event, whatever the cause asked about: what the causes share."""

    place: Integers  # of each event: its time among those below
    cause: Integers
    group: Integers
    count: int
    risk: Floats  # times x groups
    every: Floats
    before: Floats
    after: Floats

    @classmethod
    def of(cls, stop: Floats, cause: Integers, group: Integers, count: int) -> EventTimes | None:
        """None of a stratum without events. ``cause`` is 0 where censored."""
        times, place = ranked(stop)
        cells, size = place * count + group, len(times) * count
        events = cause > 0
        happened = np.bincount(place[events], minlength=len(times)) > 0
        if not happened.any():
            return None
        ended = np.bincount(cells, minlength=size).reshape(-1, count).astype(np.float64)
        every = np.bincount(cells[events], minlength=size).reshape(-1, count).astype(np.float64)[happened]
        risk = np.cumsum(ended[::-1], axis=0)[::-1][happened]
        left = np.cumprod(1 - every / np.where(risk > 0, risk, 1.0), axis=0)
        after = np.asarray(left, dtype=np.float64)
        before = np.vstack([np.ones(count), after[:-1]])
        where = np.cumsum(happened) - 1
        return cls(where[place[events]], cause[events], group[events], count, risk, every, before, after)

    def moments(self, of_interest: int) -> _Moments:
        size = len(self.risk)
        here = self.cause == of_interest
        cells = self.place[here] * self.count + self.group[here]
        own = np.bincount(cells, minlength=size * self.count).reshape(size, self.count).astype(np.float64)
        incidence = np.cumsum(self.before * own / np.where(self.risk > 0, self.risk, 1.0), axis=0)
        earlier = np.vstack([np.zeros(self.count), incidence[:-1]])
        return _Moments(self.risk, own, self.every - own, self.before, self.after, earlier)


def gray_score(at: EventTimes, of_interest: int, rho: float) -> tuple[Floats, Floats]:
    """Score of each group but the last and its covariance in one stratum; the last group's is what is left.

    Arrays run over times x groups, or times x groups x groups: what a time adds depends on sums up to it.
    """
    moments, kept = at.moments(of_interest), at.count - 1
    enlarged = _quotient(moments.risk, moments.before, moments.risk > 0)
    total, own = enlarged.sum(axis=1), moments.own.sum(axis=1)
    pooled_after = np.cumsum(own / total)
    pooled = np.append(0.0, pooled_after[:-1])
    weight = (1 - pooled) ** rho if rho else np.ones_like(pooled)
    subrisk = enlarged * (1 - moments.incidence)
    expected = own[:, None] * subrisk / subrisk.sum(axis=1)[:, None]
    score = (weight[:, None] * (moments.own - expected)[:, :kept]).sum(axis=0)
    crossed = enlarged[:, :kept, None] * enlarged[:, None, :] / total[:, None, None]
    spread = weight[:, None, None] * (np.eye(at.count)[:kept] * enlarged[:, :kept, None] - crossed)
    with np.errstate(divide="ignore", invalid="ignore"):  # NaN once the pooled incidence is 1
        drift = np.cumsum(spread * (own / (total * (1 - pooled)))[:, None, None], axis=0)
    left = _quotient((1 - pooled_after)[:, None], moments.after, moments.after > 0)
    of_own, of_other = own > 0, moments.other.any(axis=1)
    own_size = _own_steps(moments.at(of_own), own[of_own], total[of_own])
    other_size = np.where(moments.after > 0, _other_steps(moments), 0.0)[of_other]
    parts = (
        _summed((spread - drift * (1 - left)[:, None, :])[of_own], (1 - left)[of_own], own_size),
        _summed((-drift * left[:, None, :])[of_other], left[of_other], other_size),
    )
    covariance, own_variance, mixed = (one + two for one, two in zip(*parts, strict=True))
    last = drift[-1]
    ending = last @ (own_variance[:, None] * last.T) + last @ mixed.T + mixed @ last.T
    return score, covariance + ending


def _quotient(part: Floats, whole: Floats, where: Any) -> Floats:
    return np.asarray(np.where(where, part / np.where(where, whole, 1.0), 0.0))


def _summed(path: Floats, share: Floats, size: Floats) -> tuple[Floats, Floats, Floats]:
    """Add up martingale steps of every group: ``path`` their effect so far, ``share`` that through the
    end."""
    weighted = path * size[:, None, :]
    return (
        np.tensordot(weighted, path, axes=([0, 2], [0, 2])),
        (share**2 * size).sum(axis=0),
        (weighted * share[:, None, :]).sum(axis=0),
    )


def _own_steps(moments: _Moments, own: Floats, total: Floats) -> Floats:
    """Variance of the events of the cause in each group under the common incidence, corrected for ties."""
    present, own, total = moments.risk > 0, own[:, None], total[:, None]
    safe = np.where(present, moments.risk, 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        ties = np.where(own > 1, 1 - (own - 1) / (total * moments.before - 1), 1.0)
        return np.asarray(np.where(present, ties * moments.before * own / (total * safe), 0.0))


def _other_steps(moments: _Moments) -> Floats:
    """Variance of the events of other causes, each group's own, corrected for ties."""
    present = moments.other > 0
    safe = np.where(present, moments.risk, 2.0)
    ties = np.where(moments.other > 1, 1 - (moments.other - 1) / np.maximum(safe - 1, 1.0), 1.0)
    return np.where(present, ties * moments.before**2 * moments.other / safe**2, 0.0)
