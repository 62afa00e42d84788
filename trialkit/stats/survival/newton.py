"""Newton's method for the partial likelihood, with convergence proved or an error raised."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trialkit.stats.errors import ConvergenceError, RankDeficiencyError, SeparationError
from trialkit.stats.survival.monotone import is_monotone
from trialkit.stats.survival.observations import Floats
from trialkit.stats.survival.partial_likelihood import Hazards, PartialLikelihood

MOST_STEPS = 60
MOST_HALVINGS = 40
DECREMENT = 1e-18
"""Score' information^-1 score: twice the log-likelihood still to be gained. 1e-18 leaves 1e-9 standard
errors."""
STEP = 1e-6
"""Largest last step, in standard deviations of a covariate: a monotone likelihood gains nothing and still
moves."""
SUSPICIOUS = 10
"""Newton settles in fewer steps than this unless the likelihood is monotone or far from quadratic."""
DEPENDENT = 1e-9
"""Share of a column's own information left after the columns before it, below which it adds nothing."""


@dataclass(frozen=True)
class Optimum:
    """The maximum: coefficients of the scaled design, and what was found on the way."""

    coefficients: Floats
    hazards: Hazards
    information: Floats
    log_likelihood: float
    null_log_likelihood: float
    null_score: Floats
    null_information: Floats
    steps: int
    decrement: float


def maximize(likelihood: PartialLikelihood, names: tuple[str, ...], terms: tuple[str, ...]) -> Optimum:
    """Newton steps from 0, halved where they overshoot, until the decrement and the step are both negligible.

    ``names`` are the columns of the design, ``terms`` the variable each belongs to (what an error may name).
    """
    coefficients = np.zeros(likelihood.design.shape[1])
    hazards, score, information = null = _evaluate(likelihood, coefficients)
    _require_full_rank(information, names)
    step = coefficients
    for steps in range(MOST_STEPS):
        step = _newton_step(likelihood, information, score, (step, coefficients), terms)
        decrement = float(score @ step)
        if decrement <= DECREMENT and np.abs(step).max() <= STEP:
            return Optimum(
                coefficients=coefficients,
                hazards=hazards,
                information=information,
                log_likelihood=hazards.log_likelihood,
                null_log_likelihood=null[0].log_likelihood,
                null_score=null[1],
                null_information=null[2],
                steps=steps,
                decrement=decrement,
            )
        if steps >= SUSPICIOUS and is_monotone(likelihood, step):
            raise _separated(step, terms)
        length = _shortened(likelihood, coefficients, step, hazards.log_likelihood, decrement)
        coefficients = coefficients + length * step
        hazards, score, information = _evaluate(likelihood, coefficients)
    raise _no_optimum(f"a Newton decrement of {decrement:.3g} after {MOST_STEPS} steps")


def _evaluate(likelihood: PartialLikelihood, coefficients: Floats) -> tuple[Hazards, Floats, Floats]:
    """Hazards, score and information; not finite only where a monotone likelihood has run out of range."""
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        hazards = likelihood.hazards(coefficients)
        information = likelihood.information(hazards, likelihood.sums(hazards))
        return hazards, likelihood.score(hazards), information


def _newton_step(
    likelihood: PartialLikelihood,
    information: Floats,
    score: Floats,
    suspects: tuple[Floats, ...],
    terms: tuple[str, ...],
) -> Floats:
    """Information^-1 score; an information that has become singular means a monotone likelihood or no
    optimum."""
    if np.isfinite(information).all() and np.isfinite(score).all():
        scale = np.sqrt(np.clip(np.diag(information), np.finfo(float).tiny, None))
        values, vectors = np.linalg.eigh(information / np.outer(scale, scale))
        if values[0] > np.finfo(float).eps * len(values):
            return np.asarray(vectors @ ((vectors.T @ (score / scale)) / values) / scale)
        suspects += (vectors[:, 0] / scale, -vectors[:, 0] / scale)
    for direction in suspects:
        if is_monotone(likelihood, direction):
            raise _separated(direction, terms)
    raise _no_optimum("an information matrix that became singular")


def _shortened(
    likelihood: PartialLikelihood, start: Floats, step: Floats, value: float, decrement: float
) -> float:
    """The first of 1, 1/2, 1/4 ... at which the log-likelihood does not fall by more than rounding."""
    slack = 1e-13 * max(1.0, abs(value))
    length = 1.0
    for _ in range(MOST_HALVINGS):
        reached = likelihood.log_likelihood(start + length * step)
        if np.isfinite(reached) and reached >= value + 1e-4 * length * decrement - slack:
            return length
        length /= 2
    raise _no_optimum(f"no ascent along the Newton direction after {MOST_HALVINGS} halvings")


def _require_full_rank(information: Floats, names: tuple[str, ...]) -> None:
    """Name the columns that carry no information of their own about the hazard, in the order they were
    written."""
    left = information.copy()
    own = np.diag(information).copy()
    idle = []
    for column in range(len(own)):
        pivot = left[column, column]
        if own[column] <= 0 or pivot <= DEPENDENT * own[column]:
            idle.append(names[column])
            continue
        left -= np.outer(left[:, column], left[column]) / pivot
    if idle:
        raise RankDeficiencyError(
            expected="columns that each tell the risk sets apart",
            found=f"{', '.join(idle)} constant, or a combination of the columns before, in every risk set",
            next_step="Leave these columns out, or check the strata.",
            columns=tuple(idle),
        )


def _separated(direction: Floats, terms: tuple[str, ...]) -> SeparationError:
    large = np.abs(direction) > 1e-3 * np.abs(direction).max()
    named = ", ".join(dict.fromkeys(term for term, moved in zip(terms, large, strict=True) if moved))
    return SeparationError(
        expected="a partial likelihood with a maximum",
        found=f"one that rises without end along {named}: every event had the extreme value among those at "
        f"risk",
        next_step="Look for a level without events; leave the term out, merge its levels, or use a log-rank "
        "test.",
    )


def _no_optimum(tried: str) -> ConvergenceError:
    return ConvergenceError(
        expected="a maximum of the partial likelihood reached by Newton's method",
        found=tried,
        next_step="Check the covariates for extreme values; use fewer terms.",
    )
