"""Ratios over a grid of two covariates, as a table and as a heatmap: what an interaction looks like."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from trialkit.numbers import plain
from trialkit.stats import pictures
from trialkit.stats.errors import DataError
from trialkit.wording import said, written

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from trialkit.stats.ratio_fit import RatioFit

_DARK = 0.6
"""Share of the colour scale from which on black numbers are hard to read."""


def interaction_grid(
    fit: RatioFit,
    first: Mapping[str, Sequence[Any]],
    second: Mapping[str, Sequence[Any]],
    reference: Mapping[str, Any],
) -> pd.DataFrame:
    """Ratios of every pair of values against one reference setting.

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
        Not exactly one column each, the same twice, a column of the formula without a reference, a column
        that is not in the formula, or a level the fit has not seen.
    """
    (row, down), (column, across) = one_column(first, "first"), one_column(second, "second")
    if row == column:
        raise DataError(expected="two different columns", found=said("twice {row!r}", row=row))
    pairs = [{row: a, column: b} for a in down for b in across]
    return ratios_at(fit, pairs, reference)


def ratios_at(
    fit: RatioFit, settings: Sequence[Mapping[str, Any]], reference: Mapping[str, Any]
) -> pd.DataFrame:
    """Ratios of settings against the reference from which each differs in the columns it names."""
    import pandas as pd

    needed = {v.column for term in fit.design.formula.terms for v in term}
    absent, strange = needed.difference(reference), set(settings[0]).difference(needed)
    if absent or strange:
        raise DataError(
            expected="a reference value for every column of the formula, and columns of the formula only",
            found=said("no reference for {absent}", absent=", ".join(sorted(absent)))
            if absent
            else said("{strange}, not in the formula", strange=", ".join(sorted(strange))),
            where=said("formula {text!r}", text=fit.design.formula.text),
            next_step="Add it to reference." if absent else "Name another column.",
        )
    ahead = pd.DataFrame([{**reference, **setting} for setting in settings])
    ratios = fit.compare(ahead, pd.DataFrame([dict(reference)]))
    return pd.concat([pd.DataFrame(list(settings)), ratios.reset_index(drop=True)], axis=1)


def heatmap(fit: RatioFit, grid: pd.DataFrame, reference: Mapping[str, Any]) -> Figure:
    """The grid as a picture: one cell a pair of values, coloured by its ratio, the number inside.

    Values stand in the order given, the first at the lower left. A cell whose interval excludes 1 has its
    number in bold; the reference cell, where the grid holds it, has a frame.
    """
    from matplotlib.patches import Rectangle

    row, column = grid.columns[:2]
    wide = grid.pivot(index=row, columns=column, values="estimate")
    wide = wide.loc[grid[row].unique(), grid[column].unique()]
    logs = np.log(wide.to_numpy())
    reach = float(np.abs(logs).max()) or 1.0
    figure = pictures.sheet(2.4 + 0.8 * wide.shape[1], 1.9 + 0.5 * wide.shape[0])
    axes = figure.subplots()
    image = axes.imshow(logs, cmap="RdBu_r", vmin=-reach, vmax=reach, aspect="auto", origin="lower")
    places = {label: i for i, label in enumerate(wide.index)}, {label: j for j, label in enumerate(wide)}
    for cell in grid.to_dict("records"):
        clear = cell["ci_lower"] > 1.0 or cell["ci_upper"] < 1.0
        axes.text(
            places[1][cell[column]],
            places[0][cell[row]],
            plain(cell["estimate"], 2),
            ha="center",
            va="center",
            fontweight="bold" if clear else "normal",
            color="white" if abs(np.log(cell["estimate"])) > _DARK * reach else "black",
        )
    i, j = places[0].get(reference[row]), places[1].get(reference[column])
    if i is not None and j is not None:
        axes.add_patch(Rectangle((j - 0.5, i - 0.5), 1, 1, fill=False, edgecolor="black", linewidth=2))
    axes.set_xticks(range(wide.shape[1]), [str(label) for label in wide.columns])
    axes.set_yticks(range(wide.shape[0]), [str(label) for label in wide.index])
    axes.set_xlabel(str(column))
    axes.set_ylabel(str(row))
    against = f"{fit.ratio} against {row} {reference[row]}, {column} {reference[column]}"
    axes.set_title(f"{against}\nbold: {100 * fit.confidence_level:g}% interval excludes 1", fontsize="medium")
    bar = figure.colorbar(image, ax=axes, label=f"{fit.ratio}, log scale")
    ticks = np.linspace(-reach, reach, 5)
    bar.set_ticks(ticks.tolist(), labels=[f"{np.exp(tick):.2g}" for tick in ticks])
    return figure


def one_column(values: Mapping[str, Sequence[Any]], name: str) -> tuple[str, Sequence[Any]]:
    """The one column of such an argument and its values."""
    if len(values) != 1:
        raise DataError(expected=said("one column in {name!r}", name=name), found=written(len(values)))
    column, found = next(iter(values.items()))
    if len(found) == 0 or len(set(found)) < len(found):
        raise DataError(
            expected=said("at least one value of {column!r}, each once", column=column),
            found=", ".join(map(str, found)) or "none",
        )
    return column, found
