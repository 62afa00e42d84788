"""The maximum of a likelihood that may have none: found, or refused by the names of what separates."""

from __future__ import annotations

from typing import Protocol

from trialkit.stats.design import Design
from trialkit.stats.distributions import FloatArray
from trialkit.stats.generalized.newton import Optimum, maximize, require_convergence
from trialkit.stats.generalized.separation import refuse_separation

_STEPS_BEFORE_ASKING = 30


class Likelihood(Protocol):
    """A log-likelihood with its score and information."""

    def value(self, parameters: FloatArray) -> float: ...

    def derivatives(self, parameters: FloatArray) -> tuple[FloatArray, FloatArray]: ...


class SeparableLikelihood(Likelihood, Protocol):
    """One that a separated outcome leaves without a finite maximum."""

    def proves_overlap(self, optimum: Optimum) -> bool:
        """Whether what was reached rules out that any direction separates the outcome."""
        ...

    @property
    def signed_rows(self) -> FloatArray:
        """Rows r with r @ d >= 0 for all of them, not all zero, exactly where d separates the outcome."""
        ...


def maximum_or_separation(
    model: SeparableLikelihood,
    start: FloatArray,
    names: tuple[str, ...],
    where: str,
    named: SeparableLikelihood | None = None,
    design: Design | None = None,
) -> Optimum:
    """The maximum, with proof that it exists; where proof is lacking, the linear program decides.

    ``named`` is the same likelihood over columns that have the ``names``; the model itself where None.
    ``design`` tells of which factors the columns are, so that a level can be named.

    Raises
    ------
    SeparationError
        No finite maximum exists; the columns along which the outcome is separated are named.
    ConvergenceError
        The iteration did not reach the maximum.
    """
    optimum = maximize(model.value, model.derivatives, start, iterations=_STEPS_BEFORE_ASKING)
    if optimum.converged and model.proves_overlap(optimum):
        return optimum
    refuse_separation((named or model).signed_rows, names, where, design)
    return require_convergence(maximize(model.value, model.derivatives, optimum.parameters), where)
