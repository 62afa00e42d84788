"""Draws ROC curves, each with its cutoff."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from trialkit.figures.drawing import Drawing, drawn
from trialkit.figures.lettering import wrap_text
from trialkit.figures.style import ARM_COLOURS, ARM_LINES, MUTED, house_style, new_figure

SIDE = 3.6  # inches
BESIDE = 2.6  # for the legend
LEGEND_MOST, LEGEND_SIZE = 108.0, 9.0  # points


@dataclass(frozen=True, slots=True)
class RocCurve:
    """Sensitivity against 1 - specificity, from none called positive to all; the cutoff stands on it."""

    label: str
    false_positive: Sequence[float]
    sensitivity: Sequence[float]
    cutoff: tuple[float, float]


def draw_roc(curves: Sequence[RocCurve], key: str, alt: str) -> Drawing:
    """Draw the curves on a square; a finished drawing."""
    with house_style(key):
        width, height = SIDE + BESIDE, SIDE + 0.7
        figure = new_figure(width, height)
        axes = figure.add_axes((0.6 / width, 0.5 / height, SIDE / width, SIDE / height))
        axes.plot([0, 1], [0, 1], color=MUTED, linewidth=0.8)
        for place, curve in enumerate(curves):
            colour = ARM_COLOURS[place % len(ARM_COLOURS)]
            axes.plot(
                curve.false_positive,
                curve.sensitivity,
                color=colour,
                linestyle=ARM_LINES[place % len(ARM_LINES)],
                label="\n".join(_lines(curve.label)),
            )
            axes.plot(*[[value] for value in curve.cutoff], "o", color=colour, markersize=6)
        axes.set_xlim(-0.01, 1.01)
        axes.set_ylim(-0.01, 1.01)
        axes.set_xlabel("1 − specificity")
        axes.set_ylabel("Sensitivity")
        axes.legend(loc="upper left", bbox_to_anchor=(1.04, 1), borderaxespad=0)
        return drawn(figure, key, alt)


def _lines(label: str) -> list[str]:
    """The label's own lines, each broken where the legend ends."""
    return [part for line in label.split("\n") for part in wrap_text(line, LEGEND_MOST, LEGEND_SIZE)]
