"""The (restricted) likelihood of repeated measures as a function of the covariance parameters alone."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from trialkit.stats.distributions import FloatArray
from trialkit.stats.mixed.last_result import LastResult
from trialkit.stats.mixed.panel import Panel
from trialkit.stats.mixed.pieces import Pieces, block_diagonal, pieces_of, stacked
from trialkit.stats.mixed.state import Curvature, MixedState
from trialkit.stats.mixed.structures import Structure

_LOG_2PI = math.log(2.0 * math.pi)


@dataclass(frozen=True)
class _Whitened:
    """A panel under a covariance matrix: O of each pattern, O[X y] of each row, sums over all."""

    precision: FloatArray
    weighted: FloatArray
    cross: FloatArray
    log_determinant: float


@dataclass(frozen=True)
class RepeatedMeasures:
    """A Gaussian model whose covariance over visits has a structure, with parameters for each panel.

    ``n`` rows and ``p`` columns of a design that has been rotated to orthonormal columns; ``log_jacobian`` is
    the log determinant of that rotation, which the restricted likelihood of the unrotated design needs.
    """

    panels: tuple[Panel, ...]
    structure: Structure
    n: int
    p: int
    restricted: bool
    log_jacobian: float
    _last: LastResult[list[_Whitened] | None] = field(
        default_factory=LastResult, init=False, repr=False, compare=False
    )

    def value(self, parameters: FloatArray) -> float:
        """Log-likelihood; minus infinity where a covariance is not positive definite."""
        found = self._whiten(parameters)
        if found is None:
            return -math.inf
        solved = self._solve(found)
        return -math.inf if solved is None else solved[2]

    def state(self, parameters: FloatArray) -> MixedState:
        """Everything at these parameters; they must give positive definite covariances."""
        found = self._whiten(parameters)
        assert found is not None
        solved = self._solve(found)
        assert solved is not None
        coefficients, root, log_likelihood = solved
        turn = np.zeros((self.p + 1, self.p + 1))
        turn[: self.p, : self.p] = root
        turn[: self.p, self.p] = -coefficients
        turn[self.p, self.p] = 1.0
        parts = [
            pieces_of(white.precision, panel.counts, white.weighted @ turn, panel.starts)
            for panel, white in zip(self.panels, found, strict=True)
        ]
        directions, curvature = self._directions(parameters)
        entries = stacked(parts)
        return MixedState(
            parameters=parameters,
            coefficients=coefficients,
            root=root,
            log_likelihood=log_likelihood,
            pieces=entries.along(directions),
            curvature=_curvature(entries, curvature, self.restricted),
            restricted=self.restricted,
        )

    def derivatives(self, parameters: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Score and information of the log-likelihood, as ``newton.maximize`` takes them."""
        return self.state(parameters).score_and_information()

    def split(self, parameters: FloatArray) -> list[FloatArray]:
        """The parameters of each panel."""
        return np.split(parameters, len(self.panels))

    def _whiten(self, parameters: FloatArray) -> list[_Whitened] | None:
        return self._last.at(parameters, lambda: self._whiten_anew(parameters))

    def _whiten_anew(self, parameters: FloatArray) -> list[_Whitened] | None:
        found = []
        for panel, own in zip(self.panels, self.split(parameters), strict=True):
            with np.errstate(over="ignore", invalid="ignore"):
                matrix = self.structure.matrix(own)
            white = _whiten(panel, matrix) if np.isfinite(matrix).all() else None
            if white is None:
                return None
            found.append(white)
        return found

    def _solve(self, found: list[_Whitened]) -> tuple[FloatArray, FloatArray, float] | None:
        """Coefficients, a root of their covariance, log-likelihood."""
        p = self.p
        cross = sum((white.cross for white in found), np.zeros((p + 1, p + 1)))
        try:
            lower = np.linalg.cholesky(cross[:p, :p])
        except np.linalg.LinAlgError:
            return None
        root = np.linalg.inv(lower).T
        half = root.T @ cross[:p, p]
        rss = float(cross[p, p] - half @ half)
        minus_two = sum(white.log_determinant for white in found) + rss + self.n * _LOG_2PI
        if self.restricted:
            minus_two += 2.0 * float(np.log(np.diag(lower)).sum()) + 2.0 * self.log_jacobian
            minus_two -= self.p * _LOG_2PI
        return root @ half, root, -0.5 * minus_two

    def _directions(self, parameters: FloatArray) -> tuple[FloatArray, list[FloatArray]]:
        """dS / d theta (one row a parameter, one column an entry), and second derivatives by panel."""
        covariances = [self.structure.covariance(own) for own in self.split(parameters)]
        k, entries = self.structure.n_parameters, self.structure.visits**2
        first = block_diagonal([c.first.reshape(k, entries) for c in covariances])
        return first, [c.second.reshape(k, k, entries) for c in covariances]


def _whiten(panel: Panel, covariance: FloatArray) -> _Whitened | None:
    both = panel.observed[:, :, None] & panel.observed[:, None, :]
    padded = np.where(both, covariance, np.eye(panel.visits))
    try:
        lower = np.linalg.cholesky(padded)
    except np.linalg.LinAlgError:
        return None
    half = np.linalg.inv(lower)
    precision = (half.swapaxes(1, 2) @ half) * both
    weighted = precision[panel.pattern] @ panel.values
    q = panel.values.shape[2]
    logs = np.log(np.einsum("gss->gs", lower)).sum(axis=1)
    return _Whitened(
        precision=precision,
        weighted=weighted,
        cross=panel.values.reshape(-1, q).T @ weighted.reshape(-1, q),
        log_determinant=2.0 * float(panel.counts @ logs),
    )


def _curvature(entries: Pieces, second: list[FloatArray], restricted: bool) -> Curvature:
    """What the second derivatives of the covariance add: to the Hessian, and to Kenward-Roger's R."""
    k, m2 = second[0].shape[0], second[0].shape[2]
    gradient = entries.gradient(restricted)
    hessian = block_diagonal(
        [np.asarray(part @ gradient[i * m2 : (i + 1) * m2]) for i, part in enumerate(second)]
    )

    def weigh(weights: FloatArray) -> FloatArray:
        own = [
            np.einsum("kl,kle->e", weights[i * k : (i + 1) * k, i * k : (i + 1) * k], part)
            for i, part in enumerate(second)
        ]
        return np.asarray(np.tensordot(np.concatenate(own), entries.P, axes=1))

    return Curvature(hessian, weigh)
