"""Draws percentages of each arm as dots and, beside them, the difference with its interval."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trialkit.figures.drawing import Drawing, drawn
from trialkit.figures.lettering import text_width_points, wrap_text
from trialkit.figures.style import (
    ARM_COLOURS,
    ARM_MARKERS,
    FULL_WIDTH_INCHES,
    INK,
    MUTED,
    house_style,
    new_figure,
    quiet_grid,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROW, SIZE, ABOVE, BELOW = 20.0, 8.5, 26.0, 40.0  # points
LABEL_MOST = 150.0
LEGEND_COLUMNS, LEGEND_ROW = 2, 14.0


@dataclass(frozen=True, slots=True)
class DotLine:
    """A line: a percentage an arm (NaN where there is none), and test minus reference in points."""

    label: str
    percents: Mapping[str, float]
    difference: float = math.nan
    lower: float = math.nan
    upper: float = math.nan


def draw_dot_plot(
    lines: Sequence[DotLine], arms: Mapping[str, str], difference: str, key: str, alt: str
) -> Drawing:
    """Draw the lines in the order given; without differences (one arm) the right panel is left out.

    ``arms`` are their labels, in the order of the tables; ``difference`` heads the right panel.
    """
    labels = [wrap_text(line.label, LABEL_MOST, SIZE) for line in lines]
    heights = [ROW + 10.5 * (len(label) - 1) for label in labels]
    total = sum(heights)
    compared = any(math.isfinite(line.difference) for line in lines)
    with house_style(key):
        above = ABOVE + LEGEND_ROW * (-(-len(arms) // LEGEND_COLUMNS) - 1)
        height = total + above + BELOW
        figure = new_figure(FULL_WIDTH_INCHES, height / 72)
        left = (max(text_width_points(part, SIZE) for label in labels for part in label) + 14) / (
            FULL_WIDTH_INCHES * 72
        )
        bottom, tall = BELOW / height, total / height
        width = (0.98 - left) * (0.56 if compared else 1.0)
        dots = figure.add_axes((left, bottom, width, tall))
        _panel(dots, total)
        centres = [sum(heights[:k]) + heights[k] / 2 for k in range(len(lines))]
        _names(dots, labels, centres)
        for place, (arm, name) in enumerate(arms.items()):
            known = [(line.percents.get(arm, math.nan), y) for line, y in zip(lines, centres, strict=True)]
            dots.plot(
                *zip(*known, strict=True),
                ARM_MARKERS[place % len(ARM_MARKERS)],
                color=ARM_COLOURS[place % len(ARM_COLOURS)],
                linestyle="",
                markersize=5.5,
                label=name,
            )
        dots.set_xlim(left=0)
        dots.set_xlabel("Subjects, %")
        dots.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=LEGEND_COLUMNS, borderaxespad=0.2)
        if compared:
            right = figure.add_axes((left + width + 0.03, bottom, 0.98 - left - width - 0.03, tall))
            _differences(right, lines, centres, total, difference)
        return drawn(figure, key, alt)


def _panel(axes: Axes, total: float) -> None:
    axes.set_ylim(total, 0)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    quiet_grid(axes, "x")


def _names(axes: Axes, labels: Sequence[Sequence[str]], centres: Sequence[float]) -> None:
    for label, y in zip(labels, centres, strict=True):
        for place, part in enumerate(label):
            axes.annotate(
                part,
                xy=(0, y),
                xytext=(-8, (len(label) - 1) * 5.25 - 10.5 * place),
                xycoords=axes.get_yaxis_transform(),
                textcoords="offset points",
                ha="right",
                va="center_baseline",
                fontsize=SIZE,
                annotation_clip=False,
            )


def _differences(
    axes: Axes, lines: Sequence[DotLine], centres: Sequence[float], total: float, head: str
) -> None:
    _panel(axes, total)
    axes.axvline(0, color=MUTED, linewidth=1)
    for line, y in zip(lines, centres, strict=True):
        if math.isfinite(line.difference):
            axes.plot([line.lower, line.upper], [y, y], color=INK, linewidth=1.4, solid_capstyle="butt")
            axes.plot([line.difference], [y], "D", color=INK, markersize=4)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}".replace("-", "−"))
    axes.set_xlabel(head)
