"""Backup and restore on both engines, with a writer at work: what comes back is verified and goes on."""

from __future__ import annotations

import json
import shutil
import threading
from datetime import date
from pathlib import Path

import pytest
from chain import ADMIN, COORDINATOR, FIRST, INVESTIGATOR, MANAGER, SECOND

from trialkit import operations as op
from trialkit.errors import AccessError, TrialkitError
from trialkit.safe_files import FileError
from trialkit.store.reading.finals import final_values

CONSENT = date(2023, 12, 20)


def enrol(trial: op.Trial) -> str:
    return op.enrol(trial, COORDINATOR, site="A", consent_date=CONSENT).subject_id


def vas(number: str) -> op.FormEntry:
    return op.FormEntry(number, "baseline", "vas", (op.EnteredRow({"vas_mm": "55"}),))


@pytest.mark.parametrize("onto", ["sqlite", "postgresql"])
def test_a_backup_of_either_engine_is_restored_to_either_and_goes_on(
    either: op.Trial, onto: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    number = enrol(either)
    op.enter_pass(either, FIRST, entry=vas(number))
    op.void_pass(either, MANAGER, subject_id=number, visit="baseline", form="vas", reason="Wrong subject")
    op.enter_pass(either, FIRST, entry=vas(number))
    op.enter_pass(either, SECOND, entry=vas(number))
    op.sign_form(
        either, INVESTIGATOR, subject_id=number, visit="baseline", form="vas", meaning="approved"
    )  # yes and no are stored differently by the two engines
    written = op.back_up(either, ADMIN, folder=tmp_path / "backup")
    enrol(either)  # after the backup: not in it
    url = "sqlite:///trial.sqlite"
    if onto == "postgresql":
        url = request.getfixturevalue("empty_postgres_url")
    shutil.copytree(either.keys.path, tmp_path / "kept keys")
    done = op.restore(
        tmp_path / "backup", tmp_path / "again", database_url=url, key_folder=str(tmp_path / "kept keys")
    )
    assert (done.records, done.head_hash) == (written.audit_number, written.audit_hash)
    assert done.codes_checked == done.records
    with op.open_trial(tmp_path / "again", clock=either.clock) as again:
        assert op.verify_audit(again).whole
        assert len(op.forms_now(again, MANAGER, subject_ids=[number])) > 0
        with pytest.raises(TrialkitError):
            op.enter_pass(again, FIRST, entry=vas(number))  # the pass is there, and its guards
        enrol(again)
        with again.store.reading() as reader:
            assert [final.value.text for final in final_values(reader)] == ["55"]
        assert op.verify_audit(again).whole


def test_a_backup_is_one_state_while_others_write(either: op.Trial, tmp_path: Path) -> None:
    ended, enrolled = threading.Event(), [enrol(either)]

    def desk() -> None:
        while not ended.is_set():
            enrolled.append(enrol(either))

    writer = threading.Thread(target=desk)
    writer.start()
    try:
        folders = [op.back_up(either, ADMIN, folder=tmp_path / f"backup {n}").folder for n in range(3)]
    finally:
        ended.set()
        writer.join()
    assert len(enrolled) > 3
    for place, folder in enumerate(folders):
        shutil.copytree(either.keys.path, tmp_path / f"again {place} keys")
        done = op.restore(folder, tmp_path / f"again {place}", key_folder=f"../again {place} keys")
        assert done.codes_checked == done.records
    assert op.verify_audit(either).whole


def test_a_changed_backup_is_refused_and_leaves_nothing(trial: op.Trial, tmp_path: Path) -> None:
    folder = op.back_up(trial, ADMIN, folder=tmp_path / "backup").folder
    with pytest.raises(FileError):
        op.back_up(trial, ADMIN, folder=folder)
    for name in ("database.sqlite", "study.toml", "manifest.json"):
        other = tmp_path / f"without {name}"
        shutil.copytree(folder, other)
        (other / name).chmod(0o600)
        (other / name).write_bytes((other / name).read_bytes()[:-3])
        with pytest.raises(TrialkitError) as told:
            op.restore(other, tmp_path / "again")
        assert str(other) in told.value.where
        assert not (tmp_path / "again").exists()


def test_a_cut_trail_is_found_by_the_manifest(trial: op.Trial, tmp_path: Path) -> None:
    import sqlite3

    folder = op.back_up(trial, ADMIN, folder=tmp_path / "backup").folder
    facts = json.loads((folder / "manifest.json").read_text())
    assert set(facts["files"]) == {"database.sqlite", "dictionary.csv", "labels.zh.csv", "study.toml"}
    assert not list(folder.rglob("*key*"))
    with sqlite3.connect(folder / "database.sqlite") as connection:
        for (name,) in list(connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")):
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("DELETE FROM audit_transaction WHERE number = 3")
    (folder / "manifest.json").chmod(0o600)
    from trialkit.operations.trial import file_sha256

    facts["files"]["database.sqlite"] = file_sha256(folder / "database.sqlite")
    (folder / "manifest.json").write_text(json.dumps(facts))
    with pytest.raises(TrialkitError, match="audit record 3"):
        op.restore(folder, tmp_path / "again")


def test_only_an_administrator_backs_up(trial: op.Trial, tmp_path: Path) -> None:
    with pytest.raises(AccessError):
        op.back_up(trial, MANAGER, folder=tmp_path / "backup")
    assert not (tmp_path / "backup").exists()


def test_a_backup_beside_the_keys_is_refused_before_anything_is_written(trial: op.Trial) -> None:
    before = op.present_anchor(trial)
    for folder in (trial.keys.path / "backup", trial.keys.path / "further" / "backup"):
        with pytest.raises(TrialkitError, match="apart from the keys"):
            op.back_up(trial, ADMIN, folder=folder)
        assert not folder.parent.joinpath("backup").exists()
    assert op.present_anchor(trial) == before
