"""Draws means over time by arm, with intervals and the numbers observed below the axis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trialkit import numbers
from trialkit.figures.at_risk import counts_height, draw_counts_below
from trialkit.figures.drawing import Drawing, drawn
from trialkit.figures.lettering import text_width_points, wrap_text
from trialkit.figures.style import (
    ARM_COLOURS,
    ARM_LINES,
    ARM_MARKERS,
    FULL_WIDTH_INCHES,
    HAIR,
    house_style,
    new_figure,
    quiet_grid,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LEFT, RIGHT = 0.17, 0.98  # room at the left for the arms' names beside their counts
LABEL_SIZE = 8.5
LABEL_WIDTH = 62.0
LINE = 10.5
PLOT, ABOVE = 190.0, 26.0  # points: the plot itself, and the legend above it
LEADER = {"arrowstyle": "-", "color": HAIR, "lw": 0.8, "shrinkA": 0, "shrinkB": 0}
APART = 0.006  # of the time axis, between arms


@dataclass(frozen=True, slots=True)
class ProfilePoint:
    arm: str
    visit_label: str
    day: float
    n: int
    mean: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class VisitLabel:
    day: float
    lines: tuple[str, ...]
    top: float  # points below the axis


def draw_profile(
    points: Sequence[ProfilePoint], arms: Mapping[str, str], name: str, key: str, alt: str
) -> Drawing:
    """Draw one parameter; a finished drawing. ``name`` is the axis label with its unit."""
    from matplotlib.ticker import MaxNLocator

    days = sorted({point.day for point in points})
    width = (days[-1] - days[0]) or 1.0
    limits = (days[0] - 0.05 * width, days[-1] + 0.05 * width)
    labels = place_labels({point.day: point.visit_label for point in points}, limits)
    drop = max(label.top + len(label.lines) * LINE for label in labels) + 8
    below = drop + counts_height(arms) + 6
    height = ABOVE + PLOT + below
    with house_style(key):
        figure = new_figure(FULL_WIDTH_INCHES, height / 72)
        axes = figure.add_axes((LEFT, below / height, RIGHT - LEFT, PLOT / height))
        for position, arm in enumerate(arms):
            shift = (position - (len(arms) - 1) / 2) * 2 * APART * width
            _draw_arm(axes, [p for p in points if p.arm == arm], position, shift, arms[arm])
        axes.set_xlim(*limits)
        axes.set_ylabel(name)
        axes.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
        axes.yaxis.set_major_formatter(lambda value, _: numbers.fixed(value, 0 if value == int(value) else 1))
        axes.set_xticks(days, [""] * len(days))
        quiet_grid(axes)
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=len(arms), handlelength=3.2, borderpad=0)
        _write_labels(axes, labels)
        counts = {arm: [(point.day, point.n) for point in points if point.arm == arm] for arm in arms}
        draw_counts_below(axes, counts, arms, drop, "Observed, n")
        return drawn(figure, key, alt)


def _draw_arm(axes: Axes, points: Sequence[ProfilePoint], position: int, shift: float, label: str) -> None:
    below = [point.mean - point.lower for point in points]
    above = [point.upper - point.mean for point in points]
    axes.errorbar(
        [point.day + shift for point in points],
        [point.mean for point in points],
        yerr=[below, above],
        color=ARM_COLOURS[position],
        marker=ARM_MARKERS[position],
        linestyle=ARM_LINES[position],
        markersize=5,
        capsize=2.5,
        elinewidth=1.1,
        label=label,
    )


def place_labels(visits: Mapping[float, str], limits: tuple[float, float]) -> list[VisitLabel]:
    """Each visit's name and day below its tick, in the first row where it does not touch a neighbour."""
    per_day = FULL_WIDTH_INCHES * 72 * (RIGHT - LEFT) / (limits[1] - limits[0])
    texts = {
        day: (*wrap_text(visits[day], LABEL_WIDTH, LABEL_SIZE), f"day {numbers.integer(day)}")
        for day in sorted(visits)
    }
    row_height = max(map(len, texts.values())) * LINE + 3
    ends: list[float] = []
    labels = []
    for day, lines in texts.items():
        half = max(text_width_points(line, LABEL_SIZE) for line in lines) / 2
        centre = (day - limits[0]) * per_day
        row = next((i for i, end in enumerate(ends) if centre - half > end + 4), len(ends))
        ends[row : row + 1] = [centre + half]
        labels.append(VisitLabel(day, lines, 7 + row * row_height))
    return labels


def _write_labels(axes: Axes, labels: Sequence[VisitLabel]) -> None:
    for label in labels:
        if label.top > 7:  # a lower row: lead the eye down from the tick
            _annotate(axes, "", label.day, label.top, arrowprops=LEADER)
        for position, line in enumerate(label.lines):
            _annotate(axes, line, label.day, label.top + position * LINE, ha="center", va="top")


def _annotate(axes: Axes, text: str, day: float, drop: float, **more: Any) -> None:
    axes.annotate(
        text,
        xy=(day, 0),
        xytext=(0, -drop),
        xycoords=axes.get_xaxis_transform(),
        textcoords="offset points",
        fontsize=LABEL_SIZE,
        annotation_clip=False,
        **more,
    )
