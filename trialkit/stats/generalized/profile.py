"""Profile likelihood intervals: they end where the likelihood ratio test would begin to reject."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from trialkit.stats.distributions import FloatArray, chi_square_quantile
from trialkit.stats.errors import ConvergenceError

Profile = Callable[[float, FloatArray], tuple[float, FloatArray]]
"""Held value and starting parameters -> the maximum of the log-likelihood there, and where it is."""

_WIDEST = 60


def profile_limits(
    profile: Profile,
    estimate: FloatArray,
    position: int,
    standard_error: float,
    maximum: float,
    confidence_level: float,
) -> tuple[float, float]:
    """The two values at which twice the drop of the profiled log-likelihood is the chi-square quantile.

    Equivalent in R: ``confint(fit)`` for glm and clm, which interpolate the same curve.
    """
    drop = chi_square_quantile(1.0 - confidence_level, 1.0) / 2.0
    return (
        _limit(profile, estimate, position, -standard_error, maximum - drop),
        _limit(profile, estimate, position, standard_error, maximum - drop),
    )


def _limit(profile: Profile, estimate: FloatArray, position: int, stride: float, target: float) -> float:
    inner, at_inner = float(estimate[position]), np.array(estimate)
    for _ in range(_WIDEST):
        outer = inner + stride
        height, at_outer = profile(outer, at_inner)
        if height < target:
            break
        inner, at_inner, stride = outer, at_outer, 1.5 * stride
    else:
        raise ConvergenceError(
            expected="a profile likelihood that falls below the limit of the interval",
            found=f"none within {abs(outer - estimate[position]):.3g} of the estimate",
            next_step="Ask for intervals='wald', and look for a nearly separated outcome.",
        )

    from scipy.optimize import brentq

    def above(value: float) -> float:
        return profile(value, at_inner)[0] - target

    low, high = sorted((inner, outer))
    return float(brentq(above, low, high, xtol=1e-10 * max(1.0, abs(outer)), rtol=1e-12))
