"""A snapshot is one state of the database, says which, and no arm is on a disk before its record is."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest
from chain import COORDINATOR, MANAGER, UNBLINDED

from trialkit import operations as op
from trialkit.operations import snapshots
from trialkit.operations.gate import Gate
from trialkit.safe_files import FileError
from trialkit.snapshot import PreparedSnapshot
from trialkit.store.reading.audit import audit_entries

TODAY = date(2023, 12, 31)


def test_what_is_written_while_a_snapshot_is_read_is_not_in_it(
    either: op.Trial, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    op.enrol(either, COORDINATOR, site="A", consent_date=TODAY)
    before = op.present_anchor(either)
    visits = Gate.visits

    asked: list[int] = []

    def with_another_desk(*arguments: object) -> object:
        if not asked:
            op.enrol(either, COORDINATOR, site="A", consent_date=TODAY)  # between two tables
        asked.append(1)
        return visits(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Gate, "visits", with_another_desk)
    written = op.write_snapshot(either, MANAGER, folder=tmp_path / "one", blinded=True)
    monkeypatch.undo()
    assert (written.manifest.audit_number, written.manifest.audit_hash) == (before.number, before.hash)
    assert written.stamp.number == before.number + 2
    with (tmp_path / "one" / "subjects.csv").open(newline="") as file:
        assert [row["subject_id"] for row in csv.DictReader(file)] == ["A-001"]
    assert (tmp_path / "one" / "forms.csv").read_text().count("A-002") == 0
    again = op.write_snapshot(either, MANAGER, folder=tmp_path / "two", blinded=True)
    assert again.manifest.content_sha256 != written.manifest.content_sha256


def test_the_record_says_which_state_the_snapshot_holds(finished_copy: op.Trial, tmp_path: Path) -> None:
    written = op.write_snapshot(finished_copy, MANAGER, folder=tmp_path / "s", blinded=True)
    with finished_copy.store.reading() as reader:
        (record,) = audit_entries(reader, written.stamp.number)
    assert f'"holds_record":"{written.manifest.audit_hash}"' in record.payload_text
    assert written.manifest.content_sha256 in record.payload_text


def test_arms_are_on_the_disk_only_after_their_record_and_only_for_the_owner(
    finished_copy: op.Trial, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trial, before = finished_copy, op.present_anchor(finished_copy).number

    def cut_off(self: PreparedSnapshot, folder: Path) -> None:
        assert op.present_anchor(trial).number == before + 1
        raise FileError(expected="room", found="none", where=str(folder))

    with monkeypatch.context() as patched:
        patched.setattr(PreparedSnapshot, "write", cut_off)
        with pytest.raises(FileError):
            op.write_snapshot(trial, UNBLINDED, folder=tmp_path / "open", blinded=False)
    assert list(tmp_path.glob("open*")) == []
    with trial.store.reading() as reader:
        assert [entry.operation for entry in audit_entries(reader, before + 1)] == [
            "write_unblinded_snapshot"
        ]

    def broken(*_: object, **__: object) -> object:
        raise RuntimeError("killed before the record")

    with monkeypatch.context() as patched:
        patched.setattr(snapshots, "acting", broken)
        with pytest.raises(RuntimeError):
            op.write_snapshot(trial, UNBLINDED, folder=tmp_path / "open", blinded=False)
    assert list(tmp_path.glob("*open*")) == []
    folder = op.write_snapshot(trial, UNBLINDED, folder=tmp_path / "open", blinded=False).folder
    assert {path.stat().st_mode & 0o077 for path in (folder, *folder.iterdir())} == {0}


def test_what_stands_beside_the_folder_asked_for_is_left_alone(
    finished_copy: op.Trial, tmp_path: Path
) -> None:
    (tmp_path / "s.partial").mkdir()
    (tmp_path / "s.partial" / "mine").write_text("kept")
    op.write_snapshot(finished_copy, MANAGER, folder=tmp_path / "s", blinded=True)
    assert (tmp_path / "s.partial" / "mine").read_text() == "kept"
    before = op.present_anchor(finished_copy)
    with pytest.raises(FileError, match="nothing is yet"):
        op.write_snapshot(finished_copy, MANAGER, folder=tmp_path / "s", blinded=True)
    assert op.present_anchor(finished_copy) == before
