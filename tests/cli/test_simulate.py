"""``trialkit simulate`` at the command line."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from trialkit.cli.simulate import command
from trialkit.entry import compare_values
from trialkit.entry.agreement import TypedValue
from trialkit.errors import SimulationError
from trialkit.resources import folder
from trialkit.study import load_study

STUDY = folder("sample_data")


def run(*arguments: object) -> str:
    result = CliRunner().invoke(command, [str(a) for a in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def turns(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, str]:
    """Turn 1, an allocation that this test makes, and turn 2."""
    base = tmp_path_factory.mktemp("simulate")
    said = run(STUDY, "--into", base / "one", "--seed", 11, "--n", 24)
    ready = [row for row in table(base / "one/candidates.csv") if row["eligible"] == "1"]
    lines = [
        f"{r['subject_id']},{('exercise', 'control')[k % 2]},{r['ready_on']}" for k, r in enumerate(ready)
    ]
    (base / "arms.csv").write_text("\n".join(["subject_id,arm,randomization_date", *lines]) + "\n")
    run(STUDY, "--into", base / "two", "--seed", 11, "--n", 24, "--arms", base / "arms.csv")
    return base / "one", base / "two", said


def test_without_arms_only_turn_one_is_written_and_it_says_so(turns: tuple[Path, Path, str]) -> None:
    one, _, said = turns
    assert {path.name for path in one.iterdir()} == {"candidates.csv", "single"}
    assert "No arm was chosen" in said
    assert sum(row["eligible"] == "1" for row in table(one / "candidates.csv")) == 24
    assert {path.stem for path in (one / "single").iterdir()} == {"consent", "eligibility", "demographics"}


def test_turn_two_repeats_turn_one_byte_for_byte(turns: tuple[Path, Path, str]) -> None:
    one, two, _ = turns
    for path in one.rglob("*.csv"):
        assert path.read_bytes() == (two / path.relative_to(one)).read_bytes()


def test_the_files_of_two_passes_differ_where_the_truth_says(turns: tuple[Path, Path, str]) -> None:
    _, two, _ = turns
    study = load_study(STUDY)
    truth = json.loads((two / "truth.json").read_text(encoding="utf-8"))
    found = set()
    for path in (two / "pass1").iterdir():
        first, second = table(path), table(two / "pass2" / path.name)
        assert [*first[0]][:3] == ["subject_id", "visit", "row"]
        for one, other in zip(first, second, strict=True):
            for item in list(one)[3:]:
                kind = study.item(item).type
                if compare_values(TypedValue(one[item]), TypedValue(other[item]), item_type=kind):
                    found.add((one["subject_id"], one["visit"], path.stem, one["row"], item))
    assert found
    assert found == {tuple(field.values()) for field in truth["discordant_fields"]}
    assert truth["effects"][0]["estimand"]["name"] == "primary"
    assert truth["effects"][0]["n"] == 1_000_000


def test_a_folder_with_something_in_it_is_left_alone(turns: tuple[Path, Path, str]) -> None:
    one, _, _ = turns
    before = (one / "candidates.csv").read_bytes()
    with pytest.raises(SimulationError, match="new or empty"):
        run(STUDY, "--into", one, "--seed", 1)
    assert (one / "candidates.csv").read_bytes() == before


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("subject,arm\n0001,control\n", "the columns subject_id, arm"),
        ("subject_id,arm\n0001,control\n0001,control\n", "0001 twice"),
        ("subject_id,arm,randomization_date\n0001,control,2024-02-31\n", "2:randomization_date"),
        ("subject_id,arm\n0001,control,extra\n", "more columns"),
        ("subject_id,arm\n9999,control\n", "subject 9999"),
    ],
)
def test_a_bad_arms_file_is_one_clear_error_and_nothing_is_written(
    tmp_path: Path, text: str, said: str
) -> None:
    (tmp_path / "arms.csv").write_text(text)
    with pytest.raises(SimulationError, match=said):
        run(STUDY, "--into", tmp_path / "out", "--seed", 1, "--n", 5, "--arms", tmp_path / "arms.csv")
    assert not (tmp_path / "out").exists()


def test_a_study_without_a_scenario_is_simulated_from_its_dictionary(tmp_path: Path) -> None:
    bare = tmp_path / "study"
    bare.mkdir()
    for name in ("study.toml", "dictionary.csv"):
        shutil.copy(STUDY / name, bare / name)
    said = run(bare, "--into", tmp_path / "out", "--seed", 2, "--n", 5)
    assert "drawn from its dictionary" in said
    assert "eligible 5" in said


def test_a_missing_study_folder_is_one_line_and_status_2(tmp_path: Path) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "trialkit",
            "simulate",
            str(tmp_path / "none"),
            "--into",
            str(tmp_path / "o"),
            "--seed",
            "1",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr


def test_help_needs_no_statistics(tmp_path: Path) -> None:
    program = (
        "import sys; from trialkit.cli.simulate import command\n"
        "command(['--help'], standalone_mode=False)\n"
        "assert not {'numpy', 'pandas', 'scipy'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "--arms" in done.stdout
