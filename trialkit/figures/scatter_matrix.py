"""Draws every pair of columns as a scatter plot, with a histogram of each on the diagonal."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from trialkit.figures.drawing import Drawing, drawn
from trialkit.figures.lettering import wrap_text
from trialkit.figures.style import BLUE, FULL_WIDTH_INCHES, house_style, new_figure

SIZE = 7.0


def draw_scatter_matrix(columns: Mapping[str, Sequence[float]], key: str, alt: str) -> Drawing:
    """Draw the matrix; a point is left out where either column is missing."""
    names = list(columns)
    cell = (FULL_WIDTH_INCHES - 0.5) / len(names) * 72 - 14
    with house_style(key):
        figure = new_figure(FULL_WIDTH_INCHES, FULL_WIDTH_INCHES * 0.86)
        grid = figure.subplots(len(names), len(names), squeeze=False)
        for i, below in enumerate(names):
            for j, across in enumerate(names):
                axes = grid[i][j]
                axes.tick_params(labelsize=6, length=2, labelbottom=i == len(names) - 1, labelleft=j == 0)
                if i == j:
                    axes.hist(
                        [v for v in columns[across] if math.isfinite(v)], bins=10, color=BLUE, alpha=0.55
                    )
                    axes.set_yticks([])
                else:
                    axes.plot(
                        columns[across],
                        columns[below],
                        "o",
                        color=BLUE,
                        markersize=2.6,
                        alpha=0.7,
                        linestyle="",
                    )
                if i == len(names) - 1:
                    axes.set_xlabel("\n".join(wrap_text(across, cell, SIZE)), fontsize=SIZE)
                if j == 0:
                    axes.set_ylabel("\n".join(wrap_text(below, cell, SIZE)), fontsize=SIZE)
        figure.subplots_adjust(left=0.1, right=0.99, top=0.99, bottom=0.11, wspace=0.12, hspace=0.12)
        return drawn(figure, key, alt)
