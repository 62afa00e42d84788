"""Log-likelihood, score and information of cumulative logit models, proportional or not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, log_expit

from trialkit.stats.columns import BoolArray, IntArray
from trialkit.stats.distributions import FloatArray
from trialkit.stats.generalized.newton import Optimum


@dataclass(frozen=True)
class CumulativeLogit:
    """P(Y = k) = F(a) - F(b): a and b the linear predictors of the thresholds above and below category k.

    ``upper`` and ``lower`` hold, a row each, how a and b depend on the parameters; the highest category
    has no threshold above (``open_above``), the lowest none below (``open_below``). The log-likelihood is
    concave.

    References: McCullagh (1980), Journal of the Royal Statistical Society B 42:109-142; Pratt (1981),
    Journal of the American Statistical Association 76:103-106 (concavity).
    """

    upper: FloatArray
    lower: FloatArray
    open_above: BoolArray
    open_below: BoolArray

    def _predictors(self, parameters: FloatArray) -> tuple[FloatArray, FloatArray]:
        a = np.where(self.open_above, np.inf, self.upper @ parameters)
        b = np.where(self.open_below, -np.inf, self.lower @ parameters)
        return a, b

    def value(self, parameters: FloatArray) -> float:
        """The log-likelihood; minus infinity where thresholds are out of order for some row."""
        a, b = self._predictors(parameters)
        if np.any(a <= b):
            return -np.inf
        return float(np.sum(_log_probability(a, b)))

    def derivatives(self, parameters: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Score and observed information."""
        a, b = self._predictors(parameters)
        above, below = self._density_ratios(a, b)
        rows = self.upper * above[:, None] - self.lower * below[:, None]
        turn_above = above * (1.0 - 2.0 * expit(a))
        turn_below = below * (1.0 - 2.0 * expit(b))
        curve = (self.upper * turn_above[:, None]).T @ self.upper
        curve -= (self.lower * turn_below[:, None]).T @ self.lower
        return np.asarray(rows.sum(axis=0)), np.asarray(rows.T @ rows - curve)

    def proves_overlap(self, optimum: Optimum) -> bool:
        """Whether the squared Newton decrement is below what it exceeds wherever a direction separates.

        Along such a direction a never falls and b never rises. With r the ratios f(a)/P and f(b)/P, score and
        information along it give decrement >= min r / (1 + max (r_a + r_b)), as in ``separation``.
        """
        above, below = self._density_ratios(*self._predictors(optimum.parameters))
        smallest = min(
            above[~self.open_above].min(initial=np.inf), below[~self.open_below].min(initial=np.inf)
        )
        return bool(optimum.decrement < smallest / (1.0 + (above + below).max()))

    @property
    def signed_rows(self) -> FloatArray:
        """Rows r with r @ d >= 0 for all of them, not all zero, exactly where d separates the outcome."""
        return np.vstack([self.upper[~self.open_above], -self.lower[~self.open_below]])

    def _density_ratios(self, a: FloatArray, b: FloatArray) -> tuple[FloatArray, FloatArray]:
        """f(a) / P and f(b) / P, zero where the threshold is not there."""
        log_p = _log_probability(a, b)
        above = np.where(self.open_above, 0.0, np.exp(_log_density(a, self.open_above) - log_p))
        below = np.where(self.open_below, 0.0, np.exp(_log_density(b, self.open_below) - log_p))
        return above, below


def proportional_odds(X: FloatArray, codes: IntArray, levels: int) -> CumulativeLogit:
    """Parameters: the ``levels - 1`` thresholds, then one coefficient a column of ``X``."""
    return nonproportional_odds(X, np.empty((len(X), 0)), codes, levels)


def nonproportional_odds(X: FloatArray, Z: FloatArray, codes: IntArray, levels: int) -> CumulativeLogit:
    """As ``proportional_odds``, with the columns of ``Z`` having a coefficient of their own at each
    threshold.
    """
    thresholds = np.vstack([np.eye(levels - 1), np.zeros((1, levels - 1))])

    def rows(threshold: IntArray, there: BoolArray) -> FloatArray:
        at = thresholds[np.where(there, threshold, levels - 1)]
        own = (Z[:, :, None] * at[:, None, :]).reshape(len(Z), -1)
        return np.hstack([at, -X * there[:, None], -own])

    has_above, has_below = codes < levels - 1, codes > 0
    return CumulativeLogit(rows(codes, has_above), rows(codes - 1, has_below), ~has_above, ~has_below)


def _log_probability(a: FloatArray, b: FloatArray) -> FloatArray:
    """log(F(a) - F(b)) = log F(a) + log F(-b) + log(1 - exp(b - a)), without cancellation."""
    with np.errstate(divide="ignore"):
        return np.asarray(log_expit(a) + log_expit(-b) + np.log(-np.expm1(b - a)))


def _log_density(z: FloatArray, absent: BoolArray) -> FloatArray:
    z = np.where(absent, 0.0, z)
    return np.asarray(log_expit(z) + log_expit(-z))
