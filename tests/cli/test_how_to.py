"""The how-to pages, run one after the other as their readers would; `…` stands for what no two runs share."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

PAGES = Path(__file__).parents[2] / "docs" / "how-to"
IN_ORDER = (
    "make-a-randomization-list",
    "set-up-a-study",
    "enrol-and-randomize",
    "enter-and-clean-data",
    "a-data-managers-week",
    "check-a-trial",
    "recover-from-a-loss",
)
BLOCK = re.compile(r"```(?:text (\S+)|console)\n(.*?)```", re.DOTALL)


def _commands(block: str) -> list[tuple[str, list[str]]]:
    found: list[tuple[str, list[str]]] = []
    for line in block.splitlines():
        if line.startswith("$ "):
            found.append((line.removeprefix("$ "), []))
        else:
            found[-1][1].append(line)
    return found


LONG_AGO = re.compile(r"^Look at .*: consent was signed on .*, more than a year ago\n", re.MULTILINE)


def _as_shown(said: str, shown: list[str]) -> bool:
    """A line that is ``…`` alone stands for any lines, in a line it stands for what no two runs share."""
    said = LONG_AGO.sub("", said)  # the pages' consents are of one day for ever, their readers' are of theirs
    lines = ["(?s:.*)" if line == "…" else ".*".join(map(re.escape, line.split("…"))) for line in shown]
    return re.fullmatch("\n".join(lines), said.rstrip("\n")) is not None


def test_the_pages_are_what_their_readers_see(
    tmp_path: Path, definition: Path, trialkit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(definition, tmp_path / "study-a")
    shutil.copyfile(definition / "randomization.toml", tmp_path / "randomization.toml")
    text = (tmp_path / "study-a" / "study.toml").read_text(encoding="utf-8")
    text = text.replace("demonstration = true", "demonstration = false")
    text = text.replace('concealment = "demonstration"', 'concealment = "central"')
    (tmp_path / "study-a" / "study.toml").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for name in IN_ORDER:
        for file, block in BLOCK.findall((PAGES / f"{name}.md").read_text(encoding="utf-8")):
            if file:
                (tmp_path / file).write_text(block, encoding="utf-8")
                continue
            for command, shown in _commands(block):
                program, *words = shlex.split(command)
                if program != "trialkit":
                    assert not shown
                    subprocess.run(command, shell=True, check=True)
                    continue
                said = trialkit(*words)
                assert said.status == 0, (name, command, said.err)
                assert _as_shown(said.out, shown), (name, command, said.out)
