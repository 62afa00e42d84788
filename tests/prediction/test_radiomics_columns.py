"""Radiomic features become columns of the table and candidates of a plan."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from trialkit.errors import PredictionError
from trialkit.prediction import read_prediction_plan
from trialkit.prediction.radiomics_columns import with_radiomics

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
    joined, candidates = with_radiomics(table, tmp_path / "features.csv")
    assert joined["multifidus_L4_cm_contrast_3D_avg"].tolist()[:2] == [1.5, 2.5]
    assert joined["multifidus_L4_stat_mean"].isna().tolist() == [False, False, True]
    (tmp_path / "plan.toml").write_text(PLAN + candidates)
    plan = read_prediction_plan(tmp_path / "plan.toml")
    assert set(plan.names) <= set(joined.columns)
    contrast = plan.feature("multifidus_L4_cm_contrast_3D_avg")
    assert (contrast.tag, contrast.group, contrast.label) == (
        "cm_contrast_3D_avg",
        "imaging",
        "Contrast, multifidus L4",
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
        with_radiomics(table, tmp_path / "features.csv")
