"""DICOM SEG: frames are put where they lie; slices that the file leaves out, being empty, come back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from trialkit.imaging.errors import ImageFileError, SegmentationError
from trialkit.imaging.grid import BoolArray
from trialkit.imaging.reading.dicom_frames import (
    EVEN,
    Plane,
    check_parallel,
    grouped_plane,
    pixels_of,
    placed_at,
)
from trialkit.imaging.reading.found import Layers, digest_of_file
from trialkit.imaging.volumes import Notice
from trialkit.numbers import plain
from trialkit.wording import said


def read_dicom_segmentation(file: tuple[Path, Any]) -> Layers:
    """Read a BINARY or FRACTIONAL segmentation; a fraction of one half and more is in.

    Raises
    ------
    SegmentationError
        No segment, or a frame of a segment that is not described.
    ImageFileError
        Frames off the common grid.
    """
    path, data = file
    labels = {int(item.SegmentNumber): str(item.SegmentLabel) for item in data.get("SegmentSequence", ())}
    if not labels:
        raise SegmentationError(expected="named segments", found="none", where=str(path))
    shared, groups = data.SharedFunctionalGroupsSequence[0], data.PerFrameFunctionalGroupsSequence
    pixels = pixels_of(data, path)
    pixels = pixels[None] if pixels.ndim == 2 else pixels
    planes = [grouped_plane(group, shared, path) for group in groups]
    check_parallel(planes, path)
    slots, step, lowest = _slots(planes, path)
    fractional = str(data.get("SegmentationType", "BINARY")) == "FRACTIONAL"
    threshold = 0.5 * float(data.get("MaximumFractionalValue", 1)) if fractional else 0.5
    shape = (max(slots) + 1, *pixels.shape[1:])
    masks: dict[int, BoolArray] = {number: np.zeros(shape, dtype=bool) for number in labels}
    for image, group, slot in zip(pixels, groups, slots, strict=True):
        number = _segment_of(group, shared)
        if number not in masks:
            raise SegmentationError(
                expected="a description of every segment",
                found=said("segment {number}", number=number),
                where=str(path),
            )
        masks[number][slot] |= image >= threshold
    notices = (Notice("fractional", "fractions of one half and more are taken as in"),) if fractional else ()
    return Layers(
        masks=tuple((labels[number], mask) for number, mask in masks.items()),
        placed=placed_at(planes[lowest], step),
        path=path,
        sha256=digest_of_file(path),
        notices=notices,
    )


def _segment_of(group: Any, shared: Any) -> int:
    for holder in (group, shared):
        if "SegmentIdentificationSequence" in holder:
            return int(holder.SegmentIdentificationSequence[0].ReferencedSegmentNumber)
    return -1


def _slots(planes: list[Plane], path: Path) -> tuple[list[int], float, int]:
    """The slice of each frame counted from the lowest, the slice distance, and which frame lies lowest."""
    depths = np.array([float(plane.position @ planes[0].normal) for plane in planes])
    lowest = int(np.argmin(depths))
    distinct = np.unique(np.round(depths, 4))
    gaps = np.diff(distinct)
    stated = planes[0].distance_mm
    step = (
        stated
        if stated and (not len(gaps) or _whole(gaps / stated))
        else float(gaps.min())
        if len(gaps)
        else 1.0
    )
    places = (depths - depths[lowest]) / step
    if not _whole(places):
        raise ImageFileError(
            expected="frames at even distances",
            found=said("frames off a grid of {step} mm", step=plain(step, 3)),
            where=str(path),
            next_step="Write the segmentation again on the grid of its image.",
        )
    return [round(float(place)) for place in places], step, lowest


def _whole(values: Any) -> bool:
    return bool(np.all(np.abs(values - np.rint(values)) < EVEN))
