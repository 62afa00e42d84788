"""One segment with its voxels, cut out of the image: what every metric is computed from."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from trialkit.imaging.errors import MeasurementError
from trialkit.imaging.grid import BoolArray, FloatArray, Grid, IntArray, check_same_place
from trialkit.imaging.muscle.settings import MeasureSettings
from trialkit.imaging.muscle.slices import level_slices, slice_of
from trialkit.imaging.names import Structure, read_structure
from trialkit.imaging.volumes import Image, Segmentation
from trialkit.wording import said

Signals = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class Region:
    """The voxels of a segment. ``on_slice`` marks those on the slice of the area.

    ``fat`` is the image (of fat, of anything, or of fat fractions); ``water`` is there for a Dixon pair.
    """

    segment: str
    structure: Structure
    fat: FloatArray
    water: FloatArray | None
    on_slice: BoolArray
    slice_index: int
    pixel_cm2: float
    voxel_ml: float
    slices: int

    @property
    def csa_cm2(self) -> float:
        return float(np.count_nonzero(self.on_slice)) * self.pixel_cm2


def cut_out(
    image: Image, segmentation: Segmentation, water: Image | None, settings: MeasureSettings
) -> list[Region]:
    """Every segment that has voxels, in the segmentation's order; a muscle drawn as one piece once a level.

    Raises
    ------
    GeometryError
        Grids that do not fit.
    SegmentationError
        Voxels outside the image.
    MeasurementError
        Intensities in a segment that are no numbers, or negative ones of a Dixon pair.
    """
    if water is not None:
        check_pair(image, water, trust_grid=settings.trust_grid)
    grid = image.grid
    placed = segmentation.on(grid)
    structures = {name: read_structure(name, segmentation.stated.get(name)) for name in placed}
    by_level = level_slices(settings.slice_rule, structures, placed, grid)
    signals = image.array.reshape(-1), None if water is None else water.array.reshape(-1)
    regions: list[Region] = []
    for name, mask in placed.items():
        voxels = np.flatnonzero(mask)  # nonzero of 3D is twenty times as slow, and so is taking by it
        if not len(voxels):
            continue
        structure = structures[name]
        whole = not structure.level and not structure.is_landmark and by_level
        for level in by_level if whole else (structure.level,):
            regions.append(
                _region(
                    name,
                    Structure(structure.muscle, level, structure.side),
                    voxels,
                    grid,
                    signals,
                    settings,
                    by_level,
                )
            )
    _check_unit(regions, settings)
    return regions


def check_pair(image: Image, water: Image, *, trust_grid: bool = False) -> None:
    """Refuse a fat and a water image that are not one pair, voxel on voxel.

    Raises
    ------
    MeasurementError, GeometryError
        As ``check_roles`` says; or two grids, with both printed.
    """
    check_roles(image, water)
    if trust_grid and image.array.shape == water.array.shape:
        return
    check_same_place(
        image.grid,
        water.grid,
        "fat and water image",
        where=" and ".join(filter(None, (image.source, water.source))),
    )


def check_roles(fat: Image, water: Image) -> None:
    """Refuse a pair whose headers say that it is another one, and one image given twice.

    Raises
    ------
    MeasurementError
        Naming what the headers say.
    """
    told = str(fat.acquisition.get("dixon", "")), str(water.acquisition.get("dixon", ""))
    where = " and ".join(filter(None, (fat.source, water.source)))
    if told[0] not in ("", "fat") or told[1] not in ("", "water"):
        raise MeasurementError(
            expected="the fat image and the water image of a pair, in this order",
            found=said(
                "one marked as {fat} and one marked as {water}",
                fat=told[0] or "nothing",
                water=told[1] or "nothing",
            ),
            where=where,
            next_step="Give the fat image first, the water image with --water.",
        )
    if fat.sha256 == water.sha256 and not all(told):  # an enhanced file holds both, marked
        raise MeasurementError(
            expected="a fat image and a water image",
            found="the same image twice",
            where=where,
            next_step="Give the fat image first, the water image with --water.",
        )


def _check_unit(regions: list[Region], settings: MeasureSettings) -> None:
    """Shares called percent would be a hundredth of the truth, and look like lean muscle."""
    if settings.image_is != "fat_fraction_percent" or not regions:
        return
    greatest = max(float(region.fat.max()) for region in regions)
    if 0 < greatest <= 1:
        raise MeasurementError(
            expected="fat fractions in percent, some of them above 1",
            found=said("{greatest:.3g} at most", greatest=greatest),
            where="image",
            next_step="If the image holds shares from 0 to 1, say so: --image-is fat_fraction_share.",
        )


def _region(
    name: str,
    structure: Structure,
    voxels: IntArray,
    grid: Grid,
    signals: tuple[Signals, Signals | None],
    settings: MeasureSettings,
    by_level: Mapping[str, int],
) -> Region:
    """The region of ``voxels``, which are places in the flattened image, as ``signals`` are."""
    axis = grid.axial_axis
    rule = "middle" if structure.is_landmark and structure.level not in by_level else settings.slice_rule
    slices = voxels // math.prod(grid.shape[axis + 1 :]) % grid.shape[axis]
    counts = np.bincount(slices, minlength=grid.shape[axis])
    index = slice_of(rule, counts, structure.level, by_level)
    image, pair = signals
    fat = np.asarray(image[voxels], dtype=np.float64)
    wet = None if pair is None else np.asarray(pair[voxels], dtype=np.float64)
    _check_values(name, fat, wet, settings)
    return Region(
        segment=name,
        structure=structure,
        fat=fat,
        water=wet,
        on_slice=slices == index,
        slice_index=index,
        pixel_cm2=grid.pixel_mm2(axis) / 100,
        voxel_ml=grid.voxel_mm3 / 1000,
        slices=int(np.count_nonzero(counts)),
    )


def _check_values(name: str, fat: FloatArray, water: FloatArray | None, settings: MeasureSettings) -> None:
    both = fat if water is None else np.concatenate([fat, water])
    missing = int(np.count_nonzero(~np.isfinite(both)))
    if missing:
        raise MeasurementError(
            expected="a number in every voxel of a segment",
            found=said("{missing} of {size} without one", missing=missing, size=both.size),
            where=said("segment {name}", name=name),
            next_step="Draw around them, or export the image again.",
        )
    if water is not None and both.min() < 0:
        raise MeasurementError(
            expected="fat and water signals from 0 up",
            found=said("{count_nonzero} negative ones", count_nonzero=int(np.count_nonzero(both < 0))),
            where=said("segment {name}", name=name),
            next_step="Take the magnitude images, not real or phase images.",
        )
    top = {"fat_fraction_percent": 100.0, "fat_fraction_share": 1.0}.get(settings.image_is)
    if top is not None and (both.min() < 0 or both.max() > top):
        raise MeasurementError(
            expected=said("fat fractions from 0 to {top:g}", top=top),
            found=said("{both:g} to {both_2:g}", both=both.min(), both_2=both.max()),
            where=said("segment {name}", name=name),
            next_step="Say what the image is: intensity, fat_fraction_percent or fat_fraction_share.",
        )
