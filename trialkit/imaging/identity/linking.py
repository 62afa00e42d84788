"""Everything that could make a scan another person's, and where its numbers come from."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trialkit.imaging.errors import ImagingError
from trialkit.imaging.identity.places import misplaced
from trialkit.imaging.identity.tags import person_told
from trialkit.imaging.reading.beside import told_beside
from trialkit.imaging.reading.dicom import dicom_files
from trialkit.imaging.reading.doors import is_dicom
from trialkit.imaging.volumes import Segmentation
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd


def check_headers(image: Path, subject_id: str, scanned_on: date | None = None) -> date | None:
    """Refuse a scan of somebody else, or one that names a person; the date of the scan where it is told.

    A DICOM folder, a single DICOM file (an enhanced scan, a segmentation), NIfTI with its sidecar, NRRD.

    Raises
    ------
    ImagingError
        Another patient ID, a person's name or birth date in a tag (the tags are named, never their values).
    """
    check_beside(image, subject_id)
    if not is_dicom(image):
        return None
    told = scanned_on
    for path, data in dicom_files(image)[0]:
        names = person_told(data, subject_id)
        if names:
            raise _names_a_person(names, path)
        _require_subject(str(data.get("PatientID", "")), subject_id, path)
        day = _date_told(data)
        if told is not None and day is not None and day != told:
            raise ImagingError(
                expected="one date of the scan",
                found=said("{first} and {second}", first=told, second=day),
                where=str(image),
                next_step="Keep each scan in a folder of its own.",
            )
        told = told or day
    return told


def check_beside(image: Path, subject_id: str) -> None:
    """Refuse a NIfTI file whose BIDS sidecar, or an NRRD file whose header, tells a person or another
    subject.

    Raises
    ------
    ImagingError
        As ``check_headers``.
    """
    told = told_beside(image)
    names = [name for name in told if name != "PatientID" and told[name] not in ("", subject_id)]
    if names:
        raise _names_a_person(names, image)
    if told.get("PatientID"):
        _require_subject(told["PatientID"], subject_id, image)


def _names_a_person(names: list[str], path: Path) -> ImagingError:
    return ImagingError(
        expected="a scan that names no person",
        found=said("something in {names}", names=", ".join(names)),
        where=str(path),
        next_step="Make a clean copy: trialkit imaging deidentify; of other files, remove these entries.",
    )


def _require_subject(patient_id: str, subject_id: str, path: Path) -> None:
    if patient_id.strip() != subject_id:
        raise ImagingError(
            expected=said("a scan of subject {subject_id}", subject_id=subject_id),
            found="another patient ID" if patient_id.strip() else "no patient ID",
            where=str(path),
            next_step="Check whose scan it is.",
        )


def _date_told(data: Any) -> date | None:
    """The day of the acquisition, else of the study; None where neither is a date."""
    for keyword in ("AcquisitionDate", "StudyDate"):
        try:
            return datetime.strptime(str(data.get(keyword, "") or "")[:8], "%Y%m%d").date()
        except ValueError:
            continue
    return None


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


def provenance_of(table: pd.DataFrame) -> dict[str, str]:
    """Where the values of one scan come from, for the record of the act: digests, formulas, settings,
    version.
    """
    names = ("segmentation_sha256", "water_sha256", "settings", "software")
    told = {name: str(table[name].iat[0]) for name in names}
    return {**told, "formulas": " ".join(dict.fromkeys(map(str, table["formula"])))}
