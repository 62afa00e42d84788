"""A pass that comes in a file: what is refused with its place, and whose pass it is."""

from __future__ import annotations

import sqlite3
from datetime import date
from pathlib import Path

import pytest
from chain import COORDINATOR, FIRST, MANAGER, SECOND
from test_entry import the_final, vas

from trialkit import operations as op
from trialkit.entry import FormStatus, TypedValue
from trialkit.errors import (
    EntryError,
    FileEncodingError,
    FileFormatError,
    OperationError,
    PassError,
)

TODAY = date(2024, 5, 31)


IMPORTS = {
    "an unknown column": ("subject_id,visit,vas_cm\n{s},baseline,5\n", EntryError, ":1:vas_cm.*vas_mm"),
    "a wrong type": ("subject_id,visit,vas_mm\n{s},baseline,5\n{s},week_6,high\n", EntryError, ":3:vas_mm"),
    "an unknown subject": ("subject_id,visit,vas_mm\nZ-1,baseline,5\n", EntryError, ":2:subject_id.*'Z-1'"),
    "an unknown visit": ("subject_id,visit,vas_mm\n{s},month_2,5\n", EntryError, ":2:visit.*'month_2'"),
    "a duplicate row": (
        "subject_id,visit,vas_mm\n{s},baseline,5\n{s},baseline,6\n",
        EntryError,
        ":3: .*line 2 again",
    ),
    "no subject column": ("number,visit,vas_mm\n1,baseline,5\n", EntryError, "a column 'subject_id'"),
    "no visit at all": ("subject_id,vas_mm\n{s},5\n", EntryError, "neither"),
    "a short row": ("subject_id,visit,vas_mm\n{s},baseline\n", FileFormatError, ":2"),
    "an empty file": ("", FileFormatError, "an empty file"),
}


@pytest.fixture
def subject_id(trial: op.Trial) -> str:
    return op.enrol(trial, COORDINATOR, site="A", consent_date=TODAY).subject_id


@pytest.mark.parametrize("what", sorted(IMPORTS))
def test_a_bad_import_file_gives_one_error_with_its_place_and_leaves_the_database_as_it_was(
    trial: op.Trial, subject_id: str, tmp_path: Path, what: str
) -> None:
    text, error, said = IMPORTS[what]
    file = tmp_path / "pass1.csv"
    file.write_text(text.replace("{s}", subject_id), encoding="utf-8")
    before = op.present_anchor(trial)
    with pytest.raises(error, match=said) as refused:
        op.import_pass(trial, FIRST, path=file, form="vas")
    assert str(file) in str(refused.value)
    assert "\n" not in str(refused.value)
    assert op.present_anchor(trial) == before
    assert op.verify_audit(trial).whole


def test_a_file_in_another_encoding_is_refused_not_guessed(
    trial: op.Trial, subject_id: str, tmp_path: Path
) -> None:
    file = tmp_path / "pass1.csv"
    items = [item.name for item in trial.study.form("conmed").items]
    typed = {"cm_line": "1", "cm_drug": "Ibuprofène"}
    lines = [["subject_id", "visit", *items], [subject_id, "week_6", *(typed.get(i, "") for i in items)]]
    text = "".join(",".join(line) + "\n" for line in lines)
    file.write_bytes(text.encode("cp1252"))
    with pytest.raises(FileEncodingError, match="encoding"):
        op.import_pass(trial, FIRST, path=file, form="conmed")
    op.import_pass(trial, FIRST, path=file, form="conmed", encoding="cp1252")
    op.import_pass(trial, SECOND, path=file, form="conmed", encoding="cp1252")
    assert the_final(trial, "cm_drug") == TypedValue("Ibuprofène")


def test_a_file_without_a_column_for_every_item_is_refused(
    trial: op.Trial, subject_id: str, tmp_path: Path
) -> None:
    """Nobody typed what has no column: it must not stand as a blank."""
    file = tmp_path / "pass1.csv"
    file.write_text(f"subject_id,visit,odi_pain,odi_care\n{subject_id},baseline,1,2\n", encoding="utf-8")
    with pytest.raises(
        EntryError, match=r"pass1.csv:1: .*every item of form odi; found none for odi_lifting"
    ):
        op.import_pass(trial, FIRST, path=file, form="odi")


def test_an_imported_pass_counts_for_its_typist_and_names_the_importer(
    trial: op.Trial, subject_id: str, tmp_path: Path
) -> None:
    file = tmp_path / "pass1.csv"
    file.write_text(f"subject_id,visit,vas_mm\n{subject_id},baseline,55\n", encoding="utf-8")
    with pytest.raises(OperationError, match="who typed the file"):
        op.import_pass(trial, MANAGER, path=file, form="vas", typist="nobody")
    op.import_pass(trial, MANAGER, path=file, form="vas", typist="first")
    with pytest.raises(PassError, match="another account"):
        op.enter_pass(trial, FIRST, entry=vas(subject_id, "55"))
    with sqlite3.connect(trial.folder / "trial.sqlite") as connection:
        made = connection.execute("SELECT entered_by, imported_by, authentication FROM form_pass").fetchall()
    assert made == [("first", "manager", "declared")]


def test_a_file_that_states_two_numbers_of_a_line_is_refused(
    trial: op.Trial, subject_id: str, tmp_path: Path
) -> None:
    key = trial.study.record_id
    path = tmp_path / "conmed.csv"
    items = [item.name for item in trial.study.form("conmed").items]
    header = [key, "visit", "row", *items]
    lines = [
        [subject_id, "week_6", row, *(line if item == "cm_line" else "" for item in items)]
        for row, line in (("1", "1"), ("3", "4"), ("", "5"))
    ]
    path.write_text("\n".join(map(",".join, (header, *lines))) + "\n", encoding="utf-8")
    with pytest.raises(
        EntryError, match=r"conmed.csv:3:cm_line: expected the line number stated .* found '4'"
    ):
        op.import_pass(trial, FIRST, path=path, form="conmed")
    assert {now.status for now in op.forms_now(trial, MANAGER)} == {FormStatus.EXPECTED}
