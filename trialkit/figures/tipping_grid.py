"""Draws the difference for pairs of deltas as cells: where the conclusion holds they are filled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from trialkit import numbers
from trialkit.figures.drawing import Drawing, drawn
from trialkit.figures.style import INK, house_style, new_figure

HOLDS, TIPPED = "#c6dbef", "#ffffff"  # told apart by the frame and the letter's weight too


@dataclass(frozen=True, slots=True)
class DeltaCell:
    """The difference where these are added to unobserved values of the test arm and of the reference."""

    delta: float
    reference_delta: float
    estimate: float
    holds: bool


def draw_tipping_grid(cells: Sequence[DeltaCell], across: str, upwards: str, key: str, alt: str) -> Drawing:
    """Draw the cells, no deltas at the lower left."""
    from matplotlib.patches import Rectangle

    columns = sorted({cell.delta for cell in cells})
    rows = sorted({cell.reference_delta for cell in cells})
    with house_style(key):
        figure = new_figure(1.6 + 0.62 * len(columns), 1.3 + 0.42 * len(rows))
        axes = figure.add_subplot()
        for cell in cells:
            x, y = columns.index(cell.delta), rows.index(cell.reference_delta)
            fill = HOLDS if cell.holds else TIPPED
            axes.add_patch(
                Rectangle((x - 0.5, y - 0.5), 1, 1, facecolor=fill, edgecolor="#999999", linewidth=0.6)
            )
            weight = "bold" if cell.holds else "normal"
            text = numbers.fixed(cell.estimate, 1)
            axes.text(x, y, text, ha="center", va="center", color=INK, fontweight=weight)
        axes.set_xlim(-0.5, len(columns) - 0.5)
        axes.set_ylim(-0.5, len(rows) - 0.5)
        axes.set_xticks(range(len(columns)), [f"{value:g}" for value in columns])
        axes.set_yticks(range(len(rows)), [f"{value:g}" for value in rows])
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
        axes.set_xlabel(across, labelpad=6)
        axes.set_ylabel(upwards, labelpad=6)
        figure.subplots_adjust(left=0.13, right=0.98, top=0.97, bottom=0.24)
        return drawn(figure, key, alt)
