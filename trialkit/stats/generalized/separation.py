"""Whether a binary or ordinal outcome is separated: whether a finite maximum of the likelihood exists at all.

Two exact tools. *A certificate of overlap* (the models' ``proves_overlap``): at any coefficients, let w
be the smallest fitted probability of the outcome that did not happen. If a direction separated the data, the
squared Newton decrement there would be at least w (Cauchy-Schwarz on score and information along that
direction). A decrement below w therefore proves that there is no such direction. *A linear program* decides
where the certificate does not: it looks for a direction along which no row becomes less likely and some row
more. A second program finds out whether every row can gain at once (complete separation); a third looks for a
sparse direction, from which columns are then left out one by one while the separation stays what it is.

References: Albert & Anderson (1984), Biometrika 71:1-10; Konis (2007), DPhil thesis, Oxford, section 4.2.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from trialkit.stats.design import Design
from trialkit.stats.distributions import FloatArray
from trialkit.stats.errors import SeparationError
from trialkit.stats.generalized.separated_level import separated_level
from trialkit.wording import said

_TOLERANCE = 1e-7


def separating_direction(signed_rows: FloatArray) -> FloatArray | None:
    """A direction d with ``signed_rows @ d >= 0`` and not all zero, or None where there is none.

    ``signed_rows`` are the design rows multiplied by +1 where the outcome happened and -1 where it did not.
    """
    scale = np.abs(signed_rows).max(axis=0)
    scaled = signed_rows / np.where(scale > 0, scale, 1.0)
    distinct = np.unique(scaled, axis=0)
    found = _solve(-distinct.sum(axis=0), -distinct, np.zeros(len(distinct)), [(-1.0, 1.0)] * scaled.shape[1])
    if found is None or float(distinct.sum(axis=0) @ found) <= _TOLERANCE:
        return None
    return np.asarray(found / np.where(scale > 0, scale, 1.0))


def refuse_separation(
    signed_rows: FloatArray, names: tuple[str, ...], where: str, design: Design | None = None
) -> None:
    """Raise SeparationError where the linear program finds a separating direction; say along what."""
    if separating_direction(signed_rows) is None:
        return
    complete = separates_every_row(signed_rows)
    raise SeparationError(
        expected="outcomes that overlap over the columns of the design, so that a finite maximum exists",
        found=said(
            "{kind} separation along {involved}",
            kind="complete" if complete else "quasi-complete",
            involved=separating_names(signed_rows, names, design, complete=complete),
        ),
        where=where,
        next_step="Merge sparse levels, drop the column, or ask for penalty='firth' where the method has it.",
    )


def separates_every_row(signed_rows: FloatArray) -> bool:
    """Whether one direction makes every row more likely: complete separation."""
    scale = np.abs(signed_rows).max(axis=0)
    distinct = np.unique(signed_rows / np.where(scale > 0, scale, 1.0), axis=0)
    count = distinct.shape[1]
    gain = np.append(np.zeros(count), -1.0)
    bounds = [(-1.0, 1.0)] * count + [(0.0, 1.0)]
    found = _solve(gain, np.hstack([-distinct, np.ones((len(distinct), 1))]), np.zeros(len(distinct)), bounds)
    return found is not None and float(found[-1]) > _TOLERANCE


def separating_names(
    signed_rows: FloatArray, names: tuple[str, ...], design: Design | None, *, complete: bool
) -> str:
    """The columns that separate, or the one level of a factor of ``design`` that they are together."""
    columns = separating_columns(signed_rows, names, complete=complete)
    free = _free(names)
    if design is not None and not set(columns) & set(free):
        separates = separates_every_row if complete else _separates
        level = separated_level(design, signed_rows, tuple(columns), tuple(free), separates)
        if level is not None:
            return level
    return ", ".join(names[column] for column in columns)


def _free(names: tuple[str, ...]) -> list[int]:
    """Intercept and thresholds."""
    return [k for k, name in enumerate(names) if name == "Intercept" or name.startswith("threshold ")]


def separating_columns(signed_rows: FloatArray, names: tuple[str, ...], *, complete: bool) -> list[int]:
    """Columns that separate the outcome together, none of which can be left out.

    Intercept and thresholds come with any of them and are named only where they do it alone.
    """
    levels = _free(names)
    separates = separates_every_row if complete else _separates
    kept = [k for k in _sparse_columns(signed_rows, levels, complete=complete) if k not in levels]
    if not separates(signed_rows[:, sorted([*levels, *kept])]):
        kept = [k for k in range(len(names)) if k not in levels]
    for column in reversed(list(kept)):
        fewer = [k for k in kept if k != column]
        if (fewer or levels) and separates(signed_rows[:, sorted([*levels, *fewer])]):
            kept = fewer
    return kept or levels


def _separates(signed_rows: FloatArray) -> bool:
    return separating_direction(signed_rows) is not None


def _sparse_columns(signed_rows: FloatArray, free: list[int], *, complete: bool) -> list[int]:
    """The columns of a separating direction with the smallest sum of sizes, ``free`` ones not counted."""
    scale = np.abs(signed_rows).max(axis=0)
    distinct = np.unique(signed_rows / np.where(scale > 0, scale, 1.0), axis=0)
    count = distinct.shape[1]
    cost = np.ones(count)
    cost[free] = 0.0
    total = distinct.sum(axis=0)
    rows, least = [np.hstack([-distinct, distinct])], [np.full(len(distinct), -1.0 if complete else 0.0)]
    rows.append(np.append(-total, total)[None, :])
    least.append(np.array([-1.0]))
    bounds = [(0.0, None)] * (2 * count)
    found = _solve(np.append(cost, cost), np.vstack(rows), np.concatenate(least), bounds)
    if found is None:
        return list(range(count))
    return list(np.flatnonzero(np.abs(found[:count] - found[count:]) > _TOLERANCE))


def _solve(cost: FloatArray, at_most: FloatArray, limit: FloatArray, bounds: list[Any]) -> FloatArray | None:
    """The solution of a linear program, None where it has none."""
    from scipy.optimize import linprog

    found = linprog(cost, A_ub=at_most, b_ub=limit, bounds=bounds, method="highs")
    return np.asarray(found.x) if found.status == 0 else None
