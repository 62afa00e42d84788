"""Draws Kaplan-Meier cumulative risk by arm: steps, bands, censor ticks, numbers at risk under the axis."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trialkit import numbers
from trialkit.figures.at_risk import counts_height, draw_counts_below
from trialkit.figures.drawing import Drawing, drawn
from trialkit.figures.style import (
    ARM_COLOURS,
    ARM_LINES,
    FULL_WIDTH_INCHES,
    house_style,
    new_figure,
    quiet_grid,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PLOT, ABOVE = 205.0, 26.0  # points: the plot itself, and the legend above it
LOG_TICKS = (1, 2, 5, 10, 20, 30, 60, 90, 180, 365, 730, 1460)  # days on a logarithmic axis
COUNTS_DROP = 36.0  # below the axis: its numbers and label come first


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """The estimate from ``day`` on; ``risk`` and its limits between 0 and 1."""

    arm: str
    day: float
    risk: float
    lower: float
    upper: float
    censored: int


@dataclass(frozen=True, slots=True)
class AtRisk:
    arm: str
    day: float
    n: int


def draw_risk(
    points: Sequence[CurvePoint], at_risk: Sequence[AtRisk], arms: Mapping[str, str], key: str, alt: str
) -> Drawing:
    """Draw the curves; a finished drawing. Ticks of the time axis are the times of the numbers at risk."""
    below = COUNTS_DROP + counts_height(arms) + 6
    height = ABOVE + PLOT + below
    with house_style(key):
        figure = new_figure(FULL_WIDTH_INCHES, height / 72)
        axes = figure.add_axes((0.17, below / height, 0.81, PLOT / height))
        for position, arm in enumerate(arms):
            _draw_arm(axes, [point for point in points if point.arm == arm], position, arms[arm])
        last = max((point.day for point in points), default=1.0)
        ticks = sorted({row.day for row in at_risk}) or [0.0, last]
        axes.set_xlim(0, max([last, *ticks]) * 1.02)
        top = max((p.upper if p.upper == p.upper else p.risk for p in points), default=1.0)
        axes.set_ylim(0, min(1.0, max(0.05, top * 1.06)))
        axes.set_xticks(ticks, [numbers.integer(day) for day in ticks])
        axes.yaxis.set_major_formatter(lambda value, _: numbers.fixed(100 * value, 0))
        axes.set_ylabel("Cumulative risk, %")
        axes.set_xlabel("Days from time zero")
        quiet_grid(axes)
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=len(arms), handlelength=3.2, borderpad=0)
        counts = {arm: [(row.day, row.n) for row in at_risk if row.arm == arm] for arm in arms}
        draw_counts_below(axes, counts, arms, COUNTS_DROP, "At risk, n")
        return drawn(figure, key, alt)


def _draw_arm(axes: Axes, points: Sequence[CurvePoint], position: int, label: str) -> None:
    """The estimate holds until the next time, so everything is a step to the right."""
    if not points:
        return
    ordered = sorted(points, key=lambda point: point.day)
    if ordered[0].day > 0:
        ordered = [CurvePoint(ordered[0].arm, 0.0, 0.0, 0.0, 0.0, 0), *ordered]
    days = [point.day for point in ordered]
    colour = ARM_COLOURS[position]
    axes.fill_between(
        days,
        [point.lower for point in ordered],
        [point.upper for point in ordered],
        step="post",
        color=colour,
        alpha=0.14,
        linewidth=0,
    )
    axes.step(
        days,
        [point.risk for point in ordered],
        where="post",
        color=colour,
        linestyle=ARM_LINES[position],
        label=label,
    )
    censored = [point for point in ordered if point.censored]
    axes.plot(
        [point.day for point in censored],
        [point.risk for point in censored],
        linestyle="none",
        marker="|",
        markersize=6,
        markeredgewidth=0.9,
        color=colour,
    )


def draw_log_log(
    lines: Mapping[str, Sequence[tuple[float, float]]], arms: Mapping[str, str], key: str, alt: str
) -> Drawing:
    """Draw log(-log S) of each arm's (day, event-free probability) against the logarithm of the day."""
    from matplotlib.ticker import NullLocator

    with house_style(key):
        figure = new_figure(FULL_WIDTH_INCHES, 3.3)
        axes = figure.add_axes((0.1, 0.15, 0.87, 0.74))
        for place, (arm, points) in enumerate(lines.items()):
            axes.step(
                [day for day, _ in points],
                [math.log(-math.log(free)) for _, free in points],
                where="post",
                color=ARM_COLOURS[place],
                linestyle=ARM_LINES[place],
                label=arms[arm],
            )
        axes.set_xscale("log")
        reached = [day for points in lines.values() for day, _ in points]
        ticks = [day for day in LOG_TICKS if min(reached) <= day <= max(reached)]
        axes.set_xticks(ticks, [numbers.integer(day) for day in ticks])
        axes.xaxis.set_minor_locator(NullLocator())
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}".replace("-", "−"))
        axes.set_xlabel("Days from time zero")
        axes.set_ylabel("log(−log(event-free))")
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1.02), ncols=len(arms), borderaxespad=0)
        quiet_grid(axes)
        return drawn(figure, key, alt)


def draw_predicted(
    observed: Mapping[str, Sequence[tuple[float, float]]],
    predicted: Mapping[str, Mapping[str, Sequence[tuple[float, float]]]],
    arms: Mapping[str, str],
    key: str,
    alt: str,
) -> Drawing:
    """Draw (day, risk): one panel a model, its lines over the Kaplan-Meier steps of each arm."""
    with house_style(key):
        figure = new_figure(FULL_WIDTH_INCHES, 3.1)
        width = 0.9 / len(predicted)
        first = None
        for position, (model, lines) in enumerate(predicted.items()):
            axes = figure.add_axes((0.08 + position * width, 0.16, width - 0.04, 0.62), sharey=first)
            first = first or axes
            for place, arm in enumerate(arms):
                colour = ARM_COLOURS[place]
                steps, line = observed[arm], lines[arm]
                axes.step(
                    [d for d, _ in steps], [r for _, r in steps], where="post", color=colour, alpha=0.35
                )
                axes.plot(
                    [d for d, _ in line],
                    [r for _, r in line],
                    color=colour,
                    linestyle=ARM_LINES[place],
                    label=arms[arm],
                )
            axes.set_title(model, fontsize=9, loc="left")
            axes.set_xlabel("Days from time zero")
            axes.yaxis.set_major_formatter(lambda value, _: numbers.fixed(100 * value, 0))
            axes.set_ylim(bottom=0)
            quiet_grid(axes)
        assert first is not None
        first.set_ylabel("Cumulative risk, %")
        first.legend(loc="lower left", bbox_to_anchor=(0, 1.1), ncols=len(arms), borderaxespad=0)
        return drawn(figure, key, alt)
