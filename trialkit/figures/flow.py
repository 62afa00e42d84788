"""Draws the CONSORT flow diagram from its boxes."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from trialkit.figures.drawing import Drawing, drawn
from trialkit.figures.flow_layout import (
    LINE,
    PAD,
    PHASES,
    STRIP,
    TEXT_SIZE,
    WIDTH,
    FlowBox,
)
from trialkit.figures.style import INK, MUTED, house_style, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MARGIN = 3.0
PHASE_FILL = "#e6eef4"


def draw_flow(boxes: list[FlowBox], key: str, alt: str) -> Drawing:
    """Draw boxes, arrows and phase names; a finished drawing."""
    height = max((box.bottom for box in boxes), default=10.0)
    with house_style(key):
        figure = new_figure((WIDTH + 2 * MARGIN) / 72, (height + 2 * MARGIN) / 72)
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_xlim(-MARGIN, WIDTH + MARGIN)
        axes.set_ylim(height + MARGIN, -MARGIN)
        axes.axis("off")
        for start, end in flow_arrows(boxes):
            _arrow(axes, start, end)
        for box in boxes:
            _draw_box(axes, box)
        _phases(axes, boxes)
        return drawn(figure, key, alt)


def flow_arrows(
    boxes: list[FlowBox],
) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    """Arrows as (start, end): down the trunk, aside to the excluded, out to the arms and down them."""
    trunk = [box for box in boxes if not box.arm and box.stage != "excluded"]
    aside = [box for box in boxes if box.stage == "excluded"]
    arrows = [((a.centre, a.bottom), (b.centre, b.y)) for a, b in itertools.pairwise(trunk)]
    if trunk and aside:
        middle = aside[0].y + aside[0].height / 2
        arrows.append(((trunk[0].centre, middle), (aside[0].x, middle)))
    for arm in dict.fromkeys(box.arm for box in boxes if box.arm):
        column = [box for box in boxes if box.arm == arm]
        if trunk:
            arrows.append(((column[0].centre, trunk[-1].bottom + 12), (column[0].centre, column[0].y)))
        arrows += [((a.centre, a.bottom), (b.centre, b.y)) for a, b in itertools.pairwise(column)]
    return arrows


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    style = {
        "arrowstyle": "-|>,head_length=0.35,head_width=0.16",
        "color": MUTED,
        "lw": 0.9,
        "shrinkA": 0,
        "shrinkB": 0,
    }
    axes.annotate("", xy=end, xytext=start, arrowprops=style)


def _draw_box(axes: Axes, box: FlowBox) -> None:
    from matplotlib.patches import Rectangle

    axes.add_patch(
        Rectangle((box.x, box.y), box.width, box.height, facecolor="white", edgecolor=INK, linewidth=0.8)
    )
    for position, line in enumerate(box.lines):
        axes.text(
            box.x + PAD + line.indent,
            box.y + PAD + (position + 0.5) * LINE - 1,
            line.text,
            fontsize=TEXT_SIZE,
            fontweight="bold" if line.bold else "normal",
            va="center_baseline",
        )


def _phases(axes: Axes, boxes: list[FlowBox]) -> None:
    """A band at the left for each phase, and the fork from the trunk to the arms."""
    from matplotlib.patches import Rectangle

    for phase in PHASES:
        inside = [box for box in boxes if box.phase == phase]
        if not inside:
            continue
        top, bottom = min(box.y for box in inside), max(box.bottom for box in inside)
        axes.add_patch(Rectangle((0, top), STRIP, bottom - top, facecolor=PHASE_FILL, edgecolor="none"))
        middle = (top + bottom) / 2
        axes.text(STRIP / 2, middle, phase, rotation=90, ha="center", va="center", fontsize=TEXT_SIZE)
    trunk = [box for box in boxes if not box.arm and box.stage != "excluded"]
    heads = {box.arm: box.centre for box in reversed(boxes) if box.arm}
    if trunk and heads:
        y = trunk[-1].bottom + 12
        axes.plot([trunk[-1].centre] * 2, [trunk[-1].bottom, y], color=MUTED, lw=0.9)
        axes.plot([min(heads.values()), max(heads.values())], [y, y], color=MUTED, lw=0.9)
