"""Which level of a factor separates the outcome, where the columns of its other levels say so together.

In treatment coding the reference level has no column: what it separates lies along all the others at once,
and of a cell of two factors along every column of both. Such a set of columns is told as the level it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations, product

import numpy as np

from trialkit.stats.columns import BoolArray
from trialkit.stats.design import Design
from trialkit.stats.distributions import FloatArray
from trialkit.wording import said

_ROUNDING = 1e-8
_MOST_CELLS = 200


def separated_level(
    design: Design,
    signed_rows: FloatArray,
    columns: tuple[int, ...],
    free: tuple[int, ...],
    separates: Callable[[FloatArray], bool],
) -> str | None:
    """The level, or the cell of two factors, that these columns separate together; None where there is none.

    Parameters
    ----------
    design
        Names the factors; its columns are the last of ``signed_rows`` in the same order.
    columns, free
        Columns of ``signed_rows`` that separate; intercept and thresholds, which come with any of them.
    separates
        Whether a direction over the columns given does so (in the sense, complete or not, that was found).
    """
    if len(columns) < 2:
        return None
    offset = signed_rows.shape[1] - design.X.shape[1]
    own = [column - offset for column in columns]
    base = np.column_stack([np.ones(design.n), design.X[:, own]])
    for factors, levels, inside in _cells(design, tuple(design.column_names[k] for k in own)):
        weights = np.linalg.lstsq(base, inside.astype(float), rcond=None)[0]
        if np.abs(base @ weights - inside).max() > _ROUNDING:
            continue
        along = signed_rows[:, list(columns)] @ weights[1:]
        if separates(np.column_stack([signed_rows[:, list(free)], along])):
            return _named(factors, levels)
    return None


def _cells(
    design: Design, names: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], tuple[object, ...], BoolArray]]:
    """Every level of the factors that the columns are of, then every cell of two of them."""
    involved = [name for name in design.factors if any(f"{name}[" in column for column in names)]
    seen = 0
    for factors in [(name,) for name in involved] + list(combinations(involved, 2)):
        for places in product(*(range(len(design.factors[name].levels)) for name in factors)):
            seen += 1
            if seen > _MOST_CELLS:
                return
            flags = [design.settings[name] == place for name, place in zip(factors, places, strict=True)]
            inside = np.logical_and.reduce(flags)
            if inside.any():
                yield (
                    factors,
                    tuple(design.factors[n].levels[k] for n, k in zip(factors, places, strict=True)),
                    inside,
                )


def _named(factors: tuple[str, ...], levels: tuple[object, ...]) -> str:
    first = said("level {level} of {factor!r}", level=levels[0], factor=factors[0])
    if len(factors) == 1:
        return first
    second = said("level {level} of {factor!r}", level=levels[1], factor=factors[1])
    return said("{first} with {second}", first=first, second=second)
