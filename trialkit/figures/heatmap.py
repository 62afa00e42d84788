"""Draws ratios of pairs of values as coloured cells with the number inside."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from trialkit import numbers
from trialkit.figures.drawing import Drawing, drawn
from trialkit.figures.lettering import text_width_points
from trialkit.figures.style import FULL_WIDTH_INCHES, INK, house_style, new_figure

DARK = 0.55  # of the reach: numbers on darker cells are white


@dataclass(frozen=True, slots=True)
class RatioCell:
    """The ratio where the first covariate (rows) and the second (columns) have these values."""

    first: float
    second: float
    estimate: float
    lower: float
    upper: float


def draw_ratio_heatmap(cells: Sequence[RatioCell], first: str, second: str, key: str, alt: str) -> Drawing:
    """Draw the cells, the smallest values at the lower left; a frame stands round a ratio of exactly 1."""
    from matplotlib.patches import Rectangle

    rows = sorted({cell.first for cell in cells})
    columns = sorted({cell.second for cell in cells})
    reach = max(abs(math.log(cell.estimate)) for cell in cells) or 1.0
    with house_style(key):
        figure = new_figure(1.3 + 0.85 * len(columns), 0.8 + 0.55 * len(rows))
        axes = figure.add_subplot()
        logs = [[math.nan] * len(columns) for _ in rows]
        for cell in cells:
            logs[rows.index(cell.first)][columns.index(cell.second)] = math.log(cell.estimate)
        axes.imshow(logs, cmap="PuOr_r", vmin=-reach, vmax=reach, aspect="auto", origin="lower")
        for cell in cells:
            y, x = rows.index(cell.first), columns.index(cell.second)
            dark = abs(math.log(cell.estimate)) > DARK * reach
            clear = cell.lower > 1 or cell.upper < 1
            axes.text(
                x,
                y,
                numbers.fixed(cell.estimate, 2),
                ha="center",
                va="center",
                color="white" if dark else INK,
                fontweight="bold" if clear else "normal",
            )
            if cell.lower == cell.upper == 1:
                axes.add_patch(Rectangle((x - 0.5, y - 0.5), 1, 1, fill=False, edgecolor=INK, linewidth=1.6))
        axes.set_xticks(range(len(columns)), [f"{value:g}".replace("-", "−") for value in columns])
        axes.set_yticks(range(len(rows)), [f"{value:g}".replace("-", "−") for value in rows])
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
        axes.set_xlabel(second)
        axes.set_ylabel(first)
        figure.subplots_adjust(left=0.14, right=0.98, top=0.97, bottom=0.17)
        return drawn(figure, key, alt)


@dataclass(frozen=True, slots=True)
class CorrelationCell:
    """A correlation of the first column (rows) with the second; ``clear`` ones are printed bold."""

    first: str
    second: str
    estimate: float
    clear: bool


def draw_correlations(cells: Sequence[CorrelationCell], key: str, alt: str) -> Drawing:
    """Draw correlations from -1 to 1 as cells, names at the left and, turned, below."""
    rows = list(dict.fromkeys(cell.first for cell in cells))
    columns = list(dict.fromkeys(cell.second for cell in cells))
    widest = max(text_width_points(name, 8.5) for name in rows) + 12
    tallest = max(text_width_points(name, 8.5) for name in columns) * 0.72 + 22
    width, height = (
        min(FULL_WIDTH_INCHES, widest / 72 + 0.78 * len(columns) + 0.1),
        tallest / 72 + 0.5 * len(rows),
    )
    with house_style(key):
        figure = new_figure(width, height + 0.1)
        bottom = tallest / 72 / (height + 0.1)
        axes = figure.add_axes((widest / 72 / width, bottom, 0.98 - widest / 72 / width, 0.98 - bottom))
        values = [[math.nan] * len(columns) for _ in rows]
        for cell in cells:
            values[rows.index(cell.first)][columns.index(cell.second)] = cell.estimate
        axes.imshow(values, cmap="PuOr_r", vmin=-1, vmax=1, aspect="auto")
        for cell in cells:
            axes.text(
                columns.index(cell.second),
                rows.index(cell.first),
                numbers.fixed(cell.estimate, 2),
                ha="center",
                va="center",
                color="white" if abs(cell.estimate) > DARK else INK,
                fontweight="bold" if cell.clear else "normal",
            )
        axes.set_xticks(range(len(columns)), columns, rotation=45, ha="right", rotation_mode="anchor")
        axes.set_yticks(range(len(rows)), rows)
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
        return drawn(figure, key, alt)


@dataclass(frozen=True, slots=True)
class PlaceCell:
    """A coefficient or ratio at one place of a map; ``clear`` ones are printed bold."""

    row: str
    column: str
    estimate: float
    clear: bool


def draw_places(cells: Sequence[PlaceCell], key: str, alt: str, *, ratio: bool) -> Drawing:
    """Draw a map of places, as many rows and columns as it names; white is no change (a ratio of 1)."""
    rows = list(dict.fromkeys(cell.row for cell in cells))
    columns = list(dict.fromkeys(cell.column for cell in cells))
    widest = max(text_width_points(name, 8.5) for name in rows) + 14
    width, height = widest / 72 + 0.95 * len(columns) + 0.1, 0.45 + 0.5 * len(rows)
    with house_style(key):
        figure = new_figure(width, height)
        axes = figure.add_axes(
            (widest / 72 / width, 0.35 / height, 0.98 - widest / 72 / width, 1 - 0.4 / height)
        )
        size = [(math.log(cell.estimate) if ratio else cell.estimate) for cell in cells]
        reach = max(map(abs, size)) or 1.0
        values = [[math.nan] * len(columns) for _ in rows]
        for cell, value in zip(cells, size, strict=True):
            values[rows.index(cell.row)][columns.index(cell.column)] = value
        axes.imshow(values, cmap="PuOr_r", vmin=-reach, vmax=reach, aspect="auto")
        for cell, value in zip(cells, size, strict=True):
            axes.text(
                columns.index(cell.column),
                rows.index(cell.row),
                numbers.fixed(cell.estimate, 2),
                ha="center",
                va="center",
                color="white" if abs(value) > DARK * reach else INK,
                fontweight="bold" if cell.clear else "normal",
            )
        axes.set_xticks(range(len(columns)), columns)
        axes.set_yticks(range(len(rows)), rows)
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
        return drawn(figure, key, alt)
