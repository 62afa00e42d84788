"""A muscle's own coordinates: depth from its centre to its edge, and the sector of the angle about its
centre.

Every slice of every person is put on the same grid of depth and sector, whatever the size and place of the
muscle: that makes maps of persons comparable without a template.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from trialkit.imaging.errors import MeasurementError
from trialkit.imaging.grid import BoolArray, FloatArray
from trialkit.imaging.muscle.values import fat_fraction_percent
from trialkit.imaging.names import read_structure
from trialkit.imaging.volumes import Image, Segmentation
from trialkit.wording import said

LEVELS = ("L1", "L2", "L3", "L4", "L5")


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
        structure = read_structure(name, segmentation.stated.get(name))
        if (
            (structure.muscle, structure.side) != (muscle, side)
            or structure.level not in LEVELS
            or not mask.any()
        ):
            continue
        depth, sector = muscle_coordinates(mask, fat, side, depths, sectors)
        at = np.full(depth.shape, LEVELS.index(structure.level)), depth, sector
        np.add.at(total, at, fractions[mask])
        np.add.at(count, at, 1)
    if not count.any():
        raise MeasurementError(
            expected=said("{muscle} drawn on the {side} at a level L1 to L5", muscle=muscle, side=side),
            found="none",
            where="fat map",
        )
    percent = np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)
    return FatMap(muscle, side, percent, count)


def muscle_coordinates(
    mask: BoolArray, image: Image, side: str, depths: int, sectors: int
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Depth and sector bin of each voxel of a mask, in the mask's own order; slice by slice.

    The radius to the edge is taken in 72 directions as the farthest voxel seen there.
    """
    index = np.argwhere(mask)
    place = image.grid.position(index[:, ::-1])
    outward = -1.0 if side == "right" else 1.0
    slices = index[:, image.grid.axial_axis]
    depth, angle = np.zeros(len(index)), np.zeros(len(index))
    for one in np.unique(slices):
        here = slices == one
        lateral = outward * (place[here, 0] - place[here, 0].mean())
        front = -(place[here, 1] - place[here, 1].mean())
        angle[here] = np.mod(np.arctan2(lateral, front), 2 * np.pi)
        depth[here] = _share_of_radius(np.hypot(lateral, front), angle[here], min(image.spacing_mm))
    depth_bin = np.minimum((depth * depths).astype(np.intp), depths - 1)
    sector_bin = np.minimum((angle / (2 * np.pi) * sectors).astype(np.intp), sectors - 1)
    return depth_bin, sector_bin


def _share_of_radius(radius: FloatArray, angle: FloatArray, pixel_mm: float) -> FloatArray:
    directions = 72
    towards = np.minimum((angle / (2 * np.pi) * directions).astype(int), directions - 1)
    edge = np.zeros(directions)
    np.maximum.at(edge, towards, radius)
    # A direction without voxels of its own takes its neighbours' edge: small muscles have few pixels.
    wide = np.maximum.reduce([np.roll(edge, shift) for shift in (-1, 0, 1)])
    return np.asarray(radius / np.maximum(wide[towards], pixel_mm / 2))
