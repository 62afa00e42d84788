"""Where the search for a covariance begins, and what its failure shows."""

from __future__ import annotations

from collections.abc import Hashable, Iterator

import numpy as np

from trialkit.stats.distributions import FloatArray
from trialkit.stats.mixed.marginal import RepeatedMeasures
from trialkit.stats.mixed.panel import Panel

_SMALLEST_EIGENVALUE = 0.05
_POSITIVE_DEFINITE = 1e-10
_NEARLY_ONE = 1.0 - 1e-6
_NEARLY_NOTHING = 1e-6
_NEARLY_SINGULAR = 1e-3
_FEWER = ", or choose a structure with fewer parameters, in the order the plan states."


def starting_points(model: RepeatedMeasures) -> Iterator[tuple[str, FloatArray]]:
    """Least-squares residuals' covariance; that made safely definite; then weaker correlations; then none."""
    residual = [_residual_covariance(panel) for panel in model.panels]
    if all(np.all(np.diag(matrix) > 0) for matrix in residual):
        smallest = min(float(np.linalg.eigvalsh(_correlations(matrix))[0]) for matrix in residual)
        if _POSITIVE_DEFINITE < smallest < _SMALLEST_EIGENVALUE:
            yield "the residual covariance", _parameters(model, residual)
        for name, share in (("the shrunk residual covariance", 1.0), ("half its correlations", 0.5)):
            yield name, _parameters(model, [_shrunk(matrix, share) for matrix in residual])
    variance = sum(np.trace(matrix) for matrix in residual) / (len(residual) * len(residual[0]))
    level = float(variance) if variance > 0 else 1.0
    yield "independent visits", _parameters(model, [level * np.eye(len(m)) for m in residual])


def why_not(model: RepeatedMeasures, parameters: FloatArray, levels: tuple[Hashable, ...]) -> str:
    """What to do, from where the search ended."""
    for own in model.split(parameters):
        matrix = model.structure.matrix(own)
        variances = np.diag(matrix)
        small = np.flatnonzero(variances < _NEARLY_NOTHING * variances.max())
        if len(small):
            return (
                f"The variance at {levels[small[0]]} runs to zero: check for a constant outcome there{_FEWER}"
            )
        sd = np.sqrt(variances)
        apart = np.abs(matrix / np.outer(sd, sd)) * (1.0 - np.eye(len(sd)))
        if apart.max() > _NEARLY_ONE:
            s, t = np.unravel_index(int(apart.argmax()), apart.shape)
            return (
                f"The correlation of {levels[s]} and {levels[t]} runs to 1: check for copied values{_FEWER}"
            )
        smallest = float(np.linalg.eigvalsh(matrix / np.outer(sd, sd))[0])
        if smallest < _NEARLY_SINGULAR:
            return (
                "The covariance runs to a singular matrix: too few subjects for so many parameters. "
                "Choose a structure with fewer, in the order the plan states."
            )
    return "Choose a structure with fewer parameters, in the order the plan states."


def _parameters(model: RepeatedMeasures, matrices: list[FloatArray]) -> FloatArray:
    return np.concatenate([model.structure.start(matrix) for matrix in matrices])


def _residual_covariance(panel: Panel) -> FloatArray:
    """Mean products of least-squares residuals, over the subjects seen at both visits of a pair."""
    residual = panel.values[:, :, -1]
    together = np.einsum("g,gs,gt->st", panel.counts, panel.observed, panel.observed)
    return np.asarray((residual.T @ residual) / np.maximum(together, 1.0))


def _shrunk(matrix: FloatArray, share: float) -> FloatArray:
    """The matrix with its correlations shrunk until it is safely positive definite."""
    correlations = _correlations(matrix)
    smallest = float(np.linalg.eigvalsh(correlations)[0])
    if smallest < _SMALLEST_EIGENVALUE:
        share *= (1.0 - _SMALLEST_EIGENVALUE) / (1.0 - smallest)
    mixed = share * correlations + (1.0 - share) * np.eye(len(matrix))
    sd = np.sqrt(np.diag(matrix))
    return np.asarray(mixed * np.outer(sd, sd))


def _correlations(matrix: FloatArray) -> FloatArray:
    sd = np.sqrt(np.diag(matrix))
    return np.asarray(matrix / np.outer(sd, sd))
