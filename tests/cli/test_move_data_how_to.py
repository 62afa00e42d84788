"""The commands of the page on moving data in and out, as its reader would type them."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from trialkit import resources
from trialkit.cli.root import root

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "move-data-in-and-out.md"
LINES = [
    shlex.split(line)[1:] for line in re.findall(r"^(trialkit .*)$", PAGE.read_text("utf-8"), re.MULTILINE)
]
NEEDS_A_TRIAL = {"import", "export", "export-passes"}
EPX = (
    '<EpiData version="6"><Settings decimalSeparator=","/><DataFiles><DataFile id="d">'
    "<Caption><Text>Visit form</Text></Caption>"
    '<Sections><Section id="M"><Fields><Field id="ID" type="ftInteger" length="4" decimals="0"/>'
    '<Field id="W" type="ftFloat" length="5" decimals="1"/></Fields></Section>'
    "</Sections></DataFile></DataFiles></EpiData>"
)


def _command(words: list[str]) -> tuple[click.Command, list[str]]:
    command: click.Command = root
    while isinstance(command, click.Group):
        command = command.get_command(click.Context(command), words.pop(0))
    return command, words


@pytest.mark.parametrize("line", LINES, ids=lambda words: " ".join(words[:2]))
def test_every_option_on_the_page_is_there(line: list[str]) -> None:
    command, words = _command(list(line))
    known = {name for option in command.params for name in option.opts}
    assert {word for word in words if word.startswith("--")} <= known


def test_the_commands_that_need_no_trial_run_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("weasyprint")
    monkeypatch.chdir(tmp_path)
    shutil.copy(resources.folder("sample_data") / "dictionary.csv", "dictionary.csv")
    Path("data.csv").write_text(
        "subject_id,redcap_event_name,vas_mm,vas_complete\n1,baseline_arm_1,5,2\n", "utf-8"
    )
    Path("project.epx").write_text(EPX, "utf-8")
    for line in LINES:
        command, words = _command(list(line))
        if line[0] in NEEDS_A_TRIAL:
            continue
        if line[:2] in (["study", "from-epidata"], ["study", "init"]):
            shutil.rmtree("definition")
        if line[1] == "template":
            assert Path("definition/study.toml").is_file()
        run = CliRunner().invoke(command, words)
        assert run.exit_code == 0, (line, run.output, run.exception)
