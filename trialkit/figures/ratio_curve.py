"""Draws a ratio along a covariate with its band, on a logarithmic axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from trialkit.figures.drawing import Drawing, drawn
from trialkit.figures.style import BLUE, FULL_WIDTH_INCHES, MUTED, house_style, new_figure, quiet_grid


@dataclass(frozen=True, slots=True)
class RatioPoint:
    value: float
    estimate: float
    lower: float
    upper: float


def draw_ratio_curve(
    points: Sequence[RatioPoint], covariate: str, ratio: str, reference: float, key: str, alt: str
) -> Drawing:
    """Draw the curve; it is 1 without error at the reference, which is marked."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    with house_style(key):
        figure = new_figure(FULL_WIDTH_INCHES, 3.4)
        axes = figure.add_axes((0.1, 0.15, 0.87, 0.81))
        values = [point.value for point in points]
        axes.set_yscale("log")
        axes.fill_between(
            values, [p.lower for p in points], [p.upper for p in points], color=BLUE, alpha=0.16, linewidth=0
        )
        axes.plot(values, [point.estimate for point in points], color=BLUE)
        axes.axhline(1, color=MUTED, linewidth=0.9)
        axes.plot([reference], [1], "o", color=BLUE, markersize=5)
        axes.set_xlim(min(values), max(values))
        axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 1.25, 1.5, 2.0, 3.0, 5.0, 8.0)))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.yaxis.set_minor_formatter(NullFormatter())
        axes.set_xlabel(covariate)
        axes.set_ylabel(ratio)
        quiet_grid(axes)
        return drawn(figure, key, alt)
