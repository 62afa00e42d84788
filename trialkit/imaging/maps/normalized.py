"""A muscle's own coordinates: depth from its centre to its edge, and the sector of the angle about its
centre.

Every slice of every person is put on the same grid of depth and sector, whatever the size and place of the
muscle: that makes maps of persons comparable without a template.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from trialkit.imaging.errors import MeasurementError
from trialkit.imaging.grid import BoolArray, FloatArray, Grid
from trialkit.imaging.muscle.values import fat_fraction_percent
from trialkit.imaging.names import read_structure
from trialkit.imaging.volumes import Image, Segmentation
from trialkit.wording import said

LEVELS = ("L1", "L2", "L3", "L4", "L5")
_DIRECTIONS = 72


@dataclass(frozen=True, eq=False)
class FatMap:
    """Mean fat fraction in percent, ``(level, depth, sector)``; NaN where no voxel lies.

    Depth 0 is at the centre, the last at the edge. Sector 0 begins at the front and runs over the lateral
    side to the back and over the medial side round again, on both sides of the body alike.
    """

    muscle: str
    side: str
    percent: FloatArray
    voxels: npt.NDArray[np.int64]
    circular: ClassVar[bool] = True
    """The last axis closes: the last sector lies beside the first."""


def fat_map(
    fat: Image,
    water: Image,
    segmentation: Segmentation,
    muscle: str,
    side: str,
    depths: int = 3,
    sectors: int = 8,
) -> FatMap:
    """The map of one muscle of one side.

    Parameters
    ----------
    fat, water
        A Dixon pair on one grid.
    depths, sectors
        Bins of depth (of equal share of the radius) and of angle.

    Raises
    ------
    MeasurementError
        The muscle is not drawn on that side, or a number of bins below 1.
    """
    if depths < 1 or sectors < 1:
        raise MeasurementError(expected="at least one depth and one sector", found="fewer", where="fat map")
    fractions = fat_fraction_percent(np.asarray(fat.array, dtype=float), np.asarray(water.array, dtype=float))
    total, count = (
        np.zeros((len(LEVELS), depths, sectors)),
        np.zeros((len(LEVELS), depths, sectors), dtype=np.int64),
    )
    for name, mask in segmentation.on(fat.grid).items():
        level = level_of(segmentation, name, muscle, side)
        if not level or not mask.any():
            continue
        depth, sector = muscle_coordinates(mask, fat, side, depths, sectors)
        at = np.full(depth.shape, LEVELS.index(level)), depth, sector
        np.add.at(total, at, fractions[mask])
        np.add.at(count, at, 1)
    if not count.any():
        raise not_drawn(muscle, side, segmentation.source)
    percent = np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)
    return FatMap(muscle, side, percent, count)


def level_of(segmentation: Segmentation, name: str, muscle: str, side: str) -> str:
    """The level of a segment of this muscle and side; empty for any other segment."""
    structure = read_structure(name, segmentation.stated.get(name))
    wanted = (structure.muscle, structure.side) == (muscle, side) and structure.level in LEVELS
    return structure.level if wanted else ""


def not_drawn(muscle: str, side: str, source: str) -> MeasurementError:
    return MeasurementError(
        expected=said("{muscle} drawn on the {side} at a level L1 to L5", muscle=muscle, side=side),
        found="none",
        where=source or "fat map",
    )


def muscle_coordinates(
    mask: BoolArray, image: Image, side: str, depths: int, sectors: int
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Depth and sector bin of each voxel of a mask, in the mask's own order; slice by slice."""
    depth, angle = np.zeros(int(mask.sum())), np.zeros(int(mask.sum()))
    for one in muscle_slices(mask, image.grid, side):
        depth[one.rows], angle[one.rows] = one.share, one.angle
    depth_bin = np.minimum((depth * depths).astype(np.intp), depths - 1)
    sector_bin = np.minimum((angle / (2 * np.pi) * sectors).astype(np.intp), sectors - 1)
    return depth_bin, sector_bin


@dataclass(frozen=True, eq=False)
class MuscleSlice:
    """One slice of a muscle about its own centre, in mm; ``rows`` are its voxels in the mask's order."""

    superior: float
    rows: npt.NDArray[np.intp]
    lateral: FloatArray
    front: FloatArray
    edge: FloatArray
    """Radius to the edge in 72 directions, from the front over the lateral side round."""

    @property
    def angle(self) -> FloatArray:
        return np.mod(np.arctan2(self.lateral, self.front), 2 * np.pi)

    @property
    def share(self) -> FloatArray:
        """Of the radius to the edge: 0 at the centre, 1 at the edge."""
        return np.asarray(np.hypot(self.lateral, self.front) / self.edge_towards(self.angle))

    def edge_towards(self, angle: FloatArray) -> FloatArray:
        return self.edge[direction_of(angle)]


def muscle_slices(mask: BoolArray, grid: Grid, side: str) -> list[MuscleSlice]:
    """The slices of a mask from foot to head.

    The radius to the edge in a direction is that of the farthest voxel seen there; a direction without voxels
    of its own takes its neighbours': small muscles have few pixels.
    """
    index = np.argwhere(mask)
    place = grid.position(index[:, ::-1])
    outward = -1.0 if side == "right" else 1.0
    slices = index[:, grid.axial_axis]
    found = []
    for one in np.unique(slices):
        rows = np.flatnonzero(slices == one)
        lateral = outward * (place[rows, 0] - place[rows, 0].mean())
        front = -(place[rows, 1] - place[rows, 1].mean())
        radius = np.hypot(lateral, front)
        edge = np.zeros(_DIRECTIONS)
        np.maximum.at(edge, direction_of(np.mod(np.arctan2(lateral, front), 2 * np.pi)), radius)
        wide = np.maximum.reduce([np.roll(edge, shift) for shift in (-1, 0, 1)])
        wide = np.maximum(wide, min(grid.spacing_mm) / 2)
        found.append(MuscleSlice(float(place[rows, 2].mean()), rows, lateral, front, wide))
    return sorted(found, key=lambda one: one.superior)


def direction_of(angle: FloatArray) -> npt.NDArray[np.intp]:
    return np.minimum((angle / (2 * np.pi) * _DIRECTIONS).astype(np.intp), _DIRECTIONS - 1)
