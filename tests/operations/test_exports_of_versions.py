"""An amended study's data as files: which version each form is of, and what it never asked."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import openpyxl
import pandas as pd
import pyreadstat
import pytest
from chain import FIRST, MANAGER, SECOND
from click.testing import CliRunner
from test_amendments import (
    AT_A,
    AT_B,
    activate,
    advance,
    amend,
    enter,
    ready,
    screened_at,
    second_version,
)
from test_randomize import ELIGIBLE

from trialkit import operations as op
from trialkit.cli.export import command
from trialkit.datasets.files import dataset_tables
from trialkit.snapshot import AskedBy, not_asked, read_snapshot

EARLY, LATE = date(2024, 6, 1), date(2024, 6, 12)


@pytest.fixture
def amended(trial: op.Trial, definition: Path, tmp_path: Path) -> op.Trial:
    """``early`` (version 1.0) and ``blank`` (2.0, the new item left blank) at A; ``there`` (1.0) at B.

    ``vas_walking_mm`` is asked from 2.0 on, ``smoking`` until 1.0.
    """
    ready(trial)
    early = screened_at(trial, AT_A, EARLY)
    enter(trial, AT_A, early, "demographics", **{**ELIGIBLE["demographics"], "smoking": "0"})
    for who in (FIRST, SECOND):
        enter(trial, who, early, vas_mm="50")
    amend(trial, second_version(definition, tmp_path / "new"))
    activate(trial)
    advance(trial, LATE)
    late, there = (screened_at(trial, who, LATE) for who in (AT_A, AT_B))
    enter(trial, AT_A, late, "demographics", **_without_smoking())
    for who in (FIRST, SECOND):
        enter(trial, who, late, vas_mm="20", vas_walking_mm="")
        enter(trial, who, there, vas_mm="60")
    op.write_snapshot(trial, MANAGER, folder=tmp_path / "snapshot", blinded=True)
    return trial


def _without_smoking() -> dict[str, str]:
    return {name: value for name, value in ELIGIBLE["demographics"].items() if name != "smoking"}


def _exported(tmp_path: Path, format_: str) -> Path:
    into = tmp_path / format_
    words = [str(tmp_path / "snapshot"), "--into", str(into), "--format", format_]
    CliRunner().invoke(command, words, catch_exceptions=False)
    return into


def test_what_was_never_asked_is_told_apart_from_a_blank_in_the_datasets(
    amended: op.Trial, tmp_path: Path
) -> None:
    tables = read_snapshot(tmp_path / "snapshot").tables
    found = not_asked(tables)
    people = list(dict.fromkeys(tables["subjects"]["subject_id"]))
    early, late, there = people[0], people[1], people[2]
    rows = set(found[["subject_id", "form", "item", "study_version"]].itertuples(index=False, name=None))
    assert rows == {
        (early, "vas", "vas_walking_mm", "1.0"),
        (there, "vas", "vas_walking_mm", "1.0"),
        (late, "demographics", "smoking", "2.0"),
    }
    asked = AskedBy(tables)
    assert [asked("vas_walking_mm", v) for v in ("1.0", "2.0")] == [False, True]
    assert [asked("smoking", v) for v in ("1.0", "2.0")] == [True, False]
    assert [asked("vas_mm", v) for v in ("1.0", "2.0", "")] == [True, True, True]


@pytest.mark.parametrize("format_", ["csv", "xlsx", "spss", "stata"])
def test_an_export_says_the_version_of_each_form_and_what_it_did_not_ask(
    amended: op.Trial, tmp_path: Path, format_: str
) -> None:
    into = _exported(tmp_path, format_)
    if format_ == "csv":
        with (into / "vas.csv").open(encoding="utf-8-sig", newline="") as file:
            rows = [(row["study_version"], row["vas_walking_mm"]) for row in csv.DictReader(file)]
        assert rows == [("1.0", ""), ("2.0", ""), ("1.0", "")]
    elif format_ == "xlsx":
        heads, *lines = openpyxl.load_workbook(into / "vas.xlsx").worksheets[0].iter_rows(values_only=True)
        assert [line[heads.index("study_version")] for line in lines] == ["1.0", "2.0", "1.0"]
    elif format_ == "spss":
        frame, meta = pyreadstat.read_sav(into / "vas.sav", user_missing=True)
        assert list(frame["vas_walking_mm"].fillna(0)) == [-9994, 0, -9994]
        assert meta.variable_value_labels["vas_walking_mm"][-9994.0] == "not asked by its version"
        assert meta.missing_ranges["vas_walking_mm"][0]["hi"] == -9994
        assert meta.original_variable_types["vas_mm"] == "F8.0", "no decimals where there are none"
    else:
        frame, meta = pyreadstat.read_dta(into / "vas.dta", user_missing=True)
        assert [value if isinstance(value, str) else "" for value in frame["vas_walking_mm"]] == [
            "f",
            "",
            "f",
        ]
        assert list(frame["study_version"]) == ["1.0", "2.0", "1.0"]


def test_a_pass_says_its_version_too_and_an_export_imports_again(amended: op.Trial, tmp_path: Path) -> None:
    from trialkit.operations.pass_export import pass_table

    table = pass_table(amended, MANAGER, form="vas", pass_number=2)
    assert [key[-1] for key, _ in table.rows] == ["1.0", "2.0", "1.0"]
    file = _exported(tmp_path, "csv") / "vas.csv"
    text = file.read_text("utf-8-sig").splitlines()
    (new,) = (screened_at(amended, AT_A, LATE),)
    line = ",".join([new, *text[2].split(",")[1:]])
    (tmp_path / "again.csv").write_text(f"{text[0]}\n{line}\n", "utf-8")
    done = op.import_pass(amended, FIRST, path=tmp_path / "again.csv", form="vas")
    assert (done.first_passes, "study_version" in " ".join(done.notes)) == (1, True)


def test_branching_and_blank_are_two_things_in_spss_and_stata() -> None:
    from trialkit.interchange.data_export import form_table
    from trialkit.interchange.data_export_files import export_bytes
    from trialkit.resources import folder
    from trialkit.study import load_study

    study = load_study(folder("sample_data"))
    form = study.form("vas")
    states = {
        "a": ("55", "value", ""),
        "b": ("", "blank", ""),
        "c": ("", "not_applicable", ""),
        "d": ("", "missing", "refused"),
    }
    values = [
        {"subject_id": who, "visit": "baseline", "form": "vas", "row": "", "item": "vas_mm",
         "value": value, "state": state, "missing_code": code}
        for who, (value, state, code) in states.items()
    ]  # fmt: skip
    table = form_table(study, form, values)
    found = {}
    for format_, read in (("spss", pyreadstat.read_sav), ("stata", pyreadstat.read_dta)):
        name, content = export_bytes(table, format_)
        Path(name).write_bytes(content)
        frame, _ = read(name, user_missing=True)
        Path(name).unlink()
        found[format_] = ["" if pd.isna(value) else value for value in frame["vas_mm"]]
    assert found == {"spss": [55, "", -9995, -9999], "stata": [55, "", "e", "d"]}


def test_the_datasets_of_a_run_have_what_was_never_asked(amended: op.Trial, tmp_path: Path) -> None:
    from trialkit.analysis import load_plan
    from trialkit.analysis.run import prepared_run
    from trialkit.resources import folder

    plan = load_plan(folder("sap") / "study_a.toml")
    results, prepared = prepared_run(plan, read_snapshot(tmp_path / "snapshot"))
    assert len(dataset_tables(prepared.datasets)["not_asked"]) == 3
    assert any("did not ask it" in note and "(2, version 1.0)" in note for note in results.notes)
