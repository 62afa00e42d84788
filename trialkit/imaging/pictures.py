"""Pictures to look at before a number is believed: outlines on the image, level by level, with the values."""

from __future__ import annotations

import textwrap
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from trialkit.imaging.grid import BoolArray, FloatArray, Grid
from trialkit.imaging.muscle.values import fat_fraction_percent
from trialkit.imaging.names import read_structure
from trialkit.imaging.volumes import Image, Segmentation
from trialkit.numbers import plain

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

_COLOURS = ("#e69f00", "#56b4e9", "#009e73", "#f0e442", "#0072b2", "#d55e00", "#cc79a7", "#ffffff")
_MARGIN = 0.12
_FAT = ("fat_fraction", "fat_infiltration")
_DOTS_PER_INCH = 110
_DARK = {"facecolor": "#00000099", "edgecolor": "none", "pad": 1.5}


@dataclass(frozen=True, eq=False)
class LevelView:
    """One axial slice as a person looks at it: from the feet, front up, the patient's left on the right."""

    level: str
    slice_index: int
    picture: FloatArray
    outlines: dict[str, BoolArray]
    pixel_mm: tuple[float, float]


def level_views(
    image: Image,
    segmentation: Segmentation,
    water: Image | None = None,
    measured_on: Mapping[str, int] | None = None,
) -> list[LevelView]:
    """A view for each level that has segments, on the slice its areas were measured on (level -> slice).

    Levels that are not in ``measured_on`` are shown on the slice that most of their voxels are on. With a
    water image the picture is the fat fraction in percent; else the image itself.
    """
    array = np.asarray(image.array, dtype=float)
    if water is not None:
        array = fat_fraction_percent(array, np.asarray(water.array, dtype=float))
    axis = image.grid.axial_axis
    by_level: dict[str, dict[str, BoolArray]] = defaultdict(dict)
    for name, mask in segmentation.on(image.grid).items():
        if mask.any():
            by_level[read_structure(name, segmentation.stated.get(name)).level or "all"][name] = mask
    views = []
    for level, masks in sorted(by_level.items()):
        others = tuple(other for other in range(3) if other != axis)
        index = (measured_on or {}).get(level)
        if index is None:
            index = int(np.argmax(sum(mask.sum(axis=others) for mask in masks.values())))
        turned = {
            name: seen_from_below(mask.take(index, axis=axis), image.grid) for name, mask in masks.items()
        }
        picture = seen_from_below(array.take(index, axis=axis), image.grid)
        views.append(LevelView(level, index, picture, turned, plane_pixel_mm(image.grid)))
    return views


def seen_from_below(plane: Any, grid: Grid) -> Any:
    """An axial plane of the array with rows from front to back, columns from the patient's right to left."""
    rows, columns = (other for other in range(3) if other != grid.axial_axis)
    if grid.array_axis(0) == rows:
        plane, rows, columns = plane.T, columns, rows
    if grid.grows_towards(columns, 0) < 0:
        plane = plane[:, ::-1]
    return plane[::-1] if grid.grows_towards(rows, 1) < 0 else plane


def plane_pixel_mm(grid: Grid) -> tuple[float, float]:
    """Height and width of a pixel of that plane."""
    across, along = grid.array_axis(1), grid.array_axis(0)
    kept = [other for other in range(3) if other != grid.axial_axis]
    rows = across if across in kept else kept[0]
    columns = along if along in kept else kept[1]
    return grid.spacing_mm[rows], grid.spacing_mm[columns]


def write_pictures(
    image: Image,
    segmentation: Segmentation,
    table: pd.DataFrame,
    folder: Path,
    name: str,
    water: Image | None = None,
) -> list[Path]:
    """Write ``NAME_L4.png`` for each level, and ``NAME_sheet.png`` with all of them.

    Parameters
    ----------
    table
        Of ``measure``: areas and fat stand beside the outlines.
    name
        The first part of the file names and the title; never a person's name.
    """
    from matplotlib.figure import Figure

    folder.mkdir(parents=True, exist_ok=True)
    views = level_views(image, segmentation, water, measured_on(table))
    palette = muscle_colours(views)
    top = 100.0 if water is not None else float(np.percentile(image.array[np.isfinite(image.array)], 99.5))
    written = []
    for view in views:
        figure = Figure(figsize=(7.4, 5.2), dpi=_DOTS_PER_INCH, layout="constrained")
        picture, words = figure.subplots(1, 2, width_ratios=[3, 1.25])
        _draw(picture, view, top, f"{name}  {view.level}, slice {view.slice_index}", palette)
        _list_values(words, view, table, palette)
        written.append(_save(figure, folder / f"{name}_{view.level}.png"))
    sheet = Figure(
        figsize=(3.3 * min(len(views), 3), 3.1 * -(-len(views) // 3)),
        dpi=_DOTS_PER_INCH,
        layout="constrained",
    )
    for place, view in enumerate(views, start=1):
        axes = sheet.add_subplot(-(-len(views) // 3), min(len(views), 3), place)
        _draw(axes, view, top, f"{view.level}, slice {view.slice_index}", palette)
        _write_values(axes, view, table)
    _say_colours(sheet, palette)
    sheet.suptitle(f"{name}: area (cm²), {_fat_by(table)} (%)", fontsize=10)
    written.append(_save(sheet, folder / f"{name}_sheet.png"))
    return written


def measured_on(table: pd.DataFrame) -> dict[str, int]:
    """Level -> the slice that most areas of its muscles are of."""
    areas = table[(table["metric"] == "csa") & table["slice_index"].notna()]
    return {
        str(level) or "all": int(group["slice_index"].mode().iloc[0])
        for level, group in areas.groupby("level")
    }


def _values(table: pd.DataFrame) -> dict[str, tuple[float, float, int]]:
    """Segment -> area, fat in percent and the area's slice; NaN where there is none."""
    fat = table[table["metric"].isin(_FAT)].drop_duplicates("segment")
    percent = dict(zip(fat["segment"], fat["value"], strict=True))
    areas = table[(table["metric"] == "csa") & table["slice_index"].notna()]
    return {
        segment: (float(area), float(percent.get(segment, np.nan)), int(on))
        for segment, area, on in zip(areas["segment"], areas["value"], areas["slice_index"], strict=True)
    }


def _fat_by(table: pd.DataFrame) -> str:
    """Which fat stands in the picture, and by which method."""
    fat = table[table["metric"].isin(_FAT)]
    if not len(fat):
        return "fat"
    metric, method = fat[["metric", "method"]].iloc[0]
    return f"{metric.replace('_', ' ')}, {method.replace('_', ' ')}"


def view_texts(view: LevelView, table: pd.DataFrame) -> dict[str, str]:
    """Segment -> its area in cm2 and its fat in percent, as the contact sheet says them."""
    values = _values(table)
    return {
        name: f"{plain(values[name][0], 1)}"
        + (f"\n{plain(values[name][1], 0)} %" if np.isfinite(values[name][1]) else "")
        for name in view.outlines
        if name in values
    }


def _write_values(axes: Any, view: LevelView, table: pd.DataFrame) -> None:
    """Area and fat in the middle of each outline."""
    for name, text in view_texts(view, table).items():
        if view.outlines[name].any():
            row, column = (float(at.mean()) for at in np.nonzero(view.outlines[name]))
            axes.text(column, row, text, color="white", fontsize=6.5, ha="center", va="center", bbox=_DARK)


def _draw(axes: Any, view: LevelView, top: float, title: str, palette: Mapping[str, str]) -> None:
    rows, columns = _box(view)
    height, width = view.pixel_mm
    axes.imshow(view.picture, cmap="gray", vmin=0, vmax=top, aspect=height / width, interpolation="nearest")
    for name, mask in view.outlines.items():
        colour = palette[read_structure(name).muscle]
        axes.contour(np.asarray(mask, dtype=float), levels=[0.5], colors=[colour], linewidths=1.1)
    axes.set_xlim(columns)
    axes.set_ylim(rows[::-1])
    axes.set_title(title, fontsize=9)
    axes.set_xticks([]), axes.set_yticks([])
    for at, letter in ((0.02, "R"), (0.95, "L")):
        axes.text(
            at, 0.5, letter, transform=axes.transAxes, color="white", fontsize=9, va="center", bbox=_DARK
        )


def _box(view: LevelView) -> tuple[tuple[float, float], tuple[float, float]]:
    """Rows and columns around all outlines, with a margin."""
    together = np.any(list(view.outlines.values()), axis=0)
    limits = []
    for places, length in zip(np.nonzero(together), together.shape, strict=True):
        margin = max(3.0, _MARGIN * (places.max() - places.min()))
        limits.append((max(places.min() - margin, -0.5), min(places.max() + margin, length - 0.5)))
    return (float(limits[0][0]), float(limits[0][1])), (float(limits[1][0]), float(limits[1][1]))


def muscle_colours(views: Sequence[LevelView]) -> dict[str, str]:
    """One a muscle, the same on both sides and at every level."""
    muscles = dict.fromkeys(read_structure(name).muscle for view in views for name in view.outlines)
    return {muscle: _COLOURS[place % len(_COLOURS)] for place, muscle in enumerate(muscles)}


def _say_colours(sheet: Figure, palette: Mapping[str, str]) -> None:
    """Which colour is which muscle, under all levels."""
    from matplotlib.lines import Line2D

    lines = [Line2D([], [], color=colour, linewidth=3) for colour in palette.values()]
    names = [muscle.replace("_", " ") for muscle in palette]
    sheet.legend(
        lines, names, loc="outside lower center", ncols=min(len(names), 5), fontsize=8, facecolor="#bbbbbb"
    )


def _list_values(axes: Any, view: LevelView, table: pd.DataFrame, palette: Mapping[str, str]) -> None:
    axes.set_axis_off()
    values = _values(table)
    title = "\n".join(textwrap.wrap(f"area cm², {_fat_by(table)} %", 30))
    axes.text(0, 1.0, title, fontsize=8, va="top", transform=axes.transAxes)
    for row, name in enumerate(view.outlines):
        structure = read_structure(name)
        colour = palette[structure.muscle]
        label = f"{structure.muscle.replace('_', ' ')} {structure.side}".strip()
        y = 0.9 - 0.102 * row
        axes.plot(
            [0, 0.1], [y - 0.016] * 2, color=colour, linewidth=4, transform=axes.transAxes, clip_on=False
        )
        axes.text(0.14, y, label, fontsize=8, va="top", transform=axes.transAxes)
        area, percent, on = values.get(name, (np.nan, np.nan, view.slice_index))
        told = f"{plain(area, 2)} cm²" + (f"   {plain(percent, 1)} %" if np.isfinite(percent) else "")
        told += "" if on == view.slice_index else f"   (slice {on})"
        axes.text(0.14, y - 0.04, told, fontsize=8, va="top", color="#444444", transform=axes.transAxes)
    axes.set_xlim(0, 1), axes.set_ylim(0, 1)


def _save(figure: Any, path: Path) -> Path:
    figure.savefig(path, facecolor="white")
    return path
