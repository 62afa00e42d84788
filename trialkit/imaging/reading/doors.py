"""One door for images and one for segmentations: the reader is chosen by what the file is."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from trialkit.imaging.errors import ImageFileError
from trialkit.imaging.reading.found import Found, LabelMap, Layers
from trialkit.imaging.reading.intensities import looked_over
from trialkit.imaging.reading.labels import LabelNames, read_label_names
from trialkit.imaging.volumes import Image, Segmentation
from trialkit.wording import said

Labels = Mapping[int, str] | str | os.PathLike[str]


def read_image(path: str | os.PathLike[str], modality: str | None = "MR") -> Image:
    """Read a 3D image with its place in the patient.

    Parameters
    ----------
    path
        NIfTI (``.nii``, ``.nii.gz``), NRRD (``.nrrd``, ``.nhdr``), one multi-frame DICOM file, or a folder
        with one DICOM series.
    modality
        Refused is a DICOM image of another modality; None takes any. NIfTI tells its modality, if at all,
        in the ``.json`` file beside it; NRRD tells none.

    Returns
    -------
    Image
        ``array`` ``(z, y, x)``, ``spacing_mm`` ``(z, y, x)``, ``origin_mm`` and ``direction`` in DICOM's axes
        (left, posterior, superior). Missing, negative and saturated intensities are counted in ``notices``.

    Raises
    ------
    ImageFileError
        Not there, damaged, 4D, another modality, several series, missing slices or uneven spacing.
    GeometryError
        No orientation stated, two that contradict each other, or a sheared grid.

    Degenerate cases
    ----------------
    One slice is an image. A header that states no place is refused: geometry is never assumed.
    """
    place = _existing(path)
    found = _read(place)
    if not isinstance(found, Found):
        raise ImageFileError(
            expected="an image", found="a segmentation", where=str(place), next_step="Give the image first."
        )
    told = str(found.acquisition.get("modality", ""))
    if modality and told and told != modality:
        raise ImageFileError(
            expected=said("an image of modality {modality}", modality=modality),
            found=told,
            where=str(place),
            next_step="Choose the right series; fat fractions of another modality have no meaning.",
        )
    return looked_over(found, str(place))


def read_segmentation(path: str | os.PathLike[str], labels: Labels | None = None) -> Segmentation:
    """Read named masks.

    Parameters
    ----------
    path
        A 3D Slicer ``.seg.nrrd``, a DICOM SEG file, or a label map in NIfTI or NRRD.
    labels
        For a label map: label number -> name, or a file that says so (``.csv`` or ``.tsv`` with ``index`` and
        ``name``, also ``muscle``, ``level``, ``side``; or ``.json``). None: the file of the same name
        beside it.
        For the other kinds, which name their segments, a file may state muscle, level and side by ``name``.

    Returns
    -------
    Segmentation
        On its own grid, which in a Slicer file is often smaller than the image's. Shared voxels are counted
        in ``overlaps``.

    Raises
    ------
    SegmentationError
        Labels without a name, no segment at all, two segments of one name.
    ImageFileError, GeometryError
        As for ``read_image``.

    Degenerate cases
    ----------------
    A segment without voxels is kept and told in ``notices``; a file without any voxel is refused.
    """
    place = _existing(path)
    found = _read(place)
    names = labels if isinstance(labels, LabelNames) else read_label_names(labels, place)
    if isinstance(found, Layers):
        return found.segmentation(names)
    return LabelMap.of(found).segmentation(names)


def _existing(path: str | os.PathLike[str]) -> Path:
    place = Path(path)
    if not place.exists():
        raise ImageFileError(
            expected="an image file or a DICOM folder", found="nothing there", where=str(place)
        )
    return place


def _read(place: Path) -> Found | Layers:
    name = place.name.casefold()
    if name.endswith((".nii", ".nii.gz")):
        from trialkit.imaging.reading.nifti import read_nifti

        return read_nifti(place)
    if name.endswith((".nrrd", ".nhdr")):
        from trialkit.imaging.reading.nrrd import read_nrrd

        return read_nrrd(place)
    if is_dicom(place):
        from trialkit.imaging.reading.dicom import read_dicom

        return read_dicom(place)
    raise ImageFileError(
        expected="NIfTI (.nii, .nii.gz), NRRD (.nrrd, .seg.nrrd), a DICOM file or a folder of one series",
        found=place.suffix or "no suffix",
        where=str(place),
        next_step="Export it from 3D Slicer as NRRD or NIfTI.",
    )


def is_dicom(place: Path) -> bool:
    """Whether a place is read as DICOM: a folder, or a file that says so by its name or its first bytes."""
    name = place.name.casefold()
    if place.is_dir() or name.endswith((".dcm", ".ima")):
        return True
    if name.endswith((".nii", ".nii.gz", ".nrrd", ".nhdr")):
        return False
    with place.open("rb") as file:
        return file.read(132)[128:] == b"DICM"
