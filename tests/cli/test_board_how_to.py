"""The how-to page on the board's reports and the blind review, run as its readers would."""

from __future__ import annotations

import re
import shlex
import zipfile
from pathlib import Path
from typing import Any

import pytest

from trialkit import resources

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "how-to" / "report-to-the-board.md"
BLOCK = re.compile(r"```console\n\$ trialkit ([^\n]*)\n(.*?)```", re.DOTALL)
FEW = ("D8", "D11", "P1", "A4")  # entries enough to see each report by


def _short(plan: str) -> str:
    """The plan with a few of its entries, and few draws: the page is about the commands."""
    head, *entries = plan.split("[[analysis]]")
    kept = [one for one in entries if any(f'id = "{name}"' in one for name in FEW)]
    return "[[analysis]]".join([head, *kept]).replace("m = 50", "m = 2")


def test_the_page_is_what_its_reader_sees(tmp_path: Path, trialkit: Any, monkeypatch: pytest.MonkeyPatch):
    with zipfile.ZipFile(ROOT / "tests" / "reference" / "study_a" / "snapshot.zip") as archive:
        archive.extractall(tmp_path / "snapshot")
    plan = (resources.folder("sap") / "study_a.toml").read_text(encoding="utf-8")
    (tmp_path / "plan.toml").write_text(_short(plan), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    blocks = BLOCK.findall(PAGE.read_text(encoding="utf-8"))
    assert len(blocks) == 4
    for command, shown in blocks:
        done = trialkit(*shlex.split(command))
        said = done.err if done.status else done.out
        wanted = ".*".join(map(re.escape, shown.strip().split("…")))
        assert re.fullmatch(wanted, said.strip()), f"{command}: {done}"
        assert done.status == (2 if "2027" in command else 0)
    for name in ("open/report/report.pdf", "closed/report/report.docx", "review/candidates.csv"):
        assert (tmp_path / name).is_file()
