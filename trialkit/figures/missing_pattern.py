"""Draws the patterns in which visits are missing: a row a pattern, filled where observed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from trialkit import numbers
from trialkit.figures.drawing import Drawing, drawn
from trialkit.figures.lettering import fitting_size, wrap_text
from trialkit.figures.style import BLUE, FULL_WIDTH_INCHES, HAIR, house_style, new_figure

ROW, SIZE = 17.0, 8.5  # points
LEFT, RIGHT = 66.0, 90.0


@dataclass(frozen=True, slots=True)
class Pattern:
    """Which visits were observed, and in how many subjects."""

    observed: tuple[bool, ...]
    n: int


def draw_missing_pattern(visits: Sequence[str], patterns: Sequence[Pattern], key: str, alt: str) -> Drawing:
    """Draw the patterns in the order given, with the number of subjects and a bar for it."""
    wide = FULL_WIDTH_INCHES * 72
    column = (wide - LEFT - RIGHT) / len(visits)
    lettering = fitting_size(visits, column - 6, (SIZE, 7.5, 7.0, 6.5))
    heads = [wrap_text(visit, column - 6, lettering) for visit in visits]
    above = 11.0 * max(map(len, heads)) + 8
    height = above + ROW * len(patterns) + 6
    most = max(pattern.n for pattern in patterns)
    with house_style(key):
        figure = new_figure(FULL_WIDTH_INCHES, height / 72)
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_xlim(0, wide)
        axes.set_ylim(height, 0)
        axes.axis("off")
        for place, head in enumerate(heads):
            x = LEFT + (place + 0.5) * column
            axes.text(x, above - 6, "\n".join(head), ha="center", va="bottom", fontsize=lettering)
        for row, pattern in enumerate(patterns):
            y = above + (row + 0.5) * ROW
            for place, seen in enumerate(pattern.observed):
                x = LEFT + (place + 0.5) * column
                fill = BLUE if seen else "white"
                axes.plot(
                    [x], [y], "s", markersize=9, markerfacecolor=fill, markeredgecolor=BLUE if seen else HAIR
                )
            axes.text(
                LEFT - 14, y, numbers.integer(pattern.n), ha="right", va="center_baseline", fontsize=SIZE
            )
            bar = (RIGHT - 16) * pattern.n / most
            axes.barh([y], [bar], height=ROW * 0.55, left=wide - RIGHT + 8, color=HAIR)
        return drawn(figure, key, alt)
