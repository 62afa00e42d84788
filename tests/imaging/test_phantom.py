"""A synthetic scan has the areas and fat fractions it was made with, through files and all."""

from __future__ import annotations

import numpy as np
import pytest

from trialkit.imaging import measure, read_image, read_segmentation
from trialkit.imaging.phantom.body import SPACING_MM, masks_of
from trialkit.imaging.phantom.scan import ORIGIN_MM, make_scan, typical_back, write_scan
from trialkit.imaging.volumes import Segmentation


@pytest.fixture(scope="module")
def scan():
    return make_scan(typical_back(), 7)


@pytest.mark.analytic
def test_the_true_outlines_measure_what_was_put_in(scan):
    table = measure(scan.fat, Segmentation(masks_of(scan.truth), SPACING_MM, ORIGIN_MM), scan.water)
    for (muscle, level), put_in in scan.muscles.items():
        here = table[(table["muscle"] == muscle) & (table["level"] == level)]
        areas = here.loc[here["metric"] == "csa", "value"]
        fractions = here.loc[
            (here["metric"] == "fat_fraction") & (here["method"] == "ratio_of_sums"), "value"
        ]
        assert len(areas) == 2
        # Pixels of an ellipse and its area differ by less than a fifth of a pixel for each pixel of outline.
        outline_pixels = 2 * np.pi * np.sqrt(put_in.area_mm2 / np.pi) / 2.0
        assert areas.to_numpy() == pytest.approx(put_in.area_mm2 / 100, abs=0.2 * outline_pixels * 0.04)
        assert fractions.to_numpy() == pytest.approx(put_in.fat_percent, abs=0.1)


def test_the_wider_hand_reads_larger_areas_and_more_fat(scan):
    first, second = (measure(scan.fat, scan.readings[name], scan.water) for name in ("reader_1", "reader_2"))
    for metric, method in (("csa", "slice=middle"), ("fat_fraction", "ratio_of_sums")):
        mean = [
            table.loc[(table["metric"] == metric) & (table["method"] == method), "value"].mean()
            for table in (first, second)
        ]
        assert mean[1] > mean[0]


def test_a_scan_written_and_read_is_the_same_scan(scan, tmp_path):
    files = write_scan(scan, tmp_path, "s")
    fat, water = read_image(files["fat"]), read_image(files["water"])
    assert np.array_equal(fat.array, scan.fat.array)
    assert fat.origin_mm == pytest.approx(scan.fat.origin_mm)
    from_files = measure(fat, read_segmentation(files["reader_1"]), water)
    in_memory = measure(scan.fat, scan.readings["reader_1"], scan.water)
    columns = ["segment", "metric", "method", "value"]
    assert from_files[columns].equals(in_memory[columns])


def test_the_same_seed_gives_the_same_scan(scan):
    again = make_scan(typical_back(), 7)
    assert again.fat.sha256 == scan.fat.sha256
    assert make_scan(typical_back(), 8).fat.sha256 != scan.fat.sha256
