"""Draws residuals of a model: against what it fitted, and against what normal ones would be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from trialkit.figures.drawing import Drawing, drawn
from trialkit.figures.style import (
    ARM_COLOURS,
    ARM_MARKERS,
    FULL_WIDTH_INCHES,
    MUTED,
    house_style,
    new_figure,
    quiet_grid,
)


@dataclass(frozen=True, slots=True)
class Residual:
    arm: str
    fitted: float
    standardized: float
    normal_quantile: float


def draw_residuals(points: Sequence[Residual], arms: Mapping[str, str], key: str, alt: str) -> Drawing:
    """Two panels of the same height side by side; both share the axis of residuals."""
    with house_style(key):
        figure = new_figure(FULL_WIDTH_INCHES, 3.4)
        left = figure.add_axes((0.08, 0.15, 0.41, 0.72))
        right = figure.add_axes((0.57, 0.15, 0.41, 0.72), sharey=left)
        reach = 1.08 * max(3.0, *(abs(point.standardized) for point in points))
        for place, arm in enumerate(arms):
            here = [point for point in points if point.arm == arm]
            look: dict[str, Any] = {
                "color": ARM_COLOURS[place % len(ARM_COLOURS)],
                "marker": ARM_MARKERS[place % len(ARM_MARKERS)],
                "s": 13,
                "alpha": 0.6,
                "linewidths": 0,
            }
            residuals = [point.standardized for point in here]
            left.scatter([point.fitted for point in here], residuals, label=arms[arm], **look)
            right.scatter([point.normal_quantile for point in here], residuals, **look)
        left.axhline(0, color=MUTED, linewidth=0.9)
        right.plot([-reach, reach], [-reach, reach], color=MUTED, linewidth=0.9)
        widest = 1.08 * max(abs(point.normal_quantile) for point in points)
        right.set_xlim(-widest, widest)
        left.set_ylim(-reach, reach)
        for axes, name in ((left, "Fitted value"), (right, "Normal quantile")):
            axes.set_xlabel(name)
            axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}".replace("-", "−"))
            axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}".replace("-", "−"))
            quiet_grid(axes)
        left.set_ylabel("Standardized residual")
        left.legend(loc="lower left", bbox_to_anchor=(0, 1.02), ncols=len(arms), borderaxespad=0)
        return drawn(figure, key, alt)
