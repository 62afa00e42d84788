"""DICOM: one series of single slices, one multi-frame file, or a segmentation; placed by position, never
by name.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

from trialkit.imaging.errors import ImageFileError
from trialkit.imaging.libraries import library
from trialkit.imaging.reading.acquisition import of_dicom
from trialkit.imaging.reading.dicom_frames import frames_of, roles_of, stacked
from trialkit.imaging.reading.found import Found, Layers, digest_of_files
from trialkit.imaging.volumes import Notice
from trialkit.wording import said

SEGMENTATION_STORAGE = "1.2.840.10008.5.1.4.1.1.66.4"


def read_dicom(place: Path) -> Found | Layers:
    """Read a folder that holds one series, or one file.

    Raises
    ------
    ImageFileError
        No DICOM file, several series or several images at one place (echoes, contrasts), missing slices,
        uneven spacing, compressed pixels that pydicom alone does not decode.
    """
    datasets, strangers = dicom_files(place)
    if not datasets:
        raise ImageFileError(expected="DICOM files", found="none", where=str(place))
    if any(str(data.get("SOPClassUID", "")) == SEGMENTATION_STORAGE for _, data in datasets):
        from trialkit.imaging.reading.dicom_seg import read_dicom_segmentation

        return read_dicom_segmentation(_the_only(datasets, place))
    series = {str(data.get("SeriesInstanceUID", "")) for _, data in datasets}
    if len(series) > 1:
        raise ImageFileError(
            expected="one series",
            found=said(
                "{n_series} series in {n_datasets} files", n_series=len(series), n_datasets=len(datasets)
            ),
            where=str(place),
            next_step="Keep each series in a folder of its own; for a Dixon scan read the pair (read_dixon).",
        )
    return found_in(datasets, place, strangers)


def found_in(
    datasets: list[tuple[Path, Any]], place: Path, strangers: int = 0, wanted: str | None = None
) -> Found:
    """One volume from the files of one series; of the frames with the ``wanted`` role, where one is."""
    frames = [
        frame
        for path, data in datasets
        for frame in frames_of(data, path)
        if wanted is None or frame.role == wanted
    ]
    roles = {frame.role for frame in frames}
    if len(roles) > 1:
        raise ImageFileError(
            expected="one kind of image",
            found=said(
                "a Dixon series with {roles}", roles=", ".join(sorted(role or "other" for role in roles))
            ),
            where=str(place),
            next_step="Read it as a Dixon pair (read_dixon).",
        )
    array, placed = stacked(frames, place)
    first = datasets[0][1]
    told = of_dicom(first)
    role = next(iter(roles))
    if role:
        told["dixon"] = role
    notices = (Notice("other_files", f"{strangers} files are no DICOM images"),) if strangers else ()
    return Found(
        array=array,
        placed=placed,
        path=place,
        sha256=digest_of_files([path for path, _ in datasets]),
        acquisition=told,
        notices=notices,
        full_scale=_full_scale(first),
    )


def by_role(place: Path) -> dict[str, list[tuple[Path, Any]]]:
    """The files of a folder by their role in a Dixon reconstruction; an enhanced file may have several."""
    sorted_files: dict[str, list[tuple[Path, Any]]] = defaultdict(list)
    for path, data in dicom_files(place)[0]:
        for role in roles_of(data):
            sorted_files[role].append((path, data))
    return dict(sorted_files)


def dicom_files(place: Path) -> tuple[list[tuple[Path, Any]], int]:
    """Every DICOM image of a folder (or the one file), and how many files are none."""
    pydicom = library("pydicom")
    paths = sorted(path for path in place.iterdir() if path.is_file()) if place.is_dir() else [place]
    read, strangers = [], 0
    for path in paths:
        try:
            data = pydicom.dcmread(path)
        except Exception:  # no DICOM, or damaged: pydicom stops in many ways; the file is counted
            strangers += 1
            continue
        if "PixelData" in data:
            read.append((path, data))
        else:
            strangers += 1
    return read, strangers


def _the_only(datasets: list[tuple[Path, Any]], place: Path) -> tuple[Path, Any]:
    if len(datasets) > 1:
        raise ImageFileError(
            expected="one DICOM segmentation",
            found=said("{n_datasets} files", n_datasets=len(datasets)),
            where=str(place),
            next_step="Name the segmentation file itself.",
        )
    return datasets[0]


def _full_scale(data: Any) -> float:
    bits = int(data.BitsStored) - int(data.PixelRepresentation)
    return float(2**bits - 1) * float(data.get("RescaleSlope", 1) or 1) + float(
        data.get("RescaleIntercept", 0) or 0
    )
