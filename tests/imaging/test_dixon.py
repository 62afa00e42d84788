"""Fat and water are told apart by what scanners write, and made of the phases where only these are there."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner

from tests.imaging.conftest import sitk_image, write_series
from trialkit.cli.root import root
from trialkit.errors import ImageFileError, MeasurementError
from trialkit.imaging import Image, MeasureSettings, Segmentation, measure, read_dixon, read_image
from trialkit.imaging.reading.dixon_roles import role_of_name


@pytest.fixture
def fat_and_water(rng):
    fat = rng.integers(10, 300, (4, 6, 5))
    return fat, rng.integers(400, 900, (4, 6, 5))


def test_one_folder_of_a_siemens_dixon_is_told_apart_by_image_type(tmp_path, fat_and_water):
    for number, (kind, array) in enumerate(zip(("FAT", "WATER"), fat_and_water, strict=True)):
        write_series(
            tmp_path / kind,
            array,
            series=f"1.2.{number + 3}",
            ImageType=["ORIGINAL", "PRIMARY", "DIXON", kind],
        )
        for path in (tmp_path / kind).iterdir():
            (tmp_path / "scan").mkdir(exist_ok=True)
            path.rename(tmp_path / "scan" / f"{kind}{path.name}")
    found = read_dixon(tmp_path / "scan")
    assert np.array_equal(found["fat"].array, fat_and_water[0])
    assert np.array_equal(found["water"].array, fat_and_water[1])
    assert found["fat"].acquisition["dixon"] == "fat"
    with pytest.raises(ImageFileError, match="2 series"):
        read_image(tmp_path / "scan")


@pytest.mark.analytic
def test_the_phases_give_fat_and_water_back_where_there_is_more_water(tmp_path, fat_and_water):
    import SimpleITK as sitk

    fat, water = fat_and_water
    for name, array in (("x_inphase", water + fat), ("x_outphase", water - fat)):
        image = sitk_image(array.astype(np.int16), (0.7, 0.8, 4.0), (0, 0, 0), np.eye(3))
        sitk.WriteImage(image, str(tmp_path / f"{name}.nii.gz"))
    found = read_dixon(tmp_path)
    assert np.array_equal(found["fat"].array, fat)
    assert np.array_equal(found["water"].array, water)
    assert "from_phases" in {notice.code for notice in found["fat"].notices}


def test_a_folder_without_any_role_is_one_error(tmp_path, fat_and_water):
    write_series(tmp_path / "plain", fat_and_water[0])
    with pytest.raises(ImageFileError, match="marked as fat, water"):
        read_dixon(tmp_path / "plain")


@pytest.mark.parametrize(
    ("name", "role"),
    [("s1_fat.nii.gz", "fat"), ("s1_W.nii", "water"), ("sub-01_inphase.nrrd", "in_phase"),
     ("a_opp.nii.gz", "out_phase"),
     ("pdff.nii.gz", "fat_fraction"), ("t2_tse.nii.gz", "")],
)  # fmt: skip
def test_a_files_name_tells_its_role(name, role):
    assert role_of_name(name) == role


def test_the_command_takes_the_folder_of_the_pair(tmp_path):
    assert CliRunner().invoke(root, ["imaging", "phantom", "--into", str(tmp_path / "s")]).exit_code == 0
    out = tmp_path / "a.csv"
    done = CliRunner().invoke(
        root, ["imaging", "measure", str(tmp_path / "s"),
               str(tmp_path / "s" / "scan_0001_reader_1.seg.nrrd"), "--out", str(out)],
        catch_exceptions=False,
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "ratio_of_sums" in out.read_text()


def test_a_pair_that_is_none_is_refused(tmp_path, fat_and_water):
    """Exchanged though the headers say so, or one image twice: 100 minus the truth, or 50 percent."""
    pair = []
    for kind, array in zip(("FAT", "WATER"), fat_and_water, strict=True):
        write_series(tmp_path / kind, array, ImageType=["DERIVED", "PRIMARY", "DIXON", kind])
        pair.append(read_image(tmp_path / kind))
    fat, water = pair
    mask = np.ones(fat.array.shape, dtype=bool)
    drawn = Segmentation({"psoas_L4_left": mask}, fat.spacing_mm, fat.origin_mm, fat.direction)
    assert len(measure(fat, drawn, water))
    with pytest.raises(MeasurementError, match="one marked as water and one marked as fat"):
        measure(water, drawn, fat)
    plain = replace(fat, acquisition={})
    with pytest.raises(MeasurementError, match="the same image twice"):
        measure(plain, drawn, plain)


def test_shares_called_percent_are_refused():
    mask = np.ones((3, 4, 4), dtype=bool)
    drawn = Segmentation({"psoas_L4_left": mask}, (4.0, 1.0, 1.0))
    shares = Image(np.full((3, 4, 4), 0.2), (4.0, 1.0, 1.0))
    with pytest.raises(MeasurementError, match="fat_fraction_share"):
        measure(shares, drawn, settings=MeasureSettings(image_is="fat_fraction_percent"))
