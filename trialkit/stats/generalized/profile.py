"""Profile likelihood intervals: they end where the likelihood ratio test would begin to reject."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from trialkit.stats.columns import BoolArray
from trialkit.stats.distributions import FloatArray, chi_square_quantile
from trialkit.stats.errors import ConvergenceError
from trialkit.stats.generalized.maximum import Likelihood
from trialkit.stats.generalized.newton import maximize, require_convergence
from trialkit.stats.inference import Inference
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd

Intervals = Literal["wald", "profile"]
INTERVALS: tuple[Intervals, ...] = get_args(Intervals)
Profile = Callable[[float, FloatArray], tuple[float, FloatArray]]
"""Held value and starting parameters -> the maximum of the log-likelihood there, and where it is."""

_WIDEST = 60
_ASTRAY = 6.0
"""Times as far from the estimate as Wald's limit: beyond that the limit is looked for step by step."""
_SETTLED = 1e-9
"""Of the distance to Wald's limit: the last step that secants take, whose own error is far less."""
_MOST_STEPS = 2000
"""With a penalty the information is that of the likelihood alone: steps then fall short by a share."""


@dataclass(frozen=True)
class LikelihoodAboutMaximum:
    """A likelihood with its maximum: how it falls where parameters are held elsewhere.

    Attributes
    ----------
    model, inference, names
        The likelihood, the estimates with their covariance, and the names of the parameters.
    maximum
        Of the (penalized) log-likelihood.
    first
        Position of the first coefficient: thresholds may come before.
    """

    model: Likelihood
    inference: Inference
    names: tuple[str, ...]
    maximum: float
    first: int
    confidence_level: float

    def with_profile_limits(self, table: pd.DataFrame) -> pd.DataFrame:
        """The table of coefficients with profile likelihood limits in place of its own."""
        table["ci_lower"] = [lower for lower, _ in self._limits]
        table["ci_upper"] = [upper for _, upper in self._limits]
        return table

    def maximum_without(self, held_at_zero: BoolArray) -> float:
        """The maximum with some parameters held at zero."""
        start = np.where(held_at_zero, 0.0, self.inference.coefficients)
        found = maximize(self.model.value, self.model.derivatives, start, free=~held_at_zero)
        return require_convergence(found, "the model without a term").log_likelihood

    @cached_property
    def _limits(self) -> tuple[tuple[float, float], ...]:
        """Profile limits of every coefficient: costly, so found once."""
        return tuple(self._limits_of(position) for position in range(self.first, len(self.names)))

    def _limits_of(self, position: int) -> tuple[float, float]:
        free = np.arange(len(self.names)) != position

        def profile(held: float, start: FloatArray) -> tuple[float, FloatArray]:
            begin = np.where(free, start, held)
            found = maximize(
                self.model.value, self.model.derivatives, begin, free=free, iterations=_MOST_STEPS
            )
            require_convergence(found, said("profile of {names}", names=self.names[position]))
            return found.log_likelihood, found.parameters

        return profile_limits(
            profile,
            self.inference.coefficients,
            self.inference.covariance[position],
            position,
            self.maximum,
            self.confidence_level,
        )


def profile_limits(
    profile: Profile,
    estimate: FloatArray,
    covariances: FloatArray,
    position: int,
    maximum: float,
    confidence_level: float,
) -> tuple[float, float]:
    """The two values at which twice the drop of the profiled log-likelihood is the chi-square quantile.

    ``covariances``: of the estimate at ``position`` with each.

    Equivalent in R: ``confint(fit)`` for glm and clm, which interpolate the same curve.
    """
    rise = chi_square_quantile(1.0 - confidence_level, 1.0)
    standard_error = float(np.sqrt(covariances[position]))

    def limit(stride: float) -> float:
        wald = estimate + stride * np.sqrt(rise) * covariances / covariances[position]
        quick = _by_secants(profile, estimate, wald, position, maximum, rise)
        return _limit(profile, estimate, position, stride, maximum - rise / 2.0) if quick is None else quick

    return limit(-standard_error), limit(standard_error)


def _by_secants(
    profile: Profile, estimate: FloatArray, wald: FloatArray, position: int, maximum: float, rise: float
) -> float | None:
    """The limit from the Wald limit on; None where that goes astray.

    The root of twice the drop is nearly a straight line, and so are the other parameters at the maximum with
    one held: each search starts on the line through the last.
    """
    from scipy.optimize import newton

    centre, apart, last = float(estimate[position]), float(wald[position] - estimate[position]), wald

    def excess(value: float) -> float:
        nonlocal last
        share = (value - centre) / apart
        if share == 0.0:
            return -float(np.sqrt(rise))
        if not 0.0 < share < _ASTRAY:
            raise ConvergenceError(expected="a limit near Wald's", found=said("{share:g}", share=share))
        along = (value - centre) / (last[position] - centre)
        height, last = profile(value, estimate + along * (last - estimate))
        return float(np.sqrt(2.0 * max(maximum - height, 0.0)) - np.sqrt(rise))

    try:
        found = float(newton(excess, centre, x1=centre + apart, tol=_SETTLED * abs(apart)))
        return found if abs(excess(found)) < _SETTLED else None
    except (ConvergenceError, RuntimeError, ValueError, np.linalg.LinAlgError):
        return None


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
            found=said("none within {outer:.3g} of the estimate", outer=abs(outer - estimate[position])),
            next_step="Ask for intervals='wald', and look for a nearly separated outcome.",
        )

    from scipy.optimize import brentq

    def above(value: float) -> float:
        return profile(value, at_inner)[0] - target

    low, high = sorted((inner, outer))
    return float(brentq(above, low, high, xtol=1e-10 * max(1.0, abs(outer)), rtol=1e-12))
