"""The functions a formula may name: each takes one column, and none can execute anything.

``rcs(x, k)`` is Harrell's restricted cubic spline with ``k`` knots (3 to 7, 5 by default) at his quantiles of
the rows used; its knots are kept with the design, so that new data are transformed as the old were.
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
_KNOT_QUANTILES: dict[int, tuple[float, ...]] = {
    3: (0.10, 0.50, 0.90),
    4: (0.05, 0.35, 0.65, 0.95),
    5: (0.05, 0.275, 0.50, 0.725, 0.95),
    6: (0.05, 0.23, 0.41, 0.59, 0.77, 0.95),
    7: (0.025, 0.1833, 0.3417, 0.50, 0.6583, 0.8167, 0.975),
}
KNOT_NUMBERS = tuple(_KNOT_QUANTILES)


def place_knots(values: FloatArray, number: int, label: str) -> tuple[float, ...]:
    """Harrell's knots for ``values``; tied knots are an error, since the spline would not be defined."""
    knots = np.quantile(values, _KNOT_QUANTILES[number])
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
