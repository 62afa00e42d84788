"""What the pictures of results share: colours that stay apart, curves in steps, numbers at risk, a forest.

Figures are made outside pyplot, so that nothing is global and nothing has to be closed: save one with
``figure.savefig("curve.png")``, or let a notebook show it.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from trialkit.figures.style import ARM_COLOURS, ARM_LINES
from trialkit.stats.columns import require_columns
from trialkit.stats.distributions import FloatArray
from trialkit.stats.errors import DataError
from trialkit.stats.inference import check_numbers
from trialkit.wording import said, written

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

COLOURS, LINES = ARM_COLOURS, ARM_LINES
QUIET = "0.6"
NAME_WIDTH = 24
"""Characters of a group's name in one line."""


def sheet(width: float, height: float) -> Figure:
    """An empty figure, in inches."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def colour(place: int) -> str:
    return COLOURS[place % len(COLOURS)]


def open_axes(axes: Axes) -> None:
    """No frame at the top and the right."""
    axes.spines[["top", "right"]].set_visible(False)


def step_curve(
    axes: Axes,
    time: FloatArray,
    value: FloatArray,
    limits: tuple[FloatArray, FloatArray],
    place: int,
    label: str,
) -> None:
    """A curve that holds its value until the next time, with its band; the first point is at time 0."""
    axes.fill_between(time, *limits, step="post", color=colour(place), alpha=0.15, linewidth=0)
    axes.step(
        time, value, where="post", color=colour(place), linestyle=LINES[place % len(LINES)], label=label
    )


def tick_times(last: float) -> FloatArray:
    """About six round times from 0 to the last follow-up."""
    from matplotlib.ticker import MaxNLocator

    ticks = MaxNLocator(nbins=6, steps=[1, 2, 2.5, 3, 5, 10]).tick_values(0.0, last)
    return np.asarray([tick for tick in ticks if 0 <= tick <= last], dtype=float)


def in_lines(label: str, width: int = NAME_WIDTH) -> str:
    """A long name broken between words, so that it leaves room for the picture."""
    return "\n".join(textwrap.wrap(label, width, break_long_words=False)) or label


def room_for(names: Sequence[str]) -> tuple[int, float]:
    """Lines that the names take, one under another, and the inches of the longest line."""
    lines = [line for name in names for line in name.split("\n")]
    return len(lines), 0.085 * max(map(len, lines), default=0)


def with_counts_below(figure: Figure, panels: int, lines: int) -> tuple[list[Axes], list[Axes]]:
    """Axes for curves side by side, and under each a strip for the counts of every group."""
    grid = figure.subplots(
        2, panels, sharex="col", squeeze=False, gridspec_kw={"height_ratios": [1.0, 0.055 * (lines + 1)]}
    )
    return list(grid[0]), list(grid[1])


def write_counts(
    axes: Axes, times: FloatArray, counts: Sequence[Sequence[int]], labels: Sequence[str]
) -> None:
    """A row of counts a group, each under its time; the strip has no frame."""
    axes.spines[:].set_visible(False)
    heights = np.array([1 + label.count("\n") for label in labels])
    centres = np.cumsum(heights) - (heights + 1) / 2
    axes.set_ylim(heights.sum() - 0.5, -0.5)
    axes.set_yticks(centres, list(labels))
    axes.tick_params(axis="x", length=0, labelbottom=False)
    axes.tick_params(axis="y", length=0, pad=18)  # the first count stands on the axis
    for place, (row, name) in enumerate(zip(counts, axes.get_yticklabels(), strict=True)):
        name.set_color(colour(place))
        for time, count in zip(times, row, strict=True):
            axes.text(time, centres[place], f"{count:d}", ha="center", va="center", fontsize="small")
    axes.set_title("At risk", loc="left", fontsize="small", color=QUIET)


def forest_plot(
    table: pd.DataFrame, label: str | Sequence[str] | None = None, null_value: float | None = None
) -> Figure:
    """Estimates with their intervals, one row each: ratios, contrasts or means of any result.

    Parameters
    ----------
    table
        Columns estimate, ci_lower and ci_upper, as ``fit.hazard_ratios``, ``fit.odds_ratios`` or
        ``fit.contrasts()``; drop the rows that are not wanted.
    label
        Column or columns that name a row; None: every column of text, before the estimate.
    null_value
        Where the line of no difference stands; None: 1 for ratios, 0 for the rest.

    Returns
    -------
    Figure
        The axis is logarithmic for ratios (a table with ``log_standard_error``).

    Raises
    ------
    DataError
        A table without these columns or without rows, or a null value of 0 or less for ratios.

    Degenerate cases
    ----------------
    A row whose estimate is NaN or infinite keeps its place and its name and has no mark.

    Near it in R: ``metafor::forest``.
    """
    require_columns(table, (), "forest_plot")
    needed = ["estimate", "ci_lower", "ci_upper"]
    if not {*needed} <= set(table.columns) or table.empty:
        raise DataError(
            expected=said("a table with the columns {needed} and at least one row", needed=", ".join(needed)),
            found=said(
                "{n_table} rows of {columns}", n_table=len(table), columns=", ".join(map(str, table.columns))
            ),
            where="forest_plot",
            next_step="Give fit.hazard_ratios, fit.contrasts() or the like.",
        )
    ratio = "log_standard_error" in table.columns
    if null_value is not None:
        check_numbers(null_value=null_value)
    null = (1.0 if ratio else 0.0) if null_value is None else float(null_value)
    if ratio and null <= 0:
        raise DataError(
            expected="a null value above 0 for ratios", found=written(null_value), where="null_value"
        )
    names = [in_lines(name, 2 * NAME_WIDTH) for name in _row_names(table, label)]
    lines, width = room_for(names)
    figure = sheet(6.0 + width, 0.9 + 0.34 * max(len(table), 0.6 * lines))
    axes = figure.subplots()
    open_axes(axes)
    if ratio:
        axes.set_xscale("log")
    axes.axvline(null, color=QUIET, linewidth=0.8)
    values = table[needed].to_numpy(dtype=float)
    drawn = np.isfinite(values).all(axis=1) & ((values > 0).all(axis=1) | (not ratio))
    for row in np.flatnonzero(drawn):
        estimate, lower, upper = values[row]
        axes.plot([lower, upper], [row, row], color=COLOURS[0], linewidth=1.4)
        axes.plot([estimate], [row], "s", color=COLOURS[0], markersize=6)
    axes.set_yticks(range(len(table)), names)
    axes.set_ylim(len(table) - 0.5, -0.5)
    axes.set_xlabel("ratio" if ratio else "estimate")
    _write_estimates(axes, values)
    if ratio:
        plain_ratios(axes.xaxis)
    return figure


def _row_names(table: pd.DataFrame, label: str | Sequence[str] | None) -> list[str]:
    if label is None:
        before = table.columns[: list(table.columns).index("estimate")]
        named = [name for name in before if table[name].dtype == object] or list(before)
    else:
        named = list(label) if isinstance(label, list | tuple) else [str(label)]
        require_columns(table, tuple(named), "label")
    return [", ".join(str(row[name]) for name in named) for _, row in table.iterrows()]


def _write_estimates(axes: Axes, values: FloatArray) -> None:
    from trialkit.stats.display import number

    right = axes.secondary_yaxis("right")
    right.spines[:].set_visible(False)
    texts = [f"{number(e)} ({number(low)} to {number(high)})" for e, low, high in values.tolist()]
    right.set_yticks(range(len(values)), texts)
    right.tick_params(length=0)


def plain_ratios(axis: Axis) -> None:
    """0.5 and 2, not powers of ten, on a logarithmic axis; and no more labels than can be read."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter, NullLocator

    low, high = axis.get_view_interval()
    narrow = high / low < 100
    axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if narrow else (1.0,), numticks=12))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_locator(NullLocator())
    axis.set_minor_formatter(NullFormatter())
