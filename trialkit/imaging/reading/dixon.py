"""A Dixon reconstruction: which file is fat, water, in phase, out of phase; and fat and water from the
phases.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from trialkit.imaging.errors import ImageFileError
from trialkit.imaging.grid import check_same_place
from trialkit.imaging.reading.dicom import by_role, found_in
from trialkit.imaging.reading.dixon_roles import role_of_folder, role_of_name
from trialkit.imaging.reading.doors import is_dicom, read_image
from trialkit.imaging.reading.intensities import looked_over
from trialkit.imaging.volumes import Image, Notice
from trialkit.wording import said

_ENDINGS = (".nii", ".nii.gz", ".nrrd")


def read_dixon(path: str | os.PathLike[str]) -> dict[str, Image]:
    """Read the images of a Dixon reconstruction by their role.

    Parameters
    ----------
    path
        An enhanced DICOM file, or a folder: DICOM files of one or several series (told apart by ImageType,
        else by the description), or
        NIfTI or NRRD files whose names end in the role (``_fat``, ``_W``, ``-inphase`` ...).

    Returns
    -------
    dict
        ``fat``, ``water``, ``in_phase``, ``out_phase``, ``fat_fraction``, as far as they are there. Where
        only the two phases are, fat = (in - out) / 2 and water = (in + out) / 2 are added with a notice: from
        magnitudes a voxel of more fat than water is taken for the reverse.

    Raises
    ------
    ImageFileError
        No image with a role, or two of one role.
    GeometryError
        Phases that do not lie voxel on voxel.
    """
    place = Path(path)
    if not place.exists() or not (place.is_dir() or is_dicom(place)):
        raise ImageFileError(expected="a folder with a Dixon reconstruction", found="none", where=str(place))
    images = (_of_files(place) if place.is_dir() else {}) or _of_dicom(place)
    if not images:
        raise ImageFileError(
            expected="images named or marked as fat, water, in or out of phase",
            found="none",
            where=str(place),
            next_step="Name the fat and the water image yourself.",
        )
    if {"in_phase", "out_phase"} <= images.keys() and not {"fat", "water"} <= images.keys():
        images |= _from_phases(images["in_phase"], images["out_phase"])
    return images


def read_pair(image: Path, water: Path | None) -> tuple[Image, Image | None]:
    """An image and its water image; a folder with a Dixon reconstruction gives both.

    Raises
    ------
    As ``read_image`` and ``read_dixon``.
    """
    if water is None and image.exists() and is_dicom(image):
        roles = role_of_folder(image)
        if {"fat", "water"} <= roles or {"in_phase", "out_phase"} <= roles:
            found = read_dixon(image)
            return found["fat"], found["water"]
    return read_image(image), read_image(water) if water else None


def _of_files(place: Path) -> dict[str, Image]:
    found: dict[str, list[Path]] = defaultdict(list)
    for file in sorted(place.iterdir()):
        if file.name.casefold().endswith(_ENDINGS) and not file.name.casefold().endswith(".seg.nrrd"):
            found[role_of_name(file.name)].append(file)
    found.pop("", None)
    for role, files in found.items():
        if len(files) > 1:
            raise ImageFileError(
                expected=said("one image of {role}", role=role),
                found=said("{n} of them", n=len(files)),
                where=str(place),
                next_step="Keep each scan in a folder of its own.",
            )
    return {role: read_image(files[0]) for role, files in found.items()}


def _of_dicom(place: Path) -> dict[str, Image]:
    sorted_files = by_role(place)
    return {
        role: looked_over(found_in(files, place, wanted=role), f"{place} ({role})")
        for role, files in sorted_files.items()
        if role
    }


def _from_phases(in_phase: Image, out_phase: Image) -> Mapping[str, Image]:
    check_same_place(in_phase.grid, out_phase.grid, "images in and out of phase")
    together = np.asarray(in_phase.array, dtype=float)
    against = np.asarray(out_phase.array, dtype=float)
    notice = Notice(
        "from_phases", "fat and water from magnitudes: voxels of more fat than water are reversed"
    )
    return {
        name: Image(
            array=np.clip(array, 0, None),
            spacing_mm=in_phase.spacing_mm,
            origin_mm=in_phase.origin_mm,
            direction=in_phase.direction,
            source=in_phase.source,
            acquisition={**in_phase.acquisition, "dixon": name},
            notices=(*in_phase.notices, notice),
        )
        for name, array in (("fat", (together - against) / 2), ("water", (together + against) / 2))
    }
