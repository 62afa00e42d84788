"""What a reader found in a file, before it is judged as an image or as a segmentation."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from trialkit.imaging.errors import SegmentationError
from trialkit.imaging.grid import BoolArray, FloatArray
from trialkit.imaging.reading.labels import LabelNames
from trialkit.imaging.volumes import Notice, Segmentation
from trialkit.wording import said


@dataclass(frozen=True, eq=False)
class Placed:
    """Where an array of a file lies: spacing ``(z, y, x)``, origin and direction as in ``Image``."""

    spacing_mm: tuple[float, float, float]
    origin_mm: tuple[float, float, float]
    direction: FloatArray

    @classmethod
    def of_steps(cls, steps_xyz: FloatArray, origin_mm: FloatArray) -> Placed:
        """From the displacements in mm of one step along x, y and z (columns)."""
        lengths = np.linalg.norm(steps_xyz, axis=0)
        with np.errstate(divide="ignore", invalid="ignore"):
            direction = steps_xyz / lengths
        x, y, z = (float(value) for value in lengths)
        left, posterior, superior = (float(value) for value in origin_mm)
        return cls((z, y, x), (left, posterior, superior), direction)


@dataclass(frozen=True, eq=False)
class Found:
    """One 3D array, ``(z, y, x)``. ``full_scale`` is the greatest value the pixels can take, where known."""

    array: npt.NDArray[Any]
    placed: Placed
    path: Path
    sha256: str
    acquisition: Mapping[str, str | float] = field(default_factory=dict)
    notices: tuple[Notice, ...] = ()
    full_scale: float | None = None


@dataclass(frozen=True, eq=False)
class Layers:
    """Named masks of a file that names its segments."""

    masks: tuple[tuple[str, BoolArray], ...]
    placed: Placed
    path: Path
    sha256: str
    notices: tuple[Notice, ...] = ()

    def segmentation(self, names: LabelNames) -> Segmentation:
        given = [name for name, _ in self.masks]
        twice = sorted({name for name in given if given.count(name) > 1})
        if twice:
            raise SegmentationError(
                expected="segments of different names",
                found=said("{twice} more than once", twice=", ".join(map(repr, twice))),
                where=str(self.path),
                next_step="Rename them in the segment editor.",
            )
        return finished(dict(self.masks), self, names.by_name)


@dataclass(frozen=True, eq=False)
class LabelMap:
    """One whole number a voxel; names come from elsewhere."""

    found: Found

    @classmethod
    def of(cls, found: Found) -> LabelMap:
        values = found.array
        if not np.issubdtype(values.dtype, np.integer):
            whole = np.rint(values)
            if not np.array_equal(whole, values):
                raise SegmentationError(
                    expected="a label map: whole numbers only",
                    found="fractions or missing values",
                    where=str(found.path),
                    next_step="Is this the image? Give the image first, the segmentation second.",
                )
        return cls(found)

    def segmentation(self, names: LabelNames) -> Segmentation:
        values, counts = np.unique(self.found.array, return_counts=True)
        present = {int(value): int(count) for value, count in zip(values, counts, strict=True) if value}
        if not present:
            raise _empty(self.found.path)
        unknown = {value: count for value, count in present.items() if value not in names.by_label}
        if unknown:
            shown = ", ".join(f"{value} ({count} voxels)" for value, count in sorted(unknown.items())[:8])
            raise SegmentationError(
                expected="a name for every label of the map",
                found=said("labels without a name: {shown}", shown=shown),
                where=str(self.found.path),
                next_step="Name them in a labels file (index,name), beside it or with --labels.",
            )
        masks = {name: self.found.array == label for label, name in names.by_label.items()}
        return finished(masks, self.found, names.by_name)


def finished(
    masks: Mapping[str, BoolArray], source: Found | Layers, stated: Mapping[str, Mapping[str, str]]
) -> Segmentation:
    """A segmentation with its notices; refused where no segment has a voxel."""
    empty = [name for name, mask in masks.items() if not mask.any()]
    if len(empty) == len(masks):
        raise _empty(source.path)
    notices = source.notices
    if empty:
        notices = (*notices, Notice("empty_segment", f"no voxels in {', '.join(map(repr, empty))}"))
    known = {name: values for name, values in stated.items() if name in masks}
    segmentation = Segmentation(
        segments=masks,
        spacing_mm=source.placed.spacing_mm,
        origin_mm=source.placed.origin_mm,
        direction=source.placed.direction,
        source=str(source.path),
        sha256=source.sha256,
        stated=known,
        notices=notices,
    )
    if not segmentation.overlaps:
        return segmentation
    shared = ", ".join(f"{a!r} and {b!r} share {n} voxels" for (a, b), n in segmentation.overlaps.items())
    object.__setattr__(segmentation, "notices", (*notices, Notice("overlap", shared)))
    return segmentation


def _empty(path: Path) -> SegmentationError:
    return SegmentationError(
        expected="at least one segment with voxels",
        found="an empty segmentation",
        where=str(path),
        next_step="Check that the segmentation was saved after it was drawn.",
    )


def digest_of_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digest_of_files(paths: list[Path]) -> str:
    """Over the sorted digests: names and order of files do not matter."""
    return hashlib.sha256("\n".join(sorted(map(digest_of_file, paths))).encode()).hexdigest()
