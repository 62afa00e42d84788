"""IBSI's digital phantom, value by value; and what a region does not allow."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path

import numpy as np
import pytest

from tests.imaging.conftest import ellipse
from trialkit.errors import MissingLibraryError, RadiomicsError
from trialkit.imaging import Image, RadiomicsSettings, Segmentation, radiomics
from trialkit.imaging.texture.settings import AGGREGATIONS, CLASSES, read_settings
from trialkit.imaging.texture.shape2d import shape_2d

PHANTOM = Path(__file__).parents[1] / "reference" / "ibsi" / "digital_phantom.json"


@pytest.fixture(scope="module")
def phantom():
    told = json.loads(PHANTOM.read_text())
    image = Image(np.array(told["image"], dtype=float), tuple(told["spacing_mm"]))
    return image, Segmentation({"phantom": np.array(told["mask"]) > 0}, image.spacing_mm)


@pytest.fixture(scope="module")
def of_phantom(phantom):
    settings = RadiomicsSettings(CLASSES, AGGREGATIONS, discretization="none")
    return radiomics(*phantom, settings)


@pytest.fixture(scope="module")
def reference(shared):
    with (shared / "imaging" / "ibsi_reference.csv").open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["dataset"] == "digital_phantom"]


@pytest.mark.external_reference
def test_every_comparable_value_of_the_digital_phantom_is_ibsis(of_phantom, reference):
    ours = of_phantom.set_index("tag")
    compared = [row for row in reference if row["family"] != "ivh"]
    assert len(compared) == 476
    wrong = {}
    for row in compared:
        value, expected, tolerance = (
            ours.loc[row["tag"], "value"],
            float(row["value"]),
            float(row["tolerance"]),
        )
        three_digits = float(f"{value:.3g}")  # as IBSI compares
        if not abs(three_digits - expected) <= tolerance + 1e-12:
            wrong[row["tag"]] = (value, expected, tolerance)
    assert wrong == {}


@pytest.mark.external_reference
def test_names_codes_and_aggregations_are_ibsis_too(of_phantom, reference):
    ours = of_phantom.set_index("tag")
    for row in reference:
        if row["family"] != "ivh":
            told = ours.loc[row["tag"]]
            assert (told["feature"], told["code"], told["aggregation"]) == (
                row["feature"], row["code"], row["aggregation"],
            )  # fmt: skip


def test_the_six_classes_are_the_default(phantom):
    table = radiomics(*phantom, RadiomicsSettings(bins=6))
    assert list(dict.fromkeys(table["class"])) == ["glcm", "glrlm", "glszm", "gldm", "shape", "first_order"]
    assert set(table["aggregation"]) == {"", "3D, averaged", "3D"}


@pytest.mark.analytic
def test_a_cropped_region_has_the_values_of_the_whole_image(phantom, of_phantom):
    image, segmentation = phantom
    wide = Image(np.pad(image.array, 6, constant_values=7.0), image.spacing_mm)
    mask = Segmentation({"phantom": np.pad(segmentation.segments["phantom"], 6)}, image.spacing_mm)
    table = radiomics(wide, mask, RadiomicsSettings(CLASSES, AGGREGATIONS, discretization="none"))
    np.testing.assert_allclose(table["value"], of_phantom["value"], rtol=1e-9)


@pytest.mark.independent_reimplementation
def test_our_way_round_z_rad_changes_no_value(rng):
    from zrad.image import Image as TheirImage
    from zrad.preprocessing import IntensityMaskBuilder, RoiCropper, RoiData, TextureDiscretizer
    from zrad.radiomics.extractor import Radiomics

    shape, spacing = (9, 40, 44), (4.0, 0.8, 0.7)
    mask, array = ellipse(shape, spacing, (15.0, 16.0), (9.0, 8.0), slice(2, 8)), rng.gamma(4, 60, shape)

    def of(values):
        eye = (1, 0, 0, 0, 1, 0, 0, 0, 1)
        return TheirImage(values, (0, 0, 0), np.array(spacing[::-1]), eye, shape[::-1])

    region = IntensityMaskBuilder().apply(RoiData(image=of(array), morphological_mask=of(mask.astype(float))))
    region = TextureDiscretizer(number_of_bins=32).apply(RoiCropper().apply(region))
    families = ["morphology", "intensity_statistics", "glcm", "glrlm", "glszm", "ngldm"]
    theirs = Radiomics("3D", "AVER").extract_features(region, families=families)
    table = radiomics(Image(array, spacing), Segmentation({"mf": mask}, spacing))
    ours = dict(zip(table["tag"], table["value"], strict=True))
    assert ours.keys() <= theirs.keys()
    assert len(ours) > 100
    for tag, value in ours.items():
        assert value == pytest.approx(theirs[tag], rel=1e-12, nan_ok=True), tag
    assert set(table.loc[table["aggregation"] == "3D", "note"]) == {
        "3D texture on voxels 5.7 times as long as wide"
    }


def test_fixed_bin_width_on_raw_mri_is_refused_unless_stated():
    with pytest.raises(RadiomicsError, match="IBSI does not recommend"):
        RadiomicsSettings(discretization="fixed_bin_width", bin_width=5, range=(0, 1000))
    asked = RadiomicsSettings(
        discretization="fixed_bin_width", bin_width=5, range=(0, 1000), against_advice=True
    )
    assert '"against_advice":true' in asked.as_text()
    RadiomicsSettings(
        discretization="fixed_bin_width", bin_width=2.5, range=(0, 100), intensities="calibrated"
    )
    with pytest.raises(RadiomicsError, match="the range it is counted from"):
        RadiomicsSettings(discretization="fixed_bin_width", bin_width=2.5, intensities="calibrated")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("bins = 1", "2 to 1024 bins"),
        ("binz = 32", "binz"),
        ('classes = ["glcm", "gldzm", "laws"]', "laws"),
        ('aggregations = ["3D"]', "'3D'"),
        ("bins = 'many'", "bins"),
        ("range = [5, 1]", "low to high"),
        ("bins =", "TOML"),
    ],
)
def test_settings_that_cannot_be_followed_are_one_error(tmp_path, text, told):
    (tmp_path / "settings.toml").write_text(text)
    with pytest.raises(RadiomicsError, match=told):
        read_settings(tmp_path / "settings.toml")


def test_one_slice_has_2d_shape_and_textures_and_no_3d_ones(rng):
    shape, spacing = (5, 30, 30), (4.0, 0.8, 0.7)
    mask = ellipse(shape, spacing, (10.0, 12.0), (6.0, 7.0), slice(2, 3))
    image, segmentation = Image(rng.gamma(4, 60, shape), spacing), Segmentation({"mf": mask}, spacing)
    flat = radiomics(image, segmentation, RadiomicsSettings(aggregations=("2D, averaged",)))
    assert set(flat["class"]) == {"shape", "first_order", "glcm", "glrlm", "glszm", "gldm"}
    assert flat["value"].notna().all()
    cubic = radiomics(image, segmentation, RadiomicsSettings())
    refused = cubic[(cubic["tag"] == "") & (cubic["class"] == "glcm")]
    assert refused["value"].isna().all()
    assert len(refused) == 1
    assert refused["note"].item() != ""


def test_a_region_of_one_grey_level_loses_only_what_is_undefined():
    shape, spacing = (5, 20, 20), (2.0, 2.0, 2.0)
    mask = ellipse(shape, spacing, (20.0, 20.0), (9.0, 8.0))
    table = radiomics(Image(np.full(shape, 40.0), spacing), Segmentation({"mf": mask}, spacing))
    assert table.loc[table["class"] == "glcm", "value"].isna().all()
    volume = table.loc[table["tag"] == "morph_vol_approx", "value"].item()
    assert volume == pytest.approx(mask.sum() * 8.0)


def test_a_table_without_any_number_is_an_error(rng):
    mask = np.zeros((5, 9, 9), dtype=bool)
    mask[2, 4, 4] = True
    settings = RadiomicsSettings(classes=("glcm",))
    with pytest.raises(RadiomicsError, match="allows at least one feature"):
        radiomics(Image(rng.random(mask.shape), (1, 1, 1)), Segmentation({"mf": mask}, (1, 1, 1)), settings)


def test_without_z_rad_the_error_names_the_line_that_brings_it(phantom, monkeypatch):
    import importlib

    genuine = importlib.import_module

    def missing(name, package=None):
        if name.startswith("zrad"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return genuine(name, package)

    monkeypatch.setattr("trialkit.imaging.libraries.importlib.import_module", missing)
    with pytest.raises(MissingLibraryError, match=r"pip install --no-deps z-rad==26\.9\.0"):
        radiomics(*phantom, RadiomicsSettings())


@pytest.mark.analytic
@pytest.mark.parametrize(("rows", "columns"), [(3, 5), (4, 4), (1, 7)])
def test_the_2d_shape_of_a_rectangle_follows_from_its_sides(rows, columns):
    dy, dx = 0.8, 0.7
    mask = np.zeros((rows + 4, columns + 3), dtype=bool)
    mask[2 : 2 + rows, 1 : 1 + columns] = True
    told = shape_2d(mask, (dy, dx))
    corner = math.hypot(dy / 2, dx / 2)
    area = rows * columns * dy * dx - 4 * dy * dx / 8
    perimeter = 2 * (rows - 1) * dy + 2 * (columns - 1) * dx + 4 * corner
    assert told["shape2d_mesh_area"] == pytest.approx(area)
    assert told["shape2d_pixel_area"] == pytest.approx(rows * columns * dy * dx)
    assert told["shape2d_perimeter"] == pytest.approx(perimeter)
    assert told["shape2d_sphericity"] == pytest.approx(2 * math.sqrt(math.pi * area) / perimeter)
    widest = max(math.hypot(rows * dy, (columns - 1) * dx), math.hypot((rows - 1) * dy, columns * dx))
    assert told["shape2d_maximum_diameter"] == pytest.approx(widest)
    by_axis = sorted(((rows**2 - 1) / 12 * dy**2, (columns**2 - 1) / 12 * dx**2))
    assert told["shape2d_major_axis"] == pytest.approx(4 * math.sqrt(by_axis[1]))
    assert told["shape2d_minor_axis"] == pytest.approx(4 * math.sqrt(by_axis[0]), abs=1e-9)


@pytest.mark.analytic
def test_a_hole_adds_to_the_outline_and_takes_from_the_area():
    full = np.ones((9, 9), dtype=bool)
    ring = full.copy()
    ring[4, 4] = False
    solid, holed = shape_2d(full, (1.0, 1.0)), shape_2d(ring, (1.0, 1.0))
    assert solid["shape2d_mesh_area"] - holed["shape2d_mesh_area"] == pytest.approx(0.5)
    assert holed["shape2d_perimeter"] - solid["shape2d_perimeter"] == pytest.approx(4 * math.sqrt(0.5))


def test_features_of_the_fat_fraction_are_those_of_its_map(rng):
    fat, water = (Image(rng.uniform(50, 400, (6, 12, 12)), (2.0, 1.0, 1.0)) for _ in range(2))
    drawn = Segmentation({"psoas_L4_left": np.ones((6, 12, 12), dtype=bool)}, (2.0, 1.0, 1.0))
    width = {"discretization": "fixed_bin_width", "bin_width": 5.0, "range": (0.0, 100.0)}
    of_pair = RadiomicsSettings(intensities="calibrated", of="fat_fraction", **width)
    made = Image(100 * fat.array / (fat.array + water.array), (2.0, 1.0, 1.0))
    of_map = radiomics(made, drawn, RadiomicsSettings(intensities="calibrated", **width))
    told = radiomics(fat, drawn, of_pair, water=water)
    assert told["value"].tolist() == pytest.approx(of_map["value"].tolist(), rel=1e-12, nan_ok=True)
    assert set(told["water_sha256"]) == {water.sha256}
    with pytest.raises(RadiomicsError, match="--water"):
        radiomics(fat, drawn, of_pair)
    with pytest.raises(RadiomicsError, match="calibrated"):
        RadiomicsSettings(of="fat_fraction")
