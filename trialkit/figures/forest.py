"""Draws estimates with their intervals below each other, the numbers beside them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trialkit import numbers
from trialkit.figures.drawing import Drawing, drawn
from trialkit.figures.lettering import text_width_points, wrap_text
from trialkit.figures.style import (
    BLUE,
    FULL_WIDTH_INCHES,
    MUTED,
    house_style,
    new_figure,
    plain_ratio_ticks,
    quiet_grid,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROW, SIZE, EDGE = 19.0, 8.5, 46.0  # points
LABEL_MOST, NUMBER_WIDTH = 190.0, 118.0


@dataclass(frozen=True, slots=True)
class ForestLine:
    """``heading`` lines have words and no numbers; an estimate that is absent keeps its line."""

    label: str
    estimate: float = math.nan
    lower: float = math.nan
    upper: float = math.nan
    heading: bool = False
    beside: str = ""  # words at the right, such as the p of an interaction


def draw_forest(
    lines: Sequence[ForestLine], axis: str, key: str, alt: str, *, ratio: bool, overall: float | None = None
) -> Drawing:
    """Draw the lines; the axis is logarithmic for ratios, and a hair marks no effect and ``overall``."""
    labels = [wrap_text(line.label, LABEL_MOST, SIZE, line.heading) for line in lines]
    heights = [ROW + 10.5 * (len(label) - 1) for label in labels]
    widest = max(text_width_points(part, SIZE, bold=True) for label in labels for part in label) + 14
    with house_style(key):
        height = sum(heights) + EDGE + 8
        figure = new_figure(FULL_WIDTH_INCHES, height / 72)
        wide = FULL_WIDTH_INCHES * 72
        left, right = widest / wide, 1 - (NUMBER_WIDTH + 8) / wide
        axes = figure.add_axes((left, EDGE / height, right - left, 1 - (EDGE + 8) / height))
        _frame(axes, lines, axis, sum(heights), ratio=ratio, overall=overall)
        y = 0.0
        for line, label, tall in zip(lines, labels, heights, strict=True):
            _line(axes, line, label, y + tall / 2)
            y += tall
        return drawn(figure, key, alt)


def _frame(
    axes: Axes, lines: Sequence[ForestLine], axis: str, total: float, *, ratio: bool, overall: float | None
) -> None:
    axes.set_ylim(total, 0)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    if ratio:
        axes.set_xscale("log")
    known = [v for one in lines for v in (one.lower, one.upper, one.estimate) if math.isfinite(v)]
    null = 1.0 if ratio else 0.0
    low, high = min([null, *known]), max([null, *known])
    if ratio:
        room = (high / low) ** 0.06
        axes.set_xlim(low / room, high * room)
        plain_ratio_ticks(axes)
    else:
        room = 0.06 * (high - low or 1.0)
        axes.set_xlim(low - room, high + room)
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}".replace("-", numbers.MINUS))
    quiet_grid(axes, "x")
    axes.axvline(null, color=MUTED, linewidth=1)
    if overall is not None:
        axes.axvline(overall, color=BLUE, linewidth=0.9, linestyle="--")
    axes.set_xlabel(axis)


def _line(axes: Axes, line: ForestLine, label: Sequence[str], y: float) -> None:
    across = axes.get_yaxis_transform()
    for place, part in enumerate(label):
        axes.annotate(
            part,
            xy=(0, y),
            xytext=(-8, (len(label) - 1) * 5.25 - 10.5 * place),
            xycoords=across,
            textcoords="offset points",
            ha="right",
            va="center_baseline",
            fontsize=SIZE,
            fontweight="bold" if line.heading else "normal",
            annotation_clip=False,
        )
    words = line.beside
    if not line.heading and math.isfinite(line.estimate):
        axes.plot([line.lower, line.upper], [y, y], color=BLUE, linewidth=1.6, solid_capstyle="butt")
        axes.plot([line.estimate], [y], "s", color=BLUE, markersize=5)
        words = numbers.estimate_interval(line.estimate, line.lower, line.upper, 2)
    axes.annotate(
        words,
        xy=(1, y),
        xytext=(8, 0),
        xycoords=across,
        textcoords="offset points",
        va="center_baseline",
        fontsize=SIZE,
        annotation_clip=False,
    )
