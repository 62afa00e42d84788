"""No person in a clean copy; and names that contradict the anatomy are found."""

from __future__ import annotations

import numpy as np
import pydicom
import pytest
from click.testing import CliRunner

from tests.imaging.conftest import ROTATION, ellipse, write_dicom_seg, write_series
from trialkit.cli.root import root
from trialkit.errors import ImageFileError, ImagingError
from trialkit.imaging import Segmentation, read_image, read_segmentation
from trialkit.imaging.identity.places import misplaced
from trialkit.imaging.identity.tags import deidentify, identifying_tags, person_told

SECRETS = {
    "PatientName": "Zhang^Wei", "PatientBirthDate": "19560412", "OperatorsName": "Li^Na",
    "ReferringPhysicianName": "Wang^Fang", "InstitutionName": "Third Hospital",
    "PatientComments": "Zhang, ward 3",
    "ProtocolName": "L-spine Zhang", "StationName": "MRC25178", "DeviceSerialNumber": "25178",
    "StudyDescription": "Zhang follow-up", "AcquisitionDate": "20250103", "PatientID": "HOSP-4711",
}  # fmt: skip


@pytest.fixture
def series(tmp_path, rng):
    written = write_series(
        tmp_path / "series", rng.integers(1, 900, (4, 12, 10)), direction=ROTATION, **SECRETS
    )
    for path in (tmp_path / "series").iterdir():
        import pydicom

        data = pydicom.dcmread(path)
        block = data.private_block(0x0029, "VENDOR", create=True)
        block.add_new(0x01, "LO", "Zhang Wei private")
        pydicom.dcmwrite(path, data)
    return tmp_path / "series", written


def test_a_clean_copy_holds_no_secret_and_the_same_picture(series, tmp_path):
    folder, _ = series
    assert deidentify(folder, tmp_path / "clean", "A-001") == 4
    for path in (tmp_path / "clean").iterdir():
        raw = path.read_bytes()
        data = pydicom.dcmread(path)
        assert all(len(text) <= 64 for text in data.DeidentificationMethod)  # LO
        (code,) = data.DeidentificationMethodCodeSequence
        assert (code.CodeValue, code.CodingSchemeDesignator) == ("113100", "DCM")  # PS3.16, CID 7050
        for secret in (
            "Zhang",
            "Wei",
            "19560412",
            "Li^Na",
            "Wang",
            "Third",
            "MRC25178",
            "25178",
            "20250103",
            "4711",
        ):
            assert secret.encode() not in raw, secret
    before, after = read_image(folder), read_image(tmp_path / "clean")
    assert np.array_equal(before.array, after.array)
    assert before.grid.steps == pytest.approx(after.grid.steps)
    assert before.origin_mm == after.origin_mm
    kept = (
        "modality",
        "field_strength_t",
        "echo_time_ms",
        "repetition_time_ms",
        "slice_thickness_mm",
        "model",
    )
    assert {name: before.acquisition[name] for name in kept} == {
        name: after.acquisition[name] for name in kept
    }


def test_uids_are_replaced_the_same_by_the_same(series, tmp_path):
    import pydicom

    folder, written = series
    deidentify(folder, tmp_path / "clean", "A-001")
    copies = [pydicom.dcmread(path) for path in (tmp_path / "clean").iterdir()]
    assert len({str(copy.SeriesInstanceUID) for copy in copies}) == 1
    assert len({str(copy.SOPInstanceUID) for copy in copies}) == 4
    assert not {str(copy.SOPInstanceUID) for copy in copies} & {str(data.SOPInstanceUID) for data in written}
    assert {str(copy.PatientID) for copy in copies} == {"A-001"}
    assert {copy.PatientIdentityRemoved for copy in copies} == {"YES"}


def test_a_segmentation_keeps_its_segments(series, tmp_path):
    folder, written = series
    mask = ellipse((4, 12, 10), (4.0, 0.8, 0.7), (3.5, 4.8), (2.5, 3.0), slice(1, 3))
    write_dicom_seg(tmp_path / "seg.dcm", written, {"multifidus_L4_left": mask})
    deidentify(tmp_path / "seg.dcm", tmp_path / "clean_seg", "A-001")
    placed = read_segmentation(tmp_path / "clean_seg").on(read_image(folder).grid)
    assert np.array_equal(placed["multifidus_L4_left"], mask)


def test_the_report_names_tags_and_never_values(series):
    report = identifying_tags(series[0])
    assert set(SECRETS) <= set(report["keyword"])
    assert "private" in set(report["keyword"])
    text = report.to_csv()
    assert "Zhang" not in text
    assert "4711" not in text


def test_a_name_and_a_birth_date_are_told_and_the_subjects_number_is_not(series):
    import pydicom

    data = pydicom.dcmread(next(series[0].iterdir()))
    assert set(person_told(data)) == {
        "PatientName",
        "PatientBirthDate",
        "OperatorsName",
        "ReferringPhysicianName",
    }
    data.PatientName, data.PatientID = "A-001", "A-001"
    data.PatientBirthDate = data.OperatorsName = data.ReferringPhysicianName = ""
    assert person_told(data, "A-001") == []


def test_burnt_in_text_and_a_folder_in_use_are_refused(tmp_path, rng, series):
    write_series(tmp_path / "burnt", rng.integers(1, 9, (2, 5, 5)), BurnedInAnnotation="YES")
    with pytest.raises(ImageFileError, match="burnt-in text"):
        deidentify(tmp_path / "burnt", tmp_path / "clean", "A-001")
    assert not (tmp_path / "clean").exists()
    with pytest.raises(ImagingError, match="an empty folder"):
        deidentify(series[0], series[0], "A-001")


def test_the_command_writes_report_and_copy(series, tmp_path):
    arguments = ["imaging", "deidentify", str(series[0]), "--report", str(tmp_path / "tags.csv"),
                 "--out", str(tmp_path / "clean"), "--subject", "A-001"]  # fmt: skip
    done = CliRunner().invoke(root, arguments, catch_exceptions=False)
    assert done.exit_code == 0
    assert "4 clean files" in done.output


def standing(names, direction=None):
    """Columns of voxels: segments from the patient's right to left, levels from foot to head."""
    segments = {}
    for name, (x, z) in names.items():
        mask = np.zeros((10, 4, 10), dtype=bool)
        mask[z, 1:3, x] = True
        segments[name] = mask
    return Segmentation(segments, (4.0, 1.0, 1.0), (0, 0, 0), np.eye(3) if direction is None else direction)


@pytest.mark.analytic
def test_exchanged_sides_and_levels_are_found_in_the_patients_axes():
    good = {"mf_L4_left": (8, 2), "mf_L4_right": (1, 2), "mf_L3_left": (8, 6), "mf_L3_right": (1, 6)}
    assert misplaced(standing(good)) == []
    mirrored = np.diag([-1.0, 1.0, 1.0])
    assert [notice.code for notice in misplaced(standing(good, mirrored))] == ["laterality"]
    upside_down = np.diag([1.0, 1.0, -1.0])
    assert [notice.code for notice in misplaced(standing(good, upside_down))] == ["level"]
    swapped = good | {"mf_L4_left": (1, 2), "mf_L4_right": (8, 2)}
    assert "multifidus L4" in misplaced(standing(swapped))[0].text


@pytest.mark.parametrize(
    ("description", "role"), [("t1_vibe_dixon_W", "water"), ("t1_vibe_dixon_opp", "out_phase")]
)
def test_a_clean_copy_still_tells_fat_from_water(tmp_path, rng, description, role):
    array = rng.integers(1, 900, (3, 6, 6))
    write_series(tmp_path / "s", array, SeriesDescription=description, ImageType=["DERIVED", "PRIMARY", "M"])
    assert read_image(tmp_path / "s").acquisition["dixon"] == role
    deidentify(tmp_path / "s", tmp_path / "clean", "A-001")
    assert read_image(tmp_path / "clean").acquisition["dixon"] == role
    assert "vibe" not in next((tmp_path / "clean").iterdir()).read_bytes().decode("latin-1")
