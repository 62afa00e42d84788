"""A map as a person sees it: one wheel a level, depth outward, sectors round, the front up."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from trialkit.imaging.grid import BoolArray, FloatArray, Grid
from trialkit.imaging.maps.normalized import LEVELS
from trialkit.imaging.pictures import plane_pixel_mm, seen_from_below

_ARC = 12  # straight pieces that make the arc of one sector


def draw_map(
    values: FloatArray,
    path: Path,
    title: str,
    unit: str,
    *,
    diverging: bool = False,
    marked: BoolArray | None = None,
) -> None:
    """Draw ``(level, depth, sector)``; diverging scales have zero in the middle. Cells without a number
    are grey, ``marked`` ones outlined.
    """
    from matplotlib.figure import Figure

    low, high = _scale(values, diverging=diverging)
    figure = Figure(figsize=(2.2 * len(LEVELS), 3.0), dpi=110, layout="constrained")
    wheels: Any = figure.subplots(1, len(LEVELS), subplot_kw={"projection": "polar"})
    depths, sectors = values.shape[1:]
    round_, outward = np.linspace(0, 2 * np.pi, sectors * _ARC + 1), np.linspace(0, 1, depths + 1)
    drawn: Any = None
    for number, (wheel, level, part) in enumerate(zip(wheels, LEVELS, values, strict=True)):
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
        for depth, sector in np.argwhere(marked[number]) if marked is not None else ():
            _outline(wheel, round_[sector * _ARC : (sector + 1) * _ARC + 1], outward[depth : depth + 2])
        wheel.set_xticks(
            [0, np.pi / 2, np.pi, 3 * np.pi / 2], ["front", "lateral", "back", "medial"], fontsize=7
        )
        wheel.set_yticks([])
        wheel.set_title(level, fontsize=9)
    figure.suptitle(title, fontsize=10)
    figure.colorbar(drawn, ax=wheels, shrink=0.7, label=unit)
    figure.savefig(path, facecolor="white")


def _scale(values: FloatArray, *, diverging: bool) -> tuple[float, float]:
    finite = values[np.isfinite(values)]
    if not finite.size:
        return (-1.0, 1.0) if diverging else (0.0, 1.0)
    top = float(np.abs(finite).max())
    return (-top, top) if diverging else (float(finite.min()), float(finite.max()))


def _outline(wheel: Any, angles: FloatArray, radii: FloatArray) -> None:
    along = np.concatenate([angles, angles[::-1], angles[:1]])
    out = np.concatenate([np.full(len(angles), radii[0]), np.full(len(angles), radii[1]), radii[:1]])
    wheel.plot(along, out, color="black", linewidth=1.4)


def draw_template(
    values: FloatArray,
    levels: Mapping[str, BoolArray],
    grid: Grid,
    path: Path,
    title: str,
    unit: str,
    *,
    marked: BoolArray | None = None,
) -> None:
    """Draw the middle slice of each level of a template map, the front up, the patient's left on the right.

    Voxels with an adjusted p value below 0.05 (``marked``, which makes the scale diverge) are outlined.
    """
    from matplotlib.figure import Figure

    low, high = _scale(values, diverging=marked is not None)
    figure = Figure(figsize=(2.2 * max(len(levels), 2) + 0.8, 3.0), dpi=110, layout="constrained")
    boxes: Any = figure.subplots(1, len(levels), squeeze=False)[0]
    axis = grid.axial_axis
    boxes[0].set_ylabel("back          front", fontsize=7)
    drawn: Any = None
    for box, (level, mask) in zip(boxes, levels.items(), strict=True):
        slices = np.unique(np.argwhere(mask)[:, axis])
        number = int(slices[len(slices) // 2])
        plane = seen_from_below(np.take(values, number, axis=axis), grid)
        box.set_facecolor("#d7dbe0")
        height, width = plane_pixel_mm(grid)
        drawn = box.imshow(
            np.ma.masked_invalid(plane),
            vmin=low,
            vmax=high,
            cmap="viridis" if marked is None else "RdBu_r",
            aspect=height / width,
            interpolation="nearest",
        )
        if marked is not None:
            edge = seen_from_below(np.take(marked, number, axis=axis), grid)
            if edge.any():
                box.contour(edge.astype(float), levels=[0.5], colors=["black"], linewidths=1.2)
        rows, columns = np.nonzero(seen_from_below(np.take(mask, number, axis=axis), grid))
        box.set_xlim(columns.min() - 2.5, columns.max() + 2.5)
        box.set_ylim(rows.max() + 2.5, rows.min() - 2.5)
        box.set_xticks([]), box.set_yticks([])
        box.set_xlabel("right          left", fontsize=7)
        box.set_title(level, fontsize=9)
    figure.suptitle(title, fontsize=10)
    figure.colorbar(drawn, ax=list(boxes), shrink=0.7, label=unit)
    figure.savefig(path, facecolor="white")
