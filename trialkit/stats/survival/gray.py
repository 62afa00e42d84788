"""Gray's test that groups have the same cumulative incidence of one cause, in the presence of others.

Gray (1988) compares subdistribution hazards. A group's risk set is enlarged by those who failed of another
cause and could still have been under observation: Y(t) (1 - F(t-)) / S(t-), with S the survival of all
causes and F the incidence of the cause. The variance (his section 3) follows the groups' own survival and
the pooled incidence.
"""

from __future__ import annotations

import numpy as np

from trialkit.stats.survival.cause_counts import CauseCounts, shifted
from trialkit.stats.survival.observations import Floats


def gray_scores(at: CauseCounts, rho: float) -> tuple[Floats, Floats] | None:
    """Of each cause the score of each group but the last and its covariance in one stratum; None without
    events.

    The last group's is what is left. What a time adds depends on sums up to it.
    """
    happened = np.flatnonzero(at.events.any(axis=(0, 1)))
    if not len(happened):
        return None
    risk, own_of, before, after = (one[..., happened] for one in (at.risk, at.events, at.before, at.after))
    groups, divisor = len(risk), np.maximum(risk, 1.0)
    kept = groups - 1
    enlarged = _quotient(risk, before)
    total, own = enlarged.sum(axis=0), own_of.sum(axis=1)
    pooled_after = np.cumsum(own / total, axis=-1)
    pooled = shifted(pooled_after, 0.0)
    risk_of_cause = enlarged * (1 - shifted(at.incidence[..., happened], 0.0))
    ahead = own_of - risk_of_cause * (own / risk_of_cause.sum(axis=1))[:, None]
    spread = (np.eye(groups)[:kept, :, None] - enlarged[:kept, None] / total) * enlarged
    spread, score = spread[None], ahead[:, :kept]
    if rho:
        weight = ((1 - pooled) ** rho)[:, None]
        spread, score = weight[:, None] * spread, weight * score
    with np.errstate(divide="ignore", invalid="ignore"):  # NaN once the pooled incidence is 1
        drift = np.cumsum(spread * (own / (total * (1 - pooled)))[:, None, None], axis=-1)
    left = _quotient((1 - pooled_after)[:, None], after)
    through = drift * left[:, None]
    parts = (
        _summed(
            spread - drift + through, 1 - left, _own_steps(before / divisor, before, own[:, None], total)
        ),
        _summed(-through, left, np.where(after > 0, _other_steps(before / divisor, risk, own_of), 0.0)),
    )
    covariance, own_variance, mixed = (one + two for one, two in zip(*parts, strict=True))
    last = drift[..., -1]
    crossed = last @ mixed.swapaxes(1, 2)
    ending = (last * own_variance[:, None]) @ last.swapaxes(1, 2) + crossed + crossed.swapaxes(1, 2)
    return score.sum(axis=-1), covariance + ending


def _quotient(part: Floats, whole: Floats) -> Floats:
    """0 where there is nothing to divide by."""
    return np.asarray(np.where(whole > 0, part / np.where(whole > 0, whole, 1.0), 0.0))


def _summed(path: Floats, share: Floats, size: Floats) -> tuple[Floats, Floats, Floats]:
    """Add up martingale steps of every group: ``path`` their effect so far (causes x kept x groups x times),
    ``share`` that through the end (causes x groups x times)."""
    weighted = path * size[:, None]
    causes, kept = path.shape[:2]
    flat = (causes, kept, -1)
    return (
        weighted.reshape(flat) @ path.reshape(flat).swapaxes(1, 2),
        (share**2 * size).sum(axis=-1),
        (weighted * share[:, None]).sum(axis=-1),
    )


def _own_steps(step: Floats, before: Floats, own: Floats, total: Floats) -> Floats:
    """Variance of the events of the cause in each group under the common incidence, corrected for ties."""
    size = step / total * own
    if (own <= 1).all():
        return size
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(own > 1, 1 - (own - 1) / (total * before - 1), 1.0) * size)


def _other_steps(step: Floats, risk: Floats, own: Floats) -> Floats:
    """Variance of the events of other causes, each group's own, corrected for ties."""
    other = own.sum(axis=0) - own
    ties = 1 - np.maximum(other - 1, 0.0) / np.maximum(risk - 1, 1.0)
    return np.asarray(ties * other * step**2)
