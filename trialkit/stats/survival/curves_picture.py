"""Pictures of curves over time: survival, risk, cumulative incidence, mean counts; numbers at risk below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from trialkit.stats import pictures
from trialkit.stats.survival.observations import Floats, at_known_times
from trialkit.stats.survival.options import require_times
from trialkit.stats.survival.product_limit import at_risk

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PANEL_WIDTH = 4.9
"""Inches, without the names of the groups."""


class Curve(NamedTuple):
    """One group in one panel, from its first distinct time on."""

    time: Floats
    value: Floats
    lower: Floats
    upper: Floats
    censored: Floats

    @classmethod
    def of(cls, table: Mapping[str, Any]) -> Curve:
        """From a table with time, estimate and limits; censoring is not shown."""
        names = ("time", "estimate", "ci_lower", "ci_upper")
        time, value, lower, upper = (np.asarray(table[name], dtype=float) for name in names)
        return cls(time, value, lower, upper, np.zeros(len(time)))


class Panel(NamedTuple):
    title: str
    curves: Sequence[Curve]
    counts: Sequence[Sequence[int]]


def figure_of(
    panels: Sequence[Panel], labels: Sequence[str], ticks: Floats, start: float, up: str, time: str
) -> Figure:
    """Panels side by side with one legend; every curve begins with ``start`` at time 0."""
    labels = [pictures.in_lines(label) for label in labels]
    lines, names = pictures.room_for(labels)
    width = PANEL_WIDTH if len(panels) == 1 else 4.0 * len(panels)
    sheet = pictures.sheet(width + names, 3.6 + 0.3 * lines)
    above, below = pictures.with_counts_below(sheet, len(panels), lines)
    for panel, axes, strip in zip(panels, above, below, strict=True):
        pictures.open_axes(axes)
        for place, (curve, label) in enumerate(zip(panel.curves, labels, strict=True)):
            _draw(axes, curve, start, place, label)
        axes.set_title(panel.title)
        axes.set_xticks(ticks)
        axes.set_xlabel(time)
        axes.tick_params(axis="x", labelbottom=True)
        axes.set_xlim(left=0)
        pictures.write_counts(strip, ticks, panel.counts, labels)
        strip.tick_params(axis="y", labelleft=strip is below[0])
    top = max(axes.get_ylim()[1] for axes in above)
    for axes in above:
        axes.set_ylim(0, 1.02 if start == 1 else top)
    above[0].set_ylabel(up)
    if len(labels) > 1:
        lines_drawn, _ = above[0].get_legend_handles_labels()
        across = len(labels) if names * len(labels) < width else 1
        sheet.legend(lines_drawn, labels, loc="outside upper left", ncols=across, frameon=False)
    return sheet


def counts_at(ticks: Floats, stop: Floats, entry: Floats | None) -> list[int]:
    """Numbers at risk; with entry times the number at 0 is of those who enter there."""
    there = at_known_times(ticks, np.unique(stop))
    times = there if entry is None else np.maximum(there, np.nextafter(0.0, 1.0))
    return [int(n) for n in at_risk(times, stop, entry)]


def ticks_for(times: float | Sequence[float] | None, last: float) -> Floats:
    return pictures.tick_times(last) if times is None else require_times(times)


def _draw(axes: Axes, curve: Curve, start: float, place: int, label: str) -> None:
    def from_zero(values: Floats) -> Any:
        return np.append(start, values)

    time = np.append(0.0, curve.time)
    limits = from_zero(curve.lower), from_zero(curve.upper)
    pictures.step_curve(axes, time, from_zero(curve.value), limits, place, label)
    lost = curve.censored > 0
    axes.plot(curve.time[lost], curve.value[lost], "|", color=pictures.colour(place), markersize=6)
