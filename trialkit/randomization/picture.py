"""The properties of a design in one picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

if TYPE_CHECKING:
    from trialkit.randomization.properties import DesignProperties

_BLUE, _ORANGE, _GREY = "#0072B2", "#D55E00", "#777777"  # told apart by colour-blind readers too


def properties_figure(properties: DesignProperties) -> Figure:
    """Overall imbalance, imbalance by level and stratum, and correct guesses, side by side."""
    rows = len(properties.imbalance)
    figure = Figure(figsize=(13, max(4.0, 0.28 * rows + 1.2)), layout="constrained")
    left, middle, right = figure.subplots(1, 3, width_ratios=(1, 1.5, 0.8))
    _overall(left, properties)
    _by_level(middle, properties)
    _guesses(right, properties)
    figure.suptitle(_said(properties), color=_GREY, fontsize=10)
    return figure


def _said(properties: DesignProperties) -> str:
    arms, strata = properties.design.arms, len(properties.design.strata())
    ratio = f"{' : '.join(arms)} = {' : '.join(str(share) for share in arms.values())}"
    where = f" in {strata} strata" if strata > 1 else ""
    return f"{properties.subjects} subjects{where}, {ratio}; {properties.simulations:,} simulated trials"


def _unit(properties: DesignProperties) -> str:
    if list(properties.design.arms.values()) == [1, 1]:
        return "Difference between the arms (subjects)"
    return "Largest less smallest arm (per unit of ratio)"


def _quiet(axes: Axes, which: Literal["x", "y"]) -> None:
    axes.grid(axis=which, color="#dddddd", linewidth=0.7)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def _overall(axes: Axes, properties: DesignProperties) -> None:
    values, counts = np.unique(np.round(properties.overall_imbalance, 9), return_counts=True)
    width = 0.8 * (np.diff(values).min() if len(values) > 1 else 1.0)
    axes.bar(values, 100 * counts / counts.sum(), width=width, color=_BLUE)
    axes.set(
        title="Imbalance of the whole trial",
        xlabel=_unit(properties),
        ylabel="Trials (%)",
    )
    axes.xaxis.set_major_locator(MaxNLocator(8, integer=True))
    _quiet(axes, "y")


def _by_level(axes: Axes, properties: DesignProperties) -> None:
    table = properties.imbalance
    names = [
        "whole trial" if scope == "overall" else f"{factor} {level}" if factor else level
        for scope, factor, level in zip(table["scope"], table["factor"], table["level"], strict=True)
    ]
    places = np.arange(len(table))[::-1]
    axes.hlines(places, 0, table["maximum"], color=_GREY, linewidth=1)
    axes.plot(table["mean"], places, "o", color=_BLUE, label="mean")
    axes.plot(table["q95"], places, "|", color=_ORANGE, markersize=10, markeredgewidth=2, label="95 %")
    axes.plot(table["maximum"], places, ".", color=_GREY, label="largest seen")
    bounded = np.isfinite(table["bound"].to_numpy()) & (table["scope"] == "stratum").to_numpy()
    axes.plot(table["bound"][bounded], places[bounded], "x", color="black", label="bound (stratum)")
    axes.set_yticks(places, names)
    axes.set(title="Imbalance by level and stratum", xlabel=_unit(properties), xlim=(0, None))
    axes.xaxis.set_major_locator(MaxNLocator(8, integer=True))
    axes.legend(loc="lower right", frameon=False, fontsize=8)
    _quiet(axes, "x")


def _guesses(axes: Axes, properties: DesignProperties) -> None:
    arms = properties.design.arms
    shares = [
        ("without\nknowledge", 100 * max(arms.values()) / sum(arms.values())),
        ("best\nguesser", 100 * properties.correct_guess_probability),
        ("certain", 100 * properties.deterministic_share),
    ]
    bars = axes.bar(
        [name for name, _ in shares], [share for _, share in shares], color=[_GREY, _BLUE, _ORANGE]
    )
    axes.bar_label(bars, fmt="%.1f", padding=2)
    _quiet(axes, "y")
    axes.set(title="Guessing the next arm", ylabel="Allocations (%)", ylim=(0, 100))
