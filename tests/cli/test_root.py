from __future__ import annotations

import resource
import subprocess
import sys
from statistics import median

import pytest

from trialkit.cli.root import COMMANDS

HEAVY = ("pandas", "numpy", "scipy", "statsmodels", "lifelines", "matplotlib", "sqlalchemy")

BARE_CLICK = """
import click
@click.group()
def root(): "A bare program."
@root.command()
def one(): "One."
root(["--help"])
"""


def python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], *([name, "--help"] for name in COMMANDS)])
def test_help_and_version_answer_without_the_statistics_stack(arguments: list[str]):
    code = (
        "import sys\n"
        "from trialkit.cli.root import root\n"
        f"root.main({arguments!r}, standalone_mode=False)\n"
        f"heavy = [name for name in {HEAVY!r} if name in sys.modules]\n"
        "sys.exit(f'imported {heavy}' if heavy else 0)"
    )
    done = python(code)
    assert done.returncode == 0, done.stderr


def cpu_seconds(code: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = python(code)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == 0, done.stderr
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def test_help_costs_no_more_than_three_times_bare_click():
    ours = "import sys; sys.argv = ['trialkit', '--help']; from trialkit.cli import main; main()"
    pairs = [(cpu_seconds(ours), cpu_seconds(BARE_CLICK)) for _ in range(5)]
    assert median(mine / bare for mine, bare in pairs) < 3


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["no-such-command"], "No such command"),
        (["compare"], "Missing argument"),
        (["compare", "--bad"], "No such option"),
        (["study", "check", "/no/such/folder"], "study.toml"),
    ],
)
def test_bad_usage_is_one_line_and_exit_status_2(arguments: list[str], says: str):
    done = subprocess.run(
        [sys.executable, "-m", "trialkit", *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1
    assert says in done.stderr


def test_a_defect_is_one_line_that_says_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture):
    from trialkit.cli import root

    def broken(**_: object) -> None:
        raise KeyError("x")

    monkeypatch.setattr(root.root, "main", broken)
    monkeypatch.delenv("TRIALKIT_DEBUG", raising=False)
    with pytest.raises(SystemExit) as stop:
        root.main()
    assert stop.value.code == 3
    assert "This is a defect in trialkit" in capsys.readouterr().err
