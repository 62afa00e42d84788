"""Draws ratios of pairs of values as coloured cells with the number inside."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from trialkit import numbers
from trialkit.figures.drawing import Drawing, drawn
from trialkit.figures.style import INK, house_style, new_figure

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
