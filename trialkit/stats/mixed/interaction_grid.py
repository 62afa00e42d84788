"""Odds ratios over a grid of two covariates, as a table and as a heatmap: what an interaction looks like."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from trialkit.stats.errors import DataError

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from trialkit.stats.mixed.mixed_logistic_fit import MixedLogisticFit


def interaction_grid(
    fit: MixedLogisticFit,
    first: Mapping[str, Sequence[Any]],
    second: Mapping[str, Sequence[Any]],
    reference: Mapping[str, Any],
) -> pd.DataFrame:
    """Odds ratios of every pair of values against one reference setting.

    Parameters
    ----------
    fit
        The fitted model.
    first, second
        One column each, with the values it takes: ``{"z": [-2, 0, 2]}``.
    reference
        A value for every column of the formula; those not in ``first`` and ``second`` stay at it.

    Returns
    -------
    DataFrame
        The two columns, then estimate log_standard_error df statistic p_value ci_lower ci_upper; ``second``
        varies fastest.

    Raises
    ------
    DataError
        Not exactly one column each, the same twice, a column of the formula without a reference, or a
        level the fit has not seen.
    """
    import pandas as pd

    (row, down), (column, across) = _only(first, "first"), _only(second, "second")
    needed = {v.column for term in fit.design.formula.terms for v in term}
    absent = sorted(needed.difference(reference))
    if row == column or absent:
        raise DataError(
            expected="two different columns, and a reference value for every column of the formula",
            found=f"twice {row!r}" if row == column else f"no reference for {', '.join(absent)}",
            next_step="Name another column." if row == column else "Add it to reference.",
        )
    pairs = [(a, b) for a in down for b in across]
    settings = pd.DataFrame([{**reference, row: a, column: b} for a, b in pairs])
    ratios = fit.compare(settings, pd.DataFrame([dict(reference)]))
    labels = pd.DataFrame(pairs, columns=[row, column])
    return pd.concat([labels, ratios.reset_index(drop=True)], axis=1)


def heatmap(grid: pd.DataFrame) -> Figure:
    """The grid as a picture: one cell a pair of values, coloured by log odds ratio, odds ratios inside.

    A cell whose interval excludes 1 has its number in bold.
    """
    from matplotlib.figure import Figure

    row, column = grid.columns[:2]
    wide = grid.pivot(index=row, columns=column, values="estimate")
    clear = (grid["ci_lower"] > 1.0) | (grid["ci_upper"] < 1.0)
    bold = grid.assign(clear=clear).pivot(index=row, columns=column, values="clear")
    logs = np.log(wide.to_numpy())
    reach = float(np.abs(logs).max()) or 1.0
    figure = Figure(figsize=(1.6 + 0.8 * wide.shape[1], 1.4 + 0.5 * wide.shape[0]), layout="constrained")
    axes = figure.subplots()
    image = axes.imshow(logs, cmap="RdBu_r", vmin=-reach, vmax=reach, aspect="auto", origin="lower")
    for (i, j), value in np.ndenumerate(wide.to_numpy()):
        weight = "bold" if bold.to_numpy()[i, j] else "normal"
        axes.text(j, i, f"{value:.2f}", ha="center", va="center", fontweight=weight)
    axes.set_xticks(range(wide.shape[1]), [str(label) for label in wide.columns])
    axes.set_yticks(range(wide.shape[0]), [str(label) for label in wide.index])
    axes.set_xlabel(str(column))
    axes.set_ylabel(str(row))
    figure.colorbar(image, ax=axes, label="log odds ratio")
    return figure


def _only(values: Mapping[str, Sequence[Any]], name: str) -> tuple[str, Sequence[Any]]:
    if len(values) != 1:
        raise DataError(expected=f"one column in {name!r}", found=f"{len(values)}")
    return next(iter(values.items()))
