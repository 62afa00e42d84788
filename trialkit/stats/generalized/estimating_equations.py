"""Generalized estimating equations solved for all subjects at once, by whitening their rows.

With a working correlation R = (L'L)^-1 the equations sum D' V^-1 (y - mu) = 0 are those of least squares of
the whitened residuals L (y - mu) / sd on the whitened slopes L D / sd, so that no subject is looped over.
References: Liang & Zeger (1986), Biometrika 73:13-22; Mancl & DeRouen (2001), Biometrics 57:126-134.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from trialkit.stats.columns import IntArray
from trialkit.stats.distributions import FloatArray

Family = Literal["binomial", "poisson", "gaussian"]
Correlation = Literal["exchangeable", "independence", "ar1"]
MOST_STEPS = 200
NEAR_ENOUGH = 1e-10
"""Of a step, beside the standard error of its coefficient."""


@dataclass(frozen=True)
class Link:
    """A mean, its slope in the linear predictor (canonical: also the variance, gaussian 1), and a start."""

    mean: Callable[[FloatArray], FloatArray]
    variance: Callable[[FloatArray], FloatArray]
    start: Callable[[FloatArray], FloatArray]
    linear: Callable[[FloatArray], FloatArray]
    scaled: bool


def _expit(linear: FloatArray) -> FloatArray:
    with np.errstate(over="ignore"):
        return np.asarray(1.0 / (1.0 + np.exp(-linear)))


def _exp(linear: FloatArray) -> FloatArray:
    with np.errstate(over="ignore"):
        return np.asarray(np.exp(linear))


LINKS: dict[Family, Link] = {
    "binomial": Link(
        _expit, lambda m: m * (1.0 - m), lambda y: (y + 0.5) / 2.0, lambda m: np.log(m / (1.0 - m)), False
    ),
    "poisson": Link(_exp, lambda m: m, lambda y: (y + y.mean()) / 2.0, np.log, False),
    "gaussian": Link(lambda z: z, np.ones_like, lambda y: y, lambda m: m, True),
}


@dataclass(frozen=True)
class Solved:
    """``converged`` false: the other numbers are those of the last step."""

    coefficients: FloatArray
    covariances: dict[str, FloatArray]  # robust, bias-reduced, model
    working_correlation: float
    scale: float
    mean: FloatArray
    converged: bool


@dataclass(frozen=True)
class Clusters:
    """Rows sorted by subject and visit: where each subject begins, and the steps to the row before."""

    starts: IntArray
    sizes: IntArray
    subject: IntArray  # of each row, from 0
    steps: IntArray  # to the row before of the same subject; 0 for the first

    @classmethod
    def of(cls, subject: IntArray, positions: IntArray | None) -> Clusters:
        """``subject`` sorted, from 0; ``positions`` of the visits, or None where rows are one step apart."""
        starts = np.flatnonzero(np.diff(subject, prepend=-1))
        sizes = np.diff(np.append(starts, len(subject)))
        steps = np.ones(len(subject), dtype=np.int64)
        if positions is not None:
            steps = np.diff(positions, prepend=0).astype(np.int64)
        steps[starts] = 0
        return cls(starts, sizes, subject, steps)

    def sums(self, values: FloatArray) -> FloatArray:
        return np.asarray(np.add.reduceat(values, self.starts, axis=0))

    def correlation(self, e: FloatArray, kind: Correlation, parameters: int) -> float:
        """The moment estimate from pairs of scaled residuals, less a degree of freedom a coefficient."""
        if kind == "exchangeable":
            products = ((self.sums(e) ** 2) - self.sums(e * e)).sum() / 2.0
            pairs = float((self.sizes * (self.sizes - 1)).sum()) / 2.0
        elif kind == "ar1":
            next_to = self.steps == 1
            products = float((e * np.roll(e, 1))[next_to].sum())
            pairs = float(next_to.sum())
        else:
            return 0.0
        phi = float(e @ e) / max(len(e) - parameters, 1)
        return float(products / (phi * (pairs - parameters))) if pairs > parameters and phi > 0 else 0.0

    def permits(self, alpha: float, kind: Correlation) -> bool:
        """Whether the working correlation is positive definite."""
        most = int(self.sizes.max())
        lowest = -1.0 / (most - 1) if kind == "exchangeable" and most > 1 else -1.0
        return lowest < alpha < 1.0

    def whitened(self, rows: FloatArray, alpha: float, kind: Correlation) -> FloatArray:
        """L times the rows, whose columns are slopes and residuals."""
        if kind == "exchangeable":
            share = alpha / (1.0 + (self.sizes - 1) * alpha)
            taken = (1.0 - np.sqrt(1.0 - share * self.sizes)) / self.sizes
            return np.asarray(
                (rows - (self.sums(rows) * taken[:, None])[self.subject]) / np.sqrt(1.0 - alpha)
            )
        if kind == "ar1":
            rho = np.where(self.steps > 0, np.power(alpha, self.steps), 0.0)[:, None]
            return np.asarray((rows - rho * np.roll(rows, 1, axis=0)) / np.sqrt(1.0 - rho**2))
        return rows


def solve(y: FloatArray, X: FloatArray, clusters: Clusters, family: Family, kind: Correlation) -> Solved:
    """Coefficients and working correlation in turn, until neither moves."""
    link, p = LINKS[family], X.shape[1]
    mean = link.start(y)
    linear, alpha, converged = link.linear(mean), 0.0, False
    beta: FloatArray = np.zeros(p)
    for step in range(MOST_STEPS):
        sd = np.sqrt(link.variance(mean))
        e = (y - mean) / sd
        before = alpha
        if step > 1:
            alpha = clusters.correlation(e, kind, p)
        if not clusters.permits(alpha, kind):
            break
        slopes = X * sd[:, None]  # canonical links: the slope of the mean is its variance
        white = clusters.whitened(np.column_stack([slopes, e if step else e + linear * sd]), alpha, kind)
        moved, _, rank, _ = np.linalg.lstsq(white[:, :p], white[:, p], rcond=None)
        if rank < p or not np.isfinite(moved).all():
            break
        beta = np.asarray(beta + moved if step else moved, dtype=float)
        linear = X @ beta
        mean = link.mean(linear)
        if not np.isfinite(mean).all() or not (link.variance(mean) > 0).all():
            break
        near = np.abs(moved) <= NEAR_ENOUGH * (1.0 + np.abs(beta))
        if step > 2 and near.all() and abs(alpha - before) <= NEAR_ENOUGH:
            converged = True
            break
    return _solved(y, X, clusters, link, kind, beta, mean, alpha, converged=converged)


def _solved(
    y: FloatArray,
    X: FloatArray,
    clusters: Clusters,
    link: Link,
    kind: Correlation,
    beta: FloatArray,
    mean: FloatArray,
    alpha: float,
    *,
    converged: bool,
) -> Solved:
    n, p = X.shape
    if not converged:
        return Solved(beta, {}, alpha, float("nan"), mean, False)
    sd = np.sqrt(link.variance(mean))
    e = (y - mean) / sd
    white = clusters.whitened(np.column_stack([X * sd[:, None], e]), alpha, kind)
    slopes, residuals = white[:, :p], white[:, p]
    bread = np.asarray(np.linalg.inv(slopes.T @ slopes), dtype=float)
    scale = float(e @ e) / (n - p) if link.scaled and n > p else 1.0
    scores = clusters.sums(slopes * residuals[:, None])
    reduced = clusters.sums(slopes * _without_leverage(slopes, residuals, bread, clusters)[:, None])
    return Solved(
        coefficients=beta,
        covariances={
            "robust": bread @ (scores.T @ scores) @ bread,
            "bias-reduced": bread @ (reduced.T @ reduced) @ bread,
            "model": bread * scale,
        },
        working_correlation=alpha,
        scale=scale,
        mean=mean,
        converged=True,
    )


def _without_leverage(
    slopes: FloatArray, residuals: FloatArray, bread: FloatArray, clusters: Clusters
) -> FloatArray:
    """(I - H)^-1 times each subject's residuals, subjects with as many rows together."""
    out = np.empty_like(residuals)
    for size in np.unique(clusters.sizes):
        rows = clusters.starts[clusters.sizes == size][:, None] + np.arange(size)
        of = slopes[rows]
        leverage = of @ bread @ of.transpose(0, 2, 1)
        out[rows] = np.linalg.solve(np.eye(size) - leverage, residuals[rows][:, :, None])[:, :, 0]
    return out
