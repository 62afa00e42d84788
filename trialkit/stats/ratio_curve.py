"""Ratios along one covariate, as a table and as a picture: what a U-shape looks like."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from trialkit.stats import pictures
from trialkit.stats.ratio_grid import one_column, ratios_at

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from trialkit.stats.ratio_fit import RatioFit


def curve(fit: RatioFit, along: Mapping[str, Sequence[Any]], reference: Mapping[str, Any]) -> pd.DataFrame:
    """Ratios of each value of one column against one reference setting.

    Parameters
    ----------
    fit
        The fitted model.
    along
        One column with the values it takes: ``{"z": numpy.linspace(-3, 3, 61)}``.
    reference
        A value for every column of the formula; all but the one in ``along`` stay at it.

    Returns
    -------
    DataFrame
        The column, then estimate log_standard_error df statistic p_value ci_lower ci_upper; the ratio is 1
        without error at the reference itself.

    Raises
    ------
    DataError
        Not exactly one column, a column of the formula without a reference, or a column not in the formula.

    Equivalent in R: ``rms::Predict(fit, z, ref.zero = TRUE, fun = exp)``.
    """
    column, values = one_column(along, "along")
    return ratios_at(fit, [{column: value} for value in values], reference)


def picture(fit: RatioFit, along: Mapping[str, Sequence[Any]], reference: Mapping[str, Any]) -> Figure:
    """The curve with its pointwise band and a line at 1; the axis of ratios is logarithmic.

    A factor has no curve: its levels are points with bars, in the order given.
    """
    table = curve(fit, along, reference)
    column = table.columns[0]
    figure = pictures.sheet(6.0, 4.2)
    axes = figure.subplots()
    pictures.open_axes(axes)
    axes.set_yscale("log")
    axes.axhline(1.0, color=pictures.QUIET, linewidth=0.8)
    draw = _points if column in fit.design.factors else _band
    draw(axes, table[column], table)
    pictures.plain_ratios(axes.yaxis)
    axes.set_xlabel(str(column))
    axes.set_ylabel(f"{fit.ratio} against {column} {reference[column]}")
    axes.set_title(f"with pointwise {100 * fit.confidence_level:g}% intervals", fontsize="medium")
    return figure


def _band(axes: Axes, across: pd.Series[Any], table: pd.DataFrame) -> None:
    order, blue = np.argsort(across.to_numpy(dtype=float)), pictures.COLOURS[0]
    at, shown = across.to_numpy(dtype=float)[order], table.iloc[order]
    axes.fill_between(at, shown["ci_lower"], shown["ci_upper"], color=blue, alpha=0.15, linewidth=0)
    axes.plot(at, shown["estimate"], color=blue)


def _points(axes: Axes, across: pd.Series[Any], table: pd.DataFrame) -> None:
    places, blue = range(len(table)), pictures.COLOURS[0]
    axes.vlines(places, table["ci_lower"], table["ci_upper"], color=blue)
    axes.plot(places, table["estimate"], "s", color=blue)
    axes.set_xticks(places, [str(level) for level in across])
    axes.set_xlim(-0.5, len(table) - 0.5)
