"""The (restricted) likelihood of a model with random coefficients, from sums over each subject.

A subject's covariance is V = s^2 (I + Z D Z') with D = L L', so that Z'V^-1 Z and Z'V^-1 [X y] need only Z'Z
and Z'[X y]: nothing has more rows than subjects. A variance of zero is a zero on L's diagonal, where the
likelihood is smooth.

References: Laird & Ware (1982), Biometrics 38:963-974; Bates et al. (2015), Journal of Statistical Software
67(1):1-48 (the relative factor L).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from trialkit.stats.distributions import FloatArray
from trialkit.stats.mixed.last_result import LastResult
from trialkit.stats.mixed.pieces import IntArray, Pieces, pieces_of
from trialkit.stats.mixed.state import Curvature, MixedState

_LOG_2PI = math.log(2.0 * math.pi)


@dataclass(frozen=True)
class Sums:
    """Z'Z and Z'[X y] of each subject, and [X y]'[X y] of all rows."""

    ZZ: FloatArray
    ZX: FloatArray
    cross: FloatArray

    def ordered(self, order: IntArray) -> Sums:
        """With the random coefficients in another order."""
        return Sums(self.ZZ[:, order][:, :, order], self.ZX[:, order], self.cross)


def sums_by_subject(Z: FloatArray, columns: FloatArray, subject: IntArray) -> Sums:
    """The sums for codes of subjects without gaps."""
    order = np.argsort(subject, kind="stable")
    starts = np.flatnonzero(np.diff(subject[order], prepend=-1))
    sorted_z, sorted_columns = Z[order], columns[order]
    zz = np.add.reduceat(sorted_z[:, :, None] * sorted_z[:, None, :], starts)
    zx = np.stack([np.add.reduceat(sorted_columns * z[:, None], starts) for z in sorted_z.T], axis=1)
    return Sums(zz, zx, columns.T @ columns)


@dataclass(frozen=True)
class _Solved:
    relative: FloatArray
    variance: float
    shrink: FloatArray
    coefficients: FloatArray
    root: FloatArray
    rss: float
    log_likelihood: float


@dataclass(frozen=True)
class RandomCoefficients:
    """Parameters: the elements of L by rows (the diagonal alone when uncorrelated), then log s."""

    sums: Sums
    n: int
    p: int
    restricted: bool
    log_jacobian: float
    correlated: bool
    _last: LastResult[_Solved | None] = field(
        default_factory=LastResult, init=False, repr=False, compare=False
    )

    @property
    def size(self) -> int:
        return int(self.sums.ZZ.shape[1])

    @property
    def places(self) -> tuple[IntArray, IntArray]:
        """Row and column of each free element of L."""
        if self.correlated:
            rows, columns = np.tril_indices(self.size)
            return rows, columns
        return np.arange(self.size), np.arange(self.size)

    def factor(self, parameters: FloatArray) -> FloatArray:
        factor = np.zeros((self.size, self.size))
        factor[self.places] = parameters[:-1]
        return factor

    def value(self, parameters: FloatArray) -> float:
        """Log-likelihood; minus infinity where it cannot be computed."""
        solved = self._solve(parameters)
        return -math.inf if solved is None else solved.log_likelihood

    def derivatives(self, parameters: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Score and information of the log-likelihood, as ``newton.maximize`` takes them."""
        return self.state(parameters).score_and_information()

    def state(self, parameters: FloatArray) -> MixedState:
        """Everything at these parameters."""
        solved = self._solve(parameters)
        assert solved is not None
        pieces = self._pieces(solved)
        first, second = self._directions(parameters, solved)
        gradient = pieces.gradient(self.restricted)
        flat = second.reshape(-1, second.shape[-1])

        def weigh(weights: FloatArray) -> FloatArray:
            return np.asarray(np.tensordot(weights.ravel() @ flat, pieces.P, axes=1))

        k = len(parameters)
        return MixedState(
            parameters=parameters,
            coefficients=solved.coefficients,
            root=solved.root,
            log_likelihood=solved.log_likelihood,
            pieces=pieces.along(first),
            curvature=Curvature((flat @ gradient).reshape(k, k), weigh),
            restricted=self.restricted,
        )

    def in_variances(self, parameters: FloatArray) -> Pieces:
        """Pieces along the variances and covariances themselves, the residual variance last.

        V is linear in these, and they have a meaning at a boundary too.
        """
        solved = self._solve(parameters)
        assert solved is not None
        r = self.size
        rows, columns = self.places
        directions = np.zeros((len(rows) + 1, r * r + 1))
        for i, (a, b) in enumerate(zip(rows, columns, strict=True)):
            directions[i, a * r + b] = directions[i, b * r + a] = 1.0
        directions[-1, :-1] = -solved.relative.ravel()
        directions[-1, -1] = 1.0 / solved.variance
        return self._pieces(solved).along(directions)

    def random_effects(self, parameters: FloatArray) -> FloatArray:
        """Predicted deviations of each subject (BLUPs), one row a subject."""
        solved = self._solve(parameters)
        assert solved is not None
        turn = np.append(-solved.coefficients, 1.0)
        weighted = (solved.shrink @ (self.sums.ZX @ turn)[:, :, None])[:, :, 0]
        return np.asarray(weighted @ solved.relative)

    def _solve(self, parameters: FloatArray) -> _Solved | None:
        return self._last.at(parameters, lambda: self._solve_anew(parameters))

    def _solve_anew(self, parameters: FloatArray) -> _Solved | None:
        p, factor = self.p, self.factor(parameters)
        if not np.isfinite(parameters).all() or abs(parameters[-1]) > 300.0:
            return None
        variance = math.exp(2.0 * parameters[-1])
        inner = np.eye(self.size) + factor.T @ self.sums.ZZ @ factor
        lower = np.linalg.cholesky(inner)
        half = np.linalg.solve(lower, np.broadcast_to(factor.T, lower.shape))
        kernel = half.swapaxes(1, 2) @ half
        explained = (half @ self.sums.ZX).reshape(-1, self.sums.ZX.shape[2])
        cross = (self.sums.cross - explained.T @ explained) / variance
        try:
            triangle = np.linalg.cholesky(cross[:p, :p])
        except np.linalg.LinAlgError:
            return None
        root = np.linalg.inv(triangle).T
        half_beta = root.T @ cross[:p, p]
        rss = float(cross[p, p] - half_beta @ half_beta)
        if not rss > 0:
            return None
        logs = 2.0 * float(np.log(np.einsum("irr->ir", lower)).sum())
        minus_two = 2.0 * self.n * parameters[-1] + logs + rss + self.n * _LOG_2PI
        if self.restricted:
            minus_two += 2.0 * float(np.log(np.diag(triangle)).sum()) + 2.0 * self.log_jacobian
            minus_two -= p * _LOG_2PI
        return _Solved(
            relative=factor @ factor.T,
            variance=variance,
            shrink=np.eye(self.size) - self.sums.ZZ @ kernel,
            coefficients=root @ half_beta,
            root=root,
            rss=rss,
            log_likelihood=-0.5 * minus_two,
        )

    def _pieces(self, solved: _Solved) -> Pieces:
        """Along each entry of the random coefficients' covariance, then along V itself."""
        p, subjects = self.p, len(self.sums.ZZ)
        turn = np.zeros((p + 1, p + 1))
        turn[:p, :p], turn[:p, p], turn[p, p] = solved.root, -solved.coefficients, 1.0
        omega = solved.shrink @ self.sums.ZZ / solved.variance
        h = solved.shrink @ (self.sums.ZX @ (turn / solved.variance))
        entries = pieces_of(omega, np.ones(subjects), h, np.arange(subjects))
        return _with_scale(entries, self.n, p, solved.rss)

    def _directions(self, parameters: FloatArray, solved: _Solved) -> tuple[FloatArray, FloatArray]:
        """First and second derivatives of (s^2 D, coefficient of V) in the parameters."""
        r, s2, factor = self.size, solved.variance, self.factor(parameters)
        rows, columns = self.places
        k = len(parameters)
        elements = np.zeros((k - 1, r, r))
        elements[np.arange(k - 1), rows, columns] = 1.0
        half = s2 * elements @ factor.T
        slope = (half + half.swapaxes(1, 2)).reshape(k - 1, r * r)
        crossed = s2 * np.einsum("kst,lut->klsu", elements, elements)
        first = np.zeros((k, r * r + 1))
        first[:-1, :-1] = slope
        first[-1, -1] = 2.0
        second = np.zeros((k, k, r * r + 1))
        second[:-1, :-1, :-1] = (crossed + crossed.swapaxes(2, 3)).reshape(k - 1, k - 1, r * r)
        second[:-1, -1, :-1] = second[-1, :-1, :-1] = 2.0 * slope
        second[-1, -1, -1] = 4.0
        return first, second


def _with_scale(entries: Pieces, n: int, p: int, rss: float) -> Pieces:
    """The pieces with one more direction: V itself, for which O V O = O."""
    inner_traces = np.einsum("kaa->k", entries.P)

    def bordered(inner: FloatArray, edge: FloatArray, corner: float) -> FloatArray:
        return np.block([[inner, edge[:, None]], [edge[None, :], np.array([[corner]])]])

    def weigh(weights: FloatArray) -> FloatArray:
        edge = weights[:-1, -1] + weights[-1, :-1]
        mixed = np.tensordot(edge, entries.P, axes=1)
        return np.asarray(entries.weigh(weights[:-1, :-1]) + mixed + weights[-1, -1] * np.eye(p))

    return Pieces(
        traces=np.append(entries.traces, float(n)),
        P=np.concatenate([entries.P, np.eye(p)[None]]),
        c=np.vstack([entries.c, np.zeros((1, p))]),
        y=np.append(entries.y, rss),
        OO=bordered(entries.OO, entries.traces, float(n)),
        XQ=bordered(entries.XQ, inner_traces, float(p)),
        YQ=bordered(entries.YQ, entries.y, rss),
        weigh=weigh,
    )
