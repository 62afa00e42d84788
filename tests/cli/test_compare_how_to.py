"""The how-to page shows what the program prints."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "compare-two-entries.md"


def test_the_pages_transcript_is_what_the_command_prints(tmp_path: Path) -> None:
    page = PAGE.read_text(encoding="utf-8")
    for name, content in re.findall(r"```csv (\S+)\n(.*?)```", page, re.DOTALL):
        (tmp_path / name).write_text(content)
    ((command, shown),) = re.findall(r"```console\n\$ trialkit (.*?)\n(.*?)```", page, re.DOTALL)
    answer = subprocess.run(
        [sys.executable, "-m", "trialkit", *shlex.split(command)],
        cwd=tmp_path,
        env={"PYTHONPATH": str(PAGE.parents[2]), "PATH": "", "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 1
    assert answer.stdout == shown
