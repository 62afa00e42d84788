"""Which image of a Dixon reconstruction a file is: fat, water, in phase, out of phase."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

ROLES = ("fat", "water", "in_phase", "out_phase", "fat_fraction")

# What Siemens, Philips and GE write in ImageType or in the series' description.
_TYPES = {
    "FAT": "fat", "F": "fat", "WATER": "water", "W": "water", "IN_PHASE": "in_phase", "IP": "in_phase",
    "OUT_PHASE": "out_phase", "OPP_PHASE": "out_phase", "OP": "out_phase",
    "FAT_FRACTION": "fat_fraction", "FF": "fat_fraction", "PDFF": "fat_fraction",
}  # fmt: skip
_NAMES = {
    "fat_fraction": r"(fat[ _-]?frac(tion)?|pdff|ff)",
    "in_phase": r"(in[ _-]?phase|inp|ip|in)",
    "out_phase": r"((out|opp|opposed)[ _-]?(of[ _-]?)?phase|opp|op|out)",
    "fat": r"(fat|f)",
    "water": r"(water|wat|w)",
}


def dixon_role(dataset: Any) -> str:
    """The role of a DICOM file, by its ImageType and then its series description; empty where it has none."""
    for value in dataset.get("ImageType", None) or ():
        if str(value).upper() in _TYPES:
            return _TYPES[str(value).upper()]
    description = str(dataset.get("SeriesDescription", ""))
    return (
        role_of_name(description)
        if re.search(r"dixon|ideal|lava|mdixon|vibe|flex", description, re.I)
        else ""
    )


def role_of_name(name: str) -> str:
    """The role that a file's or series' name ends in: ``_W``, ``-fat``, ``inphase``; empty where it ends
    in none.
    """
    stem = re.sub(r"\.(nii(\.gz)?|nrrd|nhdr)$", "", name, flags=re.I)
    for role, words in _NAMES.items():
        if re.search(rf"(^|[\s_:.-]){words}$", stem, re.I) or re.match(rf"{words}:", stem, re.I):
            return role
    return ""


def role_of_folder(place: Path) -> set[str]:
    """The roles that the files of a folder (or the frames of a file) have, by name or by DICOM header."""
    from trialkit.imaging.libraries import library
    from trialkit.imaging.reading.dicom_frames import roles_of

    paths = list(place.iterdir()) if place.is_dir() else [place]
    roles = {role_of_name(path.name) for path in paths if path.suffix in (".gz", ".nii", ".nrrd")}
    read = library("pydicom").dcmread
    for path in paths:
        try:
            roles |= roles_of(read(path, stop_before_pixels=True))
        except Exception:  # no DICOM file: it has no role
            continue
    return roles - {""}
