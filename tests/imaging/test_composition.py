"""Volumes from label maps, and Z-scores that have no trend left with age."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from trialkit.cli.root import root
from trialkit.errors import ImagingError, MeasurementError
from trialkit.imaging import Segmentation, body_composition, composition_table, z_scores


@pytest.mark.analytic
def test_lean_muscle_mass_is_volume_over_bmi():
    lean, fat = np.zeros((5, 10, 10), dtype=bool), np.zeros((5, 10, 10), dtype=bool)
    lean[:4], fat[4, :5] = True, True
    told = body_composition(Segmentation({"lean_muscle": lean, "InterMAT": fat}, (5.0, 2.0, 2.0)), 25.0)
    assert told == {
        "lean_muscle_ml": pytest.approx(400 * 20 / 1000),
        "intermuscular_fat_ml": pytest.approx(50 * 20 / 1000),
        "lean_muscle_mass": pytest.approx(8.0 / 25),
    }
    with pytest.raises(MeasurementError, match="intermuscular_fat"):
        body_composition(Segmentation({"lean_muscle": lean}, (5.0, 2.0, 2.0)), 25.0)
    with pytest.raises(MeasurementError, match="BMI"):
        body_composition(Segmentation({"lean_muscle": lean, "IMAT": fat}, (5.0, 2.0, 2.0)), 0.0)


@pytest.mark.external_reference
def test_z_scores_are_standardized_residuals_within_each_sex(rng):
    import statsmodels.formula.api as smf

    data = pd.DataFrame({"age": rng.uniform(20, 75, 80), "sex": ["f", "m"] * 40})
    data["lean"] = 300 + 80 * (data["sex"] == "m") - 1.5 * data["age"] + rng.normal(0, 20, 80)
    data.loc[5, "lean"] = np.nan
    scores = z_scores(data, "lean", "sex", "age")
    assert np.isnan(scores[5])
    for sex in ("f", "m"):
        here = data[(data["sex"] == sex) & data["lean"].notna()]
        fit = smf.ols("lean ~ age", here).fit()
        assert scores[here.index].to_numpy() == pytest.approx((fit.resid / np.sqrt(fit.scale)).to_numpy())
    with pytest.raises(MeasurementError, match="ten persons"):
        z_scores(data.head(12), "lean", "sex", "age")


def test_the_command_measures_every_row_and_scores_within_sex(tmp_path, rng):
    import nibabel

    rows = ["scan,segmentation,labels,bmi,sex,age"]
    (tmp_path / "labels.csv").write_text("index,name\n1,lean_muscle\n2,intermuscular_fat\n")
    expected = []
    for number in range(24):
        labels = np.zeros((10, 10, 10), dtype=np.uint8)
        lean, fat = int(rng.integers(300, 600)), int(rng.integers(20, 90))
        labels.ravel()[:lean] = 1
        labels.ravel()[lean : lean + fat] = 2
        nibabel.save(
            nibabel.Nifti1Image(labels, np.diag([10.0, 10.0, 10.0, 1.0])), tmp_path / f"{number}.nii"
        )
        bmi, age = 20 + number / 4, 40 + number
        rows.append(f"S{number},{number}.nii,labels.csv,{bmi},{'fm'[number % 2]},{age}")
        expected.append((lean / bmi, fat, "fm"[number % 2], age))
    (tmp_path / "m.csv").write_text("\n".join(rows) + "\n")
    done = CliRunner().invoke(root, ["imaging", "composition", str(tmp_path / "m.csv"), "--out",
                                     str(tmp_path / "t.csv")], catch_exceptions=False)  # fmt: skip
    assert done.exit_code == 0
    table = pd.read_csv(tmp_path / "t.csv")
    mass, fat, sex, age = zip(*expected, strict=True)
    assert table["lean_muscle_mass"].to_numpy() == pytest.approx(mass)  # voxels of 1 mL
    assert table["intermuscular_fat_ml"].to_numpy() == pytest.approx(fat)
    women = np.array(sex) == "f"
    fitted = np.polyfit(np.array(age)[women], np.array(fat)[women], 1)
    apart = np.array(fat)[women] - np.polyval(fitted, np.array(age)[women])
    own = apart / np.sqrt((apart**2).sum() / (women.sum() - 2))
    assert table.loc[women, "intermuscular_fat_z"].to_numpy() == pytest.approx(own, abs=1e-9)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("scan,segmentation\nS,a.nii\n", "a column 'bmi'"),
        ("scan,segmentation,bmi\nS,a.nii,heavy\n", "a number in column bmi"),
        ("scan,segmentation,bmi\nS,none.nii,24\n", "nothing there"),
    ],
)
def test_a_row_that_cannot_be_used_is_one_error(tmp_path, text, told):
    import nibabel

    labels = np.ones((3, 3, 3), dtype=np.uint8)
    nibabel.save(nibabel.Nifti1Image(labels, np.eye(4)), tmp_path / "a.nii")
    (tmp_path / "a.json").write_text('{"1": "lean_muscle"}')
    (tmp_path / "m.csv").write_text(text)
    with pytest.raises(ImagingError, match=told):
        composition_table(tmp_path / "m.csv")


def test_a_bad_label_map_is_a_row_of_the_error_table_and_not_the_end(tmp_path):
    import nibabel

    labels = np.ones((3, 3, 3), dtype=np.uint8)
    labels[0] = 2
    nibabel.save(nibabel.Nifti1Image(labels, np.eye(4)), tmp_path / "a.nii")
    (tmp_path / "a.json").write_text('{"1": "lean_muscle", "2": "intermuscular_fat"}')
    (tmp_path / "m.csv").write_text("scan,segmentation,bmi\nS1,a.nii,24\nS2,none.nii,24\nS3,a.nii,900\n")
    command = ["imaging", "composition", str(tmp_path / "m.csv"), "--out", str(tmp_path / "t.csv")]
    done = CliRunner().invoke(root, command)
    assert done.exit_code == 1, done.output
    assert pd.read_csv(tmp_path / "t.csv")["scan"].tolist() == ["S1"]
    errors = pd.read_csv(tmp_path / "t_errors.csv")
    assert errors["scan"].tolist() == ["S2", "S3"]
    assert errors["found"].tolist() == ["nothing there", "900"]
    (tmp_path / "m.csv").write_text("scan,segmentation,bmi\nS1,a.nii,24\n")
    assert CliRunner().invoke(root, command).exit_code == 0
    assert not (tmp_path / "t_errors.csv").exists()


def test_a_sex_of_too_few_has_no_scores_and_costs_nobody_the_table(tmp_path):
    import nibabel

    (tmp_path / "labels.csv").write_text("index,name\n1,lean_muscle\n2,intermuscular_fat\n")
    rows = ["scan,segmentation,labels,bmi,sex,age"]
    for number in range(13):
        labels = np.zeros((6, 6, 6), dtype=np.uint8)
        labels.ravel()[: 60 + 7 * number % 31] = 1
        labels[5, 5, : 2 + number % 4] = 2
        nibabel.save(nibabel.Nifti1Image(labels, np.eye(4)), tmp_path / f"{number}.nii")
        rows.append(f"S{number},{number}.nii,labels.csv,24,{'f' if number < 12 else 'm'},{40 + number}")
    (tmp_path / "m.csv").write_text("\n".join(rows) + "\n")
    command = ["imaging", "composition", str(tmp_path / "m.csv"), "--out", str(tmp_path / "t.csv")]
    done = CliRunner().invoke(root, command)
    assert done.exit_code == 1, done.output
    table = pd.read_csv(tmp_path / "t.csv")
    assert table["lean_muscle_ml"].notna().sum() == 13
    assert table["lean_muscle_z"].isna().tolist() == [False] * 12 + [True]
    women = table[table["sex"] == "f"]
    alone = z_scores(women, "lean_muscle_mass", "sex", "age")
    assert women["lean_muscle_z"].to_numpy() == pytest.approx(alone.to_numpy())
    errors = pd.read_csv(tmp_path / "t_errors.csv")
    assert errors["found"].tolist() == ["1 of m", "1 of m"]
    assert errors["where"].tolist() == ["sex, lean_muscle_mass", "sex, intermuscular_fat_ml"]
