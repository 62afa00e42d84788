"""Every bad input is one named error, or one named warning, of the command; and nothing is written half."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pytest
from click.testing import CliRunner

from tests.imaging.conftest import ellipse, write_series
from trialkit.cli.root import root
from trialkit.errors import GeometryError, ImageFileError, MeasurementError, SegmentationError

SHAPE, SPACING = (5, 30, 34), (4.0, 1.0, 0.9)
MASK = ellipse(SHAPE, SPACING, (14.0, 15.0), (8.0, 9.0), slice(1, 4))


def nifti(path: Path, array: Any, origin: tuple[float, float, float] = (0.0, 0.0, 0.0)) -> Path:
    affine = np.diag([SPACING[2], SPACING[1], SPACING[0], 1.0])
    affine[:3, 3] = origin
    turned = array.transpose(*range(array.ndim - 1, -1, -1)) if array.ndim == 3 else array
    nibabel.save(nibabel.Nifti1Image(np.ascontiguousarray(turned), affine), path)
    return path


@pytest.fixture
def desk(tmp_path, rng):
    return _Desk(tmp_path, rng)


class _Desk:
    def __init__(self, folder: Path, rng: np.random.Generator) -> None:
        self.folder = folder
        self.array = rng.integers(100, 900, SHAPE).astype(np.int16)
        (folder / "labels.csv").write_text("index,name\n1,multifidus_L4_left\n2,psoas_L4_left\n")

    def image(self, array: Any = None, **more: Any) -> Path:
        return nifti(self.folder / "image.nii.gz", self.array if array is None else array, **more)

    def mask(self, mask: Any = MASK, label: int = 1, **more: Any) -> Path:
        second = np.zeros(mask.shape, dtype=np.uint8)
        second[1:3, 1:4, 1:4] = 2  # a sound segment beside the one that is tried
        return nifti(self.folder / "mask.nii.gz", np.where(mask, label, second).astype(np.uint8), **more)

    def measure(self, image: Path, mask: Path) -> tuple[Any, Path]:
        out = self.folder / "out.csv"
        done = CliRunner().invoke(root, ["imaging", "measure", str(image), str(mask), "--labels",
                                         str(self.folder / "labels.csv"), "--out", str(out)])  # fmt: skip
        return done, out


def series(desk: _Desk, **changed: Any) -> Path:
    write_series(desk.folder / "series", desk.array, SPACING, (0.0, 0.0, 0.0), **changed)
    return desk.folder / "series"


def with_values(desk: _Desk, value: float, place: tuple[int, int, int], dtype: Any = np.float32) -> Path:
    array = desk.array.astype(dtype)
    array[place] = value
    return desk.image(array)


def named(desk: _Desk, name: str) -> Path:
    (desk.folder / "labels.csv").write_text(f"index,name\n1,{name}\n2,psoas_L4_left\n")
    return desk.mask()


def left_over(desk: _Desk) -> Path:
    """A Slicer file with a segment of label 1, and nine voxels of a label 2 that is nobody's."""
    import nrrd

    labels = np.where(MASK, 1, 0).astype(np.uint8)
    labels[1, 1:4, 1:4] = 2
    header = {
        "space": "left-posterior-superior",
        "space directions": np.diag([-SPACING[2], -SPACING[1], SPACING[0]]),
        "space origin": np.zeros(3), "kinds": ["domain"] * 3,
        "Segment0_ID": "Segment_1", "Segment0_Name": "multifidus_L4_left",
        "Segment0_Layer": "0", "Segment0_LabelValue": "1",
    }  # fmt: skip
    nrrd.write(str(desk.folder / "mask.seg.nrrd"), labels.transpose(2, 1, 0), header)
    return desk.folder / "mask.seg.nrrd"


OUTSIDE = (0, 0, 0)
ERRORS = {
    "a mask outside the image": (
        lambda d: (d.image(), d.mask(np.pad(MASK, ((0, 0), (0, 0), (40, 0))), origin=(0.0, 0, 0))),
        SegmentationError, "a mask inside its image"),
    "a mask of another grid": (
        lambda d: (d.image(), d.mask(origin=(0.3, 0, 0))), GeometryError, "on one grid"),
    "unknown labels": (lambda d: (d.image(), d.mask(label=7)), SegmentationError, "labels without a name: 7"),
    "an empty mask": (lambda d: (d.image(), nifti(d.folder / "m.nii.gz", np.zeros(SHAPE, np.uint8))),
                      SegmentationError, "voxel"),
    "no number in the muscle": (lambda d: (with_values(d, np.nan, (2, 15, 15)), d.mask()),
                                MeasurementError, "multifidus_L4_left"),
    "4D data": (lambda d: (d.image(np.zeros((3, 4, 5, 2), np.int16)), d.mask()), ImageFileError, "4D"),
    "another modality": (lambda d: (series(d, Modality="CT"), d.mask()), ImageFileError, "modality MR"),
    "missing slices": (lambda d: (series(d, leave_out=(2,)), d.mask()), ImageFileError, "missing"),
    "uneven spacing": (lambda d: (series(d, shift_mm=(0, 0, 1.0, 0, 0)), d.mask()), ImageFileError, "even"),
    "two images at one place": (
        lambda d: (series(d, shift_mm=(0, 0, 0, -4.0, 0)), d.mask()), ImageFileError, "at each place"),
    "no such image": (lambda d: (d.folder / "no.nii.gz", d.mask()), ImageFileError, "nothing there"),
}  # fmt: skip


@pytest.mark.parametrize("name", ERRORS)
def test_what_cannot_be_measured_is_one_named_error_and_no_file(desk, name):
    make, kind, told = ERRORS[name]
    done, out = desk.measure(*make(desk))
    assert isinstance(done.exception, kind), (done.exception, done.output)
    error = done.exception
    assert told in str(error)
    assert all((error.expected, error.found, error.where))
    assert not out.exists()
    assert not [path for path in desk.folder.iterdir() if "part" in path.name]


WARNINGS = {
    "a segment without voxels": (lambda d: (d.image(), d.mask(np.zeros(SHAPE, bool))), "empty_segment"),
    "a mask of one slice": (
        lambda d: (d.image(), d.mask(MASK & (np.arange(5) == 2)[:, None, None])), "one_slice"),
    "no number elsewhere": (lambda d: (with_values(d, np.nan, OUTSIDE), d.mask()), "not_finite"),
    "negative values": (lambda d: (with_values(d, -3, OUTSIDE, np.int16), d.mask()), "negative"),
    "saturated values": (
        lambda d: (with_values(d, np.iinfo(np.int16).max, np.s_[0, :3, :10], np.int16), d.mask()),
        "saturated"),
    "saturated at what the scanner stored": (
        lambda d: (with_values(d, 4095, np.s_[0, :3, :10], np.int16), d.mask()), "saturated"),
    "a name that tells no muscle": (lambda d: (d.image(), named(d, "Segment_1")), "unknown_name"),
    "voxels of a label that no segment has": (lambda d: (d.image(), left_over(d)), "unknown_label"),
}  # fmt: skip


@pytest.mark.parametrize("name", WARNINGS)
def test_what_is_odd_is_one_named_warning_and_is_measured(desk, name):
    make, told = WARNINGS[name]
    done, out = desk.measure(*make(desk))
    assert done.exit_code == 0, done.exception
    assert out.exists()
    about_it = [line for line in done.output.splitlines() if "warning" in line and told in line]
    assert len(about_it) == 1, done.output


def test_what_is_sound_has_no_warning(desk):
    done, _ = desk.measure(desk.image(), desk.mask())
    assert done.exit_code == 0
    assert "warning" not in done.output
