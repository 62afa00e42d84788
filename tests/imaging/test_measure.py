"""Phantoms whose areas and fat fractions follow from algebra, on grids that hide no mixed-up axis."""

from __future__ import annotations

import json
import math

import numpy as np
import pandas as pd
import pytest

from tests.imaging.conftest import ROTATION, ellipse
from trialkit.errors import GeometryError, MeasurementError
from trialkit.imaging import Image, MeasureSettings, Segmentation, measure

SHAPE, SPACING = (6, 60, 80), (4.0, 0.8, 0.7)


def one(table, **where):
    rows = table
    for column, value in where.items():
        rows = rows[rows[column] == value]
    assert len(rows) == 1, rows
    return float(rows["value"].iloc[0])


@pytest.fixture
def masks():
    return {
        "multifidus_L4_left": ellipse(SHAPE, SPACING, (36.0, 30.0), (8.0, 7.0), slice(1, 5)),
        "multifidus_L4_right": ellipse(SHAPE, SPACING, (14.0, 30.0), (6.0, 5.0), slice(1, 4)),
    }


@pytest.mark.analytic
@pytest.mark.parametrize("direction", [np.eye(3), ROTATION], ids=["straight", "oblique"])
def test_area_and_volume_are_pixels_times_their_size_in_the_acquired_plane(masks, direction):
    table = measure(Image(np.ones(SHAPE), SPACING, (3.0, 4.0, 5.0), direction),
                    Segmentation(masks, SPACING, (3.0, 4.0, 5.0), direction))  # fmt: skip
    for name, mask in masks.items():
        axial = Image(np.ones(SHAPE), SPACING, (0, 0, 0), direction).grid.axial_axis
        drawn = np.flatnonzero(mask.sum(axis=tuple({0, 1, 2} - {axial})))
        middle = mask.take(drawn[(len(drawn) - 1) // 2], axis=axial)
        plane_mm2 = 4.0 * 0.8 * 0.7 / SPACING[axial]
        assert one(table, segment=name, metric="csa") == pytest.approx(
            middle.sum() * plane_mm2 / 100, rel=1e-12
        )
        assert one(table, segment=name, metric="volume") == pytest.approx(mask.sum() * 2.24 / 1000, rel=1e-12)


def test_the_metrics_wanted_are_the_rows_that_the_whole_table_has_of_them(masks):
    fat, water = Image(np.full(SHAPE, 30.0), SPACING), Image(np.full(SHAPE, 70.0), SPACING)
    whole = measure(fat, Segmentation(masks, SPACING), water)
    assert {"csa", "fat_fraction", "slice_fat_fraction", "lean_csa", "asymmetry"} <= set(whole["metric"])
    for metrics in (("csa", "fat_fraction"), *((one,) for one in whole["metric"].unique())):
        wanted = measure(fat, Segmentation(masks, SPACING), water, metrics=metrics)
        expected = whole[whole["metric"].isin(metrics)].reset_index(drop=True)
        assert 0 < len(wanted) < len(whole)
        pd.testing.assert_frame_equal(wanted, expected)


@pytest.mark.analytic
@pytest.mark.parametrize(("pixel_mm", "within"), [(1.0, 0.02), (0.25, 0.004)])
def test_the_area_of_an_ellipse_comes_nearer_to_pi_a_b_as_pixels_shrink(pixel_mm, within):
    shape = (3, round(60 / pixel_mm), round(80 / pixel_mm))
    spacing = (4.0, pixel_mm, pixel_mm)
    mask = ellipse(shape, spacing, (40.1, 30.2), (20.0, 12.0))
    table = measure(Image(np.ones(shape), spacing), Segmentation({"psoas_L3_left": mask}, spacing))
    assert one(table, metric="csa") == pytest.approx(math.pi * 20 * 12 / 100, rel=within)


@pytest.mark.analytic
def test_the_slice_lies_across_the_body_whatever_order_the_file_has(masks):
    mask = masks["multifidus_L4_left"]
    axial = measure(Image(np.ones(SHAPE), SPACING), Segmentation({"mf": mask}, SPACING))
    # The same volume stored with slices last: z of the patient runs along the array's x.
    turned = np.ascontiguousarray(mask.transpose(1, 2, 0))
    spacing = (0.8, 0.7, 4.0)
    direction = np.array([[0.0, 1, 0], [0, 0, 1], [1, 0, 0]])
    other = measure(Image(np.ones(turned.shape), spacing, (0, 0, 0), direction),
                    Segmentation({"mf": turned}, spacing, (0, 0, 0), direction))  # fmt: skip
    assert one(other, metric="csa") == pytest.approx(one(axial, metric="csa"), rel=1e-12)


@pytest.mark.analytic
def test_fat_fraction_has_two_definitions_and_both_are_named():
    mask = np.zeros((3, 4, 4), dtype=bool)
    mask[1, :2, :2] = True
    fat, water = np.zeros(mask.shape), np.zeros(mask.shape)
    fat[1, :2, :2], water[1, :2, :2] = [[10, 30], [0, 0]], [[90, 10], [40, 0]]
    table = measure(
        Image(fat, (4, 1, 1)), Segmentation({"mf_L4_left": mask}, (4, 1, 1)), Image(water, (4, 1, 1))
    )
    assert one(table, metric="fat_fraction", method="mean_of_voxels") == pytest.approx((10 + 75 + 0 + 0) / 4)
    assert one(table, metric="fat_fraction", method="ratio_of_sums") == pytest.approx(100 * 40 / 180)
    assert one(table, metric="lean_csa", method="fat_fraction<50") == pytest.approx(0.03)
    assert one(table, metric="lean_csa", method="water_weighted") == pytest.approx(
        0.01 * (0.9 + 0.25 + 1 + 1)
    )
    notes = table.loc[table["metric"] == "fat_fraction", "note"]
    assert set(notes) == {"signal fat fraction, not confounder-corrected"}
    corrected = measure(Image(fat, (4, 1, 1)), Segmentation({"mf_L4_left": mask}, (4, 1, 1)),
                        Image(water, (4, 1, 1)), MeasureSettings(confounder_corrected=True))  # fmt: skip
    assert set(corrected.loc[corrected["metric"] == "fat_fraction", "note"]) == {""}


@pytest.mark.analytic
def test_fat_and_water_that_disagree_in_origin_are_refused_unless_the_grid_is_trusted(masks):
    segmentation = Segmentation(masks, SPACING)
    fat, water = (
        Image(np.full(SHAPE, 25.0), SPACING),
        Image(np.full(SHAPE, 75.0), SPACING, (204.5, 147.9, 192.8)),
    )
    with pytest.raises(GeometryError) as refused:
        measure(fat, segmentation, water)
    assert "origin (0.000, 0.000, 0.000)" in str(refused.value)
    assert "origin (204.500, 147.900, 192.800)" in str(refused.value)
    table = measure(fat, segmentation, water, MeasureSettings(trust_grid=True))
    assert one(table, metric="fat_fraction", method="ratio_of_sums", side="left") == pytest.approx(25.0)


@pytest.mark.analytic
@pytest.mark.parametrize("share", [0.1, 0.3, 0.5])
def test_a_mixture_of_two_signals_gives_back_its_share_by_every_method(masks, share, rng):
    mask = masks["multifidus_L4_left"]
    inside = int(mask.sum())
    fat_voxels = round(share * inside)
    values = np.concatenate([rng.normal(100, 4, inside - fat_voxels), rng.normal(300, 4, fat_voxels)])
    array = np.full(SHAPE, 5.0)
    array[mask] = rng.permutation(values)
    sat = np.zeros(SHAPE, dtype=bool)
    sat[:, :5, :5] = True
    array[sat] = 320
    segmentation = Segmentation({"multifidus_L4_left": mask, "subcutaneous_fat": sat}, SPACING)
    table = measure(Image(array, SPACING), segmentation, settings=MeasureSettings(clusters=2))
    for method in ("otsu", "kmeans", "gmm", "subcutaneous"):
        found = one(table, segment="multifidus_L4_left", metric="fat_infiltration", method=method)
        assert found == pytest.approx(100 * fat_voxels / inside, abs=1e-9), method
    on_slice = one(table, segment="multifidus_L4_left", metric="slice_fat_infiltration", method="otsu")
    lean = one(table, segment="multifidus_L4_left", metric="lean_csa", method="otsu")
    csa = one(table, segment="multifidus_L4_left", metric="csa")
    assert lean == pytest.approx(csa * (1 - on_slice / 100), rel=1e-12)


@pytest.mark.external_reference
def test_the_mixture_and_the_clusters_are_those_of_scikit_learn(rng):
    cluster, mixture = pytest.importorskip("sklearn.cluster"), pytest.importorskip("sklearn.mixture")
    from trialkit.imaging.muscle.fat import kmeans_1d
    from trialkit.imaging.muscle.mixture import fit_mixture

    values = np.concatenate([rng.normal(100, 15, 900), rng.normal(170, 25, 400), rng.normal(290, 20, 300)])
    theirs = cluster.KMeans(3, n_init=20, tol=1e-10, random_state=1).fit(values[:, None])
    ours = kmeans_1d(np.sort(values), 3)
    assert ours == pytest.approx(np.sort(theirs.cluster_centers_[:, 0]), rel=1e-6)
    fitted = fit_mixture(values, ours)
    theirs = mixture.GaussianMixture(3, tol=1e-9, max_iter=5000, means_init=ours[:, None]).fit(
        values[:, None]
    )
    order = np.argsort(theirs.means_[:, 0])
    assert fitted.converged
    assert fitted.means == pytest.approx(theirs.means_[order, 0], rel=2e-3)
    assert fitted.weights == pytest.approx(theirs.weights_[order], abs=3e-3)
    assert np.sqrt(fitted.variances) == pytest.approx(np.sqrt(theirs.covariances_[order, 0, 0]), rel=1e-2)


@pytest.mark.analytic
def test_asymmetry_ratio_and_grades_follow_from_the_areas(masks):
    bone = ellipse(SHAPE, SPACING, (25.0, 10.0), (10.0, 6.0), slice(1, 5))
    segmentation = Segmentation({**masks, "vertebra_L4": bone}, SPACING)
    table = measure(Image(np.full(SHAPE, 30.0), SPACING), segmentation,
                    settings=MeasureSettings(image_is="fat_fraction_percent"))  # fmt: skip
    left = one(table, segment="multifidus_L4_left", metric="csa")
    right = one(table, segment="multifidus_L4_right", metric="csa")
    assert one(table, metric="asymmetry", method="csa slice=middle; denominator=larger") == pytest.approx(
        100 * (left - right) / left
    )
    vertebra = one(table, segment="vertebra_L4", metric="csa")
    ratio = table[table["metric"] == "muscle_to_vertebra_ratio"].set_index("side")["value"]
    assert ratio["left"] == pytest.approx(left / vertebra)
    grades = table[table["metric"].str.endswith("grade")].groupby("metric")["value"].unique()
    assert list(grades["goutallier_grade"]) == [2]
    assert list(grades["kjaer_grade"]) == [1]


@pytest.mark.analytic
def test_muscle_fat_index_and_vbq_are_ratios_of_mean_signals():
    names = {"psoas_L4_left": 50, "multifidus_L4_left": 90, "erector_spinae_L4_left": 110, "vertebra_L1": 30,
             "vertebra_L2": 36, "vertebra_L3": 39, "vertebra_L4": 60, "csf_L3": 15}  # fmt: skip
    array, masks = np.zeros((3, 8, 20)), {}
    for column, (name, signal) in enumerate(names.items()):
        masks[name] = np.zeros(array.shape, dtype=bool)
        masks[name][1, 2:6, 2 * column : 2 * column + 2] = True
        array[masks[name]] = signal
    table = measure(
        Image(array, (4, 1, 1), acquisition={"field_strength_t": 3.0}), Segmentation(masks, (4, 1, 1))
    )
    assert one(table, metric="muscle_fat_index") == pytest.approx(50 / 100)
    assert one(table, metric="vbq") == pytest.approx(np.median([30, 36, 39, 60]) / 15)
    assert (
        table.loc[table["metric"] == "vbq", "note"].item() == "at 3 T; never pool field strengths unadjusted"
    )


@pytest.mark.analytic
@pytest.mark.parametrize(("rule", "expected"), [("mid_disc", 1), ("superior_endplate", 3), ("largest", 2)])
def test_the_slice_is_chosen_by_the_rule_and_recorded(rule, expected):
    shape, spacing = (5, 12, 12), (4.0, 1.0, 1.0)
    muscle = np.zeros(shape, dtype=bool)
    for z, width in enumerate((3, 4, 7, 5, 2)):
        muscle[z, :width, 0] = True
    disc, bone = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
    disc[0:3, 6:8, 6:8] = True
    bone[2:4, 6:8, 9:11] = True
    segmentation = Segmentation({"multifidus_left": muscle, "disc_L4": disc, "vertebra_L4": bone}, spacing)
    table = measure(Image(np.ones(shape), spacing), segmentation, settings=MeasureSettings(slice_rule=rule))
    row = table[(table["metric"] == "csa") & (table["muscle"] == "multifidus")].iloc[0]
    assert row["slice_index"] == expected
    assert row["slice_rule"] == rule
    assert row["value"] == pytest.approx((3, 4, 7, 5, 2)[expected] / 100)


def test_a_rule_without_its_landmark_is_an_error(masks):
    with pytest.raises(MeasurementError, match="segments of the discs"):
        measure(Image(np.ones(SHAPE), SPACING), Segmentation(masks, SPACING),
                settings=MeasureSettings(slice_rule="mid_disc"))  # fmt: skip


def test_every_value_tells_formula_settings_version_and_digests(masks):
    import trialkit
    from trialkit.imaging.muscle.formulas import FORMULAS

    image, segmentation = Image(np.ones(SHAPE), SPACING), Segmentation(masks, SPACING)
    table = measure(image, segmentation, scan="A-001")
    assert list(table.columns[:9]) == [
        "scan", "segment", "muscle", "level", "side", "metric", "method", "value", "unit",
    ]  # fmt: skip
    assert set(table["formula"]) <= {formula.id for formula in FORMULAS.values()}
    assert set(table["software"]) == {f"trialkit {trialkit.__version__}"}
    assert set(table["image_sha256"]) == {image.sha256}
    assert set(table["segmentation_sha256"]) == {segmentation.sha256}
    assert json.loads(table["settings"].iloc[0])["slice_rule"] == "middle"
    assert set(table["scan"]) == {"A-001"}


@pytest.mark.parametrize(
    ("fat", "water", "told"),
    [(np.nan, 1.0, "without one"), (-2.0, 1.0, "negative ones"), (np.inf, 1.0, "without one")],
)
def test_values_that_are_no_signal_are_refused_and_the_segment_named(masks, fat, water, told):
    array = np.ones(SHAPE)
    array[2, 37, 52] = fat
    with pytest.raises(MeasurementError, match=rf"segment multifidus_L4_left.*{told}"):
        measure(Image(array, SPACING), Segmentation(masks, SPACING), Image(np.full(SHAPE, water), SPACING))


def test_a_fat_fraction_map_out_of_its_range_is_refused(masks):
    with pytest.raises(MeasurementError, match="fat fractions from 0 to 1"):
        measure(Image(np.full(SHAPE, 30.0), SPACING), Segmentation(masks, SPACING),
                settings=MeasureSettings(image_is="fat_fraction_share"))  # fmt: skip


def test_one_slice_is_measured_and_said():
    mask = np.zeros(SHAPE, dtype=bool)
    mask[2, 10:20, 10:20] = True
    table = measure(Image(np.ones(SHAPE), SPACING), Segmentation({"psoas_L4_left": mask}, SPACING))
    volume = table[table["metric"] == "volume"].iloc[0]
    assert (volume["value"], volume["note"]) == (pytest.approx(100 * 2.24 / 1000), "one slice")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("multifidus_L4_left", ("multifidus", "L4", "left")),
        ("MF L4 L", ("multifidus", "L4", "left")),
        ("ES_R_L3", ("erector_spinae", "L3", "right")),
        ("Right Psoas Major (L3)", ("psoas", "L3", "right")),
        ("quadratusLumborumL2Left", ("quadratus_lumborum", "L2", "left")),
        ("ES+MF L4 right", ("erector_spinae_multifidus", "L4", "right")),
        ("disc L4/L5", ("disc", "L4", "")),
        ("vertebra_L4", ("vertebra", "L4", "")),
        ("Subcutaneous fat", ("subcutaneous_fat", "", "")),
        ("gluteus", ("gluteus", "", "")),
    ],
)
def test_a_segments_name_tells_muscle_level_and_side(name, told):
    from trialkit.imaging.names import read_structure

    read = read_structure(name)
    assert (read.muscle, read.level, read.side) == told
