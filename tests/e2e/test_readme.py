"""The README is run: its commands, its transcript and its Python."""

from __future__ import annotations

import doctest
import re
import shlex
from pathlib import Path

import pytest

from tests.e2e.conftest import run_trialkit

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```\n(\$ trialkit .*?)^```$", TEXT, flags=re.MULTILINE | re.DOTALL)


def told(block: str) -> tuple[list[str], list[str]]:
    """The arguments of a block's command and the lines it shows, up to an ellipsis."""
    command, *lines = block.splitlines()
    return shlex.split(command.removeprefix("$ trialkit ")), [line.split("…")[0].rstrip() for line in lines]


@pytest.mark.regression_only
def test_the_transcript_is_what_the_demonstration_prints(demo):
    arguments, lines = told(next(block for block in BLOCKS if " demo " in block.splitlines()[0]))
    assert arguments[0] == "demo"
    for line in lines:
        assert line in demo.output


@pytest.mark.regression_only
@pytest.mark.parametrize("block", [b for b in BLOCKS if not b.startswith("$ trialkit demo")])
def test_a_command_prints_what_the_readme_shows(block: str):
    arguments, lines = told(block)
    done = run_trialkit(*arguments, cwd=ROOT)
    assert done.returncode in (0, 1), done.stderr
    for line in lines:
        assert line in done.stdout


@pytest.mark.regression_only
def test_the_python_of_the_readme_runs():
    failures, attempts = doctest.testfile(str(ROOT / "README.md"), module_relative=False)
    assert attempts >= 4
    assert failures == 0


def test_the_two_commands_are_targets_of_the_makefile():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in ("demo", "test"):
        assert f"make {target} " in TEXT
        assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE)
    assert "trialkit demo --into demo/" in makefile
