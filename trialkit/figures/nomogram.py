"""Draws a nomogram: a scale a covariate against a scale of points, their total, and what it means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trialkit import numbers
from trialkit.figures.drawing import Drawing, drawn
from trialkit.figures.lettering import text_width_points
from trialkit.figures.style import BLUE, FULL_WIDTH_INCHES, INK, MUTED, house_style, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROW, SIZE = 34.0, 8.0  # points
APART = 5.0  # points between the words of neighbouring marks


@dataclass(frozen=True, slots=True)
class Scale:
    """Marks of one covariate: (points, what stands there)."""

    label: str
    marks: Sequence[tuple[float, str]]


def draw_nomogram(
    scales: Sequence[Scale], totals: Sequence[tuple[float, str]], key: str, alt: str
) -> Drawing:
    """Draw points, scales, total points and probability below each other."""
    most = sum(max(points for points, _ in scale.marks) for scale in scales)
    rows = len(scales) + 3
    with house_style(key):
        height = rows * ROW + 12
        figure = new_figure(FULL_WIDTH_INCHES, height / 72)
        widest = max(text_width_points(scale.label, SIZE) for scale in scales) + 12
        left = max(widest, 80.0) / (FULL_WIDTH_INCHES * 72)
        axes = figure.add_axes((left, 0, 0.97 - left, 1))
        axes.set_xlim(-0.02, 1.02)
        axes.set_ylim(height, 0)
        axes.axis("off")
        width = (0.97 - left) * FULL_WIDTH_INCHES * 72 / 1.04
        ruler = [(float(p), numbers.fixed(p, 0)) for p in range(0, 101, 10)]
        _scale(axes, "Points", [(p / 100, t) for p, t in ruler], ROW * 0.7, width, MUTED)
        for place, scale in enumerate(scales, 1):
            marks = [(points / 100, text) for points, text in scale.marks]
            _scale(axes, scale.label, marks, ROW * (place + 0.7), width, BLUE)
        y = ROW * (len(scales) + 1.7)
        step = 50 if most > 200 else 20
        whole = [(p / most, numbers.fixed(p, 0)) for p in range(0, int(most) + 1, step)]
        _scale(axes, "Total points", whole, y, width, MUTED)
        _scale(axes, "Probability", [(p / most, text) for p, text in totals], y + ROW, width, INK)
        return drawn(figure, key, alt)


def _scale(
    axes: Axes, label: str, marks: Sequence[tuple[float, str]], y: float, width: float, colour: str
) -> None:
    """A line with its marks; the words of crowded marks stand above and below by turns."""
    axes.annotate(
        label, xy=(0, y), xytext=(-14, 0), textcoords="offset points", ha="right", va="center_baseline",
        fontsize=SIZE, annotation_clip=False,
    )  # fmt: skip
    if not marks:
        return
    places = [x for x, _ in marks]
    axes.plot([min(places), max(places)], [y, y], color=colour, linewidth=1)
    ends = {1: -1e9, -1: -1e9}
    for x, text in sorted(marks):
        half = text_width_points(text, SIZE) / 2
        start = x * width - half
        side = 1 if start > ends[1] + APART else -1
        axes.plot([x, x], [y, y + 4 * side], color=colour, linewidth=1)
        if start <= ends[side] + APART:
            continue  # crowded on both sides: the mark stays, its word gives way
        ends[side] = start + 2 * half
        axes.text(
            x, y + 6 * side, text, ha="center", va="top" if side == 1 else "bottom", fontsize=SIZE, color=INK
        )
