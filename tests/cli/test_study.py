"""``trialkit study``: what a data manager sees."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from trialkit.cli.root import root
from trialkit.cli.study import command

SAMPLE = Path(__file__).resolve().parents[2] / "sample_data"


def test_findings_are_printed_and_are_no_failure() -> None:
    result = CliRunner().invoke(command, ["check", str(SAMPLE)])
    assert result.exit_code == 0
    assert "needs 17 per arm" in result.output
    assert "7 contradictions, 3 gaps, 1 note." in result.output


def test_the_reference_trial_is_the_default() -> None:
    runner = CliRunner()
    assert runner.invoke(command, ["check"]).output == runner.invoke(command, ["check", str(SAMPLE)]).output


def test_strict_makes_findings_a_failure() -> None:
    assert CliRunner().invoke(command, ["check", str(SAMPLE), "--strict"]).exit_code == 1


def test_json_holds_every_finding_with_its_place_and_next_step() -> None:
    result = CliRunner().invoke(command, ["check", str(SAMPLE), "--json"])
    findings = json.loads(result.output)
    assert len(findings) == 11
    assert all(finding["where"] and finding["next_step"] for finding in findings)


def test_show_has_a_row_a_form_and_a_column_a_visit() -> None:
    result = CliRunner().invoke(root, ["study", "show", str(SAMPLE)])
    assert result.exit_code == 0
    lines = result.output.splitlines()
    heading = next(line for line in lines if line.startswith("Forms"))
    assert heading.split()[1:] == ["baseline", "week_6", "month_1", "month_3", "month_6", "month_12"]
    odi = next(line for line in lines if line.startswith("Oswestry"))
    assert odi.split()[-6:] == ["2"] * 6
    assert any("Exercise diary and compliance *" in line for line in lines)
    assert "day 365 (335 to 425) after randomization" in result.output


@pytest.mark.parametrize("act", ["check", "show"])
def test_an_unreadable_definition_is_one_line_and_status_2(tmp_path: Path, act: str) -> None:
    for name in ("study.toml", "dictionary.csv"):
        (tmp_path / name).write_bytes((SAMPLE / name).read_bytes())
    text = (tmp_path / "study.toml").read_text(encoding="utf-8")
    (tmp_path / "study.toml").write_text(text.replace("window_days", "windwo_days", 1), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "trialkit", "study", act, str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert "windwo_days" in line
    assert "Did you mean 'window_days'?" in line
    assert "study.toml:" in line


@pytest.mark.parametrize(
    ("file", "identifier"),
    [
        ("MyTrial_DataDictionary_2026-01-31.csv", "MYTRIAL"),
        ("pilot.csv", "PILOT"),
        ("dictionary.csv", "LOWBACK2"),
        ("Data_Dictionary.csv", "LOWBACK2"),
    ],
)
def test_a_draft_is_named_after_its_file_or_the_folder_of_a_file_without_a_name(
    tmp_path: Path, file: str, identifier: str
) -> None:
    folder = tmp_path / "low-back 2"
    folder.mkdir()
    (folder / file).write_text(
        "field_name,form_name,field_type,field_label\nrecord_id,a,text,Number\npain,a,text,Pain\n", "utf-8"
    )
    done = CliRunner().invoke(root, ["study", "init", str(folder / file), "--into", str(tmp_path / "made")])
    assert done.exit_code == 0, done.output
    assert f"Study {identifier}:" in done.output
