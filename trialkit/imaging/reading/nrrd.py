"""NRRD images, label maps and 3D Slicer's ``.seg.nrrd`` with its layers.

The form of a segmentation file is 3D Slicer's developer guide, "Segmentations". A segment is known by its
layer and its label value together: the same value may mean another segment in another layer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from trialkit.imaging.errors import GeometryError, ImageFileError, SegmentationError
from trialkit.imaging.grid import FloatArray
from trialkit.imaging.libraries import library
from trialkit.imaging.reading.found import Found, Layers, Placed, digest_of_file
from trialkit.imaging.volumes import Notice
from trialkit.wording import said

_TO_LPS = {
    "left-posterior-superior": (1.0, 1.0, 1.0),
    "lps": (1.0, 1.0, 1.0),
    "right-anterior-superior": (-1.0, -1.0, 1.0),
    "ras": (-1.0, -1.0, 1.0),
    "left-anterior-superior": (1.0, -1.0, 1.0),
    "las": (1.0, -1.0, 1.0),
}
_SEGMENT = re.compile(r"^Segment(\d+)_ID$")


def read_nrrd(path: Path) -> Found | Layers:
    """Read a NRRD file; one with ``SegmentN_ID`` keys is a segmentation.

    Raises
    ------
    ImageFileError
        Not NRRD, truncated, or 4D without being a segmentation.
    GeometryError
        No anatomical space or no space directions.
    SegmentationError
        A segment's layer or label is not in the file.
    """
    nrrd = library("nrrd")
    try:
        array, header = nrrd.read(str(path), index_order="C")
    except Exception as error:  # a damaged file makes the library stop in a hundred ways
        raise ImageFileError(
            expected="a NRRD file",
            found=said("one that does not open ({name})", name=type(error).__name__),
            where=str(path),
            next_step="Copy it again from its source.",
        ) from None
    numbers = sorted(int(match[1]) for key in header if (match := _SEGMENT.match(str(key))))
    directions = np.atleast_2d(np.asarray(header.get("space directions", np.empty((0, 3))), dtype=float))
    spatial = np.isfinite(directions).all(axis=1) if len(directions) else np.zeros(0, dtype=bool)
    placed = _placed(header, directions[spatial], path)
    if numbers:
        layers, places = _segments(array, header, numbers, spatial, path)
        return Layers(
            masks=tuple((name, layers[..., layer] == label) for name, layer, label in places),
            placed=placed,
            path=path,
            sha256=digest_of_file(path),
            notices=_left_over(layers, places),
        )
    if array.ndim != 3:
        raise ImageFileError(
            expected="a 3D image of one value a voxel",
            found=said("{ndim}D, {shape}", ndim=array.ndim, shape=" x ".join(map(str, array.shape[::-1]))),
            where=str(path),
            next_step="Save one volume as a file of its own.",
        )
    stored = array.dtype
    return Found(
        array=array,
        placed=placed,
        path=path,
        sha256=digest_of_file(path),
        full_scale=float(np.iinfo(stored).max) if np.issubdtype(stored, np.integer) else None,
    )


def _placed(header: Mapping[str, Any], steps_rows: FloatArray, path: Path) -> Placed:
    space = str(header.get("space", "")).casefold()
    if space not in _TO_LPS or steps_rows.shape != (3, 3) or "space origin" not in header:
        raise GeometryError(
            expected="an anatomical space (left-posterior-superior or alike), directions and origin",
            found=said(
                "space {space}, {n_steps_rows} directions",
                space=space or "not stated",
                n_steps_rows=len(steps_rows),
            ),
            where=str(path),
            next_step="Save it from 3D Slicer, or convert it again from DICOM.",
        )
    turn = np.diag(_TO_LPS[space])
    return Placed.of_steps(turn @ steps_rows.T, turn @ np.asarray(header["space origin"], dtype=float))


_Place = tuple[str, int, int]
"""Name, layer and label value of a segment."""


def _segments(
    array: Any, header: Mapping[str, Any], numbers: list[int], spatial: Any, path: Path
) -> tuple[Any, list[_Place]]:
    """The layers, last axis, and where each segment is in them."""
    # pynrrd in C order turns the axes round: the list of layers, first in the file, comes last.
    layers = array if array.ndim == 4 else array[..., np.newaxis]
    if array.ndim == 4 and bool(spatial[0]):
        raise ImageFileError(
            expected="layers as the first axis of a segmentation",
            found="4D of another order",
            where=str(path),
        )
    places = []
    for number in numbers:
        prefix = f"Segment{number}_"
        name = str(header.get(prefix + "Name") or header[prefix + "ID"])
        try:
            layer, value = (
                int(header.get(prefix + "Layer", 0)),
                int(header.get(prefix + "LabelValue", number + 1)),
            )
            layers[..., layer]
        except (ValueError, IndexError):
            raise SegmentationError(
                expected=said("a layer and label of segment {name!r} that are in the file", name=name),
                found=said(
                    "layer {get!r}, label {get_2!r}",
                    get=header.get(prefix + "Layer"),
                    get_2=header.get(prefix + "LabelValue"),
                ),
                where=str(path),
                next_step="Save the segmentation again from 3D Slicer.",
            ) from None
        places.append((name, layer, value))
    return layers, places


def _left_over(layers: Any, places: list[_Place]) -> tuple[Notice, ...]:
    """Voxels whose label no segment has: drawn by somebody, and in no number."""
    named = {(layer, value) for _, layer, value in places}
    found = []
    for layer in range(layers.shape[-1]):
        for value, count in zip(*np.unique(layers[..., layer], return_counts=True), strict=True):
            if value and (layer, int(value)) not in named:
                found.append(f"label {int(value)} of layer {layer} ({count} voxels)")
    return (Notice("unknown_label", f"no segment is called {', '.join(found)}"),) if found else ()
