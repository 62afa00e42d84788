"""The plans of studies that allocate nobody: checked and written for readers before there are data."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from trialkit import resources
from trialkit.analysis import load_plan, load_plan_text, plan_problems
from trialkit.cli.root import root
from trialkit.documents import Table
from trialkit.errors import TrialkitError
from trialkit.report.shells import plan_page
from trialkit.study import load_study
from trialkit.study.observational import load_either

STUDIES = ("kyphoplasty", "cohort", "fat-maps")


def folder(name: str) -> Path:
    return resources.folder("examples") / name


@pytest.mark.parametrize("name", STUDIES)
def test_the_plan_fits_and_is_written_for_readers(name: str, tmp_path: Path):
    here = folder(name)
    checked = CliRunner().invoke(root, ["sap", "check", str(here / "plan.toml"), str(here)])
    assert (checked.exit_code, "fits the study" in checked.output) == (0, True), checked.output
    asked = ["sap", "render", str(here / "plan.toml"), str(here), "--into", str(tmp_path)]
    assert CliRunner().invoke(root, asked).exit_code == 0
    text = (tmp_path / "plan.html").read_text(encoding="utf-8")
    assert "planned arm" not in text
    assert "What does not fit" not in text


def rows(name: str, title: str) -> list[str]:
    study = load_either(folder(name))
    page = plan_page(load_plan(folder(name) / "plan.toml"), study)
    blocks = (block for part in page.sections for entry in part.entries for block in entry.blocks)
    return next([row.label for row in b.rows] for b in blocks if isinstance(b, Table) and b.title == title)


@pytest.mark.parametrize(
    ("name", "title", "lines"),
    [
        ("kyphoplasty", "Patients with and without residual pain", ["Sex, n (%)", "Female", "Male"]),
        ("kyphoplasty", "Residual low-back pain: odds ratios", ["Vertebral bone quality score"]),
        (
            "kyphoplasty",
            "Telling residual pain from one measurement: areas and cutoffs",
            ["Psoas total area, cm²"],
        ),
        ("fat-maps", "Patients and their matched volunteers: differences within pairs", ["Trunk sway, mm"]),
    ],
)
def test_a_shell_has_the_lines_that_the_plan_names(name: str, title: str, lines: list[str]):
    assert set(lines) <= set(rows(name, title))


@pytest.mark.parametrize(("name", "last"), [("kyphoplasty", "p"), ("fat-maps", "Std. difference")])
def test_what_is_not_tested_has_no_p_in_its_shell(name: str, last: str):
    page = plan_page(load_plan(folder(name) / "plan.toml"), load_either(folder(name)))
    blocks = (block for part in page.sections for entry in part.entries for block in entry.blocks)
    table = next(block for block in blocks if isinstance(block, Table) and block.number == "14.1.1")
    assert table.columns[-1].label == last


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "vbq + kyphosis",
            "vbq + arm + kyphosis",
            "the study allocates nobody and has no visits; found arm in",
        ),
        ("vbq + kyphosis", "vbqq + kyphosis", "Did you mean 'vbq'"),
        ('set = "all"', 'set = "everyone"', "an analysis set of the plan; found 'everyone'"),
    ],
)
def test_a_wrong_edit_of_it_is_told(old: str, new: str, said: str):
    text = (folder("kyphoplasty") / "plan.toml").read_text(encoding="utf-8").replace(old, new, 1)
    problems = [str(one) for one in plan_problems(load_plan_text(text), load_either(folder("kyphoplasty")))]
    assert any(said in one for one in problems), problems


def test_a_trial_is_read_as_one(tmp_path: Path):
    sample = resources.folder("sample_data")
    assert load_either(sample).sha256 == load_study(sample).sha256
    with pytest.raises(TrialkitError, match="found none"):
        load_either(tmp_path)
