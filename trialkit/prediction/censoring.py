"""Follow-up that ended before the horizon: inverse-probability-of-censoring weights.

A subject seen to the horizon, or to the event, stands for those like it that were lost: weight
1 / G(min(time-, horizon)), with G the Kaplan-Meier estimate of being uncensored. Whoever was censored before
the horizon has weight 0. Source: Graf et al., Stat Med 1999;18:2529-2545, eq. 3; Vock et al., J Biomed Inform
2016;61:119-131. R: ``riskRegression::Score(..., cens.model = "km")``, ``ipred::sbrier``.
"""

from __future__ import annotations

import numpy as np

from trialkit.prediction.arrays import Floats


def seen_to_the_horizon(
    time_days: Floats, event: Floats, followed_from_days: float, horizon_days: float
) -> Floats:
    """Times with those free of the event at ``followed_from_days`` or later carried to the horizon.

    Visits at twelve months fall on days round 365: without this half of the people who came would count as
    lost, and the few who came late would stand for them.
    """
    carried = (event == 0) & (time_days >= followed_from_days) & (time_days < horizon_days)
    return np.where(carried, horizon_days, time_days)


def censoring_weights(time_days: Floats, event: Floats, horizon_days: float) -> tuple[Floats, Floats]:
    """Outcome (event by the horizon, 0/1) and weight, one a subject.

    Events and censorings on the same day: the event comes first, as in a Kaplan-Meier estimate. With nobody
    censored before the horizon every weight is 1.
    """
    outcome = ((event == 1) & (time_days <= horizon_days)).astype(float)
    known = (outcome == 1) | (time_days >= horizon_days)
    at = np.minimum(time_days, horizon_days)
    free = np.array([_uncensored_before(time_days, event, t) for t in at])
    weights = np.zeros(len(time_days))
    weights[known] = 1.0 / free[known]
    return outcome, weights


def _uncensored_before(time_days: Floats, event: Floats, at: float) -> float:
    """Kaplan-Meier of the censoring time just before ``at``."""
    survival = 1.0
    for t in np.unique(time_days[(event == 0) & (time_days < at)]):
        censored = int(((time_days == t) & (event == 0)).sum())
        at_risk = int((time_days > t).sum()) + censored  # who had the event that day is gone before
        survival *= 1.0 - censored / at_risk
    return survival
