"""A definition changed by hand, a file that is in already, people without names."""

from __future__ import annotations

import csv
import shutil
from datetime import date
from pathlib import Path

import chain
import pytest

from trialkit import operations as op
from trialkit.entry.errors import EntryError, PassError
from trialkit.errors import TrialkitError
from trialkit.free_text import TextError
from trialkit.vocabulary import Role

CASE = "15-redcap-export-import"


@pytest.fixture
def trial(shared: Path, tmp_path: Path):
    with chain.found_study(tmp_path / "study", shared / "cases" / "capture" / CASE) as made:
        op.enrol(made, chain.COORDINATOR, site="X", consent_date=date(2024, 1, 1), subject_id="X-001")
        yield made


def verified(folder: Path) -> op.AuditVerification:
    with op.opened_for_audit(folder) as audited:
        return op.verify_opened(audited)


@pytest.mark.parametrize("file", ["study.toml", "dictionary.csv"])
@pytest.mark.parametrize("change", ["a word more", "gone", "unreadable"])
def test_verify_says_that_a_definition_was_changed_by_hand(
    trial: op.Trial, tmp_path: Path, file: str, change: str
) -> None:
    trial.close()
    assert verified(tmp_path / "study").whole
    path = tmp_path / "study" / file
    path.chmod(0o600)
    if change == "gone":
        path.unlink()
    else:
        more = b"\n\n# a word\n" if file == "study.toml" else b'"a","f","","text","Another"' + b',""' * 13
        path.write_bytes(path.read_bytes() + (b"\xff" if change == "unreadable" else more))
    found = verified(tmp_path / "study")
    assert not found.whole
    assert "definition in the study folder" in " ".join(found.problems)


def test_a_file_that_is_in_already_is_told_so_to_whoever_imported_it(
    trial: op.Trial, shared: Path, tmp_path: Path
) -> None:
    path = shared / "cases" / "capture" / CASE / "export.csv"
    op.import_pass(trial, chain.FIRST, path=path, form="f")
    before = op.present_anchor(trial)
    with pytest.raises(EntryError, match=r"a file that is not in yet.*export.csv.*nothing is to be done"):
        op.import_pass(trial, chain.FIRST, path=path, form="f")
    copy = shutil.copy(path, tmp_path / "another name.csv")
    with pytest.raises(EntryError, match="a file that is not in yet"):
        op.import_pass(trial, chain.FIRST, path=copy, form="f")
    assert op.present_anchor(trial) == before


@pytest.mark.parametrize(
    ("separator", "end", "turned"),
    [(",", "\r\n", False), (";", "\n", False), ("\t", "\r\n", False), (",", "\n", True)],
)
def test_a_copy_of_a_file_that_is_in_is_told_so_however_it_was_saved(
    trial: op.Trial, shared: Path, tmp_path: Path, separator: str, end: str, turned: bool
) -> None:
    path = shared / "cases" / "capture" / CASE / "export.csv"
    op.import_pass(trial, chain.FIRST, path=path, form="f")
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = [line[::-1] if turned else line for line in csv.reader(file)]
    copy = tmp_path / "copy.csv"
    with copy.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, delimiter=separator, lineterminator=end).writerows(lines)
    assert copy.read_bytes() != path.read_bytes()
    with pytest.raises(
        EntryError, match=r"copy.csv.*a file that is not in yet.*typed there already.*nothing is to be done"
    ):
        op.import_pass(trial, chain.FIRST, path=copy, form="f")


def test_another_value_makes_another_file(trial: op.Trial, shared: Path, tmp_path: Path) -> None:
    path = shared / "cases" / "capture" / CASE / "export.csv"
    op.import_pass(trial, chain.FIRST, path=path, form="f")
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.reader(file))
    lines[1][lines[0].index("w")] = "71"
    changed = tmp_path / "changed.csv"
    with changed.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(lines)
    with pytest.raises(PassError):
        op.import_pass(trial, chain.FIRST, path=changed, form="f")


@pytest.mark.parametrize("name", ["", " ", "\u200b", "...", "12"])
def test_an_account_belongs_to_a_person_with_a_name(trial: op.Trial, name: str) -> None:
    with pytest.raises(TextError, match="name"):
        op.add_account(trial, chain.ADMIN, login="new", person_name=name, role=Role.MONITOR)
    with pytest.raises(TrialkitError, match="name"):
        op.create_study(trial.folder / "x", definition=trial.folder, administrator="new", person_name=name)


@pytest.mark.parametrize("name", ["李", "Ng", "Ólafur", "Ada B. (site X)"])
def test_short_and_foreign_names_are_names(trial: op.Trial, name: str) -> None:
    op.add_account(trial, chain.ADMIN, login="new", person_name=name, role=Role.MONITOR)
