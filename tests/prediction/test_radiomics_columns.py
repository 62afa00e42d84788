"""Radiomic features become columns of the table and candidates of a plan."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from trialkit.errors import PredictionError
from trialkit.prediction import read_prediction_plan
from trialkit.prediction.radiomics_columns import with_radiomics

SAP = Path(__file__).resolve().parents[2] / "sap"
HEAD = "scan,segment,class,feature,tag,aggregation,value\n"
LINES = "".join(
    f"{scan},multifidus L4,glcm,contrast,cm_contrast_3D_avg,3D_avg,{value}\n"
    f"{scan},multifidus L4,stat,mean,stat_mean,,{10 * value}\n"
    for scan, value in (("0002", 2.5), ("0001", 1.5))
)
PLAN = """[plan]
id = "r"
title = "R"
version = "1"
seed = 1
[outcome]
kind = "binary"
column = "response"
label = "Response"
better = true
[arm]
role = "absent"
"""


@pytest.fixture
def table() -> pd.DataFrame:
    return pd.DataFrame({"subject_id": ["0001", "0002", "0003"], "response": [0, 1, 0]})


def test_features_are_joined_by_subject_and_described_for_the_plan(
    table: pd.DataFrame, tmp_path: Path
) -> None:
    (tmp_path / "features.csv").write_text(HEAD + LINES)
    made = with_radiomics(table, [tmp_path / "features.csv"])
    joined, candidates = made.table, made.candidates
    assert made.readings.empty
    assert joined["multifidus_L4_cm_contrast_3D_avg"].tolist()[:2] == [1.5, 2.5]
    assert joined["multifidus_L4_stat_mean"].isna().tolist() == [False, False, True]
    (tmp_path / "plan.toml").write_text(PLAN + candidates)
    plan = read_prediction_plan(tmp_path / "plan.toml")
    assert set(plan.names) <= set(joined.columns)
    contrast = plan.feature("multifidus_L4_cm_contrast_3D_avg")
    assert (contrast.tag, contrast.group, contrast.label) == (
        "cm_contrast_3D_avg",
        "imaging",
        "Contrast (glcm), multifidus L4",
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("scan,value\n0001,2\n", "no segment"),
        (HEAD + LINES + LINES, "twice"),
        (HEAD + LINES.replace("000", "scan_000"), "scans named as the subjects"),
    ],
)
def test_what_cannot_be_joined_is_refused(
    text: str, message: str, table: pd.DataFrame, tmp_path: Path
) -> None:
    (tmp_path / "features.csv").write_text(text)
    with pytest.raises(PredictionError, match=message):
        with_radiomics(table, [tmp_path / "features.csv"])


def test_two_readers_and_two_sides_become_one_value_and_two_readings(
    table: pd.DataFrame, tmp_path: Path
) -> None:
    """By hand: sides 2 and 4 of the first reader, 3 and 7 of the second; a side missing leaves a gap."""
    rows = {"one": ("2", "4", "1", ""), "two": ("3", "7", "1", "5")}
    for reader, (a, b, c, d) in rows.items():
        lines = [("0001", "left", a), ("0001", "right", b), ("0002", "left", c), ("0002", "right", d)]
        text = "".join(f"{who},psoas_L4_{side},stat,mean,stat_mean,,{value}\n" for who, side, value in lines)
        none = "0003,psoas_L4_left,glcm,,,3D,\n0003,psoas_L4_left,glrlm,,,3D,\n"
        (tmp_path / f"{reader}.csv").write_text(HEAD + text + none)
    made = with_radiomics(table, [tmp_path / "one.csv", tmp_path / "two.csv"], "mean")
    assert made.table["psoas_L4_stat_mean"].tolist()[:2] == [4.0, 3.0]  # of the second, one reader's alone
    assert made.table["psoas_L4_stat_mean"].isna().tolist() == [False, False, True]
    assert made.readings.to_dict("list") == {
        "subject_id": ["0001", "0001", "0002"],
        "feature": ["psoas_L4_stat_mean"] * 3,
        "reader": ["one", "two", "two"],
        "value": [3.0, 5.0, 3.0],
    }
    assert 'definition = "stat, mean of the two sides"' in made.candidates


def test_study_a_names_the_features_its_settings_extract_and_ibsi_s_codes() -> None:
    """All of the six classes, but for two areas, two other names of a feature, and a constant."""
    for name in ("zrad", "SimpleITK", "skimage"):
        pytest.importorskip(name)
    from dataclasses import replace

    from trialkit.imaging import radiomics
    from trialkit.imaging.phantom.scan import make_scan, typical_back
    from trialkit.imaging.texture.settings import read_settings

    scan = make_scan(typical_back(), 1)
    drawn = scan.readings["reader_1"]
    one = {"multifidus_L4": drawn.segments["multifidus_L4_left"]}
    settings = read_settings(SAP / "study_a_radiomics.toml")
    found = radiomics(scan.fat, replace(drawn, segments=one), settings, water=scan.water)
    plan = read_prediction_plan(SAP / "study_a_prediction.toml")
    planned = {f.tag: f for f in plan.features if f.tag}
    assert set(found["tag"]) - set(planned) == {
        "shape2d_mesh_area",
        "shape2d_pixel_area",
        "cm_dissimilarity_2D_comb",
        "cm_sum_var_2D_comb",
        "ngl_dc_perc_2D",
    }
    assert set(planned) < set(found["tag"])
    values = found.set_index("tag")
    for tag, feature in planned.items():
        assert feature.name == f"multifidus_L4_{tag}"
        assert str(values.loc[tag, "code"]) in feature.definition
        assert feature.label_zh
    for copy, kept in (("cm_dissimilarity", "cm_diff_avg"), ("cm_sum_var", "cm_clust_tend")):
        left_out, planned_value = (values.loc[f"{tag}_2D_comb", "value"] for tag in (copy, kept))
        assert left_out == pytest.approx(planned_value, rel=1e-9)
    assert values.loc["ngl_dc_perc_2D", "value"] == 1.0
