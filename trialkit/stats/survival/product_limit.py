"""The product-limit estimate of one group and its quantities: risk sets, Greenwood variance, limits, area."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from trialkit.stats.groups import Integers
from trialkit.stats.survival.observations import NEARLY_EQUAL, Floats, Observations, ranked

ConfidenceType = Literal["log-log", "log", "plain"]


@dataclass(frozen=True)
class ProductLimit:
    """Survival at each distinct time of one group, with the cumulative Greenwood sum (the variance of its
    log)."""

    time: Floats
    n_at_risk: Floats
    n_events: Floats
    n_censored: Floats
    survival: Floats
    greenwood: Floats
    stop: Floats
    entry: Floats | None

    @classmethod
    def of(cls, stop: Floats, event: Floats, entry: Floats | None) -> ProductLimit:
        return cls._of(*ranked(stop), stop, event, entry)

    @classmethod
    def of_group(cls, read: Observations, code: int) -> ProductLimit:
        """That of one group: its times are sorted once for all groups."""
        rows = read.group == code
        distinct, place = read.distinct
        entry = None if read.entry is None else read.entry[rows]
        return cls._of(distinct, place[rows], read.time[rows], read.event[rows], entry)

    @classmethod
    def _of(
        cls, distinct: Floats, place: Integers, stop: Floats, event: Floats, entry: Floats | None
    ) -> ProductLimit:
        """``place`` of each row among ``distinct`` times, of which some may be another group's alone."""
        ended = np.bincount(place, minlength=len(distinct))
        here = np.flatnonzero(ended)
        ended = ended[here]
        n_events = np.bincount(place, weights=event, minlength=len(distinct))[here].astype(np.float64)
        time, n_censored = distinct[here], np.asarray(ended - n_events, dtype=np.float64)
        n_at_risk = (len(stop) - np.cumsum(ended) + ended).astype(np.float64)
        if entry is not None:
            n_at_risk -= not_yet_in(time, entry)
        survival = np.asarray(np.cumprod(1 - n_events / n_at_risk), dtype=np.float64)
        with np.errstate(divide="ignore"):
            steps = np.where(n_events > 0, n_events / (n_at_risk * (n_at_risk - n_events)), 0.0)
        return cls(time, n_at_risk, n_events, n_censored, survival, np.cumsum(steps), stop, entry)

    @property
    def last_follow_up(self) -> float:
        return float(self.time[-1])

    def at(self, times: Floats) -> tuple[Floats, Floats]:
        """Survival and Greenwood sum at any times, right-continuous; before the first time they are 1 and
        0."""
        index = np.searchsorted(self.time, times, side="right")
        return np.append(1.0, self.survival)[index], np.append(0.0, self.greenwood)[index]

    def events_until(self, times: Floats) -> Floats:
        index = np.searchsorted(self.time, times, side="right")
        return np.append(0.0, np.cumsum(self.n_events))[index]

    def restricted_area(self, tau: float) -> tuple[float, float]:
        """Area under the curve from 0 to ``tau`` and its standard error."""
        inside = (self.time <= tau) & (self.n_events > 0)
        times = self.time[inside]
        heights = np.append(1.0, self.survival[inside])
        strips = heights * np.diff(np.concatenate([[0.0], times, [tau]]))
        remaining = np.cumsum(strips[::-1])[::-1][1:]
        risk, events = self.n_at_risk[inside], self.n_events[inside]
        with np.errstate(divide="ignore"):
            steps = np.where(risk > events, events / (risk * (risk - events)), 0.0)
        return float(strips.sum()), float(np.sqrt(np.sum(remaining**2 * steps)))


def at_risk(times: Floats, stop: Floats, entry: Floats | None) -> Floats:
    """Number under observation just before each time: entry < time <= stop."""
    count = len(stop) - np.searchsorted(np.sort(stop), times, side="left").astype(float)
    return count if entry is None else count - not_yet_in(times, entry)


def not_yet_in(times: Floats, entry: Floats) -> Floats:
    """Number whose entry is at each time or later."""
    return np.asarray(len(entry) - np.searchsorted(np.sort(entry), times, side="left"), dtype=np.float64)


def limits(survival: Floats, greenwood: Floats, kind: ConfidenceType, z: float) -> tuple[Floats, Floats]:
    """Pointwise limits. At survival 1 both are 1; at survival 0 the variance does not exist and both are
    NaN."""
    error = np.sqrt(greenwood)
    with np.errstate(divide="ignore", invalid="ignore"):
        if kind == "plain":
            lower, upper = survival * (1 - z * error), survival * (1 + z * error)
        elif kind == "log":
            lower, upper = survival * np.exp(-z * error), survival * np.exp(z * error)
        else:
            spread = z * error / np.log(survival)
            lower, upper = survival ** np.exp(-spread), survival ** np.exp(spread)
    certain = survival == 1
    lower = np.where(certain, 1.0, np.clip(lower, 0.0, None))
    upper = np.where(certain, 1.0, np.clip(upper, None, 1.0))
    impossible = survival == 0
    return np.where(impossible, np.nan, lower), np.where(impossible, np.nan, upper)


def crossing_time(time: Floats, height: Floats, probability: float) -> float:
    """First time a falling curve is at or below ``1 - probability``; NaN if it never is.

    Where the curve runs level exactly at that height the middle of the level piece is taken, as by R's
    ``quantile.survfit``.
    """
    times, fallen = np.append(0.0, time), np.append(0.0, 1 - height)
    known = ~np.isnan(fallen)
    last_time, last_known = times[-1], known[-1]
    fallen, first = np.unique(fallen[known], return_index=True)
    times = times[known][first]
    reached = int(np.searchsorted(fallen + NEARLY_EQUAL, probability, side="left"))
    passed = int(np.searchsorted(fallen - NEARLY_EQUAL, probability, side="left"))
    if reached == len(fallen):
        return float("nan")
    if passed < len(fallen):
        return float(times[reached] + times[passed]) / 2
    return float(times[reached] + last_time) / 2 if last_known else float("nan")
