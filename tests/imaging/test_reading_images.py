"""An image keeps its voxels and its place in the patient, whatever file it came in."""

from __future__ import annotations

import numpy as np
import pytest

from tests.imaging.conftest import ROTATION, sitk_image, write_series
from trialkit.errors import GeometryError, ImageFileError
from trialkit.imaging import read_image

SPACING_XYZ, ORIGIN = (0.7, 0.8, 4.0), (-50.25, -40.5, 20.75)


@pytest.fixture
def array(rng):
    return rng.integers(1, 900, (5, 7, 6)).astype(np.int16)


@pytest.mark.external_reference
@pytest.mark.parametrize("name", ["scan.nii.gz", "scan.nii", "scan.nrrd"])
@pytest.mark.parametrize("direction", [np.eye(3), ROTATION], ids=["straight", "oblique"])
def test_a_file_by_simpleitk_keeps_every_voxel_in_its_place(tmp_path, array, name, direction):
    import SimpleITK as sitk

    written = sitk_image(array, SPACING_XYZ, ORIGIN, direction)
    sitk.WriteImage(written, str(tmp_path / name))
    image = read_image(tmp_path / name)
    assert np.array_equal(image.array, array)
    assert image.spacing_mm == pytest.approx((4.0, 0.8, 0.7), abs=1e-6)
    for index in ((0, 0, 0), (5, 0, 0), (0, 6, 0), (0, 0, 4), (3, 2, 1)):
        theirs = written.TransformIndexToPhysicalPoint(index)
        assert image.grid.position(index) == pytest.approx(theirs, abs=1e-3)


@pytest.mark.external_reference
@pytest.mark.parametrize("direction", [np.eye(3), ROTATION], ids=["straight", "oblique"])
def test_a_dicom_series_lies_where_simpleitk_puts_it(tmp_path, array, direction):
    import SimpleITK as sitk

    write_series(tmp_path / "series", array, origin=ORIGIN, direction=direction)
    image = read_image(tmp_path / "series")
    reader = sitk.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(tmp_path / "series")))
    theirs = reader.Execute()
    assert np.array_equal(image.array, sitk.GetArrayFromImage(theirs))
    assert image.spacing_mm == pytest.approx(theirs.GetSpacing()[::-1], abs=1e-5)
    assert image.origin_mm == pytest.approx(theirs.GetOrigin(), abs=1e-5)
    assert image.direction.ravel() == pytest.approx(theirs.GetDirection(), abs=1e-5)
    assert image.acquisition["field_strength_t"] == 3.0
    assert image.acquisition["echo_time_ms"] == 90.0


def test_the_digest_of_a_series_does_not_depend_on_file_names(tmp_path, array):
    write_series(tmp_path / "one", array)
    write_series(tmp_path / "two", array)
    for path in (tmp_path / "two").iterdir():
        path.rename(path.with_name("other" + path.name))
    assert read_image(tmp_path / "one").sha256 == read_image(tmp_path / "two").sha256


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"leave_out": (2,)}, "1 missing"),
        ({"leave_out": (1, 2)}, "2 missing"),
        ({"shift_mm": (0, 0, 1.3, 0, 0)}, "uneven spacing"),
    ],
)
def test_missing_slices_and_uneven_spacing_are_refused(tmp_path, array, change, told):
    write_series(tmp_path / "series", array, **change)
    with pytest.raises(ImageFileError, match=told):
        read_image(tmp_path / "series")


def test_two_echoes_in_one_folder_are_refused(tmp_path, array):
    write_series(tmp_path / "series", array)
    for path in list((tmp_path / "series").iterdir()):
        (tmp_path / "series" / f"second{path.name}").write_bytes(path.read_bytes())
    with pytest.raises(ImageFileError, match="one image at each place"):
        read_image(tmp_path / "series")


def test_two_series_in_one_folder_are_refused(tmp_path, array):
    write_series(tmp_path / "series", array)
    for path in list((tmp_path / "series").iterdir()):
        path.rename(path.with_name("a" + path.name))
    write_series(tmp_path / "series", array, series="1.2.3")
    with pytest.raises(ImageFileError, match="2 series"):
        read_image(tmp_path / "series")


def test_another_modality_is_refused_unless_asked_for(tmp_path, array):
    write_series(tmp_path / "series", array, Modality="CT")
    with pytest.raises(ImageFileError, match=r"modality MR; found CT"):
        read_image(tmp_path / "series")
    assert read_image(tmp_path / "series", modality=None).array.shape == array.shape


def test_a_4d_file_is_refused_and_says_its_shape(tmp_path, array):
    nibabel = pytest.importorskip("nibabel")
    nibabel.save(nibabel.Nifti1Image(np.stack([array.T] * 2, axis=-1), np.eye(4)), tmp_path / "scan.nii")
    with pytest.raises(ImageFileError, match="4D, 6 x 7 x 5 x 2"):
        read_image(tmp_path / "scan.nii")


def test_a_nifti_without_orientation_is_refused(tmp_path, array):
    nibabel = pytest.importorskip("nibabel")
    file = nibabel.Nifti1Image(array.T, None)
    file.header.set_sform(None, 0)
    file.header.set_qform(None, 0)
    nibabel.save(file, tmp_path / "scan.nii")
    with pytest.raises(GeometryError, match="sform or qform"):
        read_image(tmp_path / "scan.nii")


def test_a_nifti_with_two_contradicting_orientations_is_refused(tmp_path, array):
    nibabel = pytest.importorskip("nibabel")
    file = nibabel.Nifti1Image(array.T, np.eye(4))
    file.set_sform(np.diag([1.0, 1.0, 1.0, 1.0]), 1)
    turned = np.eye(4)
    turned[0, 3] = 2.0
    file.set_qform(turned, 1)
    nibabel.save(file, tmp_path / "scan.nii")
    with pytest.raises(GeometryError, match=r"2\.000 mm between them"):
        read_image(tmp_path / "scan.nii")


def test_odd_intensities_are_counted_once_each(tmp_path):
    nibabel = pytest.importorskip("nibabel")
    array = np.full((4, 5, 6), 10.0, dtype=np.float32)
    array[0, 0, :3] = np.nan
    array[1, 1, :2] = -4
    nibabel.save(nibabel.Nifti1Image(array, np.eye(4)), tmp_path / "scan.nii")
    told = {notice.code: notice.text for notice in read_image(tmp_path / "scan.nii").notices}
    assert told == {
        "not_finite": "3 of 120 voxels hold no finite number",
        "negative": "2 of 120 voxels are negative",
    }


def test_saturated_intensities_are_told(tmp_path, rng):
    array = rng.integers(1, 900, (3, 20, 20))
    array[1, :5, :5] = 4095
    write_series(tmp_path / "series", array)
    assert [str(notice) for notice in read_image(tmp_path / "series").notices] == [
        "saturated: 25 of 1200 voxels are at the greatest possible value"
    ]


@pytest.mark.parametrize("name", ["scan.nii", "scan.nii.gz", "scan.nrrd", "scan.seg.nrrd", "scan.dcm"])
@pytest.mark.parametrize("content", [b"", b"no image at all", bytes(600)])
def test_a_file_that_is_no_image_is_one_error(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises((ImageFileError, GeometryError)):
        read_image(tmp_path / name)


@pytest.mark.parametrize("name", ["scan.nii.gz", "scan.nii", "scan.nrrd"])
def test_a_truncated_file_is_one_error(tmp_path, rng, name):
    import SimpleITK as sitk

    array = rng.integers(1, 9000, (5, 30, 30)).astype(np.int16)
    sitk.WriteImage(sitk_image(array, SPACING_XYZ, ORIGIN, np.eye(3)), str(tmp_path / name))
    whole = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ImageFileError):
        read_image(tmp_path / name)


def test_a_nifti_tells_its_scanner_by_the_file_beside_it(tmp_path, array):
    nibabel = pytest.importorskip("nibabel")
    nibabel.save(nibabel.Nifti1Image(array.T, np.eye(4)), tmp_path / "scan.nii.gz")
    (tmp_path / "scan.json").write_text('{"Modality": "MR", "MagneticFieldStrength": 1.5, "EchoTime": 0.09}')
    told = read_image(tmp_path / "scan.nii.gz").acquisition
    assert told == {"modality": "MR", "field_strength_t": 1.5, "echo_time_ms": pytest.approx(90.0)}
