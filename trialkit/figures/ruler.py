"""Draws one estimate on a line, with no difference, the MCID and, where it is known, the truth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trialkit import numbers
from trialkit.figures.drawing import Drawing, drawn
from trialkit.figures.style import (
    BLUE,
    FULL_WIDTH_INCHES,
    GREEN,
    INK,
    MUTED,
    VERMILLION,
    house_style,
    new_figure,
    plain_ratio_ticks,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, slots=True)
class RulerMarks:
    """What stands on the line; ``mcid`` is signed in the direction of benefit."""

    estimate: float
    lower: float
    upper: float
    null_value: float = 0.0
    mcid: float | None = None
    truth: float | None = None
    favours_left: str = ""
    favours_right: str = ""
    ratio: bool = False  # a logarithmic axis


def draw_ruler(marks: RulerMarks, axis_label: str, key: str, alt: str) -> Drawing:
    """Draw the line; a finished drawing."""
    with house_style(key):
        figure = new_figure(FULL_WIDTH_INCHES, 1.55)
        axes = figure.add_axes((0.04, 0.42, 0.92, 0.56))
        known = [
            m for m in (marks.null_value, marks.mcid, marks.truth, marks.lower, marks.upper) if m is not None
        ]
        _scale(axes, min(known), max(known), ratio=marks.ratio)
        axes.set_ylim(-1, 1.6)
        axes.spines["left"].set_visible(False)
        axes.set_yticks([])
        axes.set_xlabel(axis_label, labelpad=3)
        _vertical(axes, marks.null_value, "no effect" if marks.ratio else "no difference", MUTED, "-")
        if marks.mcid is not None:
            _vertical(axes, marks.mcid, "MCID", VERMILLION, "--")
        axes.plot([marks.lower, marks.upper], [0, 0], color=BLUE, linewidth=2.4, solid_capstyle="butt")
        for end in (marks.lower, marks.upper):
            axes.plot([end, end], [-0.22, 0.22], color=BLUE, linewidth=1.6)
        axes.plot([marks.estimate], [0], marker="s", markersize=8, color=BLUE)
        if marks.truth is not None:
            _truth(axes, marks.truth)
        _favours(axes, marks)
        return drawn(figure, key, alt)


def _scale(axes: Axes, least: float, most: float, *, ratio: bool) -> None:
    if ratio:
        room = (most / least) ** 0.12 if most > least else 1.5
        axes.set_xscale("log")
        axes.set_xlim(least / room, most * room)
        plain_ratio_ticks(axes)
        return
    room = 0.12 * (most - least or 1.0)
    axes.set_xlim(least - room, most + room)
    axes.xaxis.set_major_formatter(lambda value, _: numbers.fixed(value, 0 if value == int(value) else 1))


def _vertical(axes: Axes, at: float, label: str, colour: str, style: str) -> None:
    axes.axvline(at, ymax=0.82, color=colour, linewidth=1, linestyle=style)
    axes.text(at, 1.28, label, ha="center", va="center", fontsize=8.5, color=colour)


def _truth(axes: Axes, at: float) -> None:
    axes.plot([at], [-0.62], marker="^", markersize=7, color=GREEN, markeredgecolor=INK, markeredgewidth=0.5)
    axes.annotate(
        "simulator's truth",
        xy=(at, -0.62),
        xytext=(7, 0),
        textcoords="offset points",
        va="center",
        fontsize=8.5,
        color="#006b4e",
    )


def _favours(axes: Axes, marks: RulerMarks) -> None:
    places = ((0, "left", marks.favours_left), (1, "right", marks.favours_right))
    for x, side, text in places:
        if text:
            axes.annotate(
                text,
                xy=(x, 0),
                xytext=(0, -29),
                xycoords="axes fraction",
                textcoords="offset points",
                ha=side,
                va="top",
                fontsize=8.5,
                color=MUTED,
                annotation_clip=False,
            )
