"""One segment with its voxels, cut out of the image: what every metric is computed from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from trialkit.imaging.errors import MeasurementError
from trialkit.imaging.grid import BoolArray, FloatArray, check_same_place
from trialkit.imaging.muscle.settings import MeasureSettings
from trialkit.imaging.muscle.slices import level_slices, slice_of
from trialkit.imaging.names import Structure, read_structure
from trialkit.imaging.volumes import Image, Segmentation
from trialkit.wording import said


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
        _check_pair(image, water, settings)
    placed = segmentation.on(image.grid)
    structures = {name: read_structure(name, segmentation.stated.get(name)) for name in placed}
    by_level = level_slices(settings.slice_rule, structures, placed, image.grid)
    regions: list[Region] = []
    for name, mask in placed.items():
        if not mask.any():
            continue
        structure = structures[name]
        whole = not structure.level and not structure.is_landmark and by_level
        for level in by_level if whole else (structure.level,):
            regions.append(
                _region(
                    name,
                    Structure(structure.muscle, level, structure.side),
                    mask,
                    image,
                    water,
                    settings,
                    by_level,
                )
            )
    return regions


def _check_pair(image: Image, water: Image, settings: MeasureSettings) -> None:
    if settings.trust_grid and image.array.shape == water.array.shape:
        return
    check_same_place(image.grid, water.grid, "fat and water image")


def _region(
    name: str,
    structure: Structure,
    mask: BoolArray,
    image: Image,
    water: Image | None,
    settings: MeasureSettings,
    by_level: Mapping[str, int],
) -> Region:
    grid, axis = image.grid, image.grid.axial_axis
    rule = "middle" if structure.is_landmark and structure.level not in by_level else settings.slice_rule
    places = np.unravel_index(np.flatnonzero(mask), mask.shape)  # nonzero of 3D is twenty times as slow
    counts = np.bincount(places[axis], minlength=mask.shape[axis])
    index = slice_of(rule, counts, structure.level, by_level)
    fat = np.asarray(image.array[places], dtype=np.float64)
    wet = None if water is None else np.asarray(water.array[places], dtype=np.float64)
    _check_values(name, fat, wet, settings)
    return Region(
        segment=name,
        structure=structure,
        fat=fat,
        water=wet,
        on_slice=places[axis] == index,
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
