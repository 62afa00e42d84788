"""Any combinations of coefficients a user asks for: by the names of the coefficients, or as a matrix."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from trialkit.stats.distributions import FloatArray
from trialkit.stats.errors import DataError
from trialkit.wording import said, written

Combinations = Mapping[str, float] | Sequence[Mapping[str, float]] | FloatArray


def weight_matrix(rows: Combinations, names: tuple[str, ...]) -> FloatArray:
    """One row of weights a combination, one column a coefficient.

    Raises
    ------
    DataError
        A name that is no coefficient, or a matrix of another width.
    """
    named = [rows] if isinstance(rows, Mapping) else [row for row in rows if isinstance(row, Mapping)]
    if isinstance(rows, Mapping) or len(named) == len(rows):
        return _by_name(named, names)
    matrix = np.atleast_2d(np.asarray(rows, dtype=float))
    if matrix.shape[1] != len(names):
        raise DataError(
            expected=said("{n_names} weights a row, one a coefficient", n_names=len(names)),
            found=str(matrix.shape[1]),
        )
    return matrix


def _by_name(rows: Sequence[Mapping[str, float]], names: tuple[str, ...]) -> FloatArray:
    matrix = np.zeros((len(rows), len(names)))
    for i, row in enumerate(rows):
        for name, weight in row.items():
            if name not in names:
                raise DataError(
                    expected=said("coefficients {names}", names=", ".join(names)),
                    found=written(name),
                    next_step="Name one of them.",
                )
            matrix[i, names.index(name)] = weight
    return matrix
