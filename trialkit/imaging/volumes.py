"""An image and a segmentation as values: arrays with their place in the patient and where they came from."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt

from trialkit.imaging.errors import SegmentationError
from trialkit.imaging.grid import (
    TOLERANCE_MM,
    BoolArray,
    FloatArray,
    Grid,
    check_direction,
    check_spacing,
    placement,
)
from trialkit.wording import said


@dataclass(frozen=True)
class Notice:
    """Something a reader must know about a file that could still be read."""

    code: str
    text: str

    def __str__(self) -> str:
        return f"{self.code}: {self.text}"


@dataclass(frozen=True, eq=False)
class Image:
    """A 3D image.

    Attributes
    ----------
    array
        Intensities ``(z, y, x)``.
    spacing_mm
        ``(z, y, x)``.
    origin_mm
        Place of the first voxel, (left, posterior, superior).
    direction
        (3, 3); column c is the unit vector along the array's x, y, z for c = 0, 1, 2.
    acquisition
        What the header tells of the scanner and sequence: ``modality``, ``field_strength_t``,
        ``echo_time_ms``, ``repetition_time_ms``, ``slice_thickness_mm``, ``coil``, ``manufacturer``,
        ``model``.
    notices
        What is odd and was let pass: negative, saturated or missing intensities, and the like.
    sha256
        Of the file; of a folder, over the sorted digests of its files; of array and grid where there is none.
    """

    array: npt.NDArray[Any]
    spacing_mm: tuple[float, float, float]
    origin_mm: tuple[float, float, float] = (0.0, 0.0, 0.0)
    direction: FloatArray = field(default_factory=lambda: np.eye(3))
    source: str = ""
    sha256: str = ""
    acquisition: Mapping[str, str | float] = field(default_factory=dict)
    notices: tuple[Notice, ...] = ()

    def __post_init__(self) -> None:
        _settle(self, self.array)
        if not self.sha256:
            object.__setattr__(self, "sha256", _digest(self.grid, self.array))

    @property
    def grid(self) -> Grid:
        z, y, x = self.array.shape
        return Grid((z, y, x), self.spacing_mm, self.origin_mm, self.direction)


@dataclass(frozen=True, eq=False)
class Segmentation:
    """Named masks on one grid, which may be a part of the image's.

    Attributes
    ----------
    segments
        Name -> boolean array ``(z, y, x)`` on the segmentation's own grid. Segments may overlap.
    overlaps
        Pairs of segments that share voxels -> how many. Nothing is given to one of the two.
    stated
        Segment -> muscle, level and side where a labels file states them.
    """

    segments: Mapping[str, BoolArray]
    spacing_mm: tuple[float, float, float]
    origin_mm: tuple[float, float, float] = (0.0, 0.0, 0.0)
    direction: FloatArray = field(default_factory=lambda: np.eye(3))
    source: str = ""
    sha256: str = ""
    stated: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    notices: tuple[Notice, ...] = ()
    overlaps: Mapping[tuple[str, str], int] = field(init=False)

    def __post_init__(self) -> None:
        masks = {name: np.asarray(mask, dtype=bool) for name, mask in self.segments.items()}
        if len({mask.shape for mask in masks.values()}) != 1:
            raise SegmentationError(
                expected="at least one segment, all on one grid",
                found=said("{n_masks} segments", n_masks=len(masks))
                if not masks
                else "masks of different shapes",
                where=self.source,
            )
        object.__setattr__(self, "segments", masks)
        _settle(self, next(iter(masks.values())))
        object.__setattr__(self, "overlaps", _overlaps(masks))
        if not self.sha256:
            object.__setattr__(self, "sha256", _digest(self.grid, *masks.values()))

    @property
    def grid(self) -> Grid:
        z, y, x = next(iter(self.segments.values())).shape
        return Grid((z, y, x), self.spacing_mm, self.origin_mm, self.direction)

    def on(self, target: Grid, tolerance_mm: float = TOLERANCE_MM) -> dict[str, BoolArray]:
        """Every segment on another grid, placed by its physical coordinates.

        Raises
        ------
        GeometryError
            The two grids are not parts of one lattice.
        SegmentationError
            Voxels of a segment lie outside the target.
        """
        how = placement(self.grid, target, "segmentation and image", tolerance_mm, self.source)
        placed: dict[str, BoolArray] = {}
        for name, mask in self.segments.items():
            placed[name], outside = how.apply(mask, target.shape)
            if outside:
                raise SegmentationError(
                    expected="a mask inside its image",
                    found=said(
                        "{outside} of {count_nonzero} voxels of {name!r} outside",
                        outside=outside,
                        count_nonzero=np.count_nonzero(mask),
                        name=name,
                    ),
                    where=self.source or "segmentation",
                    next_step="Check that this is the image that was segmented.",
                )
        return placed


def _settle(volume: Image | Segmentation, array: npt.NDArray[Any]) -> None:
    """Check and freeze what places the array."""
    where = volume.source or type(volume).__name__.casefold()
    if array.ndim != 3:
        raise SegmentationError(
            expected="a 3D array (z, y, x)", found=said("{ndim}D", ndim=array.ndim), where=where
        )
    x, y, z = (float(value) for value in volume.origin_mm)
    direction = np.asarray(volume.direction, dtype=float).reshape(3, 3)
    object.__setattr__(volume, "origin_mm", (x, y, z))
    object.__setattr__(volume, "spacing_mm", check_spacing(volume.spacing_mm, where))
    object.__setattr__(volume, "direction", check_direction(direction, where))


def _overlaps(masks: Mapping[str, BoolArray]) -> dict[tuple[str, str], int]:
    taken = np.zeros(next(iter(masks.values())).shape, dtype=bool)
    twice = taken.copy()
    for mask in masks.values():
        twice |= taken & mask
        taken |= mask
    if not twice.any():
        return {}
    within = {name: mask[twice] for name, mask in masks.items()}
    counts = {
        (first, second): int(np.count_nonzero(within[first] & within[second]))
        for first, second in combinations(within, 2)
    }
    return {pair: count for pair, count in counts.items() if count}


def _digest(grid: Grid, *arrays: npt.NDArray[Any]) -> str:
    content = hashlib.sha256(repr((grid.spacing_mm, grid.origin_mm, grid.direction.tolist())).encode())
    for array in arrays:
        content.update(repr((array.shape, array.dtype.str)).encode())
        packed = np.packbits(array) if array.dtype == bool else np.ascontiguousarray(array)
        content.update(packed.tobytes())
    return content.hexdigest()
