"""The slices of DICOM files, single or multi-frame, stacked by where they lie."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from trialkit.imaging.errors import GeometryError, ImageFileError
from trialkit.imaging.grid import FloatArray
from trialkit.imaging.reading.dixon_roles import dixon_role
from trialkit.imaging.reading.found import Placed
from trialkit.numbers import plain
from trialkit.wording import said

EVEN = 0.01
"""How far a slice may lie from its even place, as a share of the slice distance."""


@dataclass(frozen=True, eq=False)
class Plane:
    """Where one slice lies: place of its first pixel, unit vectors along x and y, spacing along x and y."""

    position: FloatArray
    along_x: FloatArray
    along_y: FloatArray
    spacing_xy: tuple[float, float]
    distance_mm: float
    """What the header says of the distance to the next slice (else the thickness); 0 where it says
    nothing.
    """

    @property
    def normal(self) -> FloatArray:
        return np.cross(self.along_x, self.along_y)


@dataclass(frozen=True, eq=False)
class Frame:
    pixels: npt.NDArray[Any]
    plane: Plane
    role: str


def frames_of(data: Any, path: Path) -> list[Frame]:
    """The frames of one file, with their intensities in the stated scale."""
    pixels = pixels_of(data, path)
    if int(data.get("NumberOfFrames", 1) or 1) == 1 and "PerFrameFunctionalGroupsSequence" not in data:
        return [Frame(_rescaled(pixels, data), plane_of(data, data, path), dixon_role(data))]
    if "PerFrameFunctionalGroupsSequence" not in data:
        raise ImageFileError(
            expected="a place for every frame",
            found="a multi-frame file without functional groups",
            where=str(path),
            next_step="Export the series as single slices or as enhanced MR.",
        )
    shared = data.SharedFunctionalGroupsSequence[0]
    return [
        Frame(
            _rescaled(image, _group(frame, shared, "PixelValueTransformationSequence") or data),
            grouped_plane(frame, shared, path),
            frame_role(data, frame, shared),
        )
        for image, frame in zip(
            pixels if pixels.ndim == 3 else pixels[None],
            data.PerFrameFunctionalGroupsSequence,
            strict=True,
        )
    ]


def frame_role(data: Any, frame: Any, shared: Any) -> str:
    """Of a Dixon reconstruction: what the frame says of itself, else what the file says of all."""
    kind = _group(frame, shared, "MRImageFrameTypeSequence")
    return dixon_role({"ImageType": kind.get("FrameType")} if kind is not None else {}) or dixon_role(data)


def roles_of(data: Any) -> set[str]:
    """Of every frame of a file."""
    if "PerFrameFunctionalGroupsSequence" not in data or "SharedFunctionalGroupsSequence" not in data:
        return {dixon_role(data)}
    shared = data.SharedFunctionalGroupsSequence[0]
    return {frame_role(data, frame, shared) for frame in data.PerFrameFunctionalGroupsSequence}


def pixels_of(data: Any, path: Path) -> npt.NDArray[Any]:
    if int(data.get("SamplesPerPixel", 1)) != 1:
        raise ImageFileError(expected="one value a pixel", found="a colour image", where=str(path))
    try:
        pixels: npt.NDArray[Any] = data.pixel_array
    except (RuntimeError, NotImplementedError, AttributeError, ValueError) as error:
        raise ImageFileError(
            expected="pixels that can be decoded",
            found=said(
                "{name} in transfer syntax {get}",
                name=type(error).__name__,
                get=data.file_meta.get("TransferSyntaxUID", ""),
            ),
            where=str(path),
            next_step="Decompress it (gdcmconv --raw, dcmdjpeg) or copy it again.",
        ) from None
    return pixels


def _rescaled(pixels: npt.NDArray[Any], data: Any) -> npt.NDArray[Any]:
    slope, intercept = float(data.get("RescaleSlope", 1) or 1), float(data.get("RescaleIntercept", 0) or 0)
    return pixels if slope == 1 and intercept == 0 else pixels * slope + intercept


def _group(frame: Any, shared: Any, name: str) -> Any:
    """One functional group: of the frame, else of all frames."""
    for holder in (frame, shared):
        if name in holder and len(holder[name].value):
            return holder[name].value[0]
    return None


def grouped_plane(frame: Any, shared: Any, path: Path) -> Plane:
    """The plane of a frame of a multi-frame file."""
    place = _group(frame, shared, "PlanePositionSequence")
    turn = _group(frame, shared, "PlaneOrientationSequence")
    size = _group(frame, shared, "PixelMeasuresSequence")
    if place is None or turn is None or size is None:
        raise _unplaced(path)
    merged = {**_tags(place), **_tags(turn), **_tags(size)}
    return plane_of(merged, size, path)


def _tags(group: Any) -> dict[str, Any]:
    return {element.keyword: element.value for element in group}


def plane_of(tags: Any, measures: Any, path: Path) -> Plane:
    position, turn, spacing = (
        tags.get(name) for name in ("ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing")
    )
    if position is None or turn is None or spacing is None:
        raise _unplaced(path)
    row, column = (np.asarray(part, dtype=float) for part in (turn[:3], turn[3:]))
    rows_apart, columns_apart = (float(value) for value in spacing)
    distance = measures.get("SpacingBetweenSlices") or measures.get("SliceThickness") or 0
    return Plane(
        np.asarray(position, dtype=float), row, column, (columns_apart, rows_apart), abs(float(distance))
    )


def _unplaced(path: Path) -> GeometryError:
    return GeometryError(
        expected="position, orientation and pixel spacing of every slice",
        found="at least one of them is not stated",
        where=str(path),
        next_step="Export the series again from the archive.",
    )


def stacked(frames: list[Frame], place: Path) -> tuple[npt.NDArray[Any], Placed]:
    """One array ``(z, y, x)`` from slices in any order.

    Raises
    ------
    ImageFileError
        Slices of different size, two at one place, missing slices, uneven spacing.
    GeometryError
        Slices that are not parallel, or shifted against each other.
    """
    first = frames[0].plane
    if len({frame.pixels.shape for frame in frames}) > 1:
        raise ImageFileError(
            expected="slices of one size",
            found="several sizes",
            where=str(place),
            next_step="Leave the scout images out.",
        )
    check_parallel([frame.plane for frame in frames], place)
    depths = np.array([float(frame.plane.position @ first.normal) for frame in frames])
    order = np.argsort(depths, kind="stable")
    depths = depths[order]
    step = check_even(depths, first.distance_mm, place)
    planes = [frames[number].plane for number in order]
    expected = planes[0].position + np.outer(depths - depths[0], first.normal)
    apart = np.abs(np.array([plane.position for plane in planes]) - expected).max()
    if apart > EVEN * min(first.spacing_xy):
        raise GeometryError(
            expected="slices straight above each other",
            found=said("a shift of {apart} mm", apart=plain(apart, 3)),
            where=str(place),
            next_step="A tilted stack must be resampled first.",
        )
    array = np.stack([frames[number].pixels for number in order])
    return array, placed_at(planes[0], step)


def placed_at(plane: Plane, step_mm: float) -> Placed:
    direction = np.column_stack([plane.along_x, plane.along_y, plane.normal])
    x, y, z = (float(value) for value in plane.position)
    return Placed((step_mm, plane.spacing_xy[1], plane.spacing_xy[0]), (x, y, z), direction)


def check_parallel(planes: list[Plane], place: Path) -> None:
    first = planes[0]
    for plane in planes:
        turned = max(np.abs(plane.along_x - first.along_x).max(), np.abs(plane.along_y - first.along_y).max())
        if turned > 1e-3 or not np.allclose(plane.spacing_xy, first.spacing_xy, rtol=1e-4):
            raise GeometryError(
                expected="parallel slices of one pixel size",
                found="several orientations or sizes",
                where=str(place),
                next_step="Keep each stack in a folder of its own.",
            )


def check_even(depths: FloatArray, stated_mm: float, place: Path) -> float:
    """The distance between sorted slices; refused where one is missing, doubled or out of place."""
    if len(depths) == 1:
        return stated_mm or 1.0
    gaps = np.diff(depths)
    step = float(np.sort(gaps)[(len(gaps) - 1) // 2])
    if (gaps < EVEN * max(step, 1e-6)).any() or step <= 0:
        raise ImageFileError(
            expected="one image at each place",
            found=said(
                "{value} places with more than one", value=int((gaps < EVEN * max(step, 1e-06)).sum()) or 1
            ),
            where=str(place),
            next_step="Separate echoes, contrasts or times into folders of their own.",
        )
    uneven = np.abs(gaps - step) > EVEN * step
    if uneven.any():
        at, gap = int(np.argmax(uneven)), float(gaps[np.argmax(uneven)])
        missing = round(gap / step) - 1 if abs(gap / step - round(gap / step)) < EVEN else 0
        raise ImageFileError(
            expected=said("slices every {step} mm", step=plain(step, 3)),
            found=said(
                "{gap} mm after slice {at}{value}",
                gap=plain(gap, 3),
                at=at + 1,
                value=said(": {missing} missing", missing=missing) if missing else ": uneven spacing",
            ),
            where=str(place),
            next_step="Export the whole series again." if missing else "Resample it to even spacing first.",
        )
    return step
