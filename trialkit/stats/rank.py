"""Whether the columns of a design determine their coefficients, and which do not."""

from __future__ import annotations

import numpy as np

from trialkit.stats.distributions import FloatArray
from trialkit.stats.errors import DataError, RankDeficiencyError
from trialkit.wording import said

TOLERANCE = 1e-7
"""A column is redundant when less than this share of its length is left after the columns before it (as R's
lm).
"""


def require_full_rank(
    X: FloatArray, names: tuple[str, ...], where: str, *, absorbed_intercept: bool = False
) -> None:
    """Raise RankDeficiencyError naming the columns that the columns before them determine.

    ``absorbed_intercept`` judges the columns beside a constant, as models without one of their own need.
    """
    if len(X) < X.shape[1]:
        raise DataError(
            expected=said("at least as many rows used as columns of the design ({shape})", shape=X.shape[1]),
            found=said("{n_x} rows", n_x=len(X)),
            where=where,
            next_step="Use fewer terms.",
        )
    judged = np.hstack([np.ones((len(X), 1)), X]) if absorbed_intercept else X
    if judged.shape[1] == 0 or _plainly_independent(judged):
        return
    redundant = redundant_columns(judged)
    shift = 1 if absorbed_intercept else 0
    found = tuple(names[i - shift] for i in redundant if i >= shift)
    if found:
        empty = tuple(name for i, name in enumerate(names) if not X[:, i].any())
        cause = "A combination of factor levels has no rows." if empty else "Remove one of each such set."
        raise RankDeficiencyError(
            expected="columns that no other columns determine",
            found=said("redundant: {found}", found=", ".join(found)),
            where=where,
            next_step=said("{cause} Simplify the formula or merge levels.", cause=cause),
            columns=found,
        )


def redundant_columns(X: FloatArray) -> list[int]:
    """Positions of columns that are linear combinations of those before them."""
    basis: list[FloatArray] = []
    redundant: list[int] = []
    for position in range(X.shape[1]):
        length = float(np.linalg.norm(X[:, position]))
        rest = X[:, position] / length if length > 0 else X[:, position]
        for _ in range(2):
            for direction in basis:
                rest = rest - direction * float(direction @ rest)
        left = float(np.linalg.norm(rest))
        if length == 0 or left < TOLERANCE:
            redundant.append(position)
        else:
            basis.append(rest / left)
    return redundant


def _plainly_independent(X: FloatArray) -> bool:
    """A cheap sufficient check: Cholesky pivots of the scaled cross-products all well away from rounding."""
    cross = X.T @ X
    scale = np.sqrt(np.diag(cross))
    if not np.all(scale > 0):
        return False
    try:
        pivots = np.diag(np.linalg.cholesky(cross / np.outer(scale, scale)))
    except np.linalg.LinAlgError:
        return False
    return bool(pivots.min() > 1e-4)
