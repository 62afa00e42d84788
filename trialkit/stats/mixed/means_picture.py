"""The picture of repeated measures: LS means over the visits with their intervals, a line a level."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from trialkit.stats import pictures

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

_APART = 0.012
"""Distance between the marks of two levels at a visit, as a share of the time axis."""


def figure(means: pd.DataFrame, factor: str, visit: str, outcome: str) -> Figure:
    """``means`` as ``ls_means(factor, by=visit)`` gives them; numeric visits stand at their own distances."""
    levels, visits = means[factor].unique(), means[visit].unique()
    numeric = all(isinstance(value, (int, float, np.number)) for value in visits)
    places = np.asarray(visits, dtype=float) if numeric else np.arange(len(visits), dtype=float)
    sheet = pictures.sheet(6.4, 4.0)
    axes = sheet.subplots()
    pictures.open_axes(axes)
    for place, level in enumerate(levels):
        own = means[means[factor] == level]
        at = places + (place - (len(levels) - 1) / 2) * _APART * np.ptp(places)
        estimate = own["estimate"].to_numpy(dtype=float)
        below, above = estimate - own["ci_lower"], own["ci_upper"] - estimate
        axes.errorbar(
            at,
            estimate,
            yerr=np.array([below, above], dtype=float),
            color=pictures.colour(place),
            linestyle=pictures.LINES[place % len(pictures.LINES)],
            marker="o",
            markersize=4,
            capsize=2,
            linewidth=1.2,
            label=str(level),
        )
    axes.set_xticks(places, [str(value) for value in visits])
    axes.set_xlabel(visit)
    axes.set_ylabel(f"{outcome}, LS mean")
    axes.legend(frameon=False, title=factor)
    return sheet
