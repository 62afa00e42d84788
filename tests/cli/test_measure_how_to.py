"""The page on measuring scans shows what the program prints."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from trialkit.cli.root import root

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "measure-scans.md"


def test_the_commands_of_the_page_print_what_it_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    page = PAGE.read_text(encoding="utf-8")
    for name, content in re.findall(r"```toml (\S+)\n(.*?)```", page, re.DOTALL):
        (tmp_path / name).write_text(content)
    asked = 0
    for block in re.findall(r"```console\n(.*?)```", page, re.DOTALL):
        for command, shown in re.findall(r"\$ trialkit (.*?)\n(.*?)(?=\$ trialkit|\Z)", block, re.DOTALL):
            answer = CliRunner().invoke(root, shlex.split(command), catch_exceptions=False)
            assert answer.exit_code == 0, command
            for line in shown.splitlines():
                assert line in answer.output, command
            asked += 1
    assert asked >= 7
    assert (tmp_path / "agreement.csv").stat().st_size > 0
