"""A muscle's fat on a template: every voxel of the template takes the fat of the same place of the muscle.

The same place is: the same level, the same share of the level's height, the same direction from the centre
of the slice, the same share of the radius to the edge. The warp is of the outline alone; what lies inside the
muscle is not registered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from trialkit.imaging.grid import BoolArray, FloatArray
from trialkit.imaging.maps.normalized import (
    LEVELS,
    MuscleSlice,
    level_of,
    muscle_slices,
    not_drawn,
)
from trialkit.imaging.muscle.values import fat_fraction_percent
from trialkit.imaging.volumes import Image, Segmentation


@dataclass(frozen=True, eq=False)
class TemplateMap:
    """Fat fraction in percent on the template's grid ``(z, y, x)``; NaN outside the muscle and at levels that
    the scan does not have.
    """

    muscle: str
    side: str
    percent: FloatArray
    circular: ClassVar[bool] = False


def template_map(
    fat: Image, water: Image, segmentation: Segmentation, template: Segmentation, muscle: str, side: str
) -> TemplateMap:
    """The fat of one muscle of one side on a template.

    Parameters
    ----------
    fat, water
        A Dixon pair on one grid.
    segmentation
        Of the scan.
    template
        A segmentation of another body or of an atlas, with the same muscle, side and levels; its grid is the
        map's.

    Raises
    ------
    MeasurementError
        The muscle is not drawn on that side in the scan or in the template, or at no common level.

    Degenerate cases
    ----------------
    A level with fewer slices than the template's gives each of its slices to several of the template's.
    """
    fractions = fat_fraction_percent(np.asarray(fat.array, dtype=float), np.asarray(water.array, dtype=float))
    scanned = _levels(segmentation, segmentation.on(fat.grid), muscle, side)
    drawn = _levels(template, template.segments, muscle, side)
    for levels, source in ((scanned, segmentation.source), (drawn, template.source)):
        if not levels:
            raise not_drawn(muscle, side, source)
    common = [level for level in drawn if level in scanned]
    if not common:
        raise not_drawn(muscle, side, template.source)
    percent = np.full(template.grid.shape, np.nan)
    for level in common:
        there = muscle_slices(drawn[level], template.grid, side)
        here = muscle_slices(scanned[level], fat.grid, side)
        values = np.zeros(int(drawn[level].sum()))
        for number, slice_ in enumerate(there):
            own = here[min(int((number + 0.5) / len(there) * len(here)), len(here) - 1)]
            values[slice_.rows] = _at_the_same_place(slice_, own, fractions[scanned[level]][own.rows])
        percent[drawn[level]] = values
    return TemplateMap(muscle, side, percent)


def _levels(
    segmentation: Segmentation, masks: Mapping[str, BoolArray], muscle: str, side: str
) -> dict[str, BoolArray]:
    found: dict[str, BoolArray] = {}
    for name, mask in masks.items():
        level = level_of(segmentation, name, muscle, side)
        if level and mask.any():
            found[level] = mask
    return dict(sorted(found.items(), key=lambda pair: LEVELS.index(pair[0])))


def _at_the_same_place(target: MuscleSlice, own: MuscleSlice, values: FloatArray) -> FloatArray:
    """The value of the scan's voxel nearest to each place of the template's slice."""
    from scipy.spatial import cKDTree

    angle = target.angle
    radius = target.share * own.edge_towards(angle)
    wanted = np.column_stack([radius * np.sin(angle), radius * np.cos(angle)])
    _, nearest = cKDTree(np.column_stack([own.lateral, own.front])).query(wanted)
    return np.asarray(values[nearest])
