"""Files written by other libraries: SimpleITK, slicerio, highdicom, pydicom."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

ROTATION = np.array([[0.0, -1.0, 0.0], [0.96, 0.0, -0.28], [0.28, 0.0, 0.96]])
"""Orthonormal, oblique, and with x and y exchanged: hides no mixed-up axis."""


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20261129)


def sitk_image(array: Any, spacing_xyz: Any, origin: Any, direction: Any) -> Any:
    import SimpleITK as sitk

    image = sitk.GetImageFromArray(array)
    image.SetSpacing([float(value) for value in spacing_xyz])
    image.SetOrigin([float(value) for value in origin])
    image.SetDirection(np.asarray(direction, dtype=float).ravel().tolist())
    return image


def write_series(
    folder: Path,
    array: Any,
    spacing_zyx: tuple[float, float, float] = (4.0, 0.8, 0.7),
    origin: tuple[float, float, float] = (-50.0, -40.0, 20.0),
    direction: Any = None,
    leave_out: tuple[int, ...] = (),
    series: str = "1.2.826.0.1.3680043.8.498.1",
    shift_mm: tuple[float, ...] = (),
    **tags: Any,
) -> list[Any]:
    """A classic MR series of single slices, written with pydicom, in an order that is not theirs in space."""
    import pydicom
    from pydicom.dataset import FileDataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian, MRImageStorage, generate_uid

    direction = np.eye(3) if direction is None else np.asarray(direction)
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for number, pixels in enumerate(np.asarray(array, dtype=np.uint16)):
        if number in leave_out:
            continue
        meta = FileMetaDataset()
        meta.MediaStorageSOPClassUID = MRImageStorage
        meta.MediaStorageSOPInstanceUID = generate_uid(entropy_srcs=[series, str(number)])
        meta.TransferSyntaxUID = ExplicitVRLittleEndian
        data = FileDataset(None, {}, file_meta=meta, preamble=b"\0" * 128)
        data.SOPClassUID, data.SOPInstanceUID = MRImageStorage, meta.MediaStorageSOPInstanceUID
        data.Modality, data.PatientID, data.PatientName = "MR", "A-001", ""
        data.PatientBirthDate = data.PatientSex = data.AccessionNumber = data.ReferringPhysicianName = ""
        data.StudyDate, data.StudyTime, data.StudyID = "20250103", "101500", "1"
        data.StudyInstanceUID, data.SeriesInstanceUID = "1.2.826.0.1.3680043.8.498.9", series
        data.FrameOfReferenceUID = "1.2.826.0.1.3680043.8.498.8"
        data.SeriesNumber, data.InstanceNumber = 1, number + 1
        data.MagneticFieldStrength, data.EchoTime, data.RepetitionTime = 3.0, 90.0, 3500.0
        data.Manufacturer, data.ManufacturerModelName = "Phantom", "Plastic"
        data.Rows, data.Columns = pixels.shape
        data.SamplesPerPixel, data.PhotometricInterpretation = 1, "MONOCHROME2"
        data.BitsAllocated, data.BitsStored, data.HighBit, data.PixelRepresentation = 16, 12, 11, 0
        data.PixelSpacing = [spacing_zyx[1], spacing_zyx[2]]
        data.SliceThickness = spacing_zyx[0]
        data.ImageOrientationPatient = [round(float(v), 9) for v in (*direction[:, 0], *direction[:, 1])]
        more = shift_mm[number] if shift_mm else 0.0
        place = np.asarray(origin) + direction[:, 2] * (spacing_zyx[0] * number + more)
        data.ImagePositionPatient = [round(float(value), 6) for value in place]
        data.PixelData = pixels.tobytes()
        for name, value in tags.items():
            setattr(data, name, value)
        pydicom.dcmwrite(folder / f"IM{(number * 7) % 101:04d}", data, enforce_file_format=True)
        written.append(data)
    return written


def write_dicom_seg(path: Path, source: list[Any], masks: dict[str, Any], kind: str = "BINARY") -> None:
    """A DICOM SEG by highdicom, of masks or (``FRACTIONAL``) of probabilities.

    Empty frames are left out, as scanners and viewers do.
    """
    import highdicom
    from highdicom.sr.coding import CodedConcept
    from pydicom.uid import generate_uid

    muscle = CodedConcept("71616004", "SCT", "Muscle")
    tissue = CodedConcept("85756007", "SCT", "Tissue")
    described = [
        highdicom.seg.SegmentDescription(
            segment_number=number,
            segment_label=name,
            segmented_property_category=tissue,
            segmented_property_type=muscle,
            algorithm_type="MANUAL",
        )
        for number, name in enumerate(masks, start=1)
    ]
    stored = np.uint8 if kind == "BINARY" else np.float32
    pixels = np.stack([np.asarray(mask, dtype=stored) for mask in masks.values()], axis=-1)
    segmentation = highdicom.seg.Segmentation(
        source_images=source,
        pixel_array=pixels,
        segmentation_type=kind,
        segment_descriptions=described,
        series_instance_uid=generate_uid(),
        series_number=9,
        sop_instance_uid=generate_uid(),
        instance_number=1,
        manufacturer="Phantom",
        manufacturer_model_name="Plastic",
        software_versions="1",
        device_serial_number="1",
        content_creator_name=None,
        omit_empty_frames=True,
    )
    segmentation.ContentDate = datetime.date(2025, 1, 3)
    segmentation.save_as(path)


def ellipse(
    shape_zyx: tuple[int, int, int],
    spacing_zyx: tuple[float, float, float],
    centre_mm: tuple[float, float],
    radii_mm: tuple[float, float],
    slices: slice = slice(None),
) -> Any:
    """Pixels whose centre lies in an ellipse (x, y) in mm from the corner of the image."""
    _, ys, xs = shape_zyx
    y = (np.arange(ys) + 0.5)[:, None] * spacing_zyx[1]
    x = (np.arange(xs) + 0.5)[None, :] * spacing_zyx[2]
    inside = ((x - centre_mm[0]) / radii_mm[0]) ** 2 + ((y - centre_mm[1]) / radii_mm[1]) ** 2 <= 1
    mask = np.zeros(shape_zyx, dtype=bool)
    mask[slices] = inside
    return mask
