"""Which DICOM tags identify a person, and a copy without them.

The copy keeps what is named here and nothing else: stricter than the list of removals of the Basic
Application
Level Confidentiality Profile (DICOM PS3.15, annex E), it needs no update for tags that nobody thought of.
Private tags, free texts, dates, times, names and device numbers go; UIDs are replaced, the same by the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trialkit.imaging.errors import ImageFileError, ImagingError
from trialkit.imaging.libraries import library
from trialkit.imaging.reading.dicom import dicom_files
from trialkit.imaging.reading.dixon_roles import dixon_role

if TYPE_CHECKING:
    import pandas as pd

METHOD = ("trialkit: technical attributes kept, all others removed", "PS3.15 basic profile and stricter")
_PERSON = (
    "PatientBirthDate",
    "PatientBirthTime",
    "PatientAddress",
    "PatientTelephoneNumbers",
    "OtherPatientIDs",
    "OtherPatientNames",
    "PatientBirthName",
    "PatientMotherBirthName",
    "MilitaryRank",
    "EthnicGroup",
    "MedicalRecordLocator",
    "InsurancePlanIdentification",
)
_GROUPS = {0x0018, 0x0020, 0x0028, 0x0062, 0x5200, 0x7FE0}
_TEXTS_KEPT = {
    "Modality",
    "Manufacturer",
    "ManufacturerModelName",
    "ImageType",
    "SequenceName",
    "ReceiveCoilName",
    "TransmitCoilName",
    "ImagedNucleus",
    "SegmentLabel",
    "SegmentAlgorithmName",
    "SoftwareVersions",
    "CodeValue",
    "CodingSchemeDesignator",
    "CodeMeaning",
    "SpecificCharacterSet",
    "PixelPresentation",
    "VolumetricProperties",
    "VolumeBasedCalculationTechnique",
    "ContentQualification",
    "SegmentedPropertyCategoryCodeSequence",
    "SegmentedPropertyTypeCodeSequence",
    "AnatomicRegionSequence",
}
_UIDS_KEPT = {
    "SOPClassUID",
    "ReferencedSOPClassUID",
    "MediaStorageSOPClassUID",
    "TransferSyntaxUID",
    "DimensionOrganizationUID",
}
_VRS_KEPT = {"CS", "DS", "IS", "FL", "FD", "SS", "US", "SL", "UL", "AT", "OB", "OW", "OF", "OD", "OL", "SQ"}
_SEQUENCES_OUTSIDE = {
    "ReferencedSeriesSequence",
    "ReferencedInstanceSequence",
    "SourceImageSequence",
    "DerivationImageSequence",
}


@dataclass(frozen=True)
class Identifying:
    """A tag that identifies a person; never its value."""

    tag: str
    keyword: str
    files: int
    action: str


def person_told(dataset: Any, subject_id: str = "") -> list[str]:
    """Keywords of tags that hold a person's name or personal data; the subject's own number is none.

    The reading physician's and operator's names count too: every PN is somebody.
    """
    harmless = {"", subject_id.strip()} | (
        {str(dataset.get("PatientID", "")).strip()} if not subject_id else set()
    )
    found = []
    for element in dataset.iterall():
        text = str(element.value).strip().replace("^", "") if element.VR != "SQ" else ""
        if (element.VR == "PN" or element.keyword in _PERSON) and text and text not in harmless:
            found.append(element.keyword or str(element.tag))
    return list(dict.fromkeys(found))


def identifying_tags(place: Path) -> pd.DataFrame:
    """Every tag of a series that a clean copy would not hold as it is: tag, keyword, files, action (no
    values).

    Raises
    ------
    ImageFileError
        No DICOM file there.
    """
    import pandas as pd

    counts: dict[tuple[str, str, str], int] = {}
    for _, data in _files(place):
        seen = set()
        for element in data.iterall():
            action = _action(element)
            if action != "keep" and str(element.value).strip():
                keyword = element.keyword or ("private" if element.tag.is_private else "unknown")
                seen.add((str(element.tag), keyword, action))
        for key in seen:
            counts[key] = counts.get(key, 0) + 1
    rows = [
        Identifying(tag, keyword, files, action) for (tag, keyword, action), files in sorted(counts.items())
    ]
    return pd.DataFrame(rows, columns=["tag", "keyword", "files", "action"])


def deidentify(place: Path, out: Path, subject_id: str) -> int:
    """Write a clean copy of a series; how many files.

    Parameters
    ----------
    place
        A folder with one series, or one file.
    out
        A new or empty folder.
    subject_id
        What the copy says for patient ID and name.

    Raises
    ------
    ImageFileError
        No DICOM file, or one whose header says that text is burnt into the picture.
    ImagingError
        ``out`` holds something already.

    Degenerate cases
    ----------------
    Text in the pixels that the header does not admit, and a face in a head scan, are not found.
    """
    files = _files(place)
    for path, data in files:
        if str(data.get("BurnedInAnnotation", "NO")).upper() == "YES":
            raise ImageFileError(
                expected="a picture without burnt-in text",
                found="one whose header says that it has some",
                where=str(path),
                next_step="Leave the file out, or blank the text first.",
            )
    if out.exists() and any(out.iterdir()):
        raise ImagingError(expected="an empty folder", found="one with files", where=str(out))
    out.mkdir(parents=True, exist_ok=True)
    for number, (_, data) in enumerate(files, start=1):
        role = dixon_role(data)
        _clean(data)
        if role and dixon_role(data) != role:  # only the description told, and it goes
            data.ImageType = [*(data.get("ImageType") or ("DERIVED", "PRIMARY")), role.upper()]
        data.PatientID = data.PatientName = subject_id
        data.PatientBirthDate = data.PatientSex = data.StudyDate = data.StudyTime = data.StudyID = ""
        data.AccessionNumber = data.ReferringPhysicianName = ""
        data.PatientIdentityRemoved, data.DeidentificationMethod = "YES", list(METHOD)
        data.DeidentificationMethodCodeSequence = [_profile()]
        data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID
        data.preamble = b"\0" * 128
        library("pydicom").dcmwrite(out / f"IM{number:05d}.dcm", data, enforce_file_format=True)
    return len(files)


def _profile() -> Any:
    """DICOM's code for what was done (PS3.16, CID 7050)."""
    code = library("pydicom").Dataset()
    code.CodeValue, code.CodingSchemeDesignator = "113100", "DCM"
    code.CodeMeaning = "Basic Application Confidentiality Profile"
    return code


def _files(place: Path) -> list[tuple[Path, Any]]:
    if not place.exists():
        raise ImageFileError(expected="a DICOM file or folder", found="nothing there", where=str(place))
    files, _ = dicom_files(place)
    if not files:
        raise ImageFileError(expected="DICOM files", found="none", where=str(place))
    return files


def _action(element: Any) -> str:
    """``keep``, ``replace`` (UIDs) or ``remove``."""
    if element.VR == "UI":
        return "keep" if element.keyword in _UIDS_KEPT else "replace"
    if element.keyword in _TEXTS_KEPT or element.keyword in _SEQUENCES_OUTSIDE:
        return "keep"
    kept = element.tag.group in _GROUPS and element.VR in _VRS_KEPT and not element.tag.is_private
    return "keep" if kept else "remove"


def _clean(data: Any) -> None:
    replaced = library("pydicom.uid").generate_uid
    for element in list(data):
        action = _action(element)
        if action == "remove":
            del data[element.tag]
        elif action == "replace" and element.value:
            several = not isinstance(element.value, str)
            old = [str(uid) for uid in element.value] if several else [str(element.value)]
            new = [replaced(entropy_srcs=["trialkit", uid]) for uid in old]
            element.value = new if several else new[0]
        elif element.VR == "SQ":
            for item in element.value:
                _clean(item)
