"""Maps on a template: the same place of the muscle keeps its fat, whatever the muscle's size and place."""

from __future__ import annotations

import csv

import nibabel
import numpy as np
import pytest
from click.testing import CliRunner

from tests.imaging.conftest import ellipse
from trialkit.cli.root import root
from trialkit.errors import ImagingError, MeasurementError
from trialkit.imaging import (
    Image,
    Segmentation,
    TemplateMap,
    correlation_map,
    difference_map,
    mean_map,
    read_image,
    template_map,
)
from trialkit.imaging.phantom.scan import make_scan, typical_back, write_scan


def scan_of(side, shape, spacing, centre, radii, origin=(0.0, 0.0, 0.0)):
    """An ellipse whose fat follows the share of the radius and the side of the midline of the muscle."""
    mask = ellipse(shape, spacing, centre, radii)
    y = (np.arange(shape[1])[:, None] + 0.5) * spacing[1] - centre[1]
    x = (np.arange(shape[2])[None, :] + 0.5) * spacing[2] - centre[0]
    lateral, front = (x if side == "left" else -x), -y
    share = np.hypot(lateral / radii[0], front / radii[1])
    percent = np.broadcast_to(10 + 30 * np.clip(share, 0, 1) + 20 * (lateral > 0), shape) * 1.0
    masks = Segmentation({f"multifidus_L4_{side}": mask}, spacing, origin)
    return Image(percent, spacing, origin), Image(100 - percent, spacing, origin), masks


TEMPLATE = ((4, 80, 80), (3.0, 1.0, 1.0), (40.0, 40.0), (30.0, 30.0))


@pytest.mark.analytic
def test_a_scan_on_its_own_outline_is_its_own_fat_fraction():
    fat, water, masks = scan_of("left", *TEMPLATE)
    told = template_map(fat, water, masks, masks, "multifidus", "left")
    inside = masks.segments["multifidus_L4_left"]
    assert told.percent[inside] == pytest.approx(fat.array[inside], rel=1e-12)
    assert np.isnan(told.percent[~inside]).all()


@pytest.mark.analytic
@pytest.mark.parametrize(
    ("side", "shape", "spacing", "radii"),
    [
        ("left", (2, 60, 60), (6.0, 1.0, 1.0), (20.0, 20.0)),  # smaller, fewer slices
        ("left", (7, 100, 140), (2.0, 0.8, 0.5), (20.0, 30.0)),  # another outline and pixel
        ("right", (4, 60, 60), (3.0, 1.0, 1.0), (20.0, 20.0)),
    ],
)
def test_another_outline_gives_the_same_places_the_same_fat(side, shape, spacing, radii):
    centre = (shape[2] * spacing[2] / 2, shape[1] * spacing[1] / 2)
    fat, water, masks = scan_of(side, shape, spacing, centre, radii)
    expected, _, template = scan_of(side, *TEMPLATE)
    told = template_map(fat, water, masks, template, "multifidus", side)
    inside = template.segments[f"multifidus_L4_{side}"]
    x = np.arange(80)[None, :] + 0.5 - 40.0
    away = np.broadcast_to(np.abs(x) > 2, inside.shape)  # a pixel of the scan may straddle the midline
    gap = np.abs(told.percent - expected.array)[inside & away]
    assert gap.max() < 30 * 2.5 / min(radii)  # two and a half pixels of the scan's radius
    assert gap.mean() < 1.0


def test_a_muscle_that_one_of_both_lacks_is_refused():
    fat, water, masks = scan_of("left", *TEMPLATE)
    with pytest.raises(MeasurementError, match="multifidus drawn on the right"):
        template_map(fat, water, masks, masks, "multifidus", "right")
    other = Segmentation({"multifidus_L2_left": masks.segments["multifidus_L4_left"]}, TEMPLATE[1])
    with pytest.raises(MeasurementError, match="multifidus drawn on the left"):
        template_map(fat, water, masks, other, "multifidus", "left")


@pytest.mark.analytic
def test_voxels_at_opposite_ends_of_a_template_are_no_neighbours(rng):
    """On a wheel the last sector lies beside the first; on a template the last column does not."""

    def maps(shift):
        made = []
        for _ in range(8):
            percent = rng.normal(20, 1, (1, 4, 9))
            percent[0, :, [0, -1]] += shift
            made.append(TemplateMap("multifidus", "left", percent))
        return made

    from trialkit.imaging.maps.comparing import _masses, _two_sided, _welch

    a, b = (np.stack([one.percent for one in maps(shift)]) for shift in (0.0, 9.0))
    statistic, df = _welch(a, b)
    beyond = _two_sided(statistic, df) < 1e-4
    assert len(_masses(statistic, beyond, circular=False)[1]) == 2
    assert len(_masses(statistic, beyond, circular=True)[1]) == 1
    tested = difference_map(maps(0.0), maps(9.0), control="clusters", permutations=199)
    assert (tested.adjusted[0, :, [0, -1]] <= 0.01).all()


def test_maps_on_a_template_are_averaged_and_correlated_voxel_by_voxel(rng):
    maps = [TemplateMap("m", "left", np.full((1, 2, 2), float(n))) for n in range(6)]
    assert mean_map(maps) == pytest.approx(np.full((1, 2, 2), 2.5))
    assert correlation_map(maps, range(6)).estimate == pytest.approx(np.ones((1, 2, 2)))


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("maps")
    rows = []
    for number in range(8):
        files = write_scan(make_scan(typical_back(), number), folder, f"s{number}")
        rows.append((f"s{number}", files["fat"].name, files["reader_1"].name, files["water"].name,
                     "a" if number < 4 else "b", number if number else ""))  # fmt: skip
    with (folder / "manifest.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("scan", "image", "segmentation", "water", "arm", "emg"), *rows])
    return folder


def test_the_command_maps_a_manifest(study, tmp_path):
    arguments = ["imaging", "maps", str(study / "manifest.csv"), "--out", str(tmp_path), "--compare", "arm",
                 "--control", "clusters", "--permutations", "99", "--correlate", "emg"]  # fmt: skip
    done = CliRunner().invoke(root, arguments, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert {path.name for path in tmp_path.iterdir()} == {
        f"{name}.{end}" for name in ("mean", "difference_arm", "correlation_emg") for end in ("csv", "png")
    } | {"maps.csv"}
    table = list(csv.DictReader((tmp_path / "mean.csv").read_text().splitlines()))
    assert len(table) == 5 * 3 * 8
    l5 = [float(row["percent"]) for row in table if row["level"] == "L5" and row["depth"] == "1"]
    assert np.mean(l5) == pytest.approx(32, abs=3)  # the phantom's multifidus at L5


def test_the_command_maps_onto_a_template(study, tmp_path):
    arguments = ["imaging", "maps", str(study / "manifest.csv"), "--out", str(tmp_path), "--compare", "arm",
                 "--template", str(study / "s0_reader_1.seg.nrrd"), "--side", "right"]  # fmt: skip
    done = CliRunner().invoke(root, arguments, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert {path.name for path in tmp_path.iterdir()} == {
        "mean.nii.gz", "mean.png", "difference_arm.png", "difference_arm_estimate.nii.gz",
        "difference_arm_p_value.nii.gz", "difference_arm_adjusted_p.nii.gz"}  # fmt: skip
    mean, fat = read_image(tmp_path / "mean.nii.gz"), read_image(study / "s0_fat.nii.gz")
    assert mean.origin_mm == pytest.approx(fat.origin_mm)
    assert mean.spacing_mm == pytest.approx(fat.spacing_mm)
    values = np.asanyarray(nibabel.load(tmp_path / "mean.nii.gz").dataobj)
    assert np.nanmean(values) == pytest.approx(23, abs=3)  # the phantom's multifidus, over five levels


@pytest.mark.parametrize(
    ("option", "told"),
    [
        (["--compare", "emg"], "two groups"),
        (["--compare", "nothing"], "a column"),
        (["--correlate", "arm"], "numbers in column arm"),
    ],
)
def test_a_column_that_does_not_serve_is_one_error(study, tmp_path, option, told):
    done = CliRunner().invoke(root, ["imaging", "maps", str(study / "manifest.csv"), "--out",
                                     str(tmp_path), *option])  # fmt: skip
    assert isinstance(done.exception, ImagingError)
    assert told in str(done.exception)
    assert not list(tmp_path.iterdir())
