"""The page on amending a running trial, run as its reader would; `…` stands for what no two runs share."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_how_to import BLOCK, PAGES, _as_shown, _commands
from trialkit import operations as op
from trialkit.access import Actor, Authentication
from trialkit.vocabulary import Role


def test_the_page_is_what_its_reader_sees(
    tmp_path: Path, definition: Path, trialkit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(definition, "study-a")
    with op.create_study("study", definition="study-a", administrator="keeper", person_name="K") as trial:
        keeper = Actor("keeper", Role.ADMINISTRATOR, authentication=Authentication.DECLARED)
        op.add_account(trial, keeper, login="dora", person_name="D", role=Role.DATA_MANAGER)
    page = (PAGES / "amend-a-running-trial.md").read_text(encoding="utf-8")
    run = 0
    for _, block in BLOCK.findall(page):
        for command, shown in _commands(block):
            program, *words = shlex.split(command)
            if program != "trialkit":
                subprocess.run(command, shell=True, check=True)
                continue
            said = trialkit(*words)
            assert said.status == 0, (command, said.err)
            assert _as_shown(said.out, shown), (command, said.out)
            run += 1
    assert run == 5


def test_amend_check_says_every_refusal_and_exits_with_1(
    tmp_path: Path, definition: Path, trialkit: Any
) -> None:
    shutil.copytree(definition, tmp_path / "new")
    file = tmp_path / "new" / "dictionary.csv"
    text = file.read_text("utf-8").replace("2, Current", "2, Used to").replace("@UNIT='cm'", "@UNIT='m'", 1)
    file.write_text(text, "utf-8")
    said = trialkit("study", "amend-check", definition, tmp_path / "new")
    assert said.status == 1
    assert said.out.count("REFUSED") == 3  # the version's name besides
    assert "--same-meaning smoking=2" in said.out
    assert trialkit("study", "amend-check", definition, tmp_path / "none").status == 2
