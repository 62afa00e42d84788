"""The functions a formula may name: each takes one column, and none can execute anything.

``rcs(x, k)`` is Harrell's restricted cubic spline with ``k`` knots (3 to 7, 5 by default) at his quantiles of
the rows used; below 100 rows the outer ones are the fifth smallest and the fifth largest value. Its knots are
kept with the design, so that new data are transformed as the old were.
References: Harrell, Regression Modeling Strategies, 2nd ed., section 2.4.5 and table 2.3.
Equivalent in R: ``rms::rcs(x, k)``.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from trialkit.stats.distributions import FloatArray
from trialkit.stats.errors import DataError
from trialkit.wording import said

ELEMENTWISE: dict[str, Callable[[FloatArray], FloatArray]] = {
    "exp": np.exp,
    "log": np.log,
    "log10": np.log10,
    "log2": np.log2,
    "sqrt": np.sqrt,
}
FACTOR_WRAPPERS = ("C", "factor")
SPLINE = "rcs"
NAMES = tuple(sorted([*ELEMENTWISE, *FACTOR_WRAPPERS, SPLINE]))

DEFAULT_KNOTS = 5
_OUTER_QUANTILE = {3: 0.10, 4: 0.05, 5: 0.05, 6: 0.05, 7: 0.025}
"""Share of the rows below the first knot; the others follow at equal steps up to as much from the end."""
_ROWS_FOR_OUTER_QUANTILES = 100
_FEWEST_FOR_OUTER = 5
"""Below a hundred rows the outer knots are the fifth smallest and the fifth largest value."""
KNOT_NUMBERS = tuple(_OUTER_QUANTILE)


def place_knots(values: FloatArray, number: int, label: str) -> tuple[float, ...]:
    """Harrell's knots for ``values``; tied knots are an error, since the spline would not be defined."""
    outer = _OUTER_QUANTILE[number]
    knots = np.quantile(values, np.linspace(outer, 1.0 - outer, number))
    if _FEWEST_FOR_OUTER <= len(values) < _ROWS_FOR_OUTER_QUANTILES:
        ordered = np.sort(values)
        knots[0], knots[-1] = ordered[_FEWEST_FOR_OUTER - 1], ordered[-_FEWEST_FOR_OUTER]
        knots = np.sort(knots)
    if np.any(np.diff(knots) <= 0):
        raise DataError(
            expected=said(
                "a column that can take {number} separate knots for {label}", number=number, label=label
            ),
            found="ties at the quantiles where the knots belong",
            next_step="Use fewer knots.",
        )
    return tuple(float(knot) for knot in knots)


def spline_basis(values: FloatArray, knots: tuple[float, ...]) -> FloatArray:
    """The ``len(knots) - 1`` columns of the restricted cubic spline, the first one linear."""
    t = np.asarray(knots)
    first, before_last, last = t[0], t[-2], t[-1]

    def cubed(knot: float) -> FloatArray:
        return np.asarray(np.clip(values - knot, 0.0, None) ** 3, dtype=float)

    columns = [np.asarray(values, float)]
    for knot in t[:-2]:
        tail = cubed(before_last) * (last - knot) - cubed(last) * (before_last - knot)
        columns.append((cubed(knot) - tail / (last - before_last)) / (last - first) ** 2)
    return np.column_stack(columns)
