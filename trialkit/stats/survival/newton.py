"""Newton's method for the partial likelihood, with convergence proved or an error raised."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trialkit.stats.errors import ConvergenceError, RankDeficiencyError, SeparationError
from trialkit.stats.survival.monotone import is_monotone, monotone_direction
from trialkit.stats.survival.observations import Floats
from trialkit.stats.survival.partial_likelihood import Hazards, PartialLikelihood
from trialkit.wording import said

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


class _StuckError(Exception):
    """No further step; the text says why, ``direction`` is one the likelihood is known to rise along
    forever."""

    def __init__(self, reason: str, direction: Floats | None = None) -> None:
        self.direction = direction
        super().__init__(reason)


def maximize(likelihood: PartialLikelihood, names: tuple[str, ...], terms: tuple[str, ...]) -> Optimum:
    """Newton steps from 0, halved where they overshoot, until the decrement and the step are both negligible.

    ``names`` are the columns of the design, ``terms`` the variable each belongs to (what an error may name).
    """
    null = likelihood.hazards(np.zeros(likelihood.design.shape[1]))
    score, information = _derivatives(likelihood, null)
    _require_full_rank(information, names)
    try:
        return _iterate(likelihood, null, score, information)
    except _StuckError as stuck:
        direction = monotone_direction(likelihood, score) if stuck.direction is None else stuck.direction
        if direction is not None:
            raise _separated(direction, terms) from None
        raise ConvergenceError(
            expected="a maximum of the partial likelihood reached by Newton's method",
            found=str(stuck),
            next_step="Check the covariates for extreme values; use fewer terms.",
        ) from None


def _iterate(
    likelihood: PartialLikelihood, null: Hazards, null_score: Floats, null_information: Floats
) -> Optimum:
    coefficients = np.zeros(len(null_score))
    hazards, score, information = null, null_score, null_information
    for steps in range(MOST_STEPS):
        step = _newton_step(information, score)
        decrement = float(score @ step)
        if decrement <= DECREMENT and np.abs(step).max() <= STEP:
            return Optimum(
                coefficients=coefficients,
                hazards=hazards,
                information=information,
                log_likelihood=hazards.log_likelihood,
                null_log_likelihood=null.log_likelihood,
                null_score=null_score,
                null_information=null_information,
                steps=steps,
                decrement=decrement,
            )
        if steps >= SUSPICIOUS and is_monotone(likelihood, step):
            raise _StuckError("a log-likelihood that rises without end", step)
        coefficients, hazards = _advance(likelihood, coefficients, step, hazards.log_likelihood, decrement)
        score, information = _derivatives(likelihood, hazards)
    raise _StuckError(f"a Newton decrement of {decrement:.3g} after {MOST_STEPS} steps")


def _derivatives(likelihood: PartialLikelihood, hazards: Hazards) -> tuple[Floats, Floats]:
    """Score and information; not finite only where a monotone likelihood has run out of range."""
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        return likelihood.score(hazards), likelihood.information(hazards, likelihood.sums(hazards))


def _newton_step(information: Floats, score: Floats) -> Floats:
    """Information^-1 score, the information scaled to unit diagonal."""
    if np.isfinite(information).all() and np.isfinite(score).all() and (np.diag(information) > 0).all():
        scale = np.sqrt(np.diag(information))
        values, vectors = np.linalg.eigh(information / np.outer(scale, scale))
        if values[0] > np.finfo(float).eps * len(values):
            return np.asarray(vectors @ ((vectors.T @ (score / scale)) / values) / scale)
    raise _StuckError("an information matrix that became singular")


def _advance(
    likelihood: PartialLikelihood, start: Floats, step: Floats, value: float, decrement: float
) -> tuple[Floats, Hazards]:
    """Go the first of 1, 1/2, 1/4 ... of the step along which the log-likelihood does not fall but by
    rounding."""
    slack = 1e-13 * max(1.0, abs(value))
    length = 1.0
    for _ in range(MOST_HALVINGS):
        reached = start + length * step
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            hazards = likelihood.hazards(reached)
        gained = hazards.log_likelihood - value
        if np.isfinite(gained) and gained >= 1e-4 * length * decrement - slack:
            return reached, hazards
        length /= 2
    raise _StuckError(f"no ascent along the Newton direction after {MOST_HALVINGS} halvings")


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
            found=said(
                "{idle} constant, or a combination of the columns before, in every risk set",
                idle=", ".join(idle),
            ),
            next_step="Leave these columns out, or check the strata.",
            columns=tuple(idle),
        )


def _separated(direction: Floats, terms: tuple[str, ...]) -> SeparationError:
    large = np.abs(direction) > 1e-3 * np.abs(direction).max()
    named = ", ".join(dict.fromkeys(term for term, moved in zip(terms, large, strict=True) if moved))
    return SeparationError(
        expected="a partial likelihood with a maximum",
        found=said(
            "one that rises without end along {named}: every event had the extreme value among those at risk",
            named=named,
        ),
        next_step="Look for a level without events; leave the term out, merge its levels, or use a log-rank "
        "test.",
    )
