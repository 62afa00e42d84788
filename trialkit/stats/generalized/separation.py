"""Whether a binary or ordinal outcome is separated: whether a finite maximum of the likelihood exists at all.

Two exact tools. *A certificate of overlap* (the models' ``proves_overlap``): at any coefficients, let w
be the smallest fitted probability of the outcome that did not happen. If a direction separated the data, the
squared Newton decrement there would be at least w (Cauchy-Schwarz on score and information along that
direction). A decrement below w therefore proves that there is no such direction. *A linear program* decides
where the certificate does not: it looks for a direction along which no row becomes less likely and some row
more.

References: Albert & Anderson (1984), Biometrika 71:1-10; Konis (2007), DPhil thesis, Oxford, section 4.2.
"""

from __future__ import annotations

import numpy as np

from trialkit.stats.distributions import FloatArray
from trialkit.stats.errors import SeparationError
from trialkit.wording import said

_TOLERANCE = 1e-7


def separating_direction(signed_rows: FloatArray) -> FloatArray | None:
    """A direction d with ``signed_rows @ d >= 0`` and not all zero, or None where there is none.

    ``signed_rows`` are the design rows multiplied by +1 where the outcome happened and -1 where it did not.
    """
    from scipy.optimize import linprog

    scale = np.abs(signed_rows).max(axis=0)
    scaled = signed_rows / np.where(scale > 0, scale, 1.0)
    distinct = np.unique(scaled, axis=0)
    found = linprog(
        -distinct.sum(axis=0),
        A_ub=-distinct,
        b_ub=np.zeros(len(distinct)),
        bounds=[(-1.0, 1.0)] * scaled.shape[1],
        method="highs",
    )
    if found.status != 0 or float(distinct.sum(axis=0) @ found.x) <= _TOLERANCE:
        return None
    return np.asarray(found.x / np.where(scale > 0, scale, 1.0))


def refuse_separation(signed_rows: FloatArray, names: tuple[str, ...], where: str) -> None:
    """Raise SeparationError where the linear program finds a separating direction; name its columns."""
    direction = separating_direction(signed_rows)
    if direction is None:
        return
    gains = signed_rows @ direction
    complete = bool(np.all(gains > _TOLERANCE))
    reach = np.abs(direction) * np.abs(signed_rows).max(axis=0)
    involved = [name for name, size in zip(names, reach, strict=True) if size > _TOLERANCE]
    raise SeparationError(
        expected="outcomes that overlap over the columns of the design, so that a finite maximum exists",
        found=said(
            "{kind} separation along {involved}",
            kind="complete" if complete else "quasi-complete",
            involved=", ".join(involved),
        ),
        where=where,
        next_step="Merge sparse levels, drop the column, or ask for penalty='firth' where the method has it.",
    )
