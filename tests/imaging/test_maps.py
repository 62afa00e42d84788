"""Fat put in one place of a muscle is found there, on both sides alike; and where groups differ nowhere,
nothing is.
"""

from __future__ import annotations

import numpy as np
import pytest

from tests.imaging.conftest import ellipse
from trialkit.errors import MeasurementError
from trialkit.imaging import FatMap, Image, Segmentation, correlation_map, difference_map, fat_map, mean_map
from trialkit.imaging.maps.picture import draw_map

SHAPE, SPACING = (3, 60, 60), (4.0, 1.0, 1.0)


def muscle(side, fatty):
    """A disc of 20 % fat; ``fatty(lateral, front, radius)`` says where it is 80 %."""
    mask = ellipse(SHAPE, SPACING, (30.0, 30.0), (20.0, 20.0))
    y, x = np.mgrid[:60, :60] + 0.5 - 30.0
    lateral, front = (x if side == "left" else -x), -y
    percent = np.broadcast_to(np.where(fatty(lateral, front, np.hypot(x, y)), 80.0, 20.0), SHAPE)
    segmentation = Segmentation({f"multifidus_L4_{side}": mask}, SPACING)
    return fat_map(
        Image(percent * 1.0, SPACING), Image(100 - percent, SPACING), segmentation, "multifidus", side
    )


@pytest.mark.analytic
@pytest.mark.parametrize("side", ["left", "right"])
def test_fat_at_the_lateral_edge_is_found_there_on_both_sides(side):
    told = muscle(side, lambda lateral, front, radius: (lateral > np.abs(front)) & (radius > 15))
    edge = told.percent[3, 2]
    # The two sectors about the lateral side: what lies beyond 15 of 20 in the outer ring.
    share = (20**2 - 15**2) / (20**2 - (20 * 2 / 3) ** 2)
    assert edge[[1, 2]] == pytest.approx(20 + 60 * share, abs=4)  # a pixel is a twentieth of the radius
    assert edge[[4, 5, 6, 7]].max() < 25
    assert told.percent[3, 0] == pytest.approx(20.0)
    assert np.isnan(told.percent[[0, 1, 2, 4]]).all()


@pytest.mark.analytic
def test_fat_in_the_middle_is_found_at_depth_zero():
    told = muscle("left", lambda lateral, front, radius: radius < 6.2)
    assert told.percent[3, 0].min() > 70
    assert told.percent[3, 2] == pytest.approx(20.0)
    assert int(told.voxels.sum()) == 3 * int(told.voxels.sum() / 3)


def noise(rng, n, shift=0.0, cells=()):
    maps = []
    for _ in range(n):
        percent = rng.normal(20, 4, (5, 3, 8))
        for cell in cells:
            percent[cell] += shift
        maps.append(FatMap("multifidus", "left", percent, np.ones(percent.shape, dtype=int)))
    return maps


@pytest.mark.external_reference
def test_each_cell_is_scipys_welch_test(rng):
    from scipy.stats import false_discovery_control, ttest_ind

    first, second = noise(rng, 12), noise(rng, 9)
    told = difference_map(first, second)
    theirs = ttest_ind([m.percent for m in first], [m.percent for m in second], equal_var=False)
    assert told.statistic == pytest.approx(theirs.statistic, rel=1e-10)
    assert told.p_value == pytest.approx(theirs.pvalue, rel=1e-8)
    assert told.adjusted.ravel() == pytest.approx(false_discovery_control(theirs.pvalue.ravel()))
    assert told.estimate == pytest.approx(mean_map(first) - mean_map(second))


def test_a_cluster_across_the_last_and_first_sector_is_found_as_one(rng):
    cells = [(3, 1, 7), (3, 1, 0), (3, 2, 7), (3, 2, 0)]
    told = difference_map(noise(rng, 20, 9.0, cells), noise(rng, 20), control="clusters", permutations=200)
    found = {told.adjusted[cell] for cell in cells}
    assert len(found) == 1
    assert found.pop() < 0.02


def test_without_a_difference_clusters_are_seldom_found(rng):
    found = [
        np.nanmin(difference_map(noise(rng, 8), noise(rng, 8), control="clusters", permutations=60).adjusted)
        <= 0.05
        for _ in range(20)
    ]
    assert sum(found) <= 4  # of 20 at 5 %: more than 4 has a chance of 0.3 %


@pytest.mark.external_reference
def test_correlations_are_scipys_spearman_and_missing_cells_are_left_out(rng):
    from scipy.stats import spearmanr

    maps, values = noise(rng, 15), rng.normal(0, 1, 15)
    maps[0].percent[2, 1, 3] = np.nan
    told = correlation_map(maps, values)
    column = np.array([m.percent[2, 1, 3] for m in maps])[1:]
    assert told.estimate[2, 1, 3] == pytest.approx(spearmanr(column, values[1:]).statistic)
    with pytest.raises(MeasurementError, match="one number a map"):
        correlation_map(maps, values[:4])


def test_too_few_maps_and_a_muscle_that_is_not_drawn_are_refused(rng):
    with pytest.raises(MeasurementError, match="at least three"):
        difference_map(noise(rng, 2), noise(rng, 5))
    image = Image(np.ones(SHAPE), SPACING)
    segmentation = Segmentation({"psoas_L4_left": np.ones(SHAPE, dtype=bool)}, SPACING)
    with pytest.raises(MeasurementError, match="multifidus drawn on the left"):
        fat_map(image, image, segmentation, "multifidus", "left")


def test_the_picture_is_drawn(tmp_path, rng):
    draw_map(mean_map(noise(rng, 3)), tmp_path / "map.png", "Mean", "fat fraction, percent")
    assert (tmp_path / "map.png").stat().st_size > 5000
