"""Whatever somebody with the database's file does to it, `verify` says BROKEN, and never fails to answer."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import chain
import pytest
from click.testing import CliRunner
from sqlalchemy import Boolean, Integer, LargeBinary, text

from trialkit import operations as op
from trialkit.cli.root import root
from trialkit.store.models import Base
from trialkit.store.triggers import expected_triggers

COLUMNS = [
    (table.name, column.name)
    for table in Base.metadata.sorted_tables
    for column in table.columns
    if table.name != "audit_head" or column.name != "id"
]


class Forger:
    """Somebody who holds the database file: changes it with every guard off, and puts the guards back."""

    def __init__(self, file: Path) -> None:
        self.connection = sqlite3.connect(file, isolation_level=None)
        self.connection.execute("PRAGMA ignore_check_constraints = ON")
        self.connection.execute("PRAGMA synchronous = OFF")  # hundreds of triggers go and come

    def change(self, *statements: str, values: tuple[object, ...] = ()) -> int:
        """The rows changed in all; 0 where the database itself refuses."""
        names = self.connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (name,) in names:
            self.connection.execute(f"DROP TRIGGER {name}")
        changed = 0
        try:
            for statement in statements:
                changed += self.connection.execute(statement, values).rowcount
        except sqlite3.IntegrityError:
            changed = 0
        for statement in expected_triggers("sqlite").values():
            with suppress(sqlite3.OperationalError):  # its table or column is gone
                self.connection.execute(statement)
        return changed


@pytest.fixture
def forged(finished: chain.ChainRun, tmp_path: Path) -> Iterator[tuple[Path, Forger]]:
    with finished.trial.store.reading():
        shutil.copytree(finished.trial.folder, tmp_path / "study")
    forger = Forger(tmp_path / "study" / "trial.sqlite")
    yield tmp_path / "study", forger
    forger.connection.close()


def verdict(folder: Path) -> tuple[int, str]:
    answer = CliRunner().invoke(root, ["audit", "verify", str(folder)])
    assert answer.exception is None or isinstance(answer.exception, SystemExit), answer.exception
    return answer.exit_code, answer.output


VALUES = [b"\x00\xff", "x" * 70, -1, 10**15, 1.5, float("inf"), None, "{", "\ud7ff\u202e", "[" * 3000, "NaN"]


@pytest.mark.parametrize("every", [53, pytest.param(1, marks=pytest.mark.long)])
def test_any_value_changed_anywhere_is_broken(forged: tuple[Path, Forger], every: int) -> None:
    folder, forger = forged
    tried = 0
    for place, (table, column) in list(enumerate(COLUMNS))[::every]:
        row = forger.connection.execute(f"SELECT {column} FROM {table} LIMIT 1").fetchone()
        if row is None:
            continue
        for value in (VALUES[place % len(VALUES)], VALUES[(place * 7 + 3) % len(VALUES)]):
            kept = _forge(forger, table, column, row[0], value)
            if kept is _REFUSED:
                continue
            with op.opened_for_audit(folder) as audited:
                assert not op.verify_opened(audited).whole, (table, column, value)
            assert _forge(forger, table, column, kept, row[0]) is not _REFUSED
            tried += 1
    assert tried > 80 / every
    with op.opened_for_audit(folder) as audited:
        assert op.verify_opened(audited).whole


_REFUSED = object()


def _forge(forger: Forger, table: str, column: str, old: object, new: object) -> object:
    """What the column holds where it held ``old``; SQLite may turn a number's type."""
    before = {row[0] for row in forger.connection.execute(f"SELECT DISTINCT {column} FROM {table}")}
    if new in before or not forger.change(
        f"UPDATE {table} SET {column} = ?1 WHERE {column} IS ?2", values=(new, old)
    ):
        return _REFUSED
    after = {row[0] for row in forger.connection.execute(f"SELECT DISTINCT {column} FROM {table}")}
    (kept,) = after - before or {old}
    return kept


@pytest.mark.parametrize("kind", ["blob of the same text", "text of the same blob", "hex of a text"])
def test_a_value_of_another_type_that_prints_the_same_is_found(
    forged: tuple[Path, Forger], kind: str
) -> None:
    folder, forger = forged
    (sha256,) = forger.connection.execute("SELECT sha256 FROM study_version").fetchone()
    statement = {
        "blob of the same text": "UPDATE final_value SET raw_text = CAST(raw_text AS BLOB) WHERE id = 5",
        "text of the same blob": "UPDATE slot SET sealed = lower(hex(sealed)) WHERE id = 3",
        "hex of a text": f"UPDATE study_version SET sha256 = X'{sha256}'",
    }[kind]
    assert forger.change(statement) == 1
    status, said = verdict(folder)
    assert status == 1
    assert "of another type" in said


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("DROP INDEX uq_final_value_first", "index final_value uq_final_value_first is missing"),
        ("ALTER TABLE account ADD COLUMN note TEXT", "column account.note is there and should not be"),
        ("CREATE TABLE notes (arm TEXT)", "table notes is there and should not be"),
        ("DROP TABLE unmatched_row", "table unmatched_row is missing"),
        ("ALTER TABLE form_pass RENAME COLUMN entered_by TO typed_by", "column form_pass.entered_by"),
        ("DELETE FROM audit_head", "the head does not point"),
        ("DROP TABLE audit_transaction", "table audit_transaction is missing"),
        ("DROP TABLE alembic_version", ""),
        ("UPDATE account SET login = 'x' WHERE login = 'first'", ""),
        ("UPDATE study_version SET definition_text = '[study'", "definition cannot be read"),
    ],
)
def test_a_schema_that_was_changed_is_broken(forged: tuple[Path, Forger], statement: str, found: str) -> None:
    folder, forger = forged
    forger.change(statement)
    status, said = verdict(folder)
    assert status == (0 if "alembic" in statement else 1), said
    assert found in said


@pytest.mark.parametrize("lost", ["schedule", "stratum", "slot", "study_version", "audit_head"])
def test_a_question_that_cannot_be_asked_hides_no_other_answer(
    forged: tuple[Path, Forger], lost: str
) -> None:
    folder, forger = forged
    forger.change("UPDATE account SET person_name = 'Another' WHERE login = 'first'")
    forger.change(f"DROP TABLE {lost}")
    status, said = verdict(folder)
    assert status == 1
    assert f"table {lost} is missing" in said
    assert "a row of account was changed" in said


def test_a_text_that_is_not_utf_8_is_broken(forged: tuple[Path, Forger]) -> None:
    folder, forger = forged
    assert forger.change("UPDATE account SET person_name = CAST(X'ff41' AS TEXT) WHERE login = 'first'")
    status, said = verdict(folder)
    assert (status, "a row of account was changed" in said) == (1, True)


@pytest.mark.parametrize(
    ("statements", "found"),
    [
        (["ALTER TABLE account ENABLE REPLICA TRIGGER trialkit_account_update"], "trialkit_account_update"),
        (["ALTER TABLE account DISABLE TRIGGER trialkit_account_update"], "trialkit_account_update"),
        (["ALTER TABLE role_grant DISABLE TRIGGER ALL"], "a check of references on role_grant"),
        (["DROP INDEX uq_final_value_first"], "index final_value uq_final_value_first is missing"),
        (["ALTER TABLE form_pass DROP CONSTRAINT uq_form_pass_form_instance_entered_by"], "unique form_pass"),
        (["ALTER TABLE study_lock DROP CONSTRAINT ck_study_lock_action"], "check study_lock action"),
        (
            [
                "ALTER TABLE study_lock DROP CONSTRAINT ck_study_lock_action",
                "ALTER TABLE study_lock ADD CONSTRAINT ck_study_lock_action "
                "CHECK (action IN ('set', 'lift') OR true)",
            ],
            "check study_lock action is not as",
        ),
        (["ALTER TABLE account ADD COLUMN note TEXT"], "column account.note"),
        (["ALTER TABLE account ALTER COLUMN person_name DROP NOT NULL"], "column account.person_name"),
        (["ALTER TABLE subject ALTER COLUMN site SET DEFAULT 'A'"], "column subject.site"),
        (["ALTER TABLE visit_occurrence ENABLE ROW LEVEL SECURITY"], "rows of visit_occurrence are hidden"),
        (["CREATE RULE r AS ON INSERT TO consent DO INSTEAD NOTHING"], "a rule rewrites"),
        (["ALTER TABLE consent SET UNLOGGED"], "consent loses its rows"),
        (["ALTER DATABASE {database} SET session_replication_role = replica"], "session_replication_role"),
    ],
)
def test_guards_of_postgresql_that_were_taken_away_are_seen(
    on_postgresql: op.Trial, statements: list[str], found: str
) -> None:
    with on_postgresql.store.writing() as connection:
        name = connection.scalar(text("SELECT current_database()"))
        for statement in statements:
            connection.execute(text(statement.format(database=name)))
    problems = op.verify_audit(on_postgresql).problems
    assert any(found in problem for problem in problems), problems


def test_columns_hold_three_kinds_of_value_and_no_other() -> None:
    """What the check of stored types relies on."""
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            assert isinstance(column.type, (Integer, Boolean, LargeBinary)) or column.type.python_type is str
