"""Draws, for every improvement there could be, the share of each arm that improved at least so much."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from trialkit import numbers
from trialkit.figures.drawing import Drawing, drawn
from trialkit.figures.style import (
    ARM_COLOURS,
    ARM_LINES,
    FULL_WIDTH_INCHES,
    MUTED,
    house_style,
    new_figure,
    quiet_grid,
)

LEGEND_COLUMNS = 2  # labels of arms are long


def draw_responder_curve(
    curves: Mapping[str, Sequence[tuple[float, float]]],
    arms: Mapping[str, str],
    axis: str,
    marks: Sequence[float],
    key: str,
    alt: str,
) -> Drawing:
    """Draw the curves: (improvement, percent of the arm that improved at least so much), from left to right.

    ``marks`` are the thresholds that the responder tables use; a hair stands at each.
    """
    with house_style(key):
        figure = new_figure(FULL_WIDTH_INCHES, 3.5)
        rows = -(-len(arms) // LEGEND_COLUMNS)
        axes = figure.add_axes((0.1, 0.15, 0.87, 0.74 - 0.055 * (rows - 1)))
        for place, (arm, points) in enumerate(curves.items()):
            axes.step(
                [x for x, _ in points],
                [y for _, y in points],
                where="pre",
                color=ARM_COLOURS[place % len(ARM_COLOURS)],
                linestyle=ARM_LINES[place % len(ARM_LINES)],
                label=arms[arm],
            )
        for mark in marks:
            axes.axvline(mark, color=MUTED, linewidth=0.9, linestyle=":")
            axes.text(mark, 101, numbers.fixed(mark, 0), ha="center", va="bottom", fontsize=8, color=MUTED)
        axes.set_ylim(0, 100)
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}".replace("-", "−"))
        axes.set_xlabel(axis)
        axes.set_ylabel("Subjects, %")
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1.05), ncols=LEGEND_COLUMNS, borderaxespad=0)
        quiet_grid(axes)
        return drawn(figure, key, alt)
