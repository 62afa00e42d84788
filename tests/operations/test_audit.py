"""The trail tells what was done to it: by the owner of the database, with the guards off."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from chain import ADMIN, COORDINATOR, INVESTIGATOR, ChainRun

from trialkit import operations as op
from trialkit.errors import AuditError
from trialkit.operations.trial import DATABASE_FILE
from trialkit.safe_files import FileError, write_new
from trialkit.store.audit_chain import GENESIS, chain_hash
from trialkit.store.reading.audit import audit_entry
from trialkit.store.reading.finals import final_values
from trialkit.store.triggers import expected_triggers

Tamper = Callable[[sqlite3.Connection], object]


def _tamper(trial: op.Trial, *steps: str | Tamper) -> None:
    """As the owner would: triggers dropped, rows changed, triggers put back."""
    trial.store.close()
    connection = sqlite3.connect(trial.folder / DATABASE_FILE, isolation_level=None)
    connection.execute("PRAGMA foreign_keys = OFF")
    guards = expected_triggers("sqlite")
    for name in guards:
        connection.execute(f"DROP TRIGGER {name}")
    for step in steps:
        if isinstance(step, str):
            connection.execute(step)
        else:
            step(connection)
    for statement in guards.values():
        connection.execute(statement)
    connection.close()


def test_an_untouched_trail_is_whole_and_counts_its_records(finished: ChainRun) -> None:
    checked = op.verify_audit(finished.trial)
    assert checked.whole
    assert checked.problems == ()
    assert checked.codes_checked == checked.records >= 50
    checked.require_whole()


@pytest.mark.parametrize(
    ("how", "statements", "said"),
    [
        (
            "a value edited alone",
            ["UPDATE final_value SET raw_text = '1' WHERE item = 'vas_mm' AND id = "
             "(SELECT min(id) FROM final_value WHERE item = 'vas_mm' AND raw_text <> '1')"],
            "a row of final_value was changed",
        ),
        ("a row deleted", ["DELETE FROM consent WHERE id = 1"], "consent holds 0 row.* where 1 were written"),
        (
            "a row added",
            ["INSERT INTO role_grant (id, login, role, site, audit_number) "
             "VALUES (999, 'first', 'adjudicator', NULL, 3)"],
            "role_grant holds 2 row",
        ),
        (
            "a slot replaced by another",
            ["UPDATE slot SET nonce = (SELECT nonce FROM slot WHERE id = 2), "
             "sealed = (SELECT sealed FROM slot WHERE id = 2) WHERE id = 1"],
            "a row of slot was changed",
        ),
        (
            "a payload changed",
            ["UPDATE audit_transaction SET payload_text = replace(payload_text, '\"reason\":\"\"', "
             "'\"reason\":\"ok\"') WHERE number = 5"],
            "record 5: its payload was changed",
        ),
        (
            "a column changed beside its payload",
            ["UPDATE audit_transaction SET account = 'somebody' WHERE number = 7"],
            "record 7: its columns do not agree",
        ),
        (
            "a record deleted in the middle",
            ["DELETE FROM audit_transaction WHERE number = 8"],
            "record 8 is missing",
        ),
        (
            "two records swapped",
            ["UPDATE audit_transaction SET number = -1 WHERE number = 5",
             "UPDATE audit_transaction SET number = 5 WHERE number = 6",
             "UPDATE audit_transaction SET number = 6 WHERE number = -1"],
            "record 5: it does not follow",
        ),
    ],
)  # fmt: skip
def test_tampering_is_found(finished_copy: op.Trial, how: str, statements: list[str], said: str) -> None:
    _tamper(finished_copy, *statements)
    checked = op.verify_audit(finished_copy)
    assert not checked.whole, how
    with pytest.raises(AuditError):
        checked.require_whole()
    assert any(re.search(said, problem) for problem in checked.problems), checked.problems


def test_a_missing_guard_is_found(finished_copy: op.Trial) -> None:
    finished_copy.store.close()
    with sqlite3.connect(finished_copy.folder / DATABASE_FILE) as connection:
        connection.execute("DROP TRIGGER trialkit_final_value_update")
    problems = op.verify_audit(finished_copy).problems
    assert any("trialkit_final_value_update" in problem for problem in problems)


def test_a_cut_tail_is_found_by_its_head_and_a_repaired_head_by_an_anchor(
    finished_copy: op.Trial, tmp_path: Path
) -> None:
    anchor = op.write_anchor(finished_copy, tmp_path / "anchor.json")
    cut = anchor.number - 1
    _tamper(
        finished_copy,
        f"DELETE FROM adjudication WHERE audit_number = {anchor.number}",
        f"DELETE FROM final_value WHERE audit_number = {anchor.number}",
        f"DELETE FROM audit_transaction WHERE number = {anchor.number}",
    )
    assert any("tail was cut" in problem for problem in op.verify_audit(finished_copy).problems)
    _tamper(
        finished_copy,
        f"UPDATE audit_head SET number = {cut}, "
        f"hash = (SELECT hash FROM audit_transaction WHERE number = {cut})",
    )
    assert op.verify_audit(finished_copy).whole  # what no trail can tell by itself
    anchored = op.verify_audit(finished_copy, anchor=tmp_path / "anchor.json")
    assert any("anchored record" in problem for problem in anchored.problems)


def test_a_chain_computed_anew_is_found_by_its_codes(finished_copy: op.Trial) -> None:
    def recompute(connection: sqlite3.Connection) -> None:
        previous = GENESIS
        rows = connection.execute("SELECT number, payload_text FROM audit_transaction ORDER BY number")
        for number, payload in rows.fetchall():
            if number == 4:
                payload = payload.replace('"host":"desk"', '"host":"sofa"')
                connection.execute("UPDATE audit_transaction SET host = 'sofa' WHERE number = 4")
            link = chain_hash(previous, payload)
            connection.execute(
                "UPDATE audit_transaction SET previous_hash = ?, hash = ?, payload_text = ? WHERE number = ?",
                (previous, link, payload, number),
            )
            previous = link
        connection.execute("UPDATE audit_head SET hash = ?", (previous,))

    _tamper(finished_copy, recompute)
    problems = op.verify_audit(finished_copy).problems
    assert "record 4: its code was not made with the audit key" in problems[0]


def test_without_the_audit_key_the_check_says_that_codes_were_not_checked(finished_copy: op.Trial) -> None:
    (finished_copy.folder / "keys" / "audit.key").unlink()
    checked = op.verify_audit(finished_copy)
    assert checked.whole
    assert checked.codes_checked is None


def test_a_record_written_while_the_audit_key_was_away_is_named_once_it_is_back(
    trial: op.Trial,
) -> None:
    key = trial.keys.path / "audit.key"
    kept = key.read_text()
    key.unlink()
    with op.open_trial(trial.folder, clock=trial.clock) as without:
        op.set_password(without, ADMIN, login="manager", password="a phrase of several words")
    write_new(key, kept, private=True)
    with op.open_trial(trial.folder, clock=trial.clock) as again:
        (problem,) = op.verify_audit(again).problems
    assert "it was written where the audit key was not" in problem


def test_an_anchor_is_never_overwritten_and_never_taken_from_another_file(
    finished_copy: op.Trial, tmp_path: Path
) -> None:
    op.write_anchor(finished_copy, tmp_path / "anchor.json")
    with pytest.raises(FileError, match="nothing is yet"):
        op.write_anchor(finished_copy, tmp_path / "anchor.json")
    (tmp_path / "other.json").write_text("[1]", encoding="utf-8")
    with pytest.raises(AuditError, match="audit anchor"):
        op.verify_audit(finished_copy, anchor=tmp_path / "other.json")
    foreign = op.Anchor("B", 1, "0" * 64, "2024-01-01T00:00:00+00:00")
    with pytest.raises(AuditError, match="of study A"):
        op.verify_audit(finished_copy, anchor=foreign)


def test_no_arm_stands_anywhere_in_the_database(finished: ChainRun) -> None:
    """A sealed slot is all there is: searched for as text, arm by arm, subject by subject."""
    folder = finished.trial.folder
    connection = sqlite3.connect(folder / DATABASE_FILE)
    tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    for table in tables:
        if table in ("study_version", "audit_transaction", "pass_value", "final_value"):
            continue
        for row in connection.execute(f"SELECT * FROM {table}"):
            for cell in row:
                text = cell.decode("latin-1") if isinstance(cell, bytes) else str(cell)
                assert text not in ("exercise", "control"), table
                assert "exercise" not in text or table == "schedule", table
    about = connection.execute(
        "SELECT payload_text FROM audit_transaction WHERE operation IN ('randomize', 'load_schedule')"
    )
    for (payload,) in about:
        assert '"exercise"' not in payload.replace('\\"', "") or "bundle-header" in payload
    connection.close()


def test_a_correction_is_recorded_with_old_and_new_value(finished_copy: op.Trial) -> None:
    with finished_copy.store.reading() as reader:
        before = next(f for f in final_values(reader) if f.item == "vas_mm" and f.value.text)
    done = op.correct(
        finished_copy, COORDINATOR, subject_id=before.subject_id, visit=before.visit, form="vas",
        item="vas_mm",
        value="100" if before.value.text != "100" else "99", reason="Misread on the line",
        second_person=INVESTIGATOR,
    )  # fmt: skip
    with finished_copy.store.reading() as reader:
        record = audit_entry(reader, done.stamp.number)
    assert record is not None
    change = json.loads(record.payload_text)["facts"]["changes"][0]
    assert (change["old"], change["new"]) == (before.value.text, done.new)
    assert (record.account, record.reason) == ("coordinator", "Misread on the line")
    assert op.verify_audit(finished_copy).whole
