"""A snapshot's values as files, by command; and what was exported imports again as a pass."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import chain
import pytest
from click.testing import CliRunner

from trialkit import operations as op
from trialkit.cli.export import command
from trialkit.entry.checking import EnteredRow, FormEntry


@pytest.fixture(scope="module")
def snapshot(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("export")
    with chain.found_study(
        folder / "study", shared / "cases" / "capture" / "15-redcap-export-import"
    ) as trial:
        for number, row in (
            ("X-001", {"w": "70.5", "d": "2025-01-02"}),
            ("X-002", {"w": "@refused", "d": ""}),
        ):
            op.enrol(trial, chain.COORDINATOR, site="X", consent_date=date(2024, 1, 1), subject_id=number)
            for person in (chain.FIRST, chain.SECOND):
                op.enter_pass(trial, person, entry=FormEntry(number, "base", "f", (EnteredRow(row),)))
        op.write_snapshot(trial, chain.MANAGER, folder=folder / "snapshot", blinded=True)
    return folder / "snapshot"


@pytest.mark.parametrize("format_", ["csv", "xlsx", "spss", "stata"])
def test_every_format_is_written_once_and_never_over_another(
    snapshot: Path, tmp_path: Path, format_: str
) -> None:
    words = [str(snapshot), "--into", str(tmp_path / "files"), "--format", format_]
    run = CliRunner().invoke(command, words)
    assert run.exit_code == 0, run.exception
    assert "2 rows" in run.output
    assert CliRunner().invoke(command, words).exception is not None


def test_what_was_exported_imports_as_a_pass(snapshot: Path, shared: Path, tmp_path: Path) -> None:
    CliRunner().invoke(command, [str(snapshot), "--into", str(tmp_path / "files")], catch_exceptions=False)
    path = tmp_path / "files" / "f.csv"
    with path.open(encoding="utf-8-sig", newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert [(row["w"], row["d"]) for row in rows] == [("70.5", "2025-01-02"), ("@refused", "")]
    with chain.found_study(
        tmp_path / "again", shared / "cases" / "capture" / "15-redcap-export-import"
    ) as trial:
        for number in ("X-001", "X-002"):
            op.enrol(trial, chain.COORDINATOR, site="X", consent_date=date(2024, 1, 1), subject_id=number)
        assert op.import_pass(trial, chain.FIRST, path=path, form="f").first_passes == 2


@pytest.mark.parametrize(
    ("words", "said"), [(["--form", "g"], "a form of the study"), (["--identifier", "w"], "identifier")]
)
def test_an_unknown_form_or_identifier_is_refused(
    snapshot: Path, tmp_path: Path, words: list[str], said: str
) -> None:
    run = CliRunner().invoke(command, [str(snapshot), "--into", str(tmp_path / "files"), *words])
    assert said in str(run.exception)
