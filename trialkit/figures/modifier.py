"""Draws the effect of the test arm along a baseline measurement, with its band."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from trialkit import numbers
from trialkit.figures.drawing import Drawing, drawn
from trialkit.figures.style import (
    BLUE,
    FULL_WIDTH_INCHES,
    MUTED,
    VERMILLION,
    house_style,
    new_figure,
    quiet_grid,
)


@dataclass(frozen=True, slots=True)
class EffectPoint:
    value: float
    estimate: float
    lower: float
    upper: float


def draw_modifier(
    points: Sequence[EffectPoint],
    covariate: str,
    direction: str,
    scales: Mapping[str, Any],
    key: str,
    alt: str,
) -> Drawing:
    """Draw the effect; a finished drawing. Lines mark no effect and, where the endpoint has one, its MCID."""
    with house_style(key):
        figure = new_figure(FULL_WIDTH_INCHES, 3.5)
        axes = figure.add_axes((0.1, 0.15, 0.74, 0.8))
        values = [point.value for point in points]
        lower, upper = [point.lower for point in points], [point.upper for point in points]
        axes.fill_between(values, lower, upper, color=BLUE, alpha=0.16, linewidth=0)
        axes.plot(values, [point.estimate for point in points], color=BLUE)
        axes.set_xlim(min(values), max(values))
        marks = [(0.0, "no difference", MUTED, "-")]
        mcid = scales.get("mcid")
        if mcid is not None and scales.get("better") in ("lower", "higher"):
            at = -float(mcid) if scales["better"] == "lower" else float(mcid)
            text = numbers.fixed(at, 1).removesuffix(".0")
            marks.append((at, f"MCID ({text})", VERMILLION, "--"))
        for at, label, colour, style in marks:
            axes.axhline(at, color=colour, linewidth=0.9, linestyle=style)
            axes.annotate(
                label,
                xy=(1, at),
                xytext=(6, 0),
                xycoords=axes.get_yaxis_transform(),
                textcoords="offset points",
                va="center",
                fontsize=8.5,
                color=colour,
                annotation_clip=False,
            )
        axes.yaxis.set_major_formatter(lambda value, _: numbers.fixed(value, 0 if value == int(value) else 1))
        axes.set_xlabel(covariate)
        axes.set_ylabel(f"Difference, {direction}")
        quiet_grid(axes)
        return drawn(figure, key, alt)
