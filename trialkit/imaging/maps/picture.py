"""A map as a person sees it: one wheel a level, depth outward, sectors round, the front up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from trialkit.imaging.grid import FloatArray
from trialkit.imaging.maps.normalized import LEVELS

_ARC = 12  # straight pieces that make the arc of one sector


def draw_map(values: FloatArray, path: Path, title: str, unit: str, *, diverging: bool = False) -> None:
    """Draw ``(level, depth, sector)``; diverging scales have zero in the middle. Cells without a number
    are grey.
    """
    from matplotlib.figure import Figure

    finite = values[np.isfinite(values)]
    top = float(np.abs(finite).max()) if finite.size else 1.0
    low, high = (-top, top) if diverging else (float(finite.min()) if finite.size else 0.0, top)
    figure = Figure(figsize=(2.2 * len(LEVELS), 3.0), dpi=110, layout="constrained")
    wheels: Any = figure.subplots(1, len(LEVELS), subplot_kw={"projection": "polar"})
    depths, sectors = values.shape[1:]
    round_, outward = np.linspace(0, 2 * np.pi, sectors * _ARC + 1), np.linspace(0, 1, depths + 1)
    drawn: Any = None
    for wheel, level, part in zip(wheels, LEVELS, values, strict=True):
        wheel.set_theta_zero_location("N")
        wheel.set_theta_direction(-1)
        wheel.set_facecolor("#d7dbe0")
        masked = np.ma.masked_invalid(np.repeat(part, _ARC, axis=1))
        drawn = wheel.pcolormesh(
            round_,
            outward,
            masked,
            vmin=low,
            vmax=high,
            cmap="RdBu_r" if diverging else "viridis",
        )
        wheel.set_xticks(
            [0, np.pi / 2, np.pi, 3 * np.pi / 2], ["front", "lateral", "back", "medial"], fontsize=7
        )
        wheel.set_yticks([])
        wheel.set_title(level, fontsize=9)
    figure.suptitle(title, fontsize=10)
    figure.colorbar(drawn, ax=wheels, shrink=0.7, label=unit)
    figure.savefig(path, facecolor="white")
