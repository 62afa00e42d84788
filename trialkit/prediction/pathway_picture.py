"""The pathway drawn: everybody at the top, a column of boxes for each stratum."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from trialkit import numbers
from trialkit.figures.drawing import Drawing, drawn
from trialkit.figures.lettering import wrap_text
from trialkit.figures.style import FULL_WIDTH_INCHES, INK, MUTED, house_style, new_figure
from trialkit.numbers import plain
from trialkit.prediction.pathway import TOTAL

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH = FULL_WIDTH_INCHES * 72  # points, as every length here; y grows downwards
SIZE, LINE, PAD, GAP, BETWEEN, FORK = 8.5, 12.0, 7.0, 20.0, 14.0, 24.0
FILL = "#e6eef4"

Words = list[tuple[str, bool]]


def pathway_picture(simulated: pd.DataFrame, outcome: str) -> Drawing:
    """Boxes from everybody to stratum, action, review and what is expected there."""
    key = "pathway"
    rows: list[dict[str, Any]] = [{str(k): v for k, v in row.items()} for row in simulated.to_dict("records")]
    total = next(row for row in rows if row["stratum"] == TOTAL)
    columns = [_column(row) for row in rows if row["stratum"] != TOTAL]
    width = (WIDTH - BETWEEN * (len(columns) - 1)) / len(columns)
    head = _wrapped(
        [(f"{total['n']} people", True), (f"Model's probability of: {outcome}", False)], WIDTH * 0.7
    )
    columns = [[_wrapped(box, width) for box in column] for column in columns]
    depths = [max(_height(column[i]) for column in columns) for i in range(len(columns[0]))]
    height = _height(head) + 2 * FORK + sum(depths) + GAP * (len(depths) - 1) + 8
    with house_style(key):
        figure = new_figure((WIDTH + 6) / 72, height / 72)
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set(xlim=(-3, WIDTH + 3), ylim=(height - 2, -2))
        axes.axis("off")
        _box(axes, WIDTH * 0.15, 2, WIDTH * 0.7, _height(head), head, FILL)
        fork = 2 + _height(head) + FORK
        centres = [i * (width + BETWEEN) + width / 2 for i in range(len(columns))]
        axes.plot([WIDTH / 2] * 2, [fork - FORK, fork], color=MUTED, lw=0.9)
        axes.plot([centres[0], centres[-1]], [fork, fork], color=MUTED, lw=0.9)
        for centre, column in zip(centres, columns, strict=True):
            y, above = fork + FORK, fork
            for i, box in enumerate(column):
                _arrow(axes, centre, above, y)
                _box(axes, centre - width / 2, y, width, depths[i], box, "white" if i else FILL)
                above = y + depths[i]
                y = above + GAP
        return drawn(figure, key, "Care pathway: " + "; ".join(_said(row) for row in rows[:-1]) + ".")


def _column(row: dict[str, Any]) -> list[Words]:
    span = f"{plain(100 * row['from_risk'], 0)} to {plain(100 * row['to_risk'], 0)} %"
    return [
        [(row["stratum"], True), (f"probability {span}", False), (f"{row['n']} people", True)],
        [(row["action"], False)],
        [(f"Review after {row['review_weeks']:g} weeks", False)],
        [
            ("Expected with the outcome", False),
            (f"as they are: {numbers.fixed(row['without'], 1)}", False),
            (f"with the action: {numbers.fixed(row['with_action'], 1)}", True),
        ],
    ]


def _said(row: dict[str, Any]) -> str:
    return f"{row['stratum']}, {row['n']} people, {row['action']}, review after {row['review_weeks']:g} weeks"


def _wrapped(words: Words, width: float) -> Words:
    return [(line, bold) for text, bold in words for line in wrap_text(text, width - 2 * PAD, SIZE, bold)]


def _height(words: Words) -> float:
    return len(words) * LINE + 2 * PAD


def _box(axes: Axes, x: float, y: float, width: float, height: float, words: Words, fill: str) -> None:
    from matplotlib.patches import Rectangle

    axes.add_patch(Rectangle((x, y), width, height, facecolor=fill, edgecolor=INK, linewidth=0.8))
    for i, (text, bold) in enumerate(words):
        axes.text(
            x + PAD,
            y + PAD + (i + 0.5) * LINE,
            text,
            fontsize=SIZE,
            fontweight="bold" if bold else "normal",
            va="center_baseline",
        )


def _arrow(axes: Axes, x: float, start: float, end: float) -> None:
    style = {
        "arrowstyle": "-|>,head_length=0.35,head_width=0.16", "color": MUTED, "lw": 0.9, "shrinkA": 0,
        "shrinkB": 0,
    }  # fmt: skip
    axes.annotate("", xy=(x, end), xytext=(x, start), arrowprops=style)
