"""Gray's test that groups have the same cumulative incidence of one cause, in the presence of others.

Gray (1988) compares subdistribution hazards. A group's risk set is enlarged by those who failed of another
cause and could still have been under observation: Y(t) (1 - F(t-)) / S(t-), with S the survival of all
causes and F the incidence of the cause. The variance (his section 3) follows the groups' own survival and
the pooled incidence.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trialkit.stats.groups import Integers
from trialkit.stats.survival.observations import Floats
from trialkit.stats.survival.product_limit import at_risk


@dataclass(frozen=True)
class _Moment:
    """One event time: per group numbers at risk, events of the cause and of others, S and F just before, S
    after."""

    risk: Floats
    own: Floats
    other: Floats
    before: Floats
    after: Floats
    incidence: Floats


def gray_score(
    stop: Floats, cause: Integers, of_interest: int, group: Integers, count: int, rho: float
) -> tuple[Floats, Floats]:
    """Score of each group and its covariance in one stratum; ``cause`` is 0 where censored."""
    score, covariance = np.zeros(count), np.zeros((count, count))
    drift, own_variance, crossed = np.zeros((count, count)), np.zeros(count), np.zeros((count, count))
    pooled = 0.0
    for moment in _moments(stop, cause, of_interest, group, count):
        enlarged = np.where(moment.risk > 0, moment.risk / np.where(moment.risk > 0, moment.before, 1.0), 0.0)
        total, own = enlarged.sum(), moment.own.sum()
        weight = (1 - pooled) ** rho
        subrisk = enlarged * (1 - moment.incidence)
        score += weight * (moment.own - own * subrisk / subrisk.sum())
        spread = weight * (np.diag(enlarged) - np.outer(enlarged, enlarged) / total)
        with np.errstate(divide="ignore", invalid="ignore"):  # NaN once the pooled incidence is 1
            drift += spread * own / (total * (1 - pooled))
        pooled += own / total
        left = np.where(moment.after > 0, (1 - pooled) / np.where(moment.after > 0, moment.after, 1.0), 0.0)
        if own:
            size = _own_steps(moment, own, total)
            covariance, own_variance, crossed = _accumulate(
                covariance, own_variance, crossed, spread - drift * (1 - left), 1 - left, size
            )
        if moment.other.any():
            size = np.where(moment.after > 0, _other_steps(moment), 0.0)
            covariance, own_variance, crossed = _accumulate(
                covariance,
                own_variance,
                crossed,
                -drift * left,
                left,
                size,
            )
    ending = drift @ (own_variance[:, None] * drift.T) + drift @ crossed.T + crossed @ drift.T
    return score, covariance + ending


def _accumulate(
    covariance: Floats, own_variance: Floats, crossed: Floats, path: Floats, share: Floats, size: Floats
) -> tuple[Floats, Floats, Floats]:
    """Add one martingale step of every group: ``path`` its effect so far, ``share`` its effect through the
    end."""
    return (
        covariance + path @ (size[:, None] * path.T),
        own_variance + share**2 * size,
        crossed + path * (share * size),
    )


def _own_steps(moment: _Moment, own: float, total: float) -> Floats:
    """Variance of the events of the cause in each group under the common incidence, corrected for ties."""
    present = moment.risk > 0
    safe = np.where(present, moment.risk, 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        ties = 1 - (own - 1) / (total * moment.before - 1) if own > 1 else np.ones_like(safe)
        return np.where(present, ties * moment.before * own / (total * safe), 0.0)


def _other_steps(moment: _Moment) -> Floats:
    """Variance of the events of other causes, each group's own, corrected for ties."""
    present = moment.other > 0
    safe = np.where(present, moment.risk, 2.0)
    ties = np.where(moment.other > 1, 1 - (moment.other - 1) / np.maximum(safe - 1, 1.0), 1.0)
    return np.where(present, ties * moment.before**2 * moment.other / safe**2, 0.0)


def _moments(stop: Floats, cause: Integers, of_interest: int, group: Integers, count: int) -> list[_Moment]:
    times = np.unique(stop[cause > 0])
    if not len(times):
        return []  # a stratum without events says nothing
    risk, own, other = (np.zeros((len(times), count)) for _ in range(3))
    for code in range(count):
        mine = group == code
        risk[:, code] = at_risk(times, stop[mine], None)
        for target, happened in ((own, cause == of_interest), (other, (cause > 0) & (cause != of_interest))):
            position = np.searchsorted(times, stop[mine & happened])
            target[:, code] = np.bincount(position, minlength=len(times))
    safe = np.where(risk > 0, risk, 1.0)
    after = np.cumprod(1 - (own + other) / safe, axis=0)
    before = np.vstack([np.ones(count), after[:-1]])
    incidence = np.cumsum(before * own / safe, axis=0)
    earlier = np.vstack([np.zeros(count), incidence[:-1]])
    return [_Moment(*rows) for rows in zip(risk, own, other, before, after, earlier, strict=True)]
