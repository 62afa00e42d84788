"""Draws recruitment: by month with its running total, and by site against the target."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from trialkit import numbers
from trialkit.figures.drawing import Drawing, drawn
from trialkit.figures.style import (
    BLUE,
    FULL_WIDTH_INCHES,
    MUTED,
    SKY,
    VERMILLION,
    house_style,
    new_figure,
    quiet_grid,
)

MOST_TICKS = 9
FEWEST_MONTHS = 8


def draw_recruitment(
    months: Sequence[str], counts: Sequence[int], target: int | None, key: str, alt: str
) -> Drawing:
    """Draw bars and their running total; a finished drawing. ``months`` are consecutive, ``YYYY-MM``."""
    from matplotlib.ticker import MaxNLocator

    with house_style(key):
        figure = new_figure(FULL_WIDTH_INCHES, 2.8)
        axes = figure.add_axes((0.09, 0.1, 0.82, 0.79))
        places = list(range(len(months)))
        axes.bar(places, counts, width=0.72, color=SKY, label="each month")
        axes.set_ylabel("Randomized in the month")
        axes.set_ylim(0, max([*counts, 1]) * 2.1)
        axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
        axes.set_xlim(-0.6, max(len(months), FEWEST_MONTHS) - 0.4)  # one month is no wall across the page
        step = -(-len(months) // MOST_TICKS)
        axes.set_xticks(places[::step], list(months)[::step])
        total = axes.twinx()
        running = list(accumulate(counts))
        total.plot(places, running, color=BLUE, marker="o", markersize=3, label="in total")
        total.set_ylim(0, max(running[-1], target or 0) * 1.08)
        total.yaxis.set_major_locator(MaxNLocator(7, integer=True))
        total.set_ylabel("Randomized in total")
        total.spines["right"].set_visible(True)
        if target is not None:
            total.axhline(target, color=VERMILLION, linewidth=0.9, linestyle="--")
            label = f"planned: {numbers.integer(target)}"
            total.text(0, target, label, va="bottom", fontsize=8.5, color=VERMILLION)
        quiet_grid(total)
        axes.tick_params(axis="x", color=MUTED)
        handles = [*axes.get_legend_handles_labels()[0], *total.get_legend_handles_labels()[0]]
        axes.legend(handles=handles, loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2, borderpad=0)
        return drawn(figure, key, alt)


def draw_sites(
    sites: Sequence[str], counts: Sequence[int], targets: Sequence[int | None], key: str, alt: str
) -> Drawing:
    """Draw a bar a site, from the top down, with its target as an upright line; a finished drawing."""
    from matplotlib.ticker import MaxNLocator

    with house_style(key):
        height = 0.9 + 0.28 * len(sites)
        figure = new_figure(FULL_WIDTH_INCHES, height)
        axes = figure.add_axes((0.09, 0.5 / height, 0.82, 1 - 0.75 / height))
        places = list(range(len(sites)))[::-1]
        axes.barh(places, counts, height=0.62, color=SKY, label="randomized")
        planned = [(place, target) for place, target in zip(places, targets, strict=True) if target]
        if planned:
            low, x = [place - 0.4 for place, _ in planned], [target for _, target in planned]
            axes.vlines(x, low, [y + 0.8 for y in low], color=VERMILLION, linewidth=1.6, label="target")
        for place, count in zip(places, counts, strict=True):
            label = numbers.integer(count)
            axes.annotate(
                label, (count, place), (4, 0), textcoords="offset points", va="center", fontsize=8.5
            )
        axes.set_yticks(places, list(sites))
        axes.set_xlim(0, max([*counts, *(target or 0 for target in targets), 1]) * 1.08)
        axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
        axes.set_xlabel("Subjects")
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2, borderpad=0)
        return drawn(figure, key, alt)
