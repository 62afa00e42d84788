"""Where voxels lie in the patient: one grid, and how one grid lies on another.

Arrays are ``(z, y, x)``. Positions are in mm in DICOM's axes: left, posterior, superior (LPS). Column ``c``
of ``direction`` is the unit vector along which the array's x, y or z index grows, for c = 0, 1, 2.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from trialkit.imaging.errors import GeometryError
from trialkit.numbers import plain
from trialkit.wording import said

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.intp]

TOLERANCE_MM = 0.01
"""How far two grids may lie apart anywhere and still be the same: rounding of headers, never a shift."""

_AXES_LPS = ("left-right", "anterior-posterior", "superior-inferior")


@dataclass(frozen=True, eq=False)
class Grid:
    """Shape ``(z, y, x)``, spacing in mm ``(z, y, x)``, origin in mm (x, y, z) and direction (3, 3)."""

    shape: tuple[int, int, int]
    spacing_mm: tuple[float, float, float]
    origin_mm: tuple[float, float, float]
    direction: FloatArray

    @property
    def steps(self) -> FloatArray:
        """The displacement in mm for one step of the x, y and z index, as columns."""
        steps: FloatArray = self.direction * np.array(self.spacing_mm[::-1])
        return steps

    def position(self, index_xyz: npt.ArrayLike) -> FloatArray:
        """The place in mm of one index ``(x, y, z)``, or of many (rows)."""
        return np.asarray(self.origin_mm) + np.asarray(index_xyz, dtype=float) @ self.steps.T

    @cached_property
    def voxel_mm3(self) -> float:
        return math.prod(self.spacing_mm)

    def array_axis(self, patient_axis: int) -> int:
        """Which array axis (0 = z, 1 = y, 2 = x) runs most nearly along a patient axis (2 = superior)."""
        return 2 - int(np.argmax(np.abs(self.direction[patient_axis])))

    @cached_property
    def axial_axis(self) -> int:
        """The array axis across axial slices. Oblique axial slices keep their own plane."""
        return self.array_axis(2)

    def pixel_mm2(self, axis: int) -> float:
        """The area of one voxel in the plane across an array axis."""
        return self.voxel_mm3 / self.spacing_mm[axis]

    def grows_towards(self, axis: int, patient_axis: int) -> int:
        """+1 where the array index grows towards left, posterior or superior; else -1."""
        return 1 if self.direction[patient_axis, 2 - axis] >= 0 else -1

    def __str__(self) -> str:
        z, y, x = self.shape
        sz, sy, sx = self.spacing_mm
        places = ", ".join(f"{plain(value, 3)}" for value in self.origin_mm)
        axes = "/".join(_AXES_LPS[int(np.argmax(np.abs(self.direction[:, c])))] for c in range(3))
        return (
            f"{x} x {y} x {z} voxels of {sx:.4g} x {sy:.4g} x {sz:.4g} mm, origin ({places}) mm, axes {axes}"
        )


@dataclass(frozen=True, eq=False)
class Placement:
    """How a grid lies on another: array axes in the target's order, which are turned, and the offset.

    ``order[i]`` is the source's array axis that becomes the target's axis ``i``; ``offset[i]`` the target
    index of the source's first voxel on that axis after turning.
    """

    order: tuple[int, int, int]
    turned: tuple[bool, bool, bool]
    offset: tuple[int, int, int]

    @cached_property
    def is_same_place(self) -> bool:
        """Whether every voxel has its index on the target already."""
        return self.order == (0, 1, 2) and not any(self.turned) and self.offset == (0, 0, 0)

    def apply(self, mask: BoolArray, shape: tuple[int, ...]) -> tuple[BoolArray, int]:
        """The mask on the target's grid, and how many of its voxels lie outside."""
        if self.is_same_place and mask.shape == shape:
            return mask.copy(), 0
        moved = mask.transpose(self.order)
        moved = moved[tuple(slice(None, None, -1) if turn else slice(None) for turn in self.turned)]
        placed = np.zeros(shape, dtype=bool)
        source, target = [], []
        for offset, length, room in zip(self.offset, moved.shape, shape, strict=True):
            first, last = max(offset, 0), min(offset + length, room)
            target.append(slice(first, max(last, first)))
            source.append(slice(first - offset, max(last, first) - offset))
        inside = moved[tuple(source)]
        placed[tuple(target)] = inside
        return placed, int(np.count_nonzero(mask)) - int(np.count_nonzero(inside))


def placement(
    source: Grid, target: Grid, what: str, tolerance_mm: float = TOLERANCE_MM, where: str = ""
) -> Placement:
    """How ``source`` lies on ``target``, where both are parts of one lattice.

    Raises
    ------
    GeometryError
        Another spacing, a rotation, or an offset of part of a voxel: nothing is resampled without being
        asked.
    """
    turn = np.linalg.solve(target.steps, source.steps)
    whole = np.rint(turn)
    start = np.linalg.solve(target.steps, np.subtract(source.origin_mm, target.origin_mm))
    x, y, z = source.shape[::-1]
    corners = np.array(list(itertools.product((0, x - 1), (0, y - 1), (0, z - 1))), dtype=float)
    apart = (corners @ (turn - whole).T + (start - np.rint(start))) @ target.steps.T
    furthest = float(np.linalg.norm(apart, axis=1).max())
    if not _permutes(whole) or furthest > tolerance_mm:
        raise GeometryError(
            expected=said(
                "{what} on one grid, within {tolerance_mm:g} mm", what=what, tolerance_mm=tolerance_mm
            ),
            found=said(
                "{source}; and {target}{value}",
                source=source,
                target=target,
                value=said("; {furthest} mm apart", furthest=plain(furthest, 3)) if _permutes(whole) else "",
            ),
            where=where or "geometry",
            next_step="Segment on this image, or resample one onto the other and save it.",
        )
    axes = [int(np.argmax(np.abs(whole[row]))) for row in range(3)]
    signs = [bool(whole[row, axis] < 0) for row, axis in enumerate(axes)]
    lengths = [source.shape[::-1][axis] for axis in axes]
    first = [
        round(at) - (length - 1 if sign else 0)
        for at, sign, length in zip(start, signs, lengths, strict=True)
    ]
    return Placement(
        order=(2 - axes[2], 2 - axes[1], 2 - axes[0]),
        turned=(signs[2], signs[1], signs[0]),
        offset=(first[2], first[1], first[0]),
    )


def _permutes(matrix: FloatArray) -> bool:
    return bool(np.array_equal(np.abs(matrix) @ np.abs(matrix).T, np.eye(3)))


def check_same_place(
    first: Grid, second: Grid, what: str, tolerance_mm: float = TOLERANCE_MM, where: str = ""
) -> None:
    """Refuse two images that should lie voxel on voxel and do not.

    Raises
    ------
    GeometryError
        With both geometries printed.
    """
    far = np.inf
    if first.shape == second.shape:
        x, y, z = first.shape[::-1]
        corners = np.array(list(itertools.product((0, x - 1), (0, y - 1), (0, z - 1))), dtype=float)
        far = float(np.linalg.norm(first.position(corners) - second.position(corners), axis=1).max())
    if far > tolerance_mm:
        raise GeometryError(
            expected=said(
                "{what} voxel on voxel, within {tolerance_mm:g} mm", what=what, tolerance_mm=tolerance_mm
            ),
            found=said("{first}; and {second}", first=first, second=second),
            where=where or "geometry",
            next_step="Take the pair of one acquisition; if only a header is wrong: --trust-grid.",
        )


def check_direction(direction: FloatArray, where: str) -> FloatArray:
    """Unit vectors at right angles, or a refusal: a sheared grid has no voxel volume to trust."""
    if not np.all(np.isfinite(direction)) or not np.allclose(direction.T @ direction, np.eye(3), atol=1e-3):
        raise GeometryError(
            expected="axes at right angles",
            found="a sheared or undefined orientation",
            where=where,
            next_step="Resample the image onto a grid at right angles and save it.",
        )
    return direction


def check_spacing(spacing_mm: npt.ArrayLike, where: str) -> tuple[float, float, float]:
    """Three positive lengths."""
    z, y, x = (float(value) for value in np.asarray(spacing_mm, dtype=float))
    if not all(np.isfinite(value) and value > 0 for value in (z, y, x)):
        raise GeometryError(
            expected="a positive voxel spacing in mm",
            found=said("{z:g}, {y:g}, {x:g}", z=z, y=y, x=x),
            where=where,
            next_step="Export the image again with its spacing.",
        )
    return z, y, x
