"""Counts below a time axis, each under its time: numbers at risk, numbers observed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from trialkit import numbers
from trialkit.figures.lettering import wrap_text
from trialkit.figures.style import ARM_COLOURS, MUTED

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SIZE = 8.5
LINE = 11.0
NAME_WIDTH = 84.0  # points at the left of the axis
NAME_OFFSET = -14.0


def counts_height(arms: Mapping[str, str]) -> float:
    """Points that the rows of counts need, with their heading."""
    return LINE + 3 + sum(LINE * len(wrap_text(label, NAME_WIDTH, SIZE)) + 3 for label in arms.values())


def draw_counts_below(
    axes: Axes,
    counts: Mapping[str, Sequence[tuple[float, int]]],
    arms: Mapping[str, str],
    drop: float,
    head: str,
) -> None:
    """Write a row of counts for each arm, starting ``drop`` points below the axis."""
    _write(axes, 0.0, drop, head, MUTED, in_axes=True)
    y = drop + LINE + 3
    for position, (arm, values) in enumerate(counts.items()):
        lines = wrap_text(arms[arm], NAME_WIDTH, SIZE)
        for offset, line in enumerate(lines):
            _write(axes, 0.0, y + offset * LINE, line, ARM_COLOURS[position], in_axes=True)
        for time, n in values:
            _write(axes, time, y, numbers.integer(n), "black", in_axes=False)
        y += LINE * len(lines) + 3


def _write(axes: Axes, x: float, drop: float, text: str, colour: str, *, in_axes: bool) -> None:
    transform = axes.transAxes if in_axes else axes.get_xaxis_transform()
    axes.annotate(
        text,
        xy=(x, 0),
        xytext=(NAME_OFFSET if in_axes else 0, -drop),
        xycoords=transform,
        textcoords="offset points",
        ha="right" if in_axes else "center",
        va="top",
        fontsize=SIZE,
        color=colour,
        annotation_clip=False,
    )
