"""Two readers: numbers that follow from algebra or from a second, obvious program."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from trialkit.cli.root import root
from trialkit.errors import MeasurementError, SegmentationError
from trialkit.imaging import Segmentation, agree, overlap
from trialkit.imaging.readers.pairing import read_values


def values(numbers, metric="csa", method="slice=middle", side="left", level="L4"):
    return pd.DataFrame(
        {"scan": [f"S{n:02d}" for n in range(len(numbers))], "muscle": "multifidus", "level": level,
         "side": side, "metric": metric, "method": method, "value": np.asarray(numbers, dtype=float)}
    )  # fmt: skip


@pytest.mark.external_reference
def test_the_six_forms_are_those_of_shrout_and_fleiss():
    """Their Table 2, raters 1 and 2 of six targets; R: psych 2.4.6 ICC(cbind(c(9,6,8,7,10,6),
    c(2,1,4,1,5,2))).
    """
    first, second = [9, 6, 8, 7, 10, 6], [2, 1, 4, 1, 5, 2]
    found = agree(values(first), values(second)).icc
    assert list(found["form"]) == ["ICC1", "ICC2", "ICC3", "ICC1k", "ICC2k", "ICC3k"]
    x = np.array([first, second], dtype=float).T
    between = 2 * ((x.mean(axis=1) - x.mean()) ** 2).sum() / 5
    within = ((x - x.mean(axis=1, keepdims=True)) ** 2).sum() / 6
    readers = 6 * ((x.mean(axis=0) - x.mean()) ** 2).sum()
    residual = within * 6 - readers
    residual /= 5
    expected = [
        (between - within) / (between + within),
        (between - residual) / (between + residual + 2 * (readers - residual) / 6),
        (between - residual) / (between + residual),
    ]
    assert list(found["estimate"][:3]) == pytest.approx(expected, rel=1e-12)
    assert set(found["n"]) == {6}


@pytest.mark.analytic
def test_a_reader_who_always_draws_more_has_consistency_but_not_agreement(rng):
    truth = rng.normal(10, 2, 30)
    found = agree(values(truth + 3), values(truth))
    by_form = found.icc.set_index("form")["estimate"]
    assert by_form["ICC3"] == pytest.approx(1.0)
    assert by_form["ICC2"] < 0.8
    difference = found.limits.set_index("measure").loc["mean difference"]
    assert difference["estimate"] == pytest.approx(3.0)
    assert found.robust["robust"].tolist() == [False]


@pytest.mark.analytic
def test_grades_have_kappa_and_no_icc():
    first, second = [0, 1, 2, 3, 4, 2, 2, 1], [0, 1, 2, 3, 4, 3, 1, 1]
    found = agree(values(first, "goutallier_grade", "as read"), values(second, "goutallier_grade", "as read"))
    assert found.icc.empty
    x, y = np.array(first), np.array(second)
    apart = ((x - y) ** 2).mean()
    by_chance = ((x[:, None] - y[None, :]) ** 2).mean()
    assert found.kappa["estimate"].item() == pytest.approx(1 - apart / by_chance)


def test_muscles_levels_and_metrics_are_not_mixed_and_sides_are_targets(rng):
    parts = [
        values(rng.normal(10, 2, 8), metric=metric, side=side, level=level)
        for metric in ("csa", "fat_fraction") for side in ("left", "right") for level in ("L4", "L5")
    ]  # fmt: skip
    first = pd.concat(parts, ignore_index=True)
    second = first.assign(value=first["value"] + rng.normal(0, 0.3, len(first)))
    found = agree(first, second).icc
    assert len(found) == 2 * 2 * 6
    assert set(found["n"]) == {16}


def test_what_is_left_out_is_counted(rng):
    first, second = values(rng.normal(10, 2, 9)), values(rng.normal(10, 2, 9))
    first.loc[3, "value"] = np.nan
    pairs = agree(first.drop(index=[0, 1]), second.drop(index=[8])).pairs
    assert (len(pairs.table), pairs.only_first, pairs.only_second, pairs.without_number) == (5, 1, 2, 1)


@pytest.mark.analytic
def test_only_differences_beyond_what_is_allowed_go_to_a_third_reader():
    first, second = values([10, 12, 14, 20]), values([10.5, 12.0, 12.9, 20.6])
    found = agree(first, second, allowed={"csa": 0.6})
    assert found.third_reader["scan"].tolist() == ["S02"]
    with pytest.raises(MeasurementError, match="thresholds for a metric"):
        agree(first, second, allowed={"area": 0.6})


def test_too_few_targets_and_values_all_alike_are_said(rng):
    alike = agree(values([5.0] * 6), values([5.0] * 6))
    assert alike.icc.empty
    assert "differ" in alike.not_computed["reason"].item()
    assert agree(values([5.0]), values([6.0])).not_computed["n"].item() == 1


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda t: pd.concat([t, t]), "more than once"),
        (lambda t: t.assign(scan="X" + t["scan"]), "none in common"),
        (lambda t: t.drop(columns="muscle"), "columns scan, muscle"),
    ],
)
def test_tables_that_do_not_pair_are_one_error(rng, change, told):
    table = values(rng.normal(10, 2, 6))
    with pytest.raises(MeasurementError, match=told):
        agree(table, change(table))


@pytest.mark.parametrize("content", ["", "a,b\n1,2\n", "scan,value\nS1,large\n"])
def test_a_file_that_is_no_table_of_values_is_one_error(tmp_path, content):
    (tmp_path / "a.csv").write_text(content)
    with pytest.raises(MeasurementError):
        read_values(tmp_path / "a.csv")


def test_the_command_prints_and_writes_every_statistic(tmp_path, rng):
    truth = rng.normal(10, 2, 12)
    for name, noise in (("first", 0.0), ("second", 0.4)):
        values(truth + rng.normal(0, noise or 1e-9, 12)).to_csv(tmp_path / f"{name}.csv", index=False)
    arguments = ["imaging", "agree", str(tmp_path / "first.csv"), str(tmp_path / "second.csv")]
    plain = CliRunner().invoke(root, [*arguments, "--out", str(tmp_path / "all.csv")], catch_exceptions=False)
    assert plain.exit_code == 0
    assert "Intraclass correlation" in plain.output
    written = pd.read_csv(tmp_path / "all.csv")
    assert set(written["statistic"]) == {
        "ICC1", "ICC2", "ICC3", "ICC1k", "ICC2k", "ICC3k", "mean difference", "lower limit", "upper limit",
    }  # fmt: skip
    told = json.loads(CliRunner().invoke(root, [*arguments, "--json"], catch_exceptions=False).output)
    assert told["counts"] == {"pairs": 12, "only_in_first": 0, "only_in_second": 0, "without_number": 0}


def box(shape, *ranges):
    mask = np.zeros(shape, dtype=bool)
    mask[tuple(slice(*limits) for limits in ranges)] = True
    return mask


@pytest.mark.analytic
def test_two_plates_apart_have_the_distance_between_them_in_mm():
    """Parallel plates one voxel thick: every surface voxel is as far away as the plates; spacing tells
    the axis.
    """
    shape = (9, 9, 9)
    for axis, expected in ((0, 3 * 4.0), (1, 3 * 0.8), (2, 3 * 0.7)):
        ranges = [(0, 9)] * 3
        first, second = list(ranges), list(ranges)
        first[axis], second[axis] = (2, 3), (5, 6)
        a = Segmentation({"mf": box(shape, *first)}, (4.0, 0.8, 0.7))
        b = Segmentation({"mf": box(shape, *second)}, (4.0, 0.8, 0.7))
        row = overlap(a, b).iloc[0]
        assert row["dice"] == 0
        assert row["hausdorff95_mm"] == pytest.approx(expected)
        assert row["mean_surface_distance_mm"] == pytest.approx(expected)


@pytest.mark.independent_reimplementation
def test_dice_and_distances_are_those_of_a_plain_count(rng):
    from scipy.spatial.distance import cdist

    shape, spacing = (6, 14, 15), (4.0, 0.8, 0.7)
    a, b = box(shape, (1, 5), (2, 9), (3, 11)), box(shape, (1, 4), (3, 11), (2, 10))
    a[2, 2, 3], b[3, 10, 9] = False, False
    row = overlap(Segmentation({"mf": a}, spacing), Segmentation({"mf": b}, spacing)).iloc[0]
    assert row["dice"] == pytest.approx(2 * (a & b).sum() / (a.sum() + b.sum()))

    def surface(mask):
        wide = np.pad(mask, 1)
        return np.array([
            at for at in np.argwhere(mask)
            if not all(wide[tuple(at + 1 + step)] for step in (*np.eye(3, dtype=int), *-np.eye(3, dtype=int)))
        ]) * spacing  # fmt: skip

    apart = cdist(surface(a), surface(b))
    there, back = apart.min(axis=1), apart.min(axis=0)
    assert row["hausdorff95_mm"] == pytest.approx(max(np.percentile(there, 95), np.percentile(back, 95)))
    assert row["mean_surface_distance_mm"] == pytest.approx((there.mean() + back.mean()) / 2)


@pytest.mark.external_reference
def test_dice_and_distances_are_those_of_simpleitk(rng):
    """ITK's overlap filter, and its distance maps read off at its own contours."""
    import SimpleITK as sitk
    from scipy.ndimage import gaussian_filter

    spacing = (4.0, 0.8, 0.7)
    masks = []
    for shift in (0.0, 0.4):
        lumpy = gaussian_filter(rng.normal(0, 1, (9, 40, 44)), 4) * 6 + shift * 0.2
        away = ((np.indices((9, 40, 44)).T - (4, 20, 22)) / (3.0, 13, 12)).T
        masks.append((away**2).sum(axis=0) < 1 + lumpy)
    row = overlap(*(Segmentation({"mf": mask}, spacing) for mask in masks)).iloc[0]
    images = [sitk.GetImageFromArray(mask.astype(np.uint8)) for mask in masks]
    for image in images:
        image.SetSpacing(spacing[::-1])
    measures = sitk.LabelOverlapMeasuresImageFilter()
    measures.Execute(*images)
    assert row["dice"] == pytest.approx(measures.GetDiceCoefficient(), rel=1e-12)
    contours = [sitk.LabelContour(image, fullyConnected=False) for image in images]
    far = [
        np.abs(sitk.GetArrayFromImage(sitk.SignedMaurerDistanceMap(
            contour, squaredDistance=False, useImageSpacing=True)))
        for contour in contours
    ]  # fmt: skip
    edges = [sitk.GetArrayFromImage(contour) == 1 for contour in contours]
    there, back = far[1][edges[0]], far[0][edges[1]]
    assert row["mean_surface_distance_mm"] == pytest.approx((there.mean() + back.mean()) / 2, rel=1e-5)
    expected = max(np.percentile(there, 95), np.percentile(back, 95))
    assert row["hausdorff95_mm"] == pytest.approx(expected, rel=1e-5)


def test_masks_cropped_differently_are_compared_where_they_lie():
    spacing = (4.0, 0.8, 0.7)
    whole = box((6, 12, 12), (1, 4), (3, 8), (4, 9))
    cropped = Segmentation({"mf": whole[1:4, 3:8, 4:9]}, spacing, (4 * 0.7, 3 * 0.8, 1 * 4.0))
    row = overlap(cropped, Segmentation({"mf": whole}, spacing)).iloc[0]
    assert (row["dice"], row["hausdorff95_mm"]) == (1.0, 0.0)


def test_a_segment_of_one_reader_only_and_an_empty_one_are_said():
    spacing = (4.0, 0.8, 0.7)
    mask, nothing = box((5, 9, 9), (1, 3), (2, 6), (2, 6)), np.zeros((5, 9, 9), dtype=bool)
    first = Segmentation({"mf": mask, "es": mask, "ps": nothing}, spacing)
    second = Segmentation({"mf": mask, "ps": nothing}, spacing)
    notes = overlap(first, second).set_index("segment")
    assert notes.loc["es", "note"] == "drawn by one reader only"
    assert notes.loc["es", "dice"] == 0
    assert notes.loc["ps", "note"] == "both are empty"
    assert np.isnan(notes.loc["ps", "dice"])
    with pytest.raises(SegmentationError, match="segments of the same names"):
        overlap(first, Segmentation({"other": mask}, spacing))
