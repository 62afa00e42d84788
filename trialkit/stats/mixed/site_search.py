"""Finding the maximum of the site integral and its observed information.

First Newton steps with an information that is nearly right and costs little; then, where they end, the
observed information, which the last steps use and the standard errors come from.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trialkit.stats.distributions import FloatArray
from trialkit.stats.errors import ConvergenceError
from trialkit.stats.generalized.newton import Optimum, maximize
from trialkit.stats.mixed.optimum import Convergence
from trialkit.stats.mixed.site_information import observed_information
from trialkit.stats.mixed.site_integral import SiteIntegral
from trialkit.stats.mixed.state import is_positive_definite

_START_SDS = (0.5, 2.0, 0.1)
_STEPS_BEFORE_DIFFERENCES = 12
_ROUNDS = 6
_CLOSE = 1e-9
_SAME_PLACE = 1e-18
"""Half the digits of a standard error and more: steps beyond this decrement change none of the others."""
_LARGEST_GRADIENT = 1e-6
_FLAT = 1e-4


@dataclass(frozen=True)
class SiteMaximum:
    """The maximum: parameters (coefficients, then the random SD), and the information observed there."""

    parameters: FloatArray
    information: FloatArray
    log_likelihood: float
    convergence: Convergence


def find_site_maximum(model: SiteIntegral, coefficients: FloatArray, what: str) -> SiteMaximum:
    """Climb from the coefficients of the model without random intercepts.

    Raises
    ------
    ConvergenceError
        No start led to a point with a vanishing gradient and a positive definite information.
    """
    tried: list[str] = []
    for number, sd in enumerate(_START_SDS, start=1):
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            optimum, information = _climb(model, np.append(coefficients, sd))
        gradient = float(np.linalg.norm(model.gradient(optimum.parameters)))
        if optimum.converged and is_positive_definite(information) and gradient < _LARGEST_GRADIENT:
            proof = Convergence(optimum.iterations, gradient, optimum.decrement, number)
            return SiteMaximum(optimum.parameters, information, optimum.log_likelihood, proof)
        tried.append(
            f"from a random SD of {sd:g}: decrement {optimum.decrement:.2g}, gradient norm {gradient:.2g}, "
            f"random SD {abs(optimum.parameters[-1]):.3g}"
        )
    raise ConvergenceError(
        expected="a maximum: vanishing gradient and a positive definite information",
        found="; ".join(tried),
        where=what,
        next_step="Where the random SD grows without end, use fewer terms or more quadrature points.",
    )


def _climb(model: SiteIntegral, start: FloatArray) -> tuple[Optimum, FloatArray]:
    """Cheap steps, then steps with the observed information, renewed while they are still long."""
    optimum = maximize(
        model.value,
        lambda at: (model.gradient(at), _cheap_information(model, at)),
        start,
        iterations=_STEPS_BEFORE_DIFFERENCES,
    )
    steps = optimum.iterations
    information = optimum.information
    for _ in range(_ROUNDS):
        information = observed_information(model, optimum.parameters, information)
        if not is_positive_definite(information):
            information = _cheap_information(model, optimum.parameters)
        held = information
        before = _decrement(model, optimum.parameters, held)
        optimum = maximize(
            model.value,
            lambda at, held=held: (model.gradient(at), held),  # type: ignore[misc]
            optimum.parameters,
            iterations=_STEPS_BEFORE_DIFFERENCES,
        )
        steps += optimum.iterations
        if optimum.converged and before < _CLOSE:
            break
    if before > _SAME_PLACE and is_positive_definite(information):
        renewed = observed_information(model, optimum.parameters, information)
        information = renewed if is_positive_definite(renewed) else information
    return Optimum(
        optimum.parameters, optimum.log_likelihood, information, optimum.decrement, steps, optimum.converged
    ), information


def _cheap_information(model: SiteIntegral, parameters: FloatArray) -> FloatArray:
    """Of the coefficients as if the deviations were estimated beside them; of the random SD by a difference.

    Where that is not positive definite, the random SD's is the sum of the sites' squared slopes.
    """
    here = model.evaluate(parameters)
    sd, p = float(parameters[-1]), len(parameters) - 1
    weighted = model.X * here.weights[:, None]
    by_site = np.add.reduceat(weighted, model.starts)
    information = np.zeros((p + 1, p + 1))
    information[:p, :p] = weighted.T @ model.X - (by_site * (sd**2 * here.spread)[:, None]).T @ by_site
    slopes = float(here.site_slopes @ here.site_slopes)
    move = np.zeros(p + 1)
    move[p] = max(_FLAT, _FLAT * abs(sd))
    column = (here.gradient - model.gradient(parameters + move)) / move[p]
    information[p], information[:, p] = column, column
    if not is_positive_definite(information):
        information[p], information[:, p] = 0.0, 0.0
        information[p, p] = max(slopes, 1.0)
    return information


def _decrement(model: SiteIntegral, parameters: FloatArray, information: FloatArray) -> float:
    gradient = model.gradient(parameters)
    return float(gradient @ np.linalg.solve(information, gradient))
