"""Finding the covariance of random coefficients, a variance of zero included."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from trialkit.stats.distributions import FloatArray
from trialkit.stats.errors import ConvergenceError
from trialkit.stats.mixed.optimum import Convergence, find_maximum
from trialkit.stats.mixed.pieces import IntArray
from trialkit.stats.mixed.random_coefficients import RandomCoefficients, sums_by_subject
from trialkit.stats.mixed.rotation import Rotation
from trialkit.stats.mixed.state import MixedState

_ZERO = 1e-6
"""A standard deviation relative to the residual one below this is at the boundary, and set to zero."""
_START_SCALES = (1.0, 0.3, 3.0)
_ADVICE = "Use fewer random coefficients, or centre and scale those columns."


@dataclass(frozen=True)
class Found:
    """The maximum: ``model`` and ``state`` in the order it was found in, the rest in the order given."""

    model: RandomCoefficients
    state: MixedState
    convergence: Convergence
    covariance: FloatArray
    effects: FloatArray
    residual_variance: float
    boundary: bool


def search(
    rotation: Rotation, Z: FloatArray, group: IntArray, restricted: bool, correlated: bool, what: str
) -> Found:
    """Climb to the maximum.

    A zero on the diagonal of the factor L is a regular place only where nothing below it matters, so the
    coefficient whose variance is zero must come last: where the given order fails, the others are tried.

    Raises
    ------
    ConvergenceError
        None of the orders led to a proved maximum.
    """
    unturn = _unturn(Z, correlated)
    sums = sums_by_subject(Z @ unturn, rotation.columns, group)
    n, p = len(Z), rotation.columns.shape[1] - 1
    failure: ConvergenceError | None = None
    orders = itertools.permutations(range(Z.shape[1])) if correlated else [tuple(range(Z.shape[1]))]
    for order in orders:
        index = np.array(order)
        model = RandomCoefficients(sums.ordered(index), n, p, restricted, rotation.log_jacobian, correlated)
        try:
            state, convergence = find_maximum(model, _starts(model, rotation), what, lambda _: _ADVICE)
        except ConvergenceError as error:
            failure = failure or error
            continue
        return _described(model, state, convergence, index, unturn)
    assert failure is not None
    raise failure


def _described(
    model: RandomCoefficients,
    state: MixedState,
    convergence: Convergence,
    order: IntArray,
    unturn: FloatArray,
) -> Found:
    """The maximum in the units and the order of the random coefficients given; small zeros made exact."""
    parameters, boundary = _settled(model, state.parameters)
    state = model.state(parameters) if boundary else state
    variance = float(np.exp(2.0 * parameters[-1]))
    factor = model.factor(parameters)
    back = np.argsort(order)
    turned = variance * (factor @ factor.T)[np.ix_(back, back)]
    covariance = unturn @ turned @ unturn.T
    effects = model.random_effects(parameters)[:, back] @ unturn.T
    return Found(model, state, convergence, covariance, effects, variance, boundary)


def _unturn(Z: FloatArray, correlated: bool) -> FloatArray:
    """What brings the columns of Z to mean square 1 and, where coefficients correlate, makes them orthogonal.

    The model is the same: Z u = (Z A) (A^-1 u). Uncorrelated coefficients would not stay so if mixed.
    """
    root = np.linalg.qr(Z, mode="r") if correlated else np.diag(np.sqrt(np.sum(Z**2, axis=0)))
    return np.asarray(np.linalg.inv(root / np.sqrt(len(Z))))


def _settled(model: RandomCoefficients, parameters: FloatArray) -> tuple[FloatArray, bool]:
    """Diagonal elements of L that are zero but for rounding made zero; whether there were any."""
    rows, columns = model.places
    diagonal = np.flatnonzero(rows == columns)
    zero = diagonal[np.abs(parameters[diagonal]) < _ZERO]
    settled = parameters.copy()
    settled[zero] = 0.0
    return settled, len(zero) > 0


def _starts(model: RandomCoefficients, rotation: Rotation) -> Iterator[tuple[str, FloatArray]]:
    """Uncorrelated coefficients of some size relative to the residual standard deviation."""
    rows, columns = model.places
    residual = rotation.columns[:, -1]
    spread = 0.5 * np.log(residual @ residual / len(residual))
    for scale in _START_SCALES:
        level = spread - 0.5 * np.log1p(model.size * scale**2)
        start = np.append(np.where(rows == columns, scale, 0.0), level)
        yield f"random standard deviations {scale:g} of the residual one", start
