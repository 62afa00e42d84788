"""A mixture of normal distributions of one variable, by expectation-maximization from given centres.

Written out because scikit-learn takes 1.7 s to import and is no part of ``trialkit[imaging]``; a test holds
it against scikit-learn's ``GaussianMixture``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from trialkit.imaging.grid import FloatArray

_MOST_VALUES = 2048
_BINS = 512
_TOLERANCE = 1e-6
_MOST_ITERATIONS = 1000
_LEAST_VARIANCE = 1e-6


@dataclass(frozen=True, eq=False)
class Mixture:
    """Components in rising order of their means."""

    weights: FloatArray
    means: FloatArray
    variances: FloatArray
    iterations: int
    converged: bool

    def log_densities(self, values: FloatArray) -> FloatArray:
        """Of each component, weighted, (component, value)."""
        apart = (values[None, :] - self.means[:, None]) ** 2 / self.variances[:, None]
        densities: FloatArray = np.log(self.weights)[:, None] - 0.5 * (
            np.log(2 * np.pi * self.variances)[:, None] + apart
        )
        return densities

    def most_likely(self, values: FloatArray) -> npt.NDArray[np.intp]:
        component: npt.NDArray[np.intp] = self.log_densities(values).argmax(axis=0)
        return component


def fit_mixture(values: FloatArray, centres: FloatArray) -> Mixture:
    """Fit as many components as ``centres``; more than 2,048 different values are binned to 512."""
    points, weights = np.unique(values, return_counts=True)
    if len(points) > _MOST_VALUES:
        weights, edges = np.histogram(values, bins=_BINS)
        points = (edges[1:] + edges[:-1]) / 2
    shares = weights / weights.sum()
    variance = float(shares @ (points - shares @ points) ** 2)
    fitted = Mixture(
        np.full(len(centres), 1 / len(centres)),
        centres,
        np.full(len(centres), variance / len(centres) ** 2),
        0,
        False,
    )
    reached = -np.inf
    for iteration in range(1, _MOST_ITERATIONS + 1):
        densities = fitted.log_densities(points)
        total = np.logaddexp.reduce(densities, axis=0)
        likelihood = float(shares @ total)
        converged = abs(likelihood - reached) < _TOLERANCE
        reached = likelihood
        belongs = np.exp(densities - total) * shares
        mass = np.maximum(belongs.sum(axis=1), 1e-300)
        means = belongs @ points / mass
        spread = (belongs * (points[None, :] - means[:, None]) ** 2).sum(axis=1) / mass
        order = np.argsort(means)
        fitted = Mixture(
            mass[order] / mass.sum(),
            means[order],
            np.maximum(spread, _LEAST_VARIANCE * variance)[order],
            iteration,
            converged,
        )
        if converged:
            break
    return fitted
