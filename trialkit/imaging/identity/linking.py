"""From a measured scan to the texts of a form, after everything that could make it another person's scan."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from trialkit.imaging.errors import ImagingError, MeasurementError
from trialkit.imaging.identity.places import misplaced
from trialkit.imaging.identity.tags import person_told
from trialkit.imaging.reading.dicom import dicom_files
from trialkit.imaging.volumes import Segmentation
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd

_MEASURED = re.compile(r"(?:\w+_)?(l[1-5])_(\w+)_(csa_mm2|csa_cm2|fat_percent|volume_ml)")
_GRADED = re.compile(r"(?:\w+_)?(l[1-5])_(goutallier|kjaer)")
_METRIC = {
    "csa_mm2": ("csa", "", 100.0, ".0f"),
    "csa_cm2": ("csa", "", 1.0, ".2f"),
    "fat_percent": ("fat_fraction", "ratio_of_sums", 1.0, ".1f"),
    "volume_ml": ("volume", "", 1.0, ".1f"),
}


def check_headers(image: Path, subject_id: str) -> date | None:
    """Refuse a DICOM scan of somebody else, or one that names a person; the date of the scan where it is
    told.

    Raises
    ------
    ImagingError
        Another patient ID, a person's name or birth date in a tag (the tags are named, never their values).
    """
    if not image.is_dir():
        return None
    told: date | None = None
    for path, data in dicom_files(image)[0]:
        names = person_told(data, subject_id)
        if names:
            raise ImagingError(
                expected="a scan that names no person",
                found=said("something in {names}", names=", ".join(names)),
                where=str(path),
                next_step="Make a clean copy: trialkit imaging deidentify.",
            )
        if str(data.get("PatientID", "")).strip() != subject_id:
            raise ImagingError(
                expected=said("a scan of subject {subject_id}", subject_id=subject_id),
                found="another patient ID",
                where=str(path),
                next_step="Check whose scan it is.",
            )
        text = str(data.get("AcquisitionDate", "") or data.get("StudyDate", "") or "")
        if text:
            told = datetime.strptime(text, "%Y%m%d").date()
    return told


def check_places(segmentation: Segmentation) -> None:
    """Refuse segments whose side or level contradicts where they lie.

    Raises
    ------
    ImagingError
        Naming them.
    """
    notices = misplaced(segmentation)
    if notices:
        raise ImagingError(
            expected="segments on their own side, levels from head to foot",
            found="; ".join(notice.text for notice in notices),
            where=segmentation.source or "segmentation",
            next_step="Check the image's orientation and the segments' names.",
        )


def form_values(table: pd.DataFrame, items: Collection[str]) -> dict[str, str]:
    """Texts of the items that a scan gives: ``mri_l4_multifidus_csa_mm2``, ``..._fat_percent``,
    ``mri_l4_goutallier``.

    Areas and fat are means of both sides; grades the worst that was read at the level (``as read`` only: a
    grade computed from the fat share is not a reading).

    Raises
    ------
    MeasurementError
        An item that the scan does not give.
    """
    values: dict[str, str] = {}
    missing = []
    for item in items:
        measured, graded = _MEASURED.fullmatch(item), _GRADED.fullmatch(item)
        if measured is None and graded is None:
            continue
        text = (
            _measured(table, *measured.groups())
            if measured
            else _graded(table, *(graded.groups() if graded else ()))
        )
        if text is None:
            missing.append(item)
        else:
            values[item] = text
    if missing:
        raise MeasurementError(
            expected="a measurement for every item of the form",
            found=said("none for {missing}", missing=", ".join(missing)),
            where="segmentation",
            next_step="Draw and name the missing segments; give grades as read with --grades.",
        )
    return values


def _measured(table: pd.DataFrame, level: str, muscle: str, what: str) -> str | None:
    metric, method, scale, places = _METRIC[what]
    here = table[
        (table["level"] == level.upper()) & (table["muscle"] == muscle) & (table["metric"] == metric)
    ]
    if method:
        here = here[here["method"] == method]
    return None if here.empty else format(float(here["value"].mean()) * scale, places)


def _graded(table: pd.DataFrame, level: str, scale: str) -> str | None:
    read = table[(table["metric"] == f"{scale}_grade") & (table["method"] == "as read")]
    here = read[read["level"] == level.upper()]
    return None if here.empty else f"{here['value'].max():.0f}"
