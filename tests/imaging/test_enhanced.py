"""Enhanced multi-frame MR and fractional DICOM segmentations, as other programs write them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from tests.imaging.conftest import ROTATION, ellipse, write_dicom_seg, write_series
from trialkit.cli.root import root
from trialkit.errors import GeometryError, ImageFileError
from trialkit.imaging import read_dixon, read_image, read_segmentation

SHAPE, SPACING, ORIGIN = (5, 24, 20), (4.0, 0.8, 0.7), (-50.0, -40.0, 20.0)


def group(**tags: Any) -> Any:
    from pydicom.dataset import Dataset
    from pydicom.sequence import Sequence

    made = Dataset()
    for name, value in tags.items():
        setattr(made, name, Sequence([value]) if isinstance(value, Dataset) else value)
    return made


def write_enhanced(path: Path, frames: list[tuple[int, Any, tuple[str, ...]]]) -> Path:
    """Enhanced MR by pydicom, geometry and timing in the groups; frames are (slice, pixels, frame type)."""
    import pydicom
    from pydicom.dataset import FileDataset, FileMetaDataset
    from pydicom.sequence import Sequence
    from pydicom.uid import EnhancedMRImageStorage, ExplicitVRLittleEndian, generate_uid

    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = EnhancedMRImageStorage
    meta.MediaStorageSOPInstanceUID = generate_uid(entropy_srcs=[path.name])
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data = FileDataset(None, {}, file_meta=meta, preamble=b"\0" * 128)
    data.SOPClassUID, data.SOPInstanceUID = EnhancedMRImageStorage, meta.MediaStorageSOPInstanceUID
    data.Modality, data.PatientID, data.PatientName, data.StudyDate = "MR", "A-001", "", "20250103"
    data.StudyInstanceUID, data.SeriesInstanceUID = (
        "1.2.826.0.1.3680043.8.498.9",
        "1.2.826.0.1.3680043.8.498.2",
    )
    data.ImageType = ["ORIGINAL", "PRIMARY", "MIXED" if len({f[2] for f in frames}) > 1 else "NONE", "NONE"]
    data.MagneticFieldStrength, data.Manufacturer = 3.0, "Phantom"
    data.Rows, data.Columns, data.NumberOfFrames = SHAPE[1], SHAPE[2], len(frames)
    data.SamplesPerPixel, data.PhotometricInterpretation = 1, "MONOCHROME2"
    data.BitsAllocated, data.BitsStored, data.HighBit, data.PixelRepresentation = 16, 12, 11, 0
    turn = [round(float(v), 9) for v in (*ROTATION[:, 0], *ROTATION[:, 1])]
    data.SharedFunctionalGroupsSequence = Sequence([group(
        PlaneOrientationSequence=group(ImageOrientationPatient=turn),
        PixelMeasuresSequence=group(PixelSpacing=[SPACING[1], SPACING[2]], SliceThickness=SPACING[0]),
        MREchoSequence=group(EffectiveEchoTime=2.39),
        MRTimingAndRelatedParametersSequence=group(RepetitionTime=6.1, FlipAngle=5.0),
        MRReceiveCoilSequence=group(ReceiveCoilName="SPINE"),
        PixelValueTransformationSequence=group(RescaleSlope=2, RescaleIntercept=-10, RescaleType="US"),
    )])  # fmt: skip
    own = []
    for number, _, kind in frames:
        place = np.asarray(ORIGIN) + ROTATION[:, 2] * SPACING[0] * number
        own.append(group(
            PlanePositionSequence=group(ImagePositionPatient=[round(float(v), 6) for v in place]),
            MRImageFrameTypeSequence=group(FrameType=list(kind)),
        ))  # fmt: skip
    data.PerFrameFunctionalGroupsSequence = Sequence(own)
    data.PixelData = np.stack([pixels for _, pixels, _ in frames]).astype(np.uint16).tobytes()
    pydicom.dcmwrite(path, data, enforce_file_format=True)
    return path


PLAIN = ("ORIGINAL", "PRIMARY", "M", "NONE")
FAT, WATER = ("DERIVED", "PRIMARY", "DIXON", "FAT"), ("DERIVED", "PRIMARY", "DIXON", "WATER")


def test_the_frames_of_an_enhanced_file_lie_where_the_single_slices_do(tmp_path, rng):
    array = rng.integers(1, 900, SHAPE)
    shuffled = [(n, array[n], PLAIN) for n in (3, 0, 4, 2, 1)]
    told = read_image(write_enhanced(tmp_path / "scan.dcm", shuffled))
    write_series(tmp_path / "single", array, SPACING, ORIGIN, ROTATION)
    single = read_image(tmp_path / "single")
    assert np.array_equal(told.array, 2.0 * array - 10)  # rescaled by the groups
    assert told.origin_mm == pytest.approx(single.origin_mm, abs=1e-5)
    assert told.spacing_mm == pytest.approx(single.spacing_mm)
    assert told.direction == pytest.approx(single.direction, abs=1e-6)


@pytest.mark.external_reference
def test_simpleitk_puts_an_enhanced_file_in_the_same_place(tmp_path, rng):
    import SimpleITK as sitk

    path = write_enhanced(
        tmp_path / "scan.dcm", [(n, rng.integers(1, 900, SHAPE[1:]), PLAIN) for n in range(5)]
    )
    theirs, ours = sitk.ReadImage(str(path)), read_image(path)
    assert sitk.GetArrayFromImage(theirs).shape == ours.array.shape
    assert theirs.GetOrigin() == pytest.approx(ours.origin_mm, abs=1e-4)
    assert theirs.GetSpacing()[:2] == pytest.approx(ours.spacing_mm[:0:-1])


def test_the_acquisition_is_read_from_the_groups(tmp_path, rng):
    path = write_enhanced(
        tmp_path / "scan.dcm", [(n, rng.integers(1, 9, SHAPE[1:]), PLAIN) for n in range(3)]
    )
    told = read_image(path).acquisition
    assert {
        name: told[name]
        for name in (
            "echo_time_ms",
            "repetition_time_ms",
            "flip_angle_deg",
            "slice_thickness_mm",
            "coil",
            "field_strength_t",
        )
    } == {
        "echo_time_ms": 2.39,
        "repetition_time_ms": 6.1,
        "flip_angle_deg": 5.0,
        "slice_thickness_mm": 4.0,
        "coil": "SPINE",
        "field_strength_t": 3.0,
    }


def test_fat_and_water_in_one_enhanced_file_are_told_apart(tmp_path, rng):
    fat, water = rng.integers(10, 900, SHAPE), rng.integers(10, 900, SHAPE)
    frames = [one for n in range(SHAPE[0]) for one in ((n, water[n], WATER), (n, fat[n], FAT))]
    path = write_enhanced(tmp_path / "dixon.dcm", frames)
    with pytest.raises(ImageFileError, match="a Dixon series with fat, water"):
        read_image(path)
    pair = read_dixon(path)
    assert np.array_equal(pair["fat"].array, 2.0 * fat - 10)
    assert np.array_equal(pair["water"].array, 2.0 * water - 10)


def test_the_command_measures_an_enhanced_dixon_file(tmp_path, rng):
    fat, water = np.full(SHAPE, 105), np.full(SHAPE, 205)  # 200 and 400 after rescaling: a third is fat
    frames = [one for n in range(SHAPE[0]) for one in ((n, water[n], WATER), (n, fat[n], FAT))]
    image = write_enhanced(tmp_path / "dixon.dcm", frames)
    series = write_series(tmp_path / "single", fat, SPACING, ORIGIN, ROTATION)
    mask = ellipse(SHAPE, SPACING, (7.0, 9.0), (4.0, 5.0), slice(1, 4))
    write_dicom_seg(tmp_path / "seg.dcm", series, {"multifidus_L4_left": mask})
    done = CliRunner().invoke(root, ["imaging", "measure", str(image), str(tmp_path / "seg.dcm"), "--out",
                                     str(tmp_path / "t.csv")], catch_exceptions=False)  # fmt: skip
    assert done.exit_code == 0, done.output
    import pandas as pd

    table = pd.read_csv(tmp_path / "t.csv")
    fractions = table.loc[table["metric"] == "fat_fraction", "value"]
    assert fractions.to_numpy() == pytest.approx(100 / 3)


@pytest.mark.parametrize(
    ("slices", "told", "kind"),
    [
        ((0, 1, 3, 4), "missing", ImageFileError),
        ((0, 1, 1, 2), "one image", ImageFileError),
    ],
)
def test_a_frame_missing_or_twice_is_refused(tmp_path, rng, slices, told, kind):
    path = write_enhanced(tmp_path / "scan.dcm", [(n, rng.integers(1, 9, SHAPE[1:]), PLAIN) for n in slices])
    with pytest.raises((kind, GeometryError)) as refused:
        read_image(path)
    assert told in str(refused.value)


@pytest.mark.external_reference
def test_a_fractional_segmentation_takes_one_half_and_more(tmp_path, rng):
    source = write_series(tmp_path / "series", rng.integers(1, 900, SHAPE), SPACING, direction=ROTATION)
    share = np.zeros(SHAPE)
    share[1:4, 5:15, 4:16] = np.linspace(0, 1, 10)[:, None]
    write_dicom_seg(tmp_path / "seg.dcm", source, {"multifidus_L4_left": share}, kind="FRACTIONAL")
    image, found = read_image(tmp_path / "series"), read_segmentation(tmp_path / "seg.dcm")
    stored = np.rint(share * 255) / 255
    assert np.array_equal(found.on(image.grid)["multifidus_L4_left"], stored >= 0.5)
    assert [notice.code for notice in found.notices] == ["fractional"]
