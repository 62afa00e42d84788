"""What a person looks at: outlines the right way round, sites that measure otherwise, scanners not to be
pooled.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from tests.imaging.conftest import ROTATION
from tests.imaging.scans import write_manifest
from trialkit.cli.root import root
from trialkit.errors import MeasurementError
from trialkit.imaging import Image, Segmentation
from trialkit.imaging.pictures import level_views
from trialkit.imaging.quality import (
    acquisition_table,
    draw_by_group,
    outliers,
    outliers_by,
    pooling_notices,
    scanners,
)


@pytest.mark.analytic
@pytest.mark.parametrize(
    "direction",
    [np.eye(3), np.diag([-1.0, -1, 1]), np.array([[0.0, 1, 0], [0, 0, 1], [1, 0, 0]]), ROTATION],
    ids=["lps", "ras", "slices last", "oblique, x and y exchanged"],
)
def test_the_patients_left_is_on_the_right_and_the_front_is_up(direction):
    shape, spacing = (9, 10, 11), (3.0, 2.0, 1.0)
    image = Image(np.zeros(shape), spacing, (0, 0, 0), direction)
    centre = image.grid.position([5, 5, 4])
    index = np.stack(np.meshgrid(range(11), range(10), range(9), indexing="ij"), axis=-1)
    place = (image.grid.position(index.reshape(-1, 3)) - centre).reshape(11, 10, 9, 3).transpose(2, 1, 0, 3)
    towards_left, towards_back = place[..., 0] > 0.4, place[..., 1] > 0.4
    segmentation = Segmentation(
        {"mf_L4_left": towards_left, "es_L4_left": towards_back}, spacing, (0, 0, 0), direction
    )
    (view,) = level_views(image, segmentation)
    left, back = view.outlines["mf_L4_left"], view.outlines["es_L4_left"]
    assert left[:, left.shape[1] // 2 + 2 :].mean() > left[:, : left.shape[1] // 2 - 1].mean()
    assert back[back.shape[0] // 2 + 2 :].mean() > back[: back.shape[0] // 2 - 1].mean()


def test_a_value_far_from_its_site_is_found_and_a_site_of_its_own_level_is_not():
    base = {"segment": "mf", "metric": "csa", "method": "m", "muscle": "mf", "level": "L4"}
    values = (
        {f"A{n}": 10 + 0.1 * n for n in range(9)} | {f"B{n}": 20 + 0.1 * n for n in range(9)} | {"A9": 20.0}
    )
    table = pd.DataFrame([{"scan": scan, **base, "value": value} for scan, value in values.items()])
    found = outliers(table, {scan: scan[0] for scan in values})
    assert found["scan"].tolist() == ["A9"]
    middle = float(np.median([value for scan, value in values.items() if scan[0] == "A"]))
    spread = 1.4826 * float(np.median([abs(v - middle) for scan, v in values.items() if scan[0] == "A"]))
    assert found["robust_z"].item() == pytest.approx((20.0 - middle) / spread)


def test_a_value_usual_at_its_site_stands_apart_among_its_scanners_values():
    """One site has two scanners; one scan was registered under the wrong one."""
    base = {"segment": "mf", "metric": "csa", "method": "m", "muscle": "mf", "level": "L4"}
    values = {f"s{n}": 10 + 0.1 * n for n in range(9)} | {f"t{n}": 20 + 0.1 * n for n in range(9)}
    table = pd.DataFrame([{"scan": scan, **base, "value": value} for scan, value in values.items()])
    images = {
        scan: Image(np.zeros((2, 2, 2)), (1, 1, 1), acquisition={
            "manufacturer": "M", "model": "Old" if scan[0] == "s" or scan == "t4" else "New",
            "field_strength_t": 1.5})
        for scan in values
    }  # fmt: skip
    scanner_of = scanners(acquisition_table(images.items()))
    assert scanner_of["s0"] == "M Old 1.5 T"
    found = outliers_by(table, {"site": dict.fromkeys(values, "A"), "scanner": scanner_of})
    assert found[["by", "scan", "group"]].to_numpy().tolist() == [["scanner", "t4", "M Old 1.5 T"]]


def test_a_metric_that_was_not_measured_is_one_error_that_lists_those_that_were(tmp_path):
    table = pd.DataFrame([{"scan": "a", "metric": "csa", "method": "", "value": 1.0, "unit": "cm2"}])
    with pytest.raises(MeasurementError, match="csa"):
        draw_by_group(table, {}, "fat_fraction", "otsu", tmp_path / "x.png")
    assert not list(tmp_path.iterdir())


def test_two_field_strengths_are_warned_of():
    images = {
        name: Image(
            np.zeros((2, 2, 2)), (1, 1, 1), acquisition={"field_strength_t": field, "echo_time_ms": 90.0}
        )
        for name, field in (("a", 1.5), ("b", 3.0))
    }
    notices = [str(notice) for notice in pooling_notices(acquisition_table(images.items()))]
    assert notices[0] == "pooling: several field strengths (T): 1.5, 3; adjust for it or analyse apart"
    assert notices[1] == "not_stated: 2 scans do not state their slice thicknesses (mm)"


def test_the_commands_write_pictures_and_tables(tmp_path):
    manifest = write_manifest(tmp_path / "scans", 3)
    scans, run = tmp_path / "scans", CliRunner().invoke
    done = run(root, ["imaging", "pictures", str(scans / "S000_fat.nii.gz"), str(scans / "S000_seg.nii.gz"),
                      "--water", str(scans / "S000_water.nii.gz"), "--labels", str(scans / "labels.csv"),
                      "--name", "S000", "--out", str(tmp_path / "p")], catch_exceptions=False)  # fmt: skip
    assert done.exit_code == 0
    assert {path.name for path in (tmp_path / "p").iterdir()} == {"S000_L4.png", "S000_sheet.png"}
    assert run(root, ["imaging", "batch", str(manifest), "--out", str(tmp_path / "b")]).exit_code == 0
    arguments = ["imaging", "quality", str(manifest), str(tmp_path / "b" / "measurements.csv"), "--out"]
    done = run(root, [*arguments, str(tmp_path / "q")], catch_exceptions=False)
    assert done.exit_code == 0
    assert {path.name for path in (tmp_path / "q").iterdir()} == {
        "acquisition.csv", "outliers.csv", "fat_fraction_by_site.png", "fat_fraction_by_scanner.png",
    }  # fmt: skip


def test_the_picture_shows_the_slice_of_the_area_with_the_values_of_the_table(tmp_path):
    from trialkit.imaging import MeasureSettings, measure
    from trialkit.imaging.pictures import measured_on, view_texts

    mask = np.zeros((7, 30, 30), dtype=bool)
    mask[1, 5:25, 5:25] = mask[2:6, 8:18, 8:18] = True  # most voxels on slice 1, the middle is slice 3
    image = Image(np.where(mask, 200.0, 50.0), (4.0, 1.0, 1.0))
    image.array[3, 8:18, 8:13] = 800.0
    drawn = Segmentation({"psoas_L4_left": mask}, (4.0, 1.0, 1.0))
    table = measure(image, drawn, settings=MeasureSettings(slice_rule="middle"))
    (view,) = level_views(image, drawn, None, measured_on(table))
    assert view.slice_index == 3
    assert view_texts(view, table) == {"psoas_L4_left": "1.0\n6 %"}


def test_a_muscle_has_one_colour_at_every_level_and_on_both_sides():
    from trialkit.imaging.pictures import muscle_colours

    drawn = {}
    for slab, name in enumerate(
        ["psoas_L3_left", "multifidus_L4_left", "psoas_L4_right", "multifidus_L4_right"]
    ):
        mask = np.zeros((4, 12, 12), dtype=bool)
        mask[slab, 3:9, 3:9] = True
        drawn[name] = mask
    image = Image(np.ones((4, 12, 12)), (4.0, 1.0, 1.0))
    colours = muscle_colours(level_views(image, Segmentation(drawn, (4.0, 1.0, 1.0))))
    assert set(colours) == {"psoas", "multifidus"}
    assert len(set(colours.values())) == 2
