"""The score test for hazards that are not proportional, as ``cox.zph`` of R's survival computes it from
version 3.

Each covariate x is joined by x g(t). The score of those added columns at coefficient 0 is tested with the
full information of both, each event time with its own covariance of the covariates over the risk set. The
older test (and that of several libraries) took one average covariance for all times.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from trialkit.stats.distributions import chi_square_p_value
from trialkit.stats.errors import DataError
from trialkit.stats.inference import check_choice
from trialkit.stats.survival.observations import Floats
from trialkit.stats.survival.partial_likelihood import Hazards, PartialLikelihood
from trialkit.stats.survival.product_limit import ProductLimit

if TYPE_CHECKING:
    import pandas as pd

TimeTransform = Literal["km", "rank", "identity", "log"]
SINGULAR = 1e13
"""Condition number of the scaled information beyond which nothing is left of sixteen digits."""


def proportional_hazards_test(
    likelihood: PartialLikelihood,
    hazards: Hazards,
    terms: Mapping[str, tuple[int, ...]],
    curve: ProductLimit,
    transform: TimeTransform,
) -> pd.DataFrame:
    """One row a term and one for all together: ``term``, ``statistic``, ``df``, ``p_value``."""
    import pandas as pd

    check_choice("transform", transform, get_args(TimeTransform))
    g = transformed(likelihood.sets.cell_time, curve, transform)
    g = g - float(likelihood.sets.deaths @ g) / float(likelihood.sets.deaths.sum())
    score, information = _added_score(likelihood, hazards, g)
    size = likelihood.design.shape[1]
    everything = {**terms, "GLOBAL": tuple(range(size))}
    statistics = [_quadratic(score, information, columns, size) for columns in everything.values()]
    df = [len(columns) for columns in everything.values()]
    return pd.DataFrame(
        {
            "term": list(everything),
            "statistic": statistics,
            "df": df,
            "p_value": [chi_square_p_value(s, d) for s, d in zip(statistics, df, strict=True)],
        }
    )


def transformed(times: Floats, curve: ProductLimit, transform: TimeTransform) -> Floats:
    """g(t): 1 - the pooled Kaplan-Meier just before t, the average rank among all times, t itself, or its
    log."""
    if transform == "identity":
        return times
    if transform == "log":
        if times.min() <= 0:
            raise DataError(
                expected="event times above 0 for the log of time",
                found="an event at time 0",
                next_step="Choose another transform of time.",
            )
        return np.asarray(np.log(times))
    index = np.searchsorted(curve.time, times)
    if transform == "km":
        return np.asarray(1 - np.append(1.0, curve.survival)[index])
    tied = curve.n_events + curve.n_censored
    return np.asarray((np.cumsum(tied) - (tied - 1) / 2)[index])


def _added_score(likelihood: PartialLikelihood, hazards: Hazards, g: Floats) -> tuple[Floats, Floats]:
    """Score of the added columns, and the information of the old and the added ones."""
    sets, sums = likelihood.sets, likelihood.sums(hazards)
    observed = np.zeros_like(hazards.weight)
    observed[sets.event_rows] = g[sets.cell_of_event]
    score = (observed - likelihood.expected(hazards, g)) @ likelihood.design
    plain, once, twice = (likelihood.information(hazards, sums, power) for power in (None, g, g**2))
    return score, np.block([[plain, once], [once, twice]])


def _quadratic(score: Floats, information: Floats, columns: tuple[int, ...], size: int) -> float:
    chosen = [*range(size), *(size + column for column in columns)]
    vector = np.concatenate([np.zeros(size), score[list(columns)]])
    matrix = information[np.ix_(chosen, chosen)]
    scale = np.sqrt(np.diag(matrix))
    scaled = matrix / np.outer(scale, scale) if (scale > 0).all() else np.zeros_like(matrix)
    if np.linalg.cond(scaled) > SINGULAR:
        raise DataError(
            expected="enough event times with covariates that vary among those at risk",
            found="covariates whose change with time these event times do not determine",
            next_step="The proportional-hazards test needs more events, or fewer terms.",
        )
    z = vector / scale
    return float(z @ np.linalg.solve(scaled, z))
