"""The picture of missing values: which variables are missing together, and in how many subjects."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from trialkit.numbers import plain
from trialkit.stats import pictures

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.patches import Rectangle

_MISSING_SHADE = "0.92"


def figure(patterns: pd.DataFrame, variables: tuple[str, ...]) -> Figure:
    """``patterns`` as in ``Missingness``; a column before the variables separates the panels."""
    by = patterns.columns[0] if patterns.columns[0] not in variables else None
    panels = [(None, patterns)] if by is None else list(patterns.groupby(by, sort=False))
    most = max(len(part) for _, part in panels)
    width = 1.4 + 0.75 * len(variables)
    sheet = pictures.sheet(width * len(panels), 1.3 + 0.32 * most)
    for axes, (level, part) in zip(sheet.subplots(1, len(panels), squeeze=False)[0], panels, strict=True):
        _draw(axes, part, variables, most)
        axes.set_title("" if by is None else f"{by}: {level!s}", loc="left", fontsize="medium")
    return sheet


def _draw(axes: Axes, part: pd.DataFrame, variables: tuple[str, ...], rows: int) -> None:
    """Patterns from the top, the most frequent first; panels share their height."""
    for row, observed in enumerate(part[list(variables)].to_numpy(dtype=bool)):
        for column, seen in enumerate(observed):
            shade = pictures.COLOURS[0] if seen else _MISSING_SHADE
            axes.add_patch(_tile(column, row, shade))
    axes.set_xlim(-0.5, len(variables) - 0.5)
    axes.set_ylim(rows - 0.5, -0.5)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    axes.xaxis.tick_top()
    axes.set_xticks(range(len(variables)), variables, rotation=35, ha="left")
    axes.set_yticks(range(len(part)), [f"{n}" for n in part["n"]])
    axes.set_ylabel("subjects")
    axes.set_xlabel("grey: missing", color=pictures.QUIET, fontsize="small")
    right = axes.secondary_yaxis("right")
    right.spines[:].set_visible(False)
    right.tick_params(length=0)
    right.set_yticks(range(len(part)), [f"{plain(100 * share, 1)} %" for share in np.asarray(part["share"])])


def _tile(column: int, row: int, shade: str) -> Rectangle:
    from matplotlib.patches import Rectangle

    return Rectangle((column - 0.46, row - 0.42), 0.92, 0.84, facecolor=shade, edgecolor="none")
