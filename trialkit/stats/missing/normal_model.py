"""A multivariate normal regression with values missing at random: its maximum, and draws of its posterior.

y_i ~ N(X_i b, S) for subject i, S unstructured over the positions of y_i (visits, or variables). Prior: flat
in b, |S|^(-(V+1)/2) in S, for V positions.

The maximum is found by expectation and conditional maximization. Its rate of convergence is the largest
fraction of missing information, which also governs how fast data augmentation forgets where it began; the
number of iterations before an imputation is taken follows from it.

References: Schafer (1997), Analysis of Incomplete Multivariate Data, sections 3.5 and 5.4; Meng & Rubin
(1993), Biometrika 80:267-278.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from trialkit.numbers import plain
from trialkit.stats.columns import BoolArray
from trialkit.stats.distributions import FloatArray
from trialkit.stats.errors import ConvergenceError
from trialkit.stats.missing.conditional import AllPatterns, Pattern, fill, patterns_of
from trialkit.stats.mixed.state import is_positive_definite
from trialkit.wording import said

REMEMBERED = 1e-3
"""Correlation with where a chain began that is left when an imputation is taken."""
FEWEST_ITERATIONS = 10
MOST_ITERATIONS = 2000
_CHANGE = 1e-7


@dataclass(frozen=True)
class Maximum:
    """The maximum-likelihood estimate and the rate at which it was approached."""

    coefficients: FloatArray
    covariance: FloatArray
    rate: float

    @property
    def iterations(self) -> int:
        """Data augmentation steps after which a chain has forgotten its start."""
        if self.rate <= 0:
            return FEWEST_ITERATIONS
        return max(FEWEST_ITERATIONS, math.ceil(math.log(REMEMBERED) / math.log(self.rate)))


@dataclass(frozen=True)
class NormalModel:
    """Outcomes ``y`` (subjects, positions; NaN where missing) and designs ``X`` (subjects, positions, p)."""

    y: FloatArray
    X: FloatArray

    @cached_property
    def missing(self) -> BoolArray:
        return np.isnan(self.y)

    @cached_property
    def patterns(self) -> tuple[Pattern, ...]:
        return patterns_of(self.missing)

    @cached_property
    def _all_patterns(self) -> AllPatterns:
        return AllPatterns.of(self.missing)

    def means(self, coefficients: FloatArray) -> FloatArray:
        """Means of every subject and position, for each row of ``coefficients``."""
        return (coefficients @ self._flat.T).reshape(-1, *self.y.shape)

    def maximum(self, what: str) -> Maximum:
        """The maximum of the likelihood.

        Raises
        ------
        ConvergenceError
            Too little is observed for the iteration, or for imputation, to settle; positions that
            determine each other.
        """
        coefficients, covariance = self._start()
        change, rate = math.inf, 0.0
        for _ in range(MOST_ITERATIONS):
            if not is_positive_definite(covariance):
                raise _determined(what)
            new_coefficients, new_covariance = self._step(coefficients, covariance)
            before, change = change, _distance(covariance, new_covariance)
            coefficients, covariance = new_coefficients, new_covariance
            rate = change / before if math.isfinite(before) and before > 0 else 0.0
            if change < _CHANGE:
                break
        found = Maximum(coefficients, covariance, min(rate, 1.0 - 1e-12) if self.patterns else 0.0)
        if change >= _CHANGE or found.iterations > MOST_ITERATIONS:
            raise ConvergenceError(
                expected=said(
                    "missing values that what is observed determines within {most_iterations} steps",
                    most_iterations=MOST_ITERATIONS,
                ),
                found=said(
                    "a rate of convergence of {rate} (the largest fraction of missing information)",
                    rate=plain(rate, 5),
                ),
                where=what,
                next_step="Impute fewer variables, or add ones that are observed where these are missing.",
            )
        return found

    def draw(
        self, start: Maximum, chains: int, generator: np.random.Generator, kept: int | None = None
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Independent draws of coefficients, covariance and completed outcomes, by data augmentation.

        Only the first ``kept`` chains (all, where None) are computed: random numbers are drawn for every one,
        so that a chain is the same however many are kept.
        """
        n = chains if kept is None else kept
        covariance = np.repeat(start.covariance[None], n, axis=0)
        coefficients = np.repeat(start.coefficients[None], n, axis=0)
        values = np.repeat(np.where(self.missing, 0.0, self.y)[None], n, axis=0)
        for _ in range(start.iterations):
            fill(values, self.means(coefficients), covariance, self.patterns, generator, chains)
            coefficients = self._draw_coefficients(values, covariance, generator, chains)
            residuals = values - self.means(coefficients)
            cross = residuals.swapaxes(1, 2) @ residuals
            covariance = _draw_covariance(cross, len(self.y), generator, chains)
        fill(values, self.means(coefficients), covariance, self.patterns, generator, chains)
        return coefficients, covariance, values

    @cached_property
    def _flat(self) -> FloatArray:
        return self.X.reshape(-1, self.X.shape[2])

    @cached_property
    def _cross(self) -> FloatArray:
        """Sum over subjects of x_is x_it', for every pair of positions s, t."""
        return np.asarray(np.einsum("isa,itb->stab", self.X, self.X, optimize=True))

    def _start(self) -> tuple[FloatArray, FloatArray]:
        seen = ~self.missing.ravel()
        flat, y = self._flat, self.y.ravel()
        coefficients = np.asarray(np.linalg.lstsq(flat[seen], y[seen], rcond=None)[0], dtype=float)
        residuals = np.where(seen, y - flat @ coefficients, np.nan).reshape(self.y.shape)
        return coefficients, np.diag(np.nanmean(residuals**2, axis=0))

    def _step(self, coefficients: FloatArray, covariance: FloatArray) -> tuple[FloatArray, FloatArray]:
        values = np.where(self.missing, 0.0, self.y)
        unseen = self._all_patterns.expect(values, self.means(coefficients[None])[0], covariance)
        coefficients = self._coefficients(values[None], covariance[None])[0]
        residuals = values - self.means(coefficients[None])[0]
        return coefficients, (residuals.T @ residuals + unseen) / len(self.y)

    def _coefficients(self, values: FloatArray, covariance: FloatArray) -> FloatArray:
        """What completed outcomes say under each covariance."""
        information, score = self._normal_equations(values, covariance)
        return np.asarray(np.linalg.solve(information, score[..., None])[..., 0])

    def _normal_equations(self, values: FloatArray, covariance: FloatArray) -> tuple[FloatArray, FloatArray]:
        precision = np.linalg.inv(covariance)
        positions, p = self.y.shape[1], self.X.shape[2]
        cross = self._cross.reshape(positions * positions, p * p)
        information = (precision.reshape(len(precision), -1) @ cross).reshape(-1, p, p)
        return information, (values @ precision).reshape(len(values), -1) @ self._flat

    def _draw_coefficients(
        self, values: FloatArray, covariance: FloatArray, generator: np.random.Generator, wide: int
    ) -> FloatArray:
        information, score = self._normal_equations(values, covariance)
        lower = np.linalg.cholesky(information)
        half = np.linalg.solve(lower, score[..., None])
        noise = generator.standard_normal((wide, *half.shape[1:]))[: len(half)]
        return np.asarray(np.linalg.solve(lower.swapaxes(1, 2), half + noise)[..., 0])


@dataclass(frozen=True)
class SharedDesign(NormalModel):
    """Every position has the same predictors: ``X`` (subjects, a), coefficients position by position.

    The information is the Kronecker product of S^-1 and X'X, and so is its Cholesky factor: the numbers are
    those of the model written out, from matrices of a and of V rows instead of their product.
    """

    def means(self, coefficients: FloatArray) -> FloatArray:
        return self.X @ self._by_position(coefficients).swapaxes(-1, -2)

    def _by_position(self, coefficients: FloatArray) -> FloatArray:
        return coefficients.reshape(*coefficients.shape[:-1], self.y.shape[1], self.X.shape[1])

    def _start(self) -> tuple[FloatArray, FloatArray]:
        coefficients = np.empty((self.y.shape[1], self.X.shape[1]))
        for position, seen in enumerate(~self.missing.T):
            coefficients[position] = np.linalg.lstsq(self.X[seen], self.y[seen, position], rcond=None)[0]
        residuals = self.y - self.X @ coefficients.T
        return coefficients.ravel(), np.diag(np.nanmean(residuals**2, axis=0))

    def _coefficients(self, values: FloatArray, covariance: FloatArray) -> FloatArray:
        """Least squares position by position, whatever the covariance."""
        found = values.swapaxes(-1, -2) @ self._projection
        return np.asarray(found.reshape(len(values), -1))

    @cached_property
    def _projection(self) -> FloatArray:
        return np.asarray(self.X @ np.linalg.inv(self.X.T @ self.X))

    @cached_property
    def _inverse_root(self) -> FloatArray:
        return np.asarray(np.linalg.inv(np.linalg.cholesky(self.X.T @ self.X)))

    def _draw_coefficients(
        self, values: FloatArray, covariance: FloatArray, generator: np.random.Generator, wide: int
    ) -> FloatArray:
        middle = self._coefficients(values, covariance)
        noise = self._by_position(generator.standard_normal((wide, *middle.shape[1:]))[: len(middle)])
        lower = np.linalg.cholesky(np.linalg.inv(covariance))
        spread = np.linalg.solve(lower.swapaxes(-1, -2), noise) @ self._inverse_root
        return np.asarray(middle + spread.reshape(middle.shape))


def _draw_covariance(cross: FloatArray, df: int, generator: np.random.Generator, wide: int) -> FloatArray:
    """Inverse Wishart draws, by Bartlett's decomposition; of ``wide``, those that ``cross`` is given for."""
    kept, positions = cross.shape[:2]
    bartlett = np.tril(generator.standard_normal((wide, *cross.shape[1:]))[:kept], -1)
    freedom = df - np.arange(positions)
    diagonal = np.arange(positions)
    bartlett[:, diagonal, diagonal] = np.sqrt(generator.chisquare(freedom, size=(wide, positions))[:kept])
    root = np.linalg.cholesky(cross)
    half = np.linalg.solve(bartlett, root.swapaxes(1, 2))
    return np.asarray(half.swapaxes(1, 2) @ half)


def _determined(what: str) -> ConvergenceError:
    return ConvergenceError(
        expected="values that vary, and that the others do not determine",
        found="a covariance that runs to a singular matrix",
        where=what,
        next_step="Look for a constant, a copied visit, or a total beside its parts.",
    )


def _distance(old: FloatArray, new: FloatArray) -> float:
    scale = np.sqrt(np.diag(new))
    return float(np.linalg.norm((new - old) / np.outer(scale, scale)))
