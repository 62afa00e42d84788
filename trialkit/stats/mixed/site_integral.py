"""The likelihood of a logistic model with one random intercept: an integral a site, and its gradient.

Adaptive Gauss-Hermite quadrature is centred at the mode of each site's deviation and scaled by the curvature
there; with one point it is Laplace's approximation. Centre and scale move with the parameters, and the
gradient counts that in, so that the maximum found is that of the approximation itself.

References: Pinheiro & Bates (1995), Journal of Computational and Graphical Statistics 4:12-35; Liu & Pierce
(1994), Biometrika 81:624-629.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from scipy.special import expit

from trialkit.stats.distributions import FloatArray
from trialkit.stats.mixed.last_result import LastResult
from trialkit.stats.mixed.pieces import IntArray

_MODE_STEPS = 200
_MODE_TOLERANCE = 1e-12
_LARGEST_EXPONENT = 700.0


@dataclass(frozen=True)
class Evaluation:
    """Log-likelihood, its gradient in (coefficients, random SD), and at the modes what the information needs.

    ``site_slopes`` is each site's derivative in the random SD; ``weights`` are mu (1 - mu) of each row and
    ``spread`` the variance of each site's standardized deviation, both at the mode. At the nodes:
    ``deviations`` and their ``shares`` of the integral (a row a site), ``residuals`` (a column a row).
    """

    log_likelihood: float
    gradient: FloatArray
    modes: FloatArray
    site_slopes: FloatArray
    weights: FloatArray
    spread: FloatArray
    deviations: FloatArray
    shares: FloatArray
    residuals: FloatArray


@dataclass(frozen=True)
class SiteIntegral:
    """Rows sorted by site; parameters are the coefficients of ``X``, then the random standard deviation.

    The random standard deviation may pass through zero, where the likelihood is symmetric and smooth.
    """

    X: FloatArray
    y: FloatArray
    starts: IntArray
    points: int
    _last: LastResult[Evaluation] = field(default_factory=LastResult, init=False, repr=False, compare=False)

    def value(self, parameters: FloatArray) -> float:
        return self.evaluate(parameters).log_likelihood

    def gradient(self, parameters: FloatArray) -> FloatArray:
        return self.evaluate(parameters).gradient

    def evaluate(self, parameters: FloatArray) -> Evaluation:
        """Everything at these parameters; the last result is kept, and its modes are where the next begin."""
        before = self._last.result
        begin = np.zeros(len(self.starts)) if before is None else np.nan_to_num(before.modes)
        return self._last.at(parameters, lambda: self._evaluate(parameters, begin))

    def _evaluate(self, parameters: FloatArray, begin: FloatArray) -> Evaluation:
        sd, fixed = float(parameters[-1]), self.X @ parameters[:-1]
        modes = self._modes(fixed, sd, begin)
        at_mode = self._residuals(fixed + sd * np.repeat(modes, self.sizes))
        weights = np.abs(at_mode) * (1.0 - np.abs(at_mode))
        bend = weights * (2.0 * at_mode - self.sign)
        total, third = self._sum(weights), self._sum(bend)
        scale = 1.0 / np.sqrt(1.0 + sd**2 * total)
        nodes, logs = _hermite(self.points)
        u = modes[:, None] + math.sqrt(2.0) * scale[:, None] * nodes
        log_sums, residuals = self._at_nodes(fixed, sd * u)
        log_likelihood, shares = _integrate(log_sums - 0.5 * u**2 + logs, scale)
        sums = self._sum(residuals)
        slope = shares * (sd * sums - u)
        stretch = math.sqrt(2.0) * slope @ nodes
        k = 0.5 * scale**3 * (1.0 / scale + stretch)
        e = (slope.sum(axis=1) - k * sd**3 * third) * scale**2
        row = self._averaged(residuals, shares)
        row -= np.repeat(sd**2 * k, self.sizes) * bend + np.repeat(sd * e, self.sizes) * weights
        in_sd = (
            k * (-2.0 * sd * total - sd**2 * modes * third)
            + e * (self._sum(at_mode) - sd * modes * total)
            + (shares * u * sums).sum(axis=1)
        )
        return Evaluation(
            log_likelihood=log_likelihood,
            gradient=np.append(self.X.T @ row, in_sd.sum()),
            modes=modes,
            site_slopes=in_sd,
            weights=weights,
            spread=scale**2,
            deviations=u,
            shares=shares,
            residuals=residuals,
        )

    def _modes(self, fixed: FloatArray, sd: float, begin: FloatArray) -> FloatArray:
        """The most likely standardized deviation of each site: Newton's method between bounds that close in.

        The slope falls everywhere, and a deviation cannot be larger than the rows of its site can pull. A
        step that is not half of the last one halves the bounds instead: between plateaus Newton's steps go
        round in a circle. Not a number where rounding keeps the modes from being found, as with a random SD
        beyond all bounds.
        """
        if not (np.isfinite(sd) and np.isfinite(fixed).all()):
            return np.full(len(self.starts), np.nan)
        furthest = 1.0 + abs(sd) * self.sizes
        lower, upper = -furthest, furthest
        u, step = np.clip(begin, lower, upper), np.full_like(furthest, np.inf)
        for _ in range(_MODE_STEPS):
            residual = self._residuals(fixed + sd * np.repeat(u, self.sizes))
            size = np.abs(residual)
            slope = sd * self._sum(residual) - u
            curvature = 1.0 + sd**2 * self._sum(size * (1.0 - size))
            lower, upper = np.where(slope > 0.0, u, lower), np.where(slope > 0.0, upper, u)
            ahead = u + slope / curvature
            inside = (ahead >= lower) & (ahead <= upper) & (np.abs(ahead - u) <= 0.5 * np.abs(step))
            moved = np.where(inside, ahead, (lower + upper) / 2.0)
            step, u = moved - u, moved
            if np.abs(step).max() < _MODE_TOLERANCE * (1.0 + np.abs(u).max()):
                return u
        return np.full_like(u, np.nan)

    @cached_property
    def sign(self) -> FloatArray:
        """+1 where the event happened, -1 where it did not."""
        return 2.0 * self.y - 1.0

    @cached_property
    def sizes(self) -> IntArray:
        """Rows of each site."""
        return np.diff(np.append(self.starts, len(self.y)))

    def _residuals(self, eta: FloatArray) -> FloatArray:
        """Outcome minus probability; minus its sign, the probability of what did not happen."""
        return np.asarray(self.sign * expit(-self.sign * eta))

    def _at_nodes(self, fixed: FloatArray, deviations: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Log-likelihood of each site (one column a node), and residuals of each row (one row a node)."""
        against = np.repeat(deviations, self.sizes, axis=0).T + fixed
        against *= -self.sign
        np.exp(np.minimum(against, _LARGEST_EXPONENT, out=against), out=against)
        log_sums = -np.add.reduceat(np.log1p(against), self.starts, axis=1)
        against /= 1.0 + against
        against *= self.sign
        return log_sums.T, against

    def _averaged(self, residuals: FloatArray, shares: FloatArray) -> FloatArray:
        """Residuals of each row averaged over the nodes of its site."""
        averaged = np.zeros(len(self.y))
        for node, share in zip(residuals, shares.T, strict=True):
            averaged += np.repeat(share, self.sizes) * node
        return averaged

    def _sum(self, rows: FloatArray) -> FloatArray:
        """Over the rows of each site; of one row a node, to one column a node."""
        return np.asarray(np.add.reduceat(rows, self.starts, axis=-1).T)


def _integrate(terms: FloatArray, scale: FloatArray) -> tuple[float, FloatArray]:
    """Log of the product of the sites' integrals, and each node's share in its site's."""
    top = terms.max(axis=1)
    shares = np.exp(terms - top[:, None])
    mass = shares.sum(axis=1)
    return float((np.log(scale) + top + np.log(mass)).sum()), shares / mass[:, None]


def _hermite(points: int) -> tuple[FloatArray, FloatArray]:
    """Nodes, and log weights with what turns them into weights for a standard normal density."""
    nodes, weights = np.polynomial.hermite.hermgauss(points)
    return nodes, np.log(weights) + nodes**2 - 0.5 * math.log(math.pi)
