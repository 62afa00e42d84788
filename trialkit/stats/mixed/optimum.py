"""Finding the maximum of a likelihood in its covariance parameters, and proving that it is one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from trialkit.stats.distributions import FloatArray
from trialkit.stats.errors import ConvergenceError
from trialkit.stats.generalized.newton import maximize
from trialkit.stats.mixed.state import MixedState, is_positive_definite

LARGEST_STANDARDIZED_GRADIENT = 1e-6
"""Norm of the score at a maximum, each element in units of its own standard deviation, the root of the
information: no parameter alone is further from its maximum than this share of its standard error.
"""


class Likelihood(Protocol):
    """A log-likelihood of covariance parameters, its derivatives, and all that follows from them."""

    def value(self, parameters: FloatArray) -> float: ...

    def derivatives(self, parameters: FloatArray) -> tuple[FloatArray, FloatArray]: ...

    def state(self, parameters: FloatArray) -> MixedState: ...


@dataclass(frozen=True)
class Convergence:
    """The proof of a maximum.

    Attributes
    ----------
    iterations
        Newton steps taken from the start that led here.
    gradient_norm
        Norm of the score in the covariance parameters (log standard deviations, transformed correlations).
    newton_decrement
        Twice the gain in log-likelihood that one more step promises.
    starts
        How many starting points were needed.
    """

    iterations: int
    gradient_norm: float
    newton_decrement: float
    starts: int


def find_maximum(
    likelihood: Likelihood,
    starts: Iterable[tuple[str, FloatArray]],
    what: str,
    advice: Callable[[FloatArray], str],
) -> tuple[MixedState, Convergence]:
    """Climb from each start until one reaches a proved maximum.

    Parameters
    ----------
    likelihood
        The function to maximize.
    starts
        Descriptions and parameters to begin with.
    what
        The model, for the error.
    advice
        What the last parameters show about the failure.

    Raises
    ------
    ConvergenceError
        No start led to a point with a vanishing score and a positive definite observed information.
    """
    tried: list[str] = []
    last: FloatArray | None = None
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        for number, (name, start) in enumerate(starts, start=1):
            if not np.isfinite(likelihood.value(start)):
                tried.append(f"{name}: not a positive definite covariance")
                continue
            optimum = maximize(likelihood.value, likelihood.derivatives, start, iterations=100)
            last = optimum.parameters
            state = likelihood.state(optimum.parameters)
            gradient = float(np.linalg.norm(state.score))
            if optimum.converged and _vanishes(state):
                return state, Convergence(optimum.iterations, gradient, optimum.decrement, number)
            tried.append(
                f"from {name}: {optimum.iterations} Newton steps, gradient norm {gradient:.2g}, "
                f"decrement {optimum.decrement:.2g}"
            )
    raise ConvergenceError(
        expected="a maximum: vanishing gradient and a positive definite information",
        found="; ".join(tried),
        where=what,
        next_step=advice(last) if last is not None else "Look for an outcome that is constant.",
    )


def _vanishes(state: MixedState) -> bool:
    """Whether the score is as good as zero where the log-likelihood bends down in every direction."""
    information = state.observed_information
    if not is_positive_definite(information):
        return False
    standardized = state.score / np.sqrt(np.diag(information))
    return float(np.linalg.norm(standardized)) < LARGEST_STANDARDIZED_GRADIENT
