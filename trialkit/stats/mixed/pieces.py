"""The sums over subjects that likelihood, its derivatives and all degrees of freedom are made of.

A model has V = sum_e s_e V_e for each subject, linear in the entries s of a small covariance matrix. With
O = V^-1, X rotated so that (X'OX)^-1 is the identity, and r the residual, everything needed about the
directions V_e is in seven arrays. None of them grows with the number of subjects.

References: Kenward & Roger (1997), Biometrics 53:983-997 (P and Q); Lindstrom & Bates (1988), Journal of the
American Statistical Association 83:1014-1022 (derivatives of the restricted likelihood).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from trialkit.stats.distributions import FloatArray

IntArray = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Pieces:
    """What the likelihood's derivatives need along some directions of the covariance.

    Attributes
    ----------
    traces
        tr(O V_e).
    P
        X'O V_e O X, one p x p matrix a direction.
    c, y
        X'O V_e O r (one vector a direction) and r'O V_e O r.
    OO, XQ, YQ
        tr(O V_e O V_f), tr(X'O V_e O V_f O X), r'O V_e O V_f O r.
    weigh
        Weights w_ef -> sum of w_ef X'O V_e O V_f O X.
    """

    traces: FloatArray
    P: FloatArray
    c: FloatArray
    y: FloatArray
    OO: FloatArray
    XQ: FloatArray
    YQ: FloatArray
    weigh: Callable[[FloatArray], FloatArray]

    def along(self, directions: FloatArray) -> Pieces:
        """The same along combinations of these directions, one a row of ``directions``."""
        p = self.P.shape[1]
        return Pieces(
            traces=directions @ self.traces,
            P=(directions @ self.P.reshape(len(self.P), -1)).reshape(-1, p, p),
            c=directions @ self.c,
            y=directions @ self.y,
            OO=directions @ self.OO @ directions.T,
            XQ=directions @ self.XQ @ directions.T,
            YQ=directions @ self.YQ @ directions.T,
            weigh=lambda weights: self.weigh(directions.T @ weights @ directions),
        )

    def gradient(self, restricted: bool) -> FloatArray:
        """Of minus twice the (restricted) log-likelihood."""
        plain = self.traces - self.y
        return plain - np.einsum("kaa->k", self.P) if restricted else plain

    def observed(self, restricted: bool) -> FloatArray:
        """Second derivatives of minus twice the (restricted) log-likelihood, V being linear."""
        hessian = -self.OO + 2.0 * (self.YQ - self.c @ self.c.T)
        if restricted:
            hessian = hessian + 2.0 * self.XQ - self._products()
        return _symmetric(hessian)

    def expected(self, restricted: bool) -> FloatArray:
        """Their expectation: twice the information."""
        hessian = self.OO
        if restricted:
            hessian = hessian - 2.0 * self.XQ + self._products()
        return _symmetric(hessian)

    def _products(self) -> FloatArray:
        """tr(P_e P_f)."""
        k = len(self.P)
        return np.asarray(self.P.reshape(k, -1) @ self.P.swapaxes(1, 2).reshape(k, -1).T)


def pieces_of(omega: FloatArray, counts: FloatArray, h: FloatArray, starts: IntArray) -> Pieces:
    """The pieces along every entry (s, t) of the covariance matrix.

    Parameters
    ----------
    omega
        Z'OZ of every group of like subjects (G, m, m); O itself where Z picks visits.
    counts
        Number of subjects in each group.
    h
        Z'O[X r], one (m, p + 1) matrix a row, rows of a group together.
    starts
        The first row of each group.
    """
    rows, m, q = h.shape
    p = q - 1
    flat = h.reshape(rows, m * q)
    cross = (flat.T @ flat).reshape(m, q, m, q).swapaxes(1, 2).reshape(m * m, q, q)
    fixed, residual = h[:, :, :p], h[:, :, p]
    gram_x = np.add.reduceat(fixed @ fixed.swapaxes(1, 2), starts)
    gram_y = np.add.reduceat(residual[:, :, None] * residual[:, None, :], starts)
    weighted = counts[:, None, None] * omega
    group_of_row = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, rows)))

    def weigh(weights: FloatArray) -> FloatArray:
        by_group = omega.reshape(-1, m * m) @ _inner_first(weights, m)
        turned = by_group.reshape(-1, m, m)[group_of_row] @ fixed
        return np.asarray(fixed.reshape(-1, p).T @ turned.reshape(-1, p))

    return Pieces(
        traces=weighted.sum(axis=0).ravel(),
        P=cross[:, :p, :p],
        c=cross[:, :p, p],
        y=cross[:, p, p],
        OO=_contract(omega, weighted),
        XQ=_contract(omega, gram_x),
        YQ=_contract(omega, gram_y),
        weigh=weigh,
    )


def stacked(parts: Sequence[Pieces]) -> Pieces:
    """Pieces of models whose subjects and covariance parameters are separate."""
    if len(parts) == 1:
        return parts[0]
    ends = np.cumsum([len(part.traces) for part in parts])
    slices = [slice(end - len(part.traces), end) for part, end in zip(parts, ends, strict=True)]

    def weigh(weights: FloatArray) -> FloatArray:
        sums = [part.weigh(weights[place, place]) for part, place in zip(parts, slices, strict=True)]
        return np.asarray(sum(sums))

    return Pieces(
        traces=np.concatenate([part.traces for part in parts]),
        P=np.concatenate([part.P for part in parts]),
        c=np.concatenate([part.c for part in parts]),
        y=np.concatenate([part.y for part in parts]),
        OO=block_diagonal([part.OO for part in parts]),
        XQ=block_diagonal([part.XQ for part in parts]),
        YQ=block_diagonal([part.YQ for part in parts]),
        weigh=weigh,
    )


def block_diagonal(blocks: Sequence[FloatArray]) -> FloatArray:
    rows, columns = sum(len(b) for b in blocks), sum(b.shape[1] for b in blocks)
    joined = np.zeros((rows, columns))
    row = column = 0
    for block in blocks:
        joined[row : row + len(block), column : column + block.shape[1]] = block
        row, column = row + len(block), column + block.shape[1]
    return joined


def _contract(middle: FloatArray, outer: FloatArray) -> FloatArray:
    """[(s, t), (u, w)]: the sum over groups of middle[t, u] outer[s, w]."""
    m = middle.shape[1]
    summed = (middle.reshape(-1, m * m).T @ outer.reshape(-1, m * m)).reshape(m, m, m, m)
    return np.asarray(summed.transpose(2, 0, 1, 3).reshape(m * m, m * m))


def _inner_first(weights: FloatArray, m: int) -> FloatArray:
    """[(s, t), (u, w)] rearranged to [(t, u), (s, w)]."""
    return weights.reshape(m, m, m, m).transpose(1, 2, 0, 3).reshape(m * m, m * m)


def _symmetric(matrix: FloatArray) -> FloatArray:
    return np.asarray((matrix + matrix.T) / 2.0)
