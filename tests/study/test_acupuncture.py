"""The acupuncture trial's definition fits its published file."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest

from trialkit.study import Study, StudyError, check_study, load_study

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "acupuncture"


@pytest.fixture(scope="module")
def study() -> Study:
    return load_study(EXAMPLE)


def test_its_allocations_were_made_elsewhere_and_say_why(study: Study) -> None:
    assert study.randomization.method == "external"
    assert study.randomization.reason_external
    assert study.factors == ()


def test_it_contradicts_nothing_and_a_minimization_variable_left_out_is_found(study: Study) -> None:
    assert check_study(study) == ()
    assert study.analysis is not None
    shorter = replace(study, analysis=replace(study.analysis, covariates=("base", "sex")))
    assert [finding.code for finding in check_study(shorter)] == ["factor-left-out"]


@pytest.mark.external_reference
def test_every_column_and_code_of_the_published_file_has_its_place(study: Study, shared: Path) -> None:
    mapping = study.import_mapping
    assert mapping is not None
    with (shared / "reference" / "acupuncture.csv").open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    placed = {column.column for column in mapping.columns} | {
        mapping.subject_columns[0],
        mapping.allocation_column,
    }
    assert set(rows[0]) == placed | set(mapping.ignored_columns)
    assert {row["group"] for row in rows} == set(mapping.allocation_codes)
    for column in mapping.columns:
        item = study.item(column.item)
        found = {row[column.column] for row in rows} - set(mapping.missing_values)
        codes = {column.codes.get(value, value) for value in found}
        if item.choices:
            assert codes <= {choice.code for choice in item.choices}
        else:
            assert item.minimum <= min(map(float, codes))
            assert max(map(float, codes)) <= item.maximum


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        ('"0" = "control"', '"0" = "contrl"', "Did you mean 'control'"),
        ('item = "diagnosis"', 'item = "diagnoses"', "Did you mean 'diagnosis'"),
        ('"0" = "tension"', '"0" = "tensoin"', "Did you mean 'tension'"),
        (
            'item = "age_years"\nvisit = "baseline"',
            'item = "age_years"\nvisit = "month_3"',
            "a visit of form",
        ),
        (
            'item = "headache_days"\nvisit = "month_12"',
            'item = "headache_days"\nvisit = "month_3"',
            "again, which column",
        ),
        ('site = "UK"', 'site = "FR"', "a site"),
    ],
)
def test_a_mapping_that_does_not_fit_is_refused(tmp_path: Path, old: str, new: str, wanted: str) -> None:
    for name in ("study.toml", "dictionary.csv"):
        (tmp_path / name).write_bytes((EXAMPLE / name).read_bytes())
    text = (tmp_path / "study.toml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "study.toml").write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(StudyError, match=r"study\.toml:\d+:import") as caught:
        load_study(tmp_path)
    assert wanted in str(caught.value)
