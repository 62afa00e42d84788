"""``trialkit check-table``: the how-to page, the cohort's published table, and tables that cannot be read."""

from __future__ import annotations

import csv
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from trialkit.cli.check_table import command
from trialkit.errors import TrialkitError

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "how-to" / "check-a-published-table.md"
PUBLISHED = ROOT / "examples" / "kyphoplasty"

# What the table of study B must be found to hold, from algebra alone (see tests/stats/tables for each).
EXPECTED = {
    "sex, m/f": {"statistic impossible", "p-value impossible", "statistic of another row"},
    "VBQ": {"p-value impossible", "unequal variances"},
    "post-op kyphosis": {"p-value impossible", "unequal variances"},
    "cement volume, mL": {"p-value impossible", "unequal variances"},
    "PS total area, cm2": {"p-value impossible"},
    "FI% ES+MF": {"p-value impossible", "unequal variances"},
    "sensitivity of PS area": {"percentage impossible"},
    "specificity of PS area": {"percentage impossible"},
}


def checked(path: Path, *options: str) -> tuple[int, str]:
    done = CliRunner().invoke(command, [str(path), *options], catch_exceptions=False)
    return done.exit_code, done.output


def refusal(path: Path) -> str:
    with pytest.raises(TrialkitError) as caught:
        CliRunner().invoke(command, [str(path)], catch_exceptions=False, standalone_mode=False)
    return str(caught.value)


def test_the_pages_transcript_is_what_the_command_prints(tmp_path: Path) -> None:
    page = PAGE.read_text(encoding="utf-8")
    for name, content in re.findall(r"```(?:toml|csv) (\S+)\n(.*?)```", page, re.DOTALL):
        (tmp_path / name).write_text(content, encoding="utf-8")
    ((line, shown),) = re.findall(r"```console\n\$ trialkit (.*?)\n(.*?)```", page, re.DOTALL)
    answer = subprocess.run(
        [sys.executable, "-m", "trialkit", *shlex.split(line)],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": "", "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert answer.returncode == 1
    assert answer.stdout == shown
    first, second = (json.loads(checked(tmp_path / f"table.{kind}", "--json")[1]) for kind in ("toml", "csv"))
    assert first["tests"] == second["tests"]
    assert first["findings"] == second["findings"]


@pytest.mark.external_reference
@pytest.mark.parametrize("kind", ["toml", "csv"])
def test_the_published_cohort_is_flagged_where_no_rounding_explains_it_and_nowhere_else(kind: str) -> None:
    status, text = checked(PUBLISHED / f"published_table.{kind}", "--json")
    found: dict[str, set[str]] = {}
    for finding in json.loads(text)["findings"]:
        found.setdefault(finding["variable"], set()).add(finding["kind"])
    assert found == EXPECTED
    assert status == 1
    texts = {(f["variable"], f["kind"]): f["text"] for f in json.loads(text)["findings"]}
    assert "chi-square 0.186" in texts["sex, m/f", "statistic impossible"]
    tests = {(t["variable"], t["test"]): t for t in json.loads(text)["tests"]}
    assert tests["cement volume, mL", "pooled t"]["printed_p_value"] == "0.002"


HEAD = "variable,kind,a (n = 184),b (n = 29),statistic,p\n"


def test_a_table_without_contradiction_exits_with_0(tmp_path: Path) -> None:
    table = tmp_path / "good.csv"
    table.write_text(
        "variable,kind,a (n = 184),b (n = 29),statistic,p\nage,means,70.56 (8.42),72.86 (9.41),,\n"
    )
    status, text = checked(table)
    assert status == 0
    assert text.endswith("Rounding explains everything.\n")


def test_a_printed_share_is_checked_beside_its_count(tmp_path: Path) -> None:
    table = tmp_path / "share.csv"
    table.write_text(HEAD + "x,counts,33 (17.9),12 (44.1%),,\n")
    status, text = checked(table, "--json")
    assert status == 1
    assert [f["variable"] for f in json.loads(text)["findings"]] == ["x, b"]  # 12 of 29 is 41.4 %


ROW = '[groups]\na = 10\nb = 20\n[[row]]\nvariable = "x"\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[groups]\na = 10\n", "two groups or more"),
        ("[groups]\na = 10\nb = 5\n", r"at least one \[\[row\]\]"),
        (ROW, "means, counts, percent, ratio|one of the keys"),
        (ROW + "means = [1.5, 2.5]\n", "list of texts"),
        (ROW + 'means = ["1.5", "2.5"]\n', r"table.toml:6.*mean ± SD"),
        (ROW + 'means = ["1 ± 2", "2 ± 2"]\nt = -1.34\n', "a text in quotes"),
        (ROW + 'counts = ["3/4", "many"]\n', "32/152"),
        (ROW + 'counts = ["3/4", "3/4/5"]\n', "same two or more levels"),
        (ROW + 'percent = "10"\nof = "c"\n', "one of"),
        (ROW + 'ratio = "1.1"\n', "1.139"),
        (ROW + 'mean = ["1 ± 2", "2 ± 2"]\n', "one of the keys"),
        (ROW + 'means = ["1 ± 2", "2 ± 2"]\nn = [1]\n', "one size a group"),
    ],
)
def test_a_table_that_cannot_be_read_says_where_and_what_to_do(text: str, said: str, tmp_path: Path) -> None:
    table = tmp_path / "table.toml"
    table.write_text(text, encoding="utf-8")
    assert re.search(said, refusal(table))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("variable,kind,a,b\nx,means,1 ± 2,2 ± 3\n", "such as: women"),
        ("variable,kin,a (n = 5),b (n = 6)\n", "such as: women.*Did you mean 'kind'"),
        ("variable,kind,a (n = 5),b (n = 6),statistic,p\nx,mean,1,2,,\n", r"table.csv:2.*a kind of row"),
        ("variable,kind,a (n = 5),b (n = 6),statistic,p\nx,percent,,,,\n", "column of the group"),
    ],
)
def test_a_csv_that_cannot_be_read_says_where_and_what_to_do(text: str, said: str, tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    table.write_text(text, encoding="utf-8")
    assert re.search(said, refusal(table))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert "absent.toml" in refusal(tmp_path / "absent.toml")


def test_every_finding_and_every_recomputed_number_has_its_row(tmp_path: Path) -> None:
    _, printed = checked(PUBLISHED / "published_table.toml", "--into", str(tmp_path / "out"))
    with (tmp_path / "out" / "results.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    texts = {row["value"] for row in rows if row["statistic"] == "text"}
    said = [line.split(": ", 1)[1] for line in printed.splitlines() if line.startswith("  ")]
    assert said
    assert set(said) <= texts
    tests = json.loads(checked(PUBLISHED / "published_table.toml", "--json")[1])["tests"]
    numbers = [row for row in rows if row["table"] == "tests" and row["statistic"] == "p_value"]
    assert len(numbers) == len(tests)
    assert {row["analysis"] for row in rows} == {"_check_table"}
