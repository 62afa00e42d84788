"""A snapshot's values as files, by command; and what was exported imports again as a pass."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import chain
import pytest
from click.testing import CliRunner

from trialkit import operations as op
from trialkit.access import AccessError
from trialkit.cli.export import command
from trialkit.entry.checking import EnteredRow, FormEntry
from trialkit.entry.errors import EntryError
from trialkit.operations.pass_export import pass_table


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


def test_a_pass_is_exported_as_typed_for_the_data_manager_alone(shared: Path, tmp_path: Path) -> None:
    with chain.found_study(
        tmp_path / "study", shared / "cases" / "capture" / "15-redcap-export-import"
    ) as trial:
        op.enrol(trial, chain.COORDINATOR, site="X", consent_date=date(2024, 1, 1), subject_id="X-001")
        for person, weight in ((chain.FIRST, "70.5"), (chain.SECOND, "75.0")):
            entry = FormEntry("X-001", "base", "f", (EnteredRow({"w": weight, "d": ""}),))
            op.enter_pass(trial, person, entry=entry)
        typed = [pass_table(trial, chain.MANAGER, form="f", pass_number=n).rows[0][1][0].text for n in (1, 2)]
        assert typed == ["70.5", "75.0"]
        with pytest.raises(AccessError):
            pass_table(trial, chain.SECOND, form="f", pass_number=1)
        with pytest.raises(EntryError, match="a form of the study"):
            pass_table(trial, chain.MANAGER, form="g", pass_number=1)


def test_a_draft_says_that_a_cell_waits_for_the_adjudicator(shared: Path, tmp_path: Path) -> None:
    with chain.found_study(
        tmp_path / "study", shared / "cases" / "capture" / "15-redcap-export-import"
    ) as trial:
        op.enrol(trial, chain.COORDINATOR, site="X", consent_date=date(2024, 1, 1), subject_id="X-001")
        for person, weight in ((chain.FIRST, "70.5"), (chain.SECOND, "75.0")):
            row = EnteredRow({"w": weight, "d": "2025-01-02"})
            op.enter_pass(trial, person, entry=FormEntry("X-001", "base", "f", (row,)))
        op.write_snapshot(trial, chain.MANAGER, folder=tmp_path / "snapshot", blinded=True)
    run = CliRunner().invoke(command, [str(tmp_path / "snapshot"), "--into", str(tmp_path / "files")])
    assert "f.csv: 1 rows. 1 in adjudication: what waits for it is empty there." in run.output
