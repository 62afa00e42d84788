"""What a NIfTI file's BIDS sidecar, or an NRRD file's header, tells besides the picture."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from trialkit.imaging.libraries import library

_TELLING = {
    "patientid": "PatientID",
    "00100020": "PatientID",
    "patientname": "PatientName",
    "00100010": "PatientName",
    "patientbirthdate": "PatientBirthDate",
    "00100030": "PatientBirthDate",
}
"""Letters and digits of a key -> the DICOM keyword; converters write either."""


def sidecar_content(path: Path) -> dict[str, Any]:
    """The ``.json`` of an image's name beside it; empty where there is none that reads."""
    name = path.name[: -len(".nii.gz")] if path.name.casefold().endswith(".nii.gz") else path.stem
    sidecar = path.with_name(name + ".json")
    try:
        content = json.loads(sidecar.read_text(encoding="utf-8")) if sidecar.is_file() else {}
    except (ValueError, OSError):
        return {}
    return content if isinstance(content, dict) else {}


def told_beside(path: Path) -> dict[str, str]:
    """Patient ID, name and birth date, as far as they are told beside the picture: keyword -> text."""
    return _telling(_header_of(path))


def _header_of(path: Path) -> Mapping[str, Any]:
    name = path.name.casefold()
    if name.endswith((".nii", ".nii.gz")):
        return sidecar_content(path)
    if name.endswith((".nrrd", ".nhdr")):
        try:
            header: Mapping[str, Any] = library("nrrd").read_header(str(path))
        except Exception:  # no NRRD file: its reader says so
            return {}
        return header
    return {}


def _telling(content: Mapping[str, Any]) -> dict[str, str]:
    told = {}
    for key, value in content.items():
        letters = re.sub(r"[^a-z0-9]", "", str(key).casefold()).removeprefix("dicom")
        if letters in _TELLING and isinstance(value, str | int):
            told[_TELLING[letters]] = str(value).strip()
    return told
