"""Newton's method with step-halving for smooth log-likelihoods, on all parameters or with some held fixed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from trialkit.stats.columns import BoolArray
from trialkit.stats.distributions import FloatArray
from trialkit.stats.errors import ConvergenceError
from trialkit.wording import said

Value = Callable[[FloatArray], float]
Derivatives = Callable[[FloatArray], tuple[FloatArray, FloatArray]]

DECREMENT = 1e-22
"""Convergence: twice the gain in log-likelihood that the next step promises is less than this."""
QUADRATIC = 1e-6
"""Below this decrement full steps are taken unjudged: gains drown in the rounding of the log-likelihood."""
STALLED = 1e-12
"""A decrement below this that no longer falls is rounding of the score, and converged."""


@dataclass(frozen=True)
class Optimum:
    """Where the iteration stopped: parameters, log-likelihood, information, Newton decrement, iterations."""

    parameters: FloatArray
    log_likelihood: float
    information: FloatArray
    decrement: float
    iterations: int
    converged: bool


def maximize(
    value: Value,
    derivatives: Derivatives,
    start: FloatArray,
    *,
    free: BoolArray | None = None,
    iterations: int = 100,
) -> Optimum:
    """Climb to a maximum of ``value``.

    Parameters
    ----------
    value, derivatives
        Log-likelihood; its score and an information matrix (observed or expected), at given parameters.
    start
        First parameters; those not ``free`` keep their value.
    free
        Mask of the parameters to move; all where None.
    iterations
        At most. The result says whether it converged; the caller decides what to make of it.
    """
    mask = np.ones(len(start), dtype=bool) if free is None else np.asarray(free, dtype=bool)
    parameters, current = np.array(start, dtype=float), value(start)
    decrement, last = np.inf, np.inf
    for iteration in range(iterations + 1):
        score, information = derivatives(parameters)
        step, decrement = _newton_step(score, information, mask)
        if decrement < DECREMENT or (decrement < STALLED and decrement >= 0.5 * last):
            return Optimum(parameters, current, information, decrement, iteration, True)
        near = decrement < QUADRATIC
        moved = _full(value, parameters, step) if near else _climb(value, parameters, step, current)
        if moved is None:
            return Optimum(parameters, current, information, decrement, iteration, False)
        parameters, current = moved
        last = decrement
    return Optimum(parameters, current, information, decrement, iterations, False)


def require_convergence(optimum: Optimum, what: str) -> Optimum:
    """Return the optimum, or raise ConvergenceError saying what was tried."""
    if optimum.converged:
        return optimum
    raise ConvergenceError(
        expected="a Newton decrement below rounding error",
        found=said(
            "{decrement:.3g} after {iterations} Newton steps with step-halving",
            decrement=optimum.decrement,
            iterations=optimum.iterations,
        ),
        where=what,
        next_step="Look for a covariate on a very different scale from the others, or use fewer terms.",
    )


def _newton_step(score: FloatArray, information: FloatArray, mask: BoolArray) -> tuple[FloatArray, float]:
    if mask.all():
        return _scaled_step(score, information)
    step = np.zeros(len(score))
    if not mask.any():
        return step, 0.0
    step[mask], decrement = _scaled_step(score[mask], information[np.ix_(mask, mask)])
    return step, decrement


def _scaled_step(score: FloatArray, inner: FloatArray) -> tuple[FloatArray, float]:
    scale = np.sqrt(np.maximum(np.diag(inner), np.finfo(float).tiny))
    try:
        solved = np.linalg.solve(inner / np.outer(scale, scale), score / scale) / scale
    except np.linalg.LinAlgError:
        return np.zeros(len(score)), np.inf
    return solved, abs(float(score @ solved))


def _full(value: Value, parameters: FloatArray, step: FloatArray) -> tuple[FloatArray, float] | None:
    """The whole step, if it leads to where there is a log-likelihood at all."""
    reached = value(parameters + step)
    return (parameters + step, reached) if np.isfinite(reached) else None


def _climb(
    value: Value, parameters: FloatArray, step: FloatArray, current: float
) -> tuple[FloatArray, float] | None:
    """The first of the step's halvings that does not lower the value; None where none does."""
    share = 1.0
    for _ in range(40):
        proposed = parameters + share * step
        reached = value(proposed)
        if np.isfinite(reached) and reached >= current - 1e-15 * abs(current):
            return proposed, reached
        share /= 2.0
    return None
